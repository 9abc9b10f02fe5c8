// `npm run package`: what deploys, made on this machine: no network, no credentials, no AWS account.
import { cp, mkdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build } from './build.ts'
import { checkLimits, heed } from './deployment/limits.ts'
import { type DeploymentOptions, deploymentOptions, oslsArguments } from './deployment/options.ts'
import { osls } from './deployment/osls.ts'
import { createCommand, run } from './operator/command.ts'
import { npmRun } from './operator/npm-run.ts'

const root = join(import.meta.dirname, '..')

/** The compiled CloudFormation template, and the archive its functions come from. */
export interface Package {
  template: string
  archive: string
}

/**
 * Packages what dist/functions holds (see `build`) into `<directory>/.serverless`.
 * osls always works in the folder of serverless.yml: whoever wants a place of its own gets a copy there.
 * Extra arguments are osls' own (`--stage`, `--region`, `--param`). Rejects with osls' words when it refuses.
 */
export async function packageTemplate({ directory = root, args = [] as string[] } = {}): Promise<Package> {
  if (directory !== root) {
    await mkdir(directory, { recursive: true })
    for (const part of ['serverless.yml', 'package.json', 'infra/aws', 'dist/functions']) {
      await cp(join(root, part), join(directory, part), { recursive: true })
    }
  }
  await osls(['package', ...args], { cwd: directory })
  const made = join(directory, '.serverless')
  return {
    template: join(made, 'cloudformation-template-update-stack.json'),
    archive: join(made, 'wechatpay-reversal.zip'),
  }
}

async function main(options: DeploymentOptions) {
  await build()
  const { template, archive } = await packageTemplate({ args: oslsArguments(options) })
  const compiled = JSON.parse(await readFile(template, 'utf8'))
  heed(checkLimits(compiled))
  const kilobytes = Math.ceil((await stat(archive)).size / 1000)
  console.log(
    `${relative(root, template)}  the CloudFormation template, ${Object.keys(compiled.Resources).length} resources`,
  )
  console.log(`${relative(root, archive)}  the four functions, ${kilobytes} kB`)
  console.log(`Deploy it with: ${npmRun('deploy', oslsArguments(options))}`)
}

if (import.meta.main) {
  const command = createCommand(
    'package',
    'Makes the CloudFormation template and the archive of the functions, offline.',
    [
      ['', 'What deploys to the stage dev'],
      ['--stage prod', 'What deploys to another'],
    ],
  )
  await run(deploymentOptions(command).action(main))
}
