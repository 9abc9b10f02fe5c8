// A process in which commands run one after another, each as if it had just been started.
import { join } from 'node:path'
import type { Ran } from '../../child-process.ts'
import type { Call } from './run-in-shared.ts'

const bin = join(import.meta.dirname, '../../../bin')
/** Thrown where a process of its own would end. */
const EXITED = Symbol('exited')

process.exit = (code) => {
  process.exitCode = code ?? process.exitCode ?? 0
  throw EXITED
}

let calls = 0
process.on('message', async (call: Call) => process.send?.(await runHere(call)))

async function runHere({ name, args, env }: Call): Promise<Ran> {
  const script = join(bin, `${name}.ts`)
  process.argv = [process.execPath, script, ...args]
  for (const variable of Object.keys(process.env)) delete process.env[variable]
  Object.assign(process.env, env)
  process.exitCode = undefined
  const ran = { code: 0, stdout: '', stderr: '' }
  process.stdout.write = keep('stdout')
  process.stderr.write = keep('stderr')
  try {
    // Another address each time: the script runs once more, and finds what it imports already there.
    calls += 1
    await import(`${script}?${calls}`)
    ran.code = Number(process.exitCode ?? 0)
  } catch (error) {
    ran.code = error === EXITED ? Number(process.exitCode) : 1
    if (error !== EXITED) ran.stderr += error instanceof Error ? error.stack : String(error)
  }
  // Each command listens anew.
  process.stdout.removeAllListeners('error')
  return ran

  function keep(name: 'stdout' | 'stderr') {
    return ((text: string | Uint8Array, ...rest: unknown[]) => {
      ran[name] += typeof text === 'string' ? text : Buffer.from(text).toString()
      const done = rest.findLast((one) => typeof one === 'function')
      done?.()
      return true
    }) as typeof process.stdout.write
  }
}
