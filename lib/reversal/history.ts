import type { Evidence } from '../wechatpay/answer.ts'
import type { Order } from './order.ts'
import type { History } from './result.ts'
import { formatTime, parseTime } from './time.ts'

/** What is known of an order beyond the order itself, from one attempt to the next. Times are milliseconds since the epoch. */
export interface Learned {
  firstSeenAt: number
  reverseSentAt?: number | undefined
  reverseAnsweredAt?: number | undefined
  /** The signed answer that said SUCCESS. */
  paid?: Evidence | undefined
}

/**
 * What an order brings along. Nothing in it can have happened after `now`: another machine's clock may run ahead of ours,
 * and nobody must wait for it.
 *
 * @param seenAt when the order reached us, if it doesn't say that it was seen before
 */
export function readHistory({ message }: Order, seenAt: number, now: number): Learned {
  const { first_seen_at, reverse_sent_at, reverse_answered_at, paid } = message.history ?? {}
  const past = (text: string | undefined) => (text === undefined ? undefined : Math.min(timeOf(text)!, now))
  return {
    firstSeenAt: past(first_seen_at) ?? Math.min(seenAt, now),
    reverseSentAt: past(reverse_sent_at),
    reverseAnsweredAt: past(reverse_answered_at),
    paid,
  }
}

/** What the next attempt should know, as it travels with the order. */
export function writeHistory({ firstSeenAt, reverseSentAt, reverseAnsweredAt, paid }: Learned): History {
  return {
    first_seen_at: formatTime(firstSeenAt),
    ...(reverseSentAt !== undefined && { reverse_sent_at: formatTime(reverseSentAt) }),
    ...(reverseAnsweredAt !== undefined && { reverse_answered_at: formatTime(reverseAnsweredAt) }),
    ...(paid !== undefined && { paid }),
  }
}

const timeOf = (text: string | undefined) => (text === undefined ? undefined : parseTime(text))
