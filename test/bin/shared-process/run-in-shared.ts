import { once } from 'node:events'
import { join } from 'node:path'
import { languageOf, OF_DEVELOPERS } from '../../../bin/language/language.ts'
import { ENVIRONMENT, folder, type Ran, startNode } from '../../child-process.ts'
import { runCommand } from '../run-command.ts'

/** What other scripts import too, and what therefore runs only where a process begins with it. */
const BEGIN_A_PROCESS = ['build', 'package', 'readme']

export interface Call {
  name: string
  args: readonly string[]
  env: Readonly<Record<string, string>>
}

type Shared = ReturnType<typeof startNode>

/** What a process speaks is decided once, when its first command begins. */
const processes = new Map<string, { shared: Shared; last: Promise<unknown> }>()

/**
 * Runs a command as `runCommand` does, but those of a test file share a process and run one after another: what they *say*
 * needs none of its own, and most of a short command's time goes into starting one.
 */
export function runInShared(name: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  if (BEGIN_A_PROCESS.includes(name)) return runCommand(name, args, env)
  const call: Call = { name, args, env: { ...ENVIRONMENT, LOCAL_STAGE_FOLDER: folder, ...env } }
  const speaks = OF_DEVELOPERS.includes(name) ? 'English alone' : languageOf(args, call.env)
  const { shared, last } = processes.get(speaks) ?? { shared: start(), last: Promise.resolve() }
  const ran = last.then(() => ranIn(shared, call))
  processes.set(speaks, { shared, last: ran.catch(() => {}) })
  return ran
}

const root = join(import.meta.dirname, '../../..')
const start = () => startNode(['test/bin/shared-process/shared-process.ts'], { cwd: root, hasChannel: true })

async function ranIn({ child, ended, printed }: Shared, call: Call): Promise<Ran> {
  const answer = once(child, 'message')
  child.send(call)
  const [ran] = await Promise.race([answer, ended.then(() => [])])
  if (ran === undefined) throw new Error(`the process ended during ${call.name}: ${printed()}`)
  return ran as Ran
}
