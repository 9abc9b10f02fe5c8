// `npm run deploy`: builds, packages, looks at the AWS account of the shell and deploys to it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { build } from './build.ts'
import { accountClients, lookAtAccount } from './deployment/account.ts'
import { checkLimits, heed } from './deployment/limits.ts'
import { type DeploymentOptions, deploymentOptions, oslsArguments } from './deployment/options.ts'
import { osls } from './deployment/osls.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { packageTemplate } from './package.ts'

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
    throw new Failure(
      'this shell has no AWS credentials, so there is no account to deploy to',
      'Sign in (aws sso login, or aws configure) and set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. ' +
        'To see what would be deployed: npm run package',
      { cause: error },
    )
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
  console.log('\nDeployed.')
  for (const { OutputKey, OutputValue, Description } of Stacks?.[0]?.Outputs ?? []) {
    if (Description) console.log(`  ${OutputKey}: ${OutputValue}  (${Description})`)
  }
  console.log(
    "\nNext, on the first time: put each merchant's keys into its secret (npm run secret), then npm run smoke.",
  )
}

const command = createCommand('deploy', 'Builds, packages and deploys to the AWS account of the shell.', [
  ['', 'To the stage dev'],
  ['--stage prod --region cn-north-1', 'To another stage, in another region'],
])
await run(deploymentOptions(command).action(main))
