import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { type Command, Option } from 'commander'
import { inLanguage } from '../language/in-language.ts'
import { requestHandler } from './aws.ts'
import { Failure } from './failure.ts'
import { findLocalStage, LOCAL } from './local-stage.ts'

const text = inLanguage({
  en: {
    stage: 'the deployment whose addresses are used; local: the stack of npm start',
    region: 'its AWS region (default: that of the shell, else ap-southeast-1)',
    noStack: (name: string, region: string) => `there is no stack ${name} in ${region}`,
    giveOther: 'Give its --stage and --region, or the addresses themselves (see --help).',
  },
  'zh-CN': {
    stage: '用哪个部署的地址；local：npm start 在本机启动的服务',
    region: '它所在的 AWS 区域（默认：终端里的设置，否则 ap-southeast-1）',
    noStack: (name, region) => `${region} 没有名为 ${name} 的堆栈`,
    giveOther: '请给出它的 --stage 和 --region，或直接给出地址（见 --help）。',
  },
})

/** Which deployment is meant. */
export interface StackOptions {
  stage: string
  region?: string
}

export const regionOption = () => new Option('--region <region>', text.region)

export const stackOptions = (command: Command): Command =>
  command.option('--stage <name>', text.stage, 'dev').addOption(regionOption())

/** The region for every client of this command, chosen as `npm run deploy` does. */
export function useRegion({ region }: Pick<StackOptions, 'region'>): string {
  process.env.AWS_REGION = region ?? process.env.AWS_REGION ?? 'ap-southeast-1'
  return process.env.AWS_REGION
}

export type Outputs = Readonly<Record<string, string | undefined>>

/** What the deployed stack says of itself: addresses by the names of its outputs. @throws Failure when there is none */
export async function readOutputs({ stage }: StackOptions): Promise<Outputs> {
  if (stage === LOCAL) return (await findLocalStage()).outputs
  const StackName = `wechatpay-reversal-${stage}`
  const client = new CloudFormationClient({ maxAttempts: 2, requestHandler })
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }))
    return Object.fromEntries(Stacks?.[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]) ?? [])
  } catch (error) {
    if (!/does not exist/.test((error as Error).message)) throw error
    throw new Failure(text.noStack(StackName, String(process.env.AWS_REGION)), text.giveOther)
  } finally {
    client.destroy()
  }
}
