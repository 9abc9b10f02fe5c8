import type { OrderMessage } from '../reversal/order.ts'
import { type OrderFields, orderFieldsOf } from '../reversal/order-fields.ts'
import { signerOf } from '../wechatpay/order-id.ts'
import { dueAtMs } from './days.ts'
import { type OpenOutcome, parseOpenOutcome } from './open-outcome.ts'
import type { SettleMerchant, Verdict } from './settle-merchant.ts'
import type { Settlement } from './settlement.ts'
import { SettlementFailed } from './settlement-failed.ts'

/** As many outcomes as one run takes: their messages fill about 150 MB. The rest is the next run's. */
export const MAX_OUTCOMES = 100_000

/** Merchants whose bills are read side by side. */
const MERCHANTS_AT_ONCE = 4

/** Calls to AWS side by side, of ten messages each. */
const BATCHES_AT_ONCE = 10

const BATCH = 10

/** Kept for what must follow the last bill: events, and giving back what waits. */
const LAST_MS = 60_000

export interface SettleQueueOptions<M extends { body: string }> {
  queue: {
    /** All that is there, up to so many. */
    receive(most: number, msLeft: () => number): Promise<M[]>
    /** Up to ten: delivered again at once. */
    giveBack(messages: readonly M[]): Promise<void>
    /** Up to ten. */
    remove(messages: readonly M[]): Promise<void>
  }
  reversals: { put(order: OrderMessage, delaySeconds: number): Promise<void> }
  deadLetters: { bury(message: M, error: SettlementFailed): Promise<void> }
  /** Which of them (up to ten) were taken. */
  events: { settled(settlements: readonly Settlement[]): Promise<readonly boolean[]> }
  settleMerchant: SettleMerchant
  report: SettleReport
  /** Milliseconds since the epoch. */
  now?: () => number
}

/** What the person on call needs to know. */
export interface SettleReport {
  settled(settlement: Settlement, says: string, goesBack: boolean): void
  waits(order: OrderFields, waitedSeconds: number, why: string): void
  failed(order: OrderFields, error: unknown): void
}

interface Waiting<M> {
  message: M
  open: OpenOutcome
}

/** What a run came to. */
export interface SettleSummary {
  received: number
  settled: number
  waiting: number
  failed: number
}

/**
 * One run over the settlement queue. A message is deleted only when nothing of it can be lost any more, and all that is
 * done before that may be done twice: a run may end at any point, and two may run at once.
 */
export function createSettleQueue<M extends { body: string }>(options: SettleQueueOptions<M>) {
  const { queue, reversals, deadLetters, events, settleMerchant, report, now = Date.now } = options

  async function settleQueue(msLeft: () => number): Promise<SettleSummary> {
    const messages = await queue.receive(MAX_OUTCOMES, () => msLeft() - LAST_MS)
    const summary: SettleSummary = { received: messages.length, settled: 0, waiting: 0, failed: 0 }
    const due = new Map<string, Waiting<M>[]>()
    const giveBack: M[] = []

    for (const message of messages) {
      const open = await readOutcome(message, summary)
      if (open === undefined) continue
      if (now() < dueAtMs(open)) {
        summary.waiting += 1
        giveBack.push(message)
        continue
      }
      const mchid = signerOf(open.ref)
      const others = due.get(mchid)
      if (others === undefined) due.set(mchid, [{ message, open }])
      else others.push({ message, open })
    }
    const work = [...due].map(
      ([mchid, waiting]) =>
        () =>
          settleOne(mchid, waiting, msLeft, summary, giveBack),
    )
    await sideBySide(MERCHANTS_AT_ONCE, work)
    // Last, so that this run does not receive them again.
    await inBatches(giveBack, (batch) => queue.giveBack(batch))
    return summary
  }

  async function readOutcome(message: M, summary: SettleSummary): Promise<OpenOutcome | undefined> {
    let input: unknown
    try {
      input = JSON.parse(message.body)
      return parseOpenOutcome(input)
    } catch (error) {
      await bury(message, orderFieldsOf(input), `no open outcome: ${(error as Error).message}`, summary)
      return undefined
    }
  }

  async function settleOne(
    mchid: string,
    waiting: readonly Waiting<M>[],
    msLeft: () => number,
    summary: SettleSummary,
    giveBack: M[],
  ) {
    const verdicts = await settleMerchant(
      mchid,
      waiting.map(({ open }) => open),
      () => msLeft() - LAST_MS,
    )
    const settled: { message: M; verdict: Extract<Verdict, { do: 'settle' }> }[] = []
    for (const [index, { message, open }] of waiting.entries()) {
      const verdict = verdicts[index]!
      if (verdict.do === 'settle') settled.push({ message, verdict })
      else if (verdict.do === 'give up') await bury(message, orderFieldsOf(open.ref), verdict.why, summary)
      else {
        summary.waiting += 1
        giveBack.push(message)
        report.waits(orderFieldsOf(open.ref), (now() - open.confirmedAtMs) / 1000, verdict.why)
      }
    }
    await inBatches(settled, (batch) => tell(batch, summary))
  }

  /** In this order: an order that should go back must not be lost with its message, and an event must not either. */
  async function tell(
    batch: readonly { message: M; verdict: Extract<Verdict, { do: 'settle' }> }[],
    summary: SettleSummary,
  ) {
    for (const { verdict } of batch) if (verdict.again !== undefined) await reversals.put(verdict.again, 0)
    const areTaken = await events.settled(batch.map(({ verdict }) => verdict.settlement))
    const told = batch.filter((_, index) => areTaken[index])
    summary.settled += told.length
    for (const { verdict } of told) report.settled(verdict.settlement, verdict.says, verdict.again !== undefined)
    await queue.remove(told.map(({ message }) => message))
  }

  async function bury(message: M, order: OrderFields, why: string, summary: SettleSummary) {
    const error = new SettlementFailed(why)
    try {
      await deadLetters.bury(message, error)
      await queue.remove([message])
      summary.failed += 1
      report.failed(order, error)
    } catch (failure) {
      // It comes again by its visibility timeout.
      report.failed(order, failure)
    }
  }

  /** A batch that fails comes again by its visibility timeout; the others go on. */
  async function inBatches<T>(items: readonly T[], handle: (batch: readonly T[]) => Promise<void>) {
    const batches = Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) => () => {
      const batch = items.slice(index * BATCH, (index + 1) * BATCH)
      return handle(batch).catch((error: unknown) => report.failed({}, error))
    })
    await sideBySide(BATCHES_AT_ONCE, batches)
  }

  return settleQueue
}

/** Runs so many at a time. */
async function sideBySide(atOnce: number, tasks: readonly (() => Promise<void>)[]) {
  const queue = tasks.values()
  const work = async () => {
    for (const task of queue) await task()
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, tasks.length) }, work))
}
