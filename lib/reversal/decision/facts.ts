import type { TradeState } from '../../wechatpay/trade-state.ts'

/** What the last query of this attempt said. Only verified answers say anything. */
export type Seen = TradeState | 'ORDER_NOT_EXIST' | 'UNKNOWN' | 'NOTHING'

/** What came of this attempt's reverse. Whatever it was, a query must follow: a 200 says only "received". */
export type Reversed = 'answered' | 'refused for now' | 'refused for good' | 'unverified' | 'no answer' | 'not sent'

/** Everything the decision looks at. `…AtMs` is in milliseconds since the epoch; `seen` and `reversed` are of this attempt. */
export interface OrderFacts {
  readonly ifPaid: 'refund' | 'keep'
  readonly attemptedAtMs?: number | undefined
  readonly firstSeenAtMs: number
  readonly reverseSentAtMs?: number | undefined
  /** No verified answer says that it was refused. */
  readonly reverseMayHaveActed: boolean
  /** A refusal for good is no answer here. */
  readonly reverseAnsweredAtMs?: number | undefined
  readonly wasSeenPaid: boolean
  readonly wasSeenToExist: boolean
  /** The answer with `seen` holds a `transaction_id` or `success_time`. */
  readonly namesPayment: boolean
  /** The answer with `seen` says that the merchants we named do not belong together or to this order. */
  readonly isMismatch: boolean
  /** Undefined until a query follows the beginning or the reverse. */
  readonly seen?: Seen | undefined
  readonly reversed?: Reversed | undefined
}

/** Seconds since each event. */
export interface Ages {
  /** Since `attempted_at`, else since the order was first seen. */
  readonly sincePayment: number
  readonly sinceAttempted: number
  readonly sinceFirstSeen: number
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
