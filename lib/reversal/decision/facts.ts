import type { TradeState } from '../../wechatpay/trade-state.ts'

/** What the last query of this attempt said. Only verified answers say anything. */
export type Seen = TradeState | 'ORDER_NOT_EXIST' | 'UNKNOWN' | 'NOTHING'

/** What came of this attempt's reverse. Whatever it was, a query must follow: a 200 says only "received". */
export type Reversed = 'answered' | 'refused for now' | 'refused for good' | 'unverified' | 'no answer' | 'not sent'

/** Everything the decision looks at. `…AtMs`: milliseconds since the epoch. */
export interface OrderFacts {
  readonly ifPaid: 'refund' | 'keep'
  readonly attemptedAtMs?: number | undefined
  readonly firstSeenAtMs: number
  /** When a reverse of ours was last sent, in this attempt or an earlier one. */
  readonly reverseSentAtMs?: number | undefined
  /** A reverse of ours was sent, and no verified answer says that it was refused. */
  readonly reverseMayHaveActed: boolean
  /** When a reverse of ours first had a verified answer other than a refusal for good. */
  readonly reverseAnsweredAtMs?: number | undefined
  /** A verified query said SUCCESS, in this attempt or an earlier one. */
  readonly wasSeenPaid: boolean
  /** A verified query of this attempt told a state of the order. */
  readonly wasSeenToExist: boolean
  /** The answer that `seen` is about names a payment (`transaction_id`, `success_time`). */
  readonly namesPayment: boolean
  /** The answer that `seen` is about says that the merchants we named do not belong together or to this order. */
  readonly isMismatch: boolean
  /** Not yet in this attempt, or not since its reverse: undefined. */
  readonly seen?: Seen | undefined
  /** No reverse in this attempt: undefined. */
  readonly reversed?: Reversed | undefined
}

/** How old things are, in seconds. */
export interface Ages {
  /** Since `attempted_at`; without one, since the order was first seen. */
  readonly sincePayment: number
  /** Negative infinity without `attempted_at`. */
  readonly sinceAttempted: number
  readonly sinceFirstSeen: number
  /** Infinity when no reverse of ours was sent. */
  readonly sinceReverse: number
}

export type AgedFacts = OrderFacts & Ages

export function withAges(facts: OrderFacts, nowMs: number): AgedFacts {
  const { attemptedAtMs, firstSeenAtMs, reverseSentAtMs } = facts
  const since = (atMs: number) => (nowMs - atMs) / 1000
  return {
    ...facts,
    sincePayment: since(attemptedAtMs ?? firstSeenAtMs),
    sinceAttempted: attemptedAtMs === undefined ? Number.NEGATIVE_INFINITY : since(attemptedAtMs),
    sinceFirstSeen: since(firstSeenAtMs),
    sinceReverse: reverseSentAtMs === undefined ? Number.POSITIVE_INFINITY : since(reverseSentAtMs),
  }
}
