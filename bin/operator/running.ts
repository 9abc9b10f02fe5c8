import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Git ignores the folder. The variable keeps the stacks of tests apart. */
const FOLDER = process.env.LOCAL_STAGE_FOLDER ?? join(import.meta.dirname, '..', '..', '.local')

/** What runs on this machine and can be found by the commands of another shell. */
export type Name = 'stack' | 'sandbox'

const fileOf = (name: Name) => join(FOLDER, `${name}.json`)

/** Lets the commands find what this process runs, until the function it returns is called. */
export async function announce(name: Name, what: object): Promise<() => Promise<void>> {
  const file = fileOf(name)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await rm(file, { force: true })
  await writeFile(file, JSON.stringify({ pid: process.pid, ...what }), { mode: 0o600, flag: 'wx' })
  return async () => {
    // The one that was started last is the one that is found.
    if ((await read(name))?.pid === process.pid) await rm(file, { force: true })
  }
}

/** What was announced last under a name; undefined when nothing was, or its process is gone. */
export async function findRunning<What>(name: Name): Promise<(What & { pid: number }) | undefined> {
  const found = await read(name)
  return found !== undefined && isAlive(found.pid) ? (found as What & { pid: number }) : undefined
}

async function read(name: Name): Promise<{ pid: number } | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(name), 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
