import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Surroundings } from './surroundings.ts'
import type { Cost, Task } from './worker.ts'

/** A measured process at work. */
export interface Worker {
  run(task: Task): Promise<Cost>
  close(): void
}

/** Starts a process that does one subject's work on demand; what it prints is read and dropped, as CloudWatch would. */
export async function startWorker(
  { environment, subjects }: Surroundings,
  subject: string,
  name: string,
  { env = {}, execArgv = [] as string[] } = {},
): Promise<Worker> {
  const child = fork(join(subjects, 'worker.js'), [join(subjects, 'subjects', `${subject}.js`), name], {
    env: { PATH: process.env.PATH, ...environment, ...env },
    execArgv,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  child.stdout!.resume()
  await answerOf(child)
  return {
    run(task) {
      child.send(task)
      return answerOf(child) as Promise<Cost>
    },
    close: () => void (child.connected && child.disconnect()),
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const abort = new AbortController()
  const ended = once(child, 'exit', { signal: abort.signal }).then(([code]) => {
    throw new Error(`a measured process ended with ${code}`)
  })
  ended.catch(() => {})
  try {
    const [answer] = await Promise.race([once(child, 'message', { signal: abort.signal }), ended])
    return answer
  } finally {
    abort.abort()
  }
}

/**
 * Measures several things side by side: every round does each of them once, each time beginning with another, so that
 * whatever else the machine does falls on all of them alike.
 */
export async function interleave<Name extends string, T>(
  rounds: number,
  things: Record<Name, () => Promise<T>>,
): Promise<Record<Name, T[]>> {
  const names = Object.keys(things) as Name[]
  const seen = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<Name, T[]>
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < names.length; place++) {
      const name = names[(round + place) % names.length]!
      seen[name].push(await things[name]())
    }
  }
  return seen
}
