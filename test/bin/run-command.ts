import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A folder of this test run's own, for its files and as the commands' home. */
export const folder = mkdtempSync(join(tmpdir(), 'command-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Writes a file there and gives its path. */
export function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const environment = {
  PATH: process.env.PATH,
  HOME: folder,
  AWS_EC2_METADATA_DISABLED: 'true',
  // Dozens of short processes: reading the code once for all of them takes two thirds off each.
  NODE_COMPILE_CACHE: join(folder, 'compiled'),
}

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

/** Starts `bin/<name>.ts` as npm does, in a process of its own that sees nothing of this machine's accounts. */
export function startCommand(name: string, args: readonly string[], env: Record<string, string> = {}) {
  const command = ['--disable-warning=ExperimentalWarning', join('bin', `${name}.ts`), ...args]
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...ran, code }))
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ran.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ran.stderr += text))
  return {
    child,
    ended,
    /** Resolves once this was said on stderr. */
    says: (words: RegExp) =>
      new Promise<void>((resolve) => {
        child.stderr.on('data', () => words.test(ran.stderr) && resolve())
      }),
  }
}

export const runCommand = (...command: Parameters<typeof startCommand>) => startCommand(...command).ended
