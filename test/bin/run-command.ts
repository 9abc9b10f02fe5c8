import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** A folder of this test run's own, for its files and as the commands' home. */
export const folder = mkdtempSync(join(tmpdir(), 'command-'))

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

/** Runs `bin/<name>.ts` as npm does, in a process of its own that sees nothing of this machine's accounts. */
export function runCommand(name: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const command = ['--disable-warning=ExperimentalWarning', join('bin', `${name}.ts`), ...args]
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran = { code: null, stdout: '', stderr: '' } as Ran
  child.stdout.setEncoding('utf8').on('data', (text: string) => (ran.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (ran.stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...ran, code }))
  })
}
