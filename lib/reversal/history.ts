import type { Evidence } from '../wechatpay/answer.ts'
import type { History } from './result.ts'
import { formatTime, parseTime } from './time.ts'

/** What earlier attempts learned of an order, read from its history. `…AtMs`: milliseconds since the epoch. */
export interface PastAttempts {
  readonly firstSeenAtMs: number
  /** When a reverse of ours was last sent that no verified answer says was refused. */
  readonly reverseSentAtMs?: number | undefined
  readonly reverseAnsweredAtMs?: number | undefined
  /** The signed answer that said SUCCESS. Its signature is not checked yet. */
  readonly paid?: Evidence | undefined
}

/**
 * Reads an order's history. Nothing in it can have happened after `nowMs`: another machine's clock may run ahead of ours,
 * and nobody must wait for it.
 *
 * @param seenAtMs when the order reached us, if its history doesn't say that it was seen before
 */
export function readHistory(history: History = {}, seenAtMs: number, nowMs: number): PastAttempts {
  const past = (text: string | undefined) => (text === undefined ? undefined : Math.min(parseTime(text)!, nowMs))
  return {
    firstSeenAtMs: past(history.first_seen_at) ?? Math.min(seenAtMs, nowMs),
    reverseSentAtMs: past(history.reverse_sent_at),
    reverseAnsweredAtMs: past(history.reverse_answered_at),
    paid: history.paid,
  }
}

/** The history as it travels with the order to the next attempt. */
export function writeHistory({ firstSeenAtMs, reverseSentAtMs, reverseAnsweredAtMs, paid }: PastAttempts): History {
  return {
    first_seen_at: formatTime(firstSeenAtMs),
    ...(reverseSentAtMs !== undefined && { reverse_sent_at: formatTime(reverseSentAtMs) }),
    ...(reverseAnsweredAtMs !== undefined && { reverse_answered_at: formatTime(reverseAnsweredAtMs) }),
    ...(paid !== undefined && { paid }),
  }
}
