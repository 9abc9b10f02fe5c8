import { type Command, Option } from 'commander'
import { clockImport } from '../../infra/local/shared-clock.ts'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'
import { announce, findRunning } from './running.ts'

const text = inLanguage({
  en: {
    stage: 'local: the stack of npm start on this machine, and its merchant unless --merchant is given',
    noneRunning: 'no local stack is running',
    startOne: 'Start one, and leave it up in its own terminal: npm start',
  },
  'zh-CN': {
    stage: 'local：npm start 在本机启动的服务；不给 --merchant 时用它的商户',
    noneRunning: '本机没有正在运行的服务',
    startOne: '请在另一个终端里启动，并让它开着：npm start',
  },
})

/** The stack that `npm start` keeps up on this machine, as a command of another shell finds it. */
export interface LocalStage {
  /** What a shell that is signed in to it has. */
  environment: Record<string, string>
  /** The stack's outputs, as CloudFormation would tell them. */
  outputs: Record<string, string>
  /** WeChat Pay's domains there. */
  endpoints: readonly string[]
  merchant: { mchid: string; appid: string }
  /** Its merchant's JSON. */
  merchantFile: string
  /** Says how far its clock is ahead. */
  clockFile: string
  /** The address of WeChat Pay's control there. */
  control: string
  /** Of the page that shows it all, its token included. */
  pageUrl: string
}

/** Lets the commands, and shells that sign in, find this process's stack, until the function it returns is called. */
export const announceLocalStage = (stage: LocalStage) => announce('stack', stage, toShell(stage))

/** What the examples in docs/examples are given, as a shell sets it. A session at AWS itself is left. */
function toShell({ environment, outputs, merchant, control }: LocalStage): string {
  const variables = {
    ...environment,
    API_URL: outputs.HttpApiUrl,
    QUEUE_URL: outputs.ReversalQueueUrl,
    STATE_MACHINE_ARN: outputs.StateMachineArn,
    MCHID: merchant.mchid,
    APPID: merchant.appid,
    ATTEMPTED_AT: new Date(Date.now() - 60_000).toISOString(),
    CONTROL_URL: `${control}/simulator`,
  }
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`)
  return ['unset AWS_PROFILE AWS_SESSION_TOKEN', ...lines, ''].join('\n')
}

/** @throws Failure when none is running */
export async function findLocalStage(): Promise<LocalStage> {
  const found = await findRunning<LocalStage>('stack')
  if (found !== undefined) return found
  throw new Failure(text.noneRunning, text.startOne)
}

/** The stage that means the stack of this machine. */
export const LOCAL = 'local'

/** For a command that needs no deployment but a merchant. */
export const localOption = () => new Option('--stage <name>', text.stage).choices([LOCAL])

/** Makes this process a shell of the local stack: signed in there, at its WeChat Pay, living by its clock. */
export async function enterLocalStage(command: Command) {
  const { environment, endpoints, merchantFile, clockFile } = await findLocalStage()
  delete process.env.AWS_PROFILE
  delete process.env.AWS_SESSION_TOKEN
  Object.assign(process.env, environment)
  const ifLeftOut = { merchant: merchantFile, endpoints: endpoints.join() }
  for (const option of command.options) {
    const name = option.attributeName()
    if (command.getOptionValue(name) !== undefined || !(name in ifLeftOut)) continue
    command.setOptionValueWithSource(name, ifLeftOut[name as keyof typeof ifLeftOut], 'default')
  }
  await import(clockImport(clockFile))
}

/** A choice as it was given, for the next command to paste: `--stage local` brings along what it filled in by itself. */
export const asGiven = (command: Command, name: 'stage' | 'merchant' | 'endpoints'): string | undefined =>
  command.getOptionValueSource(name) === 'default' ? undefined : command.getOptionValue(name)
