import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after } from 'node:test'
import { languageOf, OF_DEVELOPERS } from '../../../bin/language/language.ts'
import { ENVIRONMENT, folder, type Ran } from '../../child-process.ts'
import { runCommand } from '../run-command.ts'

/** What other scripts import too, and what therefore runs only where a process begins with it. */
const BEGIN_A_PROCESS = ['build', 'package', 'readme']

export interface Call {
  name: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
}

/** What a process speaks is decided once, when its first command begins. */
const processes = new Map<string, { child: ChildProcess; last: Promise<unknown> }>()
after(() => {
  // Not gently: a command may have taken the other signals for itself.
  for (const { child } of processes.values()) child.kill('SIGKILL')
})

/**
 * Runs a command as `runCommand` does, but those of a test file share a process and run one after another: what they *say*
 * needs none of its own, and most of a short command's time goes into starting one.
 */
export function runInShared(name: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  if (BEGIN_A_PROCESS.includes(name)) return runCommand(name, args, env)
  const call: Call = { name, args, env: { ...ENVIRONMENT, LOCAL_STAGE_FOLDER: folder, ...env } }
  const speaks = OF_DEVELOPERS.includes(name) ? 'English alone' : languageOf(args, call.env)
  const shared = processes.get(speaks) ?? { child: start(), last: Promise.resolve() }
  processes.set(speaks, shared)
  const ran = shared.last.then(() => ranIn(shared.child, call))
  shared.last = ran.catch(() => {})
  return ran
}

const start = () =>
  fork(join(import.meta.dirname, 'shared-process.ts'), {
    env: ENVIRONMENT,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })

async function ranIn(child: ChildProcess, call: Call): Promise<Ran> {
  const stop = new AbortController()
  const { signal } = stop
  const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error(`ended during ${call.name}`)))
  ended.catch(() => {})
  child.send(call)
  try {
    const [ran] = await Promise.race([once(child, 'message', { signal }), ended])
    return ran as Ran
  } finally {
    stop.abort()
  }
}
