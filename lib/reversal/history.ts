import type { Evidence } from '../wechatpay/answer.ts'
import type { History } from './result.ts'
import { formatTime, parseTime } from './time.ts'

/** What earlier attempts learned of an order. `…AtMs`: milliseconds since the epoch. */
export interface PastAttempts {
  readonly firstSeenAtMs: number
  /** When a reverse of ours was last sent that no verified answer says was refused. */
  readonly reverseSentAtMs?: number | undefined
  readonly reverseAnsweredAtMs?: number | undefined
  /** Its signature is not checked yet. */
  readonly paid?: Evidence | undefined
}

/**
 * Another machine's clock may run ahead of ours: what seems to lie in the future happened now, so that no wait is too long.
 *
 * @param seenAtMs when the order reached us; its history may say that it was seen before
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

export function writeHistory({ firstSeenAtMs, reverseSentAtMs, reverseAnsweredAtMs, paid }: PastAttempts): History {
  return {
    first_seen_at: formatTime(firstSeenAtMs),
    ...(reverseSentAtMs !== undefined && { reverse_sent_at: formatTime(reverseSentAtMs) }),
    ...(reverseAnsweredAtMs !== undefined && { reverse_answered_at: formatTime(reverseAnsweredAtMs) }),
    ...(paid !== undefined && { paid }),
  }
}
