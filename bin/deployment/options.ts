import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { parse } from 'yaml'
import { Failure } from '../operator/failure.ts'
import { LOCAL } from '../operator/local-stage.ts'
import { text } from './text.ts'

/** Which deployment is meant, in osls' own words. */
export interface DeploymentOptions {
  stage?: string
  region?: string
  param?: string[]
}

/** Gives a command the options that say which deployment is meant. */
export const deploymentOptions = (command: Command): Command =>
  command
    .option('--stage <name>', text.stage, readStage)
    .option('--region <region>', text.region)
    .option('--param <name=value...>', text.param, collectParams)

/** The same as arguments for osls. */
export const oslsArguments = ({ stage, region, param = [] }: DeploymentOptions): string[] => [
  ...(stage ? ['--stage', stage] : []),
  ...(region ? ['--region', region] : []),
  ...param.flatMap((value) => ['--param', value]),
]

/** osls would refuse it once for each place it stands in. */
function readStage(stage: string): string {
  if (stage === LOCAL) {
    throw new Failure(text.isLocal(stage), text.otherStage)
  }
  if (/^[0-9A-Za-z][0-9A-Za-z-]*$/.test(stage)) return stage
  throw new Failure(text.badStage(stage), text.goodStage)
}

/** osls would take a misspelt name, and deploy without the value that was meant. */
function collectParams(param: string, others: string[] = []): string[] {
  const { params } = parse(readFileSync(join(import.meta.dirname, '..', '..', 'serverless.yml'), 'utf8'), {
    logLevel: 'error',
  })
  const names = Object.keys(params.default)
  const [name = ''] = param.split('=')
  if (names.includes(name)) return [...others, param]
  throw new Failure(text.noParam(name), text.params(names))
}
