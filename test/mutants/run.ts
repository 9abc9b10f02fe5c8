import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOMS, type RoomName } from './rooms.ts'

const here = import.meta.dirname
const root = dirname(dirname(here))
const stryker = join(here, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')

export interface Score {
  room: RoomName
  /** A test failed, or never ended. */
  killed: number
  survived: number
}

/** Makes every small change that Stryker knows in a room, one at a time, and runs the room's tests on each. */
export function mutate(room: RoomName): Score {
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
      tsconfigFile: 'none.json', // Node runs the sources as they are
      ignorePatterns: ['/docs', '/dist', '/test/mutants'],
      tempDirName: join(folder, 'sandbox'),
      reporters: ['clear-text', 'json'],
      clearTextReporter: { logTests: false, reportTests: false },
      jsonReporter: { fileName: report },
      allowEmpty: true,
    }),
  )
  const { status } = spawnSync(process.execPath, [stryker, 'run', config], { cwd: root, stdio: 'inherit' })
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
  return { killed: count('Killed', 'Timeout'), survived: count('Survived', 'NoCoverage') }
}
