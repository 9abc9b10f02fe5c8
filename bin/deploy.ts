// `npm run deploy`: builds, packages, looks at the AWS account of the shell and deploys to it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { build } from './build.ts'
import { accountClients, lookAtAccount } from './deployment/account.ts'
import { checkLimits, heed } from './deployment/limits.ts'
import { type DeploymentOptions, deploymentOptions, oslsArguments } from './deployment/options.ts'
import { osls } from './deployment/osls.ts'
import { LANGUAGE } from './language/in-language.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { packageTemplate } from './package.ts'
import { text } from './texts/deploy.ts'
import { outputInChinese } from './texts/outputs.zh-CN.ts'

const root = join(import.meta.dirname, '..')

/** As in serverless.yml. */
function regionOf({ region }: DeploymentOptions): string {
  return region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'ap-southeast-1'
}

/** @throws Failure when the shell has no AWS credentials: better now than after a minute of packaging */
async function assertCredentials(client: CloudFormationClient) {
  try {
    await client.config.credentials()
  } catch (error) {
    throw new Failure(text.noCredentials, text.signIn, { cause: error })
  }
}

async function main(options: DeploymentOptions) {
  const StackName = `wechatpay-reversal-${options.stage ?? 'dev'}`
  const client = new CloudFormationClient({ region: regionOf(options) })
  await assertCredentials(client)
  await build()
  const { template: path } = await packageTemplate({ args: oslsArguments(options) })
  const template = JSON.parse(await readFile(path, 'utf8'))
  heed([
    ...checkLimits(template),
    ...(await lookAtAccount(accountClients(regionOf(options), client), StackName, template)),
  ])
  await osls(['deploy', '--verbose', ...oslsArguments(options)], { cwd: root, show: true })
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }))
  console.log(`\n${text.deployed}`)
  for (const { OutputKey, OutputValue, Description } of Stacks?.[0]?.Outputs ?? []) {
    if (Description) console.log(`  ${text.output(OutputKey!, OutputValue!, inWords(OutputKey!, Description))}`)
  }
  console.log(`\n${text.next}`)
}

/** What an output of the stack is. @param description of the template */
const inWords = (name: string, description: string) =>
  LANGUAGE === 'zh-CN' ? (outputInChinese(name) ?? description) : description

const command = createCommand('deploy', text.description, [
  ['', text.examples.dev],
  ['--stage prod --region cn-north-1', text.examples.other],
])
await run(deploymentOptions(command).action(main))
