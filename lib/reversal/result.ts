import type { Evidence } from '../wechatpay/answer.ts'
import type { OrderRef } from '../wechatpay/order-id.ts'
import type { OrderMessage } from './order.ts'

export const OUTCOMES = ['REFUNDED', 'REVERSED', 'CLOSED', 'KEPT', 'NOT_FOUND'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What each outcome says about the customer's money; `null` where it is not proved whether anything was paid. */
export const REFUNDED = {
  REFUNDED: true,
  REVERSED: null,
  CLOSED: false,
  KEPT: false,
  NOT_FOUND: null,
} as const satisfies Record<Outcome, boolean | null>

/** The proved end of an order. */
export type Reversal = OrderRef & {
  /** As given, else when the order was first seen. */
  attempted_at: string
  outcome: Outcome
  trade_state: string | null
  refunded: boolean | null
  confirmed_at: string
  request_id: string
  /** The signed answers that prove it, oldest first. May hold `payer.openid`: personal data, never to be logged. */
  evidence: Evidence[]
}

/** What the next attempt should know, as it travels with the order. Times are RFC 3339. */
export type History = NonNullable<OrderMessage['history']>

export type Pending = OrderRef & {
  outcome: 'PENDING'
  reason: string
  /** Seconds. */
  retry_after: number
  history: History
}
