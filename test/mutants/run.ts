import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOMS, type RoomName } from './rooms.ts'

const here = import.meta.dirname
const root = dirname(dirname(here))
const stryker = join(here, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')

/** Beyond four times what the tests take unchanged: only what never ends takes so long, also on a busy machine. */
const TIMEOUT_MS = 30_000

export interface Score {
  room: RoomName
  /** A test failed. */
  killed: number
  /** The tests did not end. */
  endless: number
  survived: number
}

/**
 * Makes every small change that Stryker knows in a room, one at a time, and runs the room's tests on each.
 *
 * @param again only the changes that survived the last run, or whose code or tests have changed since
 */
export function mutate(room: RoomName, again: boolean): Score {
  install()
  const folder = join(root, 'dist', 'mutants')
  mkdirSync(folder, { recursive: true })
  const report = join(folder, `${room}.json`)
  const config = join(folder, `${room}.config.json`)
  const { mutate, tests } = ROOMS[room]
  writeFileSync(
    config,
    JSON.stringify({
      mutate,
      testRunner: 'tap',
      plugins: ['@stryker-mutator/tap-runner'],
      tap: { testFiles: tests, nodeArgs: ['--disable-warning=ExperimentalWarning', '--test-reporter=tap'] },
      coverageAnalysis: 'perTest',
      concurrency: Math.ceil(availableParallelism() / 2), // beside more, a slow test would look endless
      timeoutMS: TIMEOUT_MS,
      timeoutFactor: 4,
      incremental: true,
      incrementalFile: report,
      force: !again,
      tsconfigFile: 'none.json', // Node runs the sources as they are
      ignorePatterns: ['/docs/*.svg', '/docs/*.png', '/dist', '/test/mutants'],
      tempDirName: join(folder, 'sandbox'),
      reporters: ['clear-text', 'progress-append-only'],
      clearTextReporter: { logTests: false, reportTests: false },
      allowEmpty: true,
    }),
  )
  const { status } = spawnSync(process.execPath, [stryker, 'run', config], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'cache') },
  })
  if (status !== 0) throw new Error(`Stryker ended with ${status} in ${room}`)
  return { room, ...countOf(report) }
}

/** The tool has a lockfile of its own: who does not use it need not install it. */
function install() {
  if (existsSync(stryker)) return
  const { status } = spawnSync('npm', ['ci'], { cwd: here, stdio: 'inherit' })
  if (status !== 0) throw new Error('Stryker could not be installed')
}

interface Report {
  files: Record<string, { mutants: { status: string }[] }>
}

function countOf(report: string): Omit<Score, 'room'> {
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const ends = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status))
  const count = (...which: string[]) => ends.filter((status) => which.includes(status)).length
  return { killed: count('Killed'), endless: count('Timeout'), survived: count('Survived', 'NoCoverage') }
}
