import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Git ignores the folder. The variable keeps the stacks of tests apart. */
const FOLDER = process.env.LOCAL_STAGE_FOLDER ?? join(import.meta.dirname, '..', '..', '.local')

/** What runs on this machine and can be found by the commands of another shell. */
export type Name = 'stack' | 'sandbox'

const fileOf = (name: Name) => join(FOLDER, `${name}.json`)

/** What a shell reads to sign in to the stack: `. .local/env`. */
const SHELL_FILE = join(FOLDER, 'env')
export const signIn = `. ${relative(process.cwd(), SHELL_FILE)}`

/**
 * Lets the commands find what this process runs, until the function it returns is called.
 *
 * @param shell what a shell needs that signs in to it
 */
export async function announce(name: Name, what: object, shell?: string): Promise<() => Promise<void>> {
  const files = new Map([[fileOf(name), JSON.stringify({ pid: process.pid, ...what })]])
  if (shell !== undefined) files.set(SHELL_FILE, shell)
  await mkdir(FOLDER, { recursive: true, mode: 0o700 })
  for (const [file, text] of files) {
    await rm(file, { force: true })
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
  }
  return async () => {
    // The one that was started last is the one that is found.
    if ((await read(name))?.pid !== process.pid) return
    for (const file of files.keys()) await rm(file, { force: true })
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
