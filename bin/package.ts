// `npm run package`: what deploys, made on this machine: no network, no credentials, no AWS account.
import { cp, mkdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { build } from './build.ts'
import { checkLimits, heed } from './deployment/limits.ts'
import { type DeploymentOptions, deploymentOptions, oslsArguments } from './deployment/options.ts'
import { osls } from './deployment/osls.ts'
import { createCommand, run } from './operator/command.ts'
import { npmRun } from './operator/npm-run.ts'
import { text } from './texts/package.ts'

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
  console.log(text.template(relative(root, template), Object.keys(compiled.Resources).length))
  console.log(text.archive(relative(root, archive), kilobytes))
  console.log(text.deployIt(npmRun('deploy', oslsArguments(options))))
}

if (import.meta.main) {
  const command = createCommand('package', text.description, [
    ['', text.examples.dev],
    ['--stage prod', text.examples.other],
  ])
  await run(deploymentOptions(command).action(main))
}
