import type { TradeState } from '../../wechatpay/trade-state.ts'

/** What the last query of this attempt said. Only verified answers say anything. */
export type Seen = TradeState | 'ORDER_NOT_EXIST' | 'UNKNOWN' | 'NOTHING'

/** What came of this attempt's reverse. Whatever it was, a query must follow: a 200 says only "received". */
export type Reversed = 'answered' | 'refused for now' | 'refused for good' | 'unverified' | 'no answer' | 'not sent'

/** Everything the decision rests on. Times are milliseconds since the epoch. */
export interface Known {
  ifPaid: 'refund' | 'keep'
  attemptedAt?: number | undefined
  firstSeenAt: number
  /** When a reverse of ours was last sent, in this attempt or an earlier one. */
  reverseSentAt?: number | undefined
  /** A reverse of ours was sent, and no verified answer says that it was refused. */
  reverseMayHaveActed: boolean
  /** When a reverse of ours first had a verified answer. */
  reverseAnsweredAt?: number | undefined
  /** A verified query said SUCCESS, in this attempt or an earlier one. */
  wasSeenPaid: boolean
  /** A verified query of this attempt told a state of the order. */
  wasSeenToExist: boolean
  /** The answer that `seen` is about names a payment (`transaction_id`, `success_time`). */
  namesPayment: boolean
  /** Not yet in this attempt, or not since its reverse: undefined. */
  seen?: Seen | undefined
  /** No reverse in this attempt: undefined. */
  reversed?: Reversed | undefined
}
