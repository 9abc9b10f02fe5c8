import type { Command } from 'commander'

/** Which deployment is meant, in osls' own words. */
export type DeploymentOptions = { stage?: string; region?: string; param?: string[] }

/** Gives a command the options that say which deployment is meant. */
export const deploymentOptions = (command: Command): Command =>
  command
    .option('--stage <name>', 'the deployment; two live side by side in one account (default: dev)')
    .option('--region <region>', 'the AWS region (default: that of the shell, else ap-southeast-1)')
    .option('--param <name=value...>', 'a value of `params` in serverless.yml, for this once')

/** The same as arguments for osls. */
export const oslsArguments = ({ stage, region, param = [] }: DeploymentOptions): string[] => [
  ...(stage ? ['--stage', stage] : []),
  ...(region ? ['--region', region] : []),
  ...param.flatMap((value) => ['--param', value]),
]
