import type { Order as BookedOrder } from '../../infra/local/wechatpay/order.ts'
import type { Outcome } from '../../lib/reversal/result.ts'
import type { SettlementName } from '../../lib/settlement/table.ts'

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

/** What the books must say for a settlement to be right. They contradict nothing: whatever was told, was so. */
const MUST_BE_IN_THE_END: Readonly<Record<SettlementName, (booked: BookedOrder | undefined) => boolean>> = {
  REFUNDED: MUST_BE.REFUNDED,
  NEVER_PAID: (booked) => (booked?.charged.count ?? 0) === 0,
  PAID: (booked) => booked !== undefined && booked.charged.count === 1 && booked.refunded.count === 0,
  DISAGREES: () => false,
}

export const isSettledRight = (settlement: SettlementName, booked: BookedOrder | undefined) =>
  MUST_BE_IN_THE_END[settlement](booked)

/** Somebody paid, and did not get the money back. */
export const isCharged = (booked: BookedOrder | undefined) =>
  booked !== undefined && booked.charged.count > booked.refunded.count
