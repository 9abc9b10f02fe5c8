import type { Entry } from '../../infra/local/page/parts.ts'
import { signerOf } from '../../lib/wechatpay/order-id.ts'
import { padEnd, padStart, wrap } from '../language/width.ts'
import { inUnits } from '../operator/china-time.ts'
import { npmRun } from '../operator/npm-run.ts'
import { paint } from '../operator/paint.ts'
import { inBooks, type Step } from '../start/runs.ts'
import { stepLine } from '../start/show.ts'
import { text } from '../texts/try.ts'
import { type Scene, timelineOf } from './scene.ts'
import { type Name, type Story, stories } from './stories.ts'

const WIDTH = 80
const FIELD = 10

const print = (line = '') => console.log(line)

/** The stories, a line each. */
export function listed(): string {
  const names = Object.keys(stories) as Name[]
  const widest = Math.max(...names.map((name) => name.length))
  return names.map((name) => `  ${name.padEnd(widest)}  ${text.stories[name].line}`).join('\n')
}

export function showTitle(name: Name) {
  const { title, tells } = text.stories[name]
  print()
  print(paint.strong(title))
  print(wrap(tells, WIDTH))
}

export function showOrder({ order }: Scene) {
  print()
  showField(text.fields.order, text.order(order.out_trade_no, order.sub_mchid ?? signerOf(order)))
  print()
}

/** What happened so far and was not shown yet, in its order, a line each. */
export function createSteps(startedAtMs: number) {
  const shown = new Set<string>()
  const told: { atMs: number; line: string }[] = []
  return {
    /** What the story itself did. */
    tell: (atMs: number, words: string) => told.push({ atMs, line: paint.strong(words) }),
    show(scene: Scene) {
      let lastCall: Step | undefined
      const entries = timelineOf(scene).flatMap((entry) => {
        if (entry.kind === 'call') lastCall = entry
        const line = lineOf(entry, lastCall)
        const key = JSON.stringify(entry)
        if (line === undefined || shown.has(key)) return []
        shown.add(key)
        return [{ atMs: entry.atMs, line }]
      })
      for (const { atMs, line } of alikeTogether([...told.splice(0), ...entries].sort((a, b) => a.atMs - b.atMs))) {
        print(`  ${paint.quiet(padStart(sinceStart(atMs - startedAtMs), 7))}  ${line}`)
      }
    },
  }
}

interface Line {
  atMs: number
  line: string
}

/** The same line several times in a row is one. */
function alikeTogether(lines: readonly Line[]): Line[] {
  const runs: (Line & { count: number })[] = []
  for (const one of lines) {
    const last = runs.at(-1)
    if (last?.line === one.line) last.count += 1
    else runs.push({ ...one, count: 1 })
  }
  return runs.map(({ atMs, line, count }) => ({
    atMs,
    line: count === 1 ? line : `${line}, ${text.times(String(count))}`,
  }))
}

/** In the time of the story. */
function sinceStart(ms: number): string {
  if (ms < 10_000) return text.seconds(Math.max(0, ms / 1000).toFixed(1))
  return inUnits(ms).replace(/^(\d+ \S+) .*/, '$1')
}

/** What WeChat Pay's books tell besides the calls, and what only the log tells; by its name. */
const LEDGER: Readonly<Record<string, string>> = { pay: text.charged, reverse: text.reversed }
const SAID: Readonly<Record<string, string>> = {
  NoAnswer: text.noAnswer,
  CredentialsUnavailable: text.badCredentials,
}

/** Where a step's words begin. */
const STEP_AT = 11

/** @param lastCall the one before it */
function lineOf(entry: Entry, lastCall: Step | undefined): string | undefined {
  switch (entry.kind) {
    case 'call':
      return stepLine(entry).trimEnd()
    case 'ledger':
      return LEDGER[entry.event]
    case 'event':
      return text.event(entry.type, entry.outcome ?? '')
    case 'said':
      if (entry.outcome === 'PENDING') return paint.warning(clipped(text.reason(entry.reason ?? '')))
      // The page knows all keys of WeChat Pay; the service knows those in the secret.
      if (entry.message === 'UnverifiedAnswer')
        return lastCall?.answer.check === 'verified' ? paint.warning(text.unknownKey) : undefined
      return SAID[entry.error ?? entry.message]
    default:
      return undefined
  }
}

/** To one line: the answer that a reason quotes is in the log. */
function clipped(words: string): string {
  const [first = ''] = words.split(' (')
  const room = WIDTH - STEP_AT
  return first.length > room ? `${first.slice(0, room - 1)}…` : first
}

/** How it ended, what that means, and what to type next. @param leptMs how far the story has set the clock forward */
export async function showEnd(
  scene: Scene,
  name: Name,
  { outcome, next }: Story,
  { isLeft, leptMs }: { isLeft: boolean; leptMs: number },
) {
  const { charged, refunded } = await inBooks(scene.stage.control, {
    mchid: signerOf(scene.order),
    out_trade_no: scene.order.out_trade_no,
  })
  const isGood = charged.amount === refunded.amount
  print()
  showField(text.fields.outcome, (isGood ? paint.ok : paint.warning)(outcome))
  if (scene.proof !== undefined) showField(text.fields.proof, scene.proof)
  if (scene.reason !== undefined) showField(text.fields.reason, scene.reason)
  showField(text.fields.customer, text.stories[name].customer)
  showField(text.fields.books, money(charged.amount, refunded.amount))
  if (leptMs > 0) showField(text.fields.clock, text.ahead(inUnits(scene.stage.parts.clock?.aheadMs ?? leptMs)))
  print()
  showField(text.fields.next, paint.strong(isLeft ? next(scene) : 'npm start -- --stay'))
  if (isLeft) return
  showField('', text.ownEnds)
  showField('', paint.strong(npmRun('try', [name])))
}

function money(charged: number, refunded: number): string {
  if (charged === 0) return text.neverCharged
  return refunded === 0 ? text.stillCharged(yuan(charged)) : text.returned(yuan(charged), yuan(refunded))
}

const yuan = (fen: number) => (fen / 100).toFixed(2)

function showField(name: string, words: string) {
  const [first, ...rest] = wrap(words, WIDTH - FIELD - 2).split('\n')
  print(`  ${paint.quiet(padEnd(name, FIELD))}${first}`)
  for (const line of rest) print(`  ${' '.repeat(FIELD)}${line}`)
}
