import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import type { Command } from 'commander'
import { requestHandler } from './aws.ts'
import { Failure } from './failure.ts'
import { findLocalStage, LOCAL } from './local-stage.ts'

/** Which deployment is meant. */
export interface StackOptions {
  stage: string
  region?: string
}

export const stackOptions = (command: Command): Command =>
  command
    .option('--stage <name>', 'the deployment whose addresses are used; local: the stack of npm start', 'dev')
    .option('--region <region>', 'its AWS region (default: that of the shell, else ap-southeast-1)')

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
    throw new Failure(
      `there is no stack ${StackName} in ${process.env.AWS_REGION}`,
      'Give its --stage and --region, or the addresses themselves (see --help).',
    )
  } finally {
    client.destroy()
  }
}
