import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Command, Option } from 'commander'
import { clockImport } from '../../infra/local/shared-clock.ts'
import { Failure } from './failure.ts'

/** The stack that `npm start` keeps up on this machine, as a command of another shell finds it. */
export interface LocalStage {
  /** The process it is. */
  pid: number
  /** What a shell that is signed in to it has. */
  environment: Record<string, string>
  /** The stack's outputs, as CloudFormation would tell them. */
  outputs: Record<string, string>
  /** WeChat Pay's domains there. */
  endpoints: readonly string[]
  /** Its merchant's JSON. */
  merchantFile: string
  /** Says how far its clock is ahead. */
  clockFile: string
}

/** Git ignores the folder. */
const FILE = join(import.meta.dirname, '..', '..', '.local', 'stack.json')

/** Lets the commands find this process's stack, until the function it returns is called. */
export async function announceLocalStage(stage: Omit<LocalStage, 'pid'>): Promise<() => Promise<void>> {
  await mkdir(dirname(FILE), { recursive: true, mode: 0o700 })
  await rm(FILE, { force: true })
  await writeFile(FILE, JSON.stringify({ pid: process.pid, ...stage }), { mode: 0o600, flag: 'wx' })
  return async () => {
    // The one that was started last is the one that is found.
    if ((await read().catch(() => undefined))?.pid === process.pid) await rm(FILE, { force: true })
  }
}

/** @throws Failure when none is running */
export async function findLocalStage(): Promise<LocalStage> {
  const found = await read().catch(() => undefined)
  if (found === undefined || !isAlive(found.pid)) {
    throw new Failure('no local stack is running', 'Start one, and leave it up in its own terminal: npm start')
  }
  return found
}

const read = async (): Promise<LocalStage> => JSON.parse(await readFile(FILE, 'utf8'))

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The stage that means the stack of this machine. */
export const LOCAL = 'local'

/** For a command that needs no deployment but a merchant. */
export const localOption = () =>
  new Option(
    '--stage <name>',
    `${LOCAL}: the stack of npm start on this machine, and its merchant unless --merchant is given`,
  ).choices([LOCAL])

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
