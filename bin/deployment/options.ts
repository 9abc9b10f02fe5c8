import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { Failure } from '../operator/failure.ts'
import { LOCAL } from '../operator/local-stage.ts'

/** Which deployment is meant, in osls' own words. */
export interface DeploymentOptions {
  stage?: string
  region?: string
  param?: string[]
}

/** Gives a command the options that say which deployment is meant. */
export const deploymentOptions = (command: Command): Command =>
  command
    .option('--stage <name>', 'the deployment; two live side by side in one account (default: dev)', readStage)
    .option('--region <region>', 'the AWS region (default: that of the shell, else ap-southeast-1)')
    .option('--param <name=value...>', 'a value of `params` in serverless.yml, for this once', collectParams)

/** The same as arguments for osls. */
export const oslsArguments = ({ stage, region, param = [] }: DeploymentOptions): string[] => [
  ...(stage ? ['--stage', stage] : []),
  ...(region ? ['--region', region] : []),
  ...param.flatMap((value) => ['--param', value]),
]

/** osls would refuse it once for each place it stands in. */
function readStage(stage: string): string {
  if (stage === LOCAL) {
    throw new Failure(`${LOCAL} is what every command calls the stack of npm start`, 'Give another name: --stage dev')
  }
  if (/^[0-9A-Za-z][0-9A-Za-z-]*$/.test(stage)) return stage
  throw new Failure(`${stage} cannot be the name of a stage`, 'Give letters, digits and hyphens: --stage prod')
}

/** osls would take a misspelt name, and deploy without the value that was meant. */
function collectParams(param: string, others: string[] = []): string[] {
  const { params } = parse(readFileSync(join(import.meta.dirname, '..', '..', 'serverless.yml'), 'utf8'), {
    logLevel: 'error',
  })
  const names = Object.keys(params.default)
  const [name = ''] = param.split('=')
  if (names.includes(name)) return [...others, param]
  throw new Failure(`serverless.yml has no parameter ${name}`, `There are: ${names.join(', ')}`)
}
