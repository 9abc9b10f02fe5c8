import { addDays, billDateOf, daysBetween, madeAtMs } from '../wechatpay/bill-date.ts'
import type { OpenOutcome } from './open-outcome.ts'

/** Clocks may differ by this much: a payment "just after midnight" may stand in the books of the day before. */
const CLOCK_SKEW_MS = 5 * 60_000

/** WeChat Pay keeps bills for three months (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556654). */
export const MAX_DAYS = 93

/** The days whose bills tell of an order, in China's time. */
export interface Days {
  /** From the attempt to the outcome: a payment, and its return by a reverse, fall on one of these. */
  own: readonly string[]
  dayAfter: string
  /** A return that takes its time, and a refund by hand, stand in one of these. */
  threeAfter: readonly string[]
}

export function daysOf({ attemptedAtMs, confirmedAtMs }: Pick<OpenOutcome, 'attemptedAtMs' | 'confirmedAtMs'>): Days {
  const last = billDateOf(confirmedAtMs)
  const first = billDateOf(Math.min(attemptedAtMs - CLOCK_SKEW_MS, confirmedAtMs))
  const earliest = addDays(last, -MAX_DAYS)
  return {
    own: daysBetween(first < earliest ? earliest : first, last),
    dayAfter: addDays(last, 1),
    threeAfter: [1, 2, 3].map((days) => addDays(last, days)),
  }
}

/** When an outcome can be settled at the earliest. Before it, its bills are not worth reading. */
export function dueAtMs(open: Pick<OpenOutcome, 'outcome' | 'attemptedAtMs' | 'confirmedAtMs'>): number {
  const { own, dayAfter } = daysOf(open)
  return madeAtMs(open.outcome === 'KEPT' ? dayAfter : own.at(-1)!)
}
