import type { Order as BookedOrder } from '../../infra/local/wechatpay/order.ts'
import type { Outcome } from '../../lib/reversal/result.ts'

/** What the books must say for an outcome to be right. `undefined`: WeChat Pay's books have no such order. */
const MUST_BE: Readonly<Record<Outcome, (booked: BookedOrder | undefined) => boolean>> = {
  REFUNDED: (booked) => booked !== undefined && booked.charged.count === 1 && booked.refunded.count === 1,
  REVERSED: (booked) => booked?.trade_state === 'REVOKED' && booked.refunded.count === booked.charged.count,
  CLOSED: (booked) => booked?.trade_state === 'CLOSED' && booked.charged.count === 0,
  KEPT: (booked) => booked?.trade_state === 'SUCCESS' && booked.charged.count === 1 && booked.refunded.count === 0,
  NOT_FOUND: (booked) => booked === undefined || booked.charged.count === 0,
}

/** Is this outcome what really happened? */
export function isRight(outcome: Outcome, booked: BookedOrder | undefined): boolean {
  return MUST_BE[outcome](booked)
}

export const isRefundedTwice = (booked: BookedOrder | undefined) => (booked?.refunded.count ?? 0) > 1
