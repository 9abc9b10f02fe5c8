// `npm run clock`: what time it is on the local stack or in the sandbox; sets their clock forward.
import { Option } from 'commander'
import { inChina, inUnits, readDuration, readMoment } from './operator/china-time.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { type ClockTime, findClock, type LocalClock } from './operator/local-clock.ts'
import { LOCAL } from './operator/local-stage.ts'
import { paint } from './operator/paint.ts'
import { text } from './texts/clock.ts'

interface Options {
  forward?: string
  to?: string
  stage?: string
  sandbox?: true
  json?: true
}

const examples = [
  ['', text.examples.show],
  ['--forward 7d', text.examples.forward],
  [`--to "${text.tomorrow}"`, text.examples.to],
] as const

const command = createCommand('clock', text.description, examples)
  .option('--forward <time>', text.forward)
  .addOption(new Option('--to <moment>', text.to(text.tomorrow)).conflicts('forward'))
  .addOption(new Option('--stage <name>', text.stage).choices([LOCAL]))
  .addOption(new Option('--sandbox', text.sandbox).conflicts('stage'))
  .option('--json', text.json)
  .action(clock)

async function clock({ forward, to, stage, sandbox, json }: Options) {
  const found = await findClock(stage !== undefined ? 'stack' : sandbox ? 'sandbox' : undefined)
  const before = await found.read()
  const seconds = secondsOf({ forward, to }, Date.parse(before.now))
  const time = seconds === 0 ? before : await found.forward(seconds)
  console.log(json ? JSON.stringify(time, null, 2) : inWords(time, found, seconds))
}

const MOST_DAYS = 366

/** How far the clock has to go. @throws Failure that says what is wrong with what was given */
function secondsOf({ forward, to }: Pick<Options, 'forward' | 'to'>, nowMs: number): number {
  if (forward === undefined && to === undefined) return 0
  const ms = forward === undefined ? moment(to!, nowMs) - nowMs : readDuration(forward)
  if (ms === undefined) throw new Failure(text.noDuration(forward!), text.giveDuration)
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 1) throw new Failure(text.aSecond, text.forwardOnly)
  if (seconds > MOST_DAYS * 86_400) throw new Failure(text.tooFar(MOST_DAYS))
  return seconds
}

function moment(to: string, nowMs: number): number {
  const found = readMoment(to, nowMs)
  if (found === undefined) throw new Failure(text.noMoment(to), text.giveMoment(text.tomorrow))
  if (found > nowMs) return found
  throw new Failure(text.past(to, inChina(nowMs)), text.forwardOnly)
}

function inWords({ now, ahead_seconds }: ClockTime, { whose }: LocalClock, seconds: number): string {
  const time = (whose === 'stack' ? text.stack : text.inSandbox)(paint.strong(inChina(Date.parse(now))))
  const ahead = ahead_seconds === 0 ? text.same : text.ahead(inUnits(ahead_seconds * 1000))
  return `${time}\n  ${seconds === 0 ? ahead : text.went(inUnits(seconds * 1000), ahead)}`
}

await run(command)
