import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { after } from 'node:test'

/** A folder of this test file's own: for its files, and as the home of what it starts. */
export const folder = mkdtempSync(join(tmpdir(), 'wechatpay-reversal-test-'))

/** Everything a child sees of this machine: neither its colours, its npm, its AWS accounts nor its options for Node. */
export const ENVIRONMENT = {
  PATH: process.env.PATH ?? '',
  HOME: folder,
  LANG: 'C.UTF-8',
  AWS_EC2_METADATA_DISABLED: 'true',
  // Dozens of short processes: reading the code once for all of them takes two thirds off each.
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(folder, 'compiled'),
}

const running = new Set<ChildProcess>()
function endAll() {
  for (const child of running) child.kill('SIGKILL')
}
// A test that fails or times out leaves its child behind, and the runner waits for whoever holds its output.
after(endAll)
process.on('exit', () => {
  endAll()
  rmSync(folder, { recursive: true, force: true })
})

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

export interface ProcessOptions {
  /** On top of `ENVIRONMENT`. */
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Messages can be sent to it. */
  hasChannel?: boolean
}

type Child = ChildProcess & { stdout: Readable; stderr: Readable }

/** Starts a program without a terminal and without input. It ends with the test file at the latest. */
export function startProcess(file: string, args: readonly string[], { env, cwd, hasChannel }: ProcessOptions = {}) {
  const child: Child = spawn(file, args, {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(hasChannel ? (['ipc'] as const) : [])],
  }) as Child
  running.add(child)
  const ran: Ran = { code: null, stdout: '', stderr: '' }
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      running.delete(child)
      resolve({ ...ran, code })
    })
  })
  // Whoever does not wait for the end shall not fail by it.
  ended.catch(() => {})
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      ran[name] += text
    })
  }
  return {
    child,
    ended,
    printed: () => ran.stdout + ran.stderr,
    /** Resolves once this was printed. Rejects when the process ends without it. */
    says: (words: RegExp | string) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          const text = ran.stdout + ran.stderr
          if (typeof words === 'string' ? text.includes(words) : words.test(text)) resolve()
        }
        for (const name of ['stdout', 'stderr'] as const) child[name].on('data', look)
        child.on('close', () => reject(new Error(`ended without saying ${words}:\n${ran.stdout}${ran.stderr}`)))
        look()
      }),
  }
}

export const runProcess = (...process: Parameters<typeof startProcess>) => startProcess(...process).ended

/** Starts a script of this project's as its commands do. */
export const startNode = (args: readonly string[], options: ProcessOptions = {}) =>
  startProcess(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], options)
