// `npm run clock`: what time it is on the local stack or in the sandbox; sets their clock forward.
import { Option } from 'commander'
import { inChina, inUnits, readDuration, readMoment } from './operator/china-time.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { type ClockTime, findClock, type LocalClock } from './operator/local-clock.ts'
import { LOCAL } from './operator/local-stage.ts'
import { paint } from './operator/paint.ts'

interface Options {
  forward?: string
  to?: string
  stage?: string
  sandbox?: true
  json?: true
}

const examples = [
  ['', 'show the time'],
  ['--forward 7d', 'seven days on: what is still open expires'],
  ['--to "tomorrow 10:15"', 'to when the night is settled, in China'],
] as const

const command = createCommand(
  'clock',
  'Shows the time of the local stack or the sandbox, in China, and sets it forward. Functions, queue, state machine, schedules and WeChat Pay all go by it. It never goes back.',
  examples,
)
  .option('--forward <time>', 'by so much: 90s, 15min, 12h, 7d, 1d12h')
  .addOption(
    new Option(
      '--to <moment>',
      'to a time in China: "tomorrow 10:15", "2026-12-05 10:15", or 10:15, the next one',
    ).conflicts('forward'),
  )
  .addOption(new Option('--stage <name>', 'the stack of npm start').choices([LOCAL]))
  .addOption(new Option('--sandbox', 'that of npm run sandbox').conflicts('stage'))
  .option('--json', 'print the time as JSON')
  .action(clock)

async function clock({ forward, to, stage, sandbox, json }: Options) {
  const found = await findClock(stage !== undefined ? 'stack' : sandbox ? 'sandbox' : undefined)
  const before = await found.read()
  const seconds = secondsOf({ forward, to }, Date.parse(before.now))
  const time = seconds === 0 ? before : await found.forward(seconds)
  console.log(json ? JSON.stringify(time, null, 2) : inWords(time, found, seconds))
}

const MOST_SECONDS = 366 * 86_400

/** How far the clock has to go. @throws Failure that says what is wrong with what was given */
function secondsOf({ forward, to }: Pick<Options, 'forward' | 'to'>, nowMs: number): number {
  if (forward === undefined && to === undefined) return 0
  const ms = forward === undefined ? moment(to!, nowMs) - nowMs : readDuration(forward)
  if (ms === undefined)
    throw new Failure(`--forward: ${forward} is no length of time`, 'Give for example: 7d, 12h or 90s')
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 1) throw new Failure('--forward: it must be a second at least', 'A clock goes forward alone.')
  if (seconds > MOST_SECONDS) throw new Failure('a clock goes forward by 366 days at most, each time')
  return seconds
}

function moment(to: string, nowMs: number): number {
  const found = readMoment(to, nowMs)
  if (found === undefined) throw new Failure(`--to: ${to} is no moment`, 'Give for example: --to "tomorrow 10:15"')
  if (found > nowMs) return found
  throw new Failure(`--to: ${to} is past: it is ${inChina(nowMs)} in China`, 'A clock goes forward alone.')
}

function inWords({ now, ahead_seconds }: ClockTime, { whose }: LocalClock, seconds: number): string {
  const place = whose === 'stack' ? 'the local stack' : 'the sandbox'
  const went = seconds === 0 ? '' : `${inUnits(seconds * 1000)} later; `
  const ahead = ahead_seconds === 0 ? 'as on this machine' : `${inUnits(ahead_seconds * 1000)} ahead of this machine`
  return `${paint.strong(inChina(Date.parse(now)))} in China, on ${place}\n  ${went}${ahead}`
}

await run(command)
