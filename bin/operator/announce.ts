import { DECISION } from '../../lib/reversal/decision/table.ts'
import type { LookUpResult, OrderState } from '../../lib/reversal/look-up.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import type { Outcome } from '../../lib/reversal/result.ts'
import type { TradeState } from '../../lib/wechatpay/trade-state.ts'
import { ownerInWords } from './order.ts'
import { paint } from './paint.ts'

/** What an outcome says, to a person. */
export const MEANINGS: Readonly<Record<Outcome, string>> = {
  REFUNDED: 'it was paid, and WeChat Pay is returning the money',
  REVERSED: 'nobody is charged; whether anything had been paid is not proved',
  CLOSED: 'closed unpaid',
  KEPT: 'paid, and kept as asked',
  NOT_FOUND: 'WeChat Pay knows no such order of this merchant',
}

/** What a state says, in the words of the decision table. */
export const meaningOf = (state: string): string =>
  (DECISION.states as Readonly<Record<string, { means: string }>>)[state]?.means ?? 'a state this version does not know'

/** The same of an order. Its `transaction_id` proves that it was paid. */
export function meaningOfOrder({ trade_state, transaction_id, success_time }: OrderState): string {
  const isPaid = transaction_id !== undefined || success_time !== undefined
  return trade_state === 'REVOKED' && isPaid ? 'paid, then reversed: it is being refunded' : meaningOf(trade_state)
}

const FINAL: ReadonlySet<string> = new Set<TradeState>(['REVOKED', 'CLOSED', 'REFUND'])

const REVERSED = 'It will be reversed and can never be paid again; a payment that slips in is refunded.'

/** In one line, before money moves: how the order stands, and what will come of it. */
export function announcement(message: OrderMessage, seen: LookUpResult): string {
  const { out_trade_no, if_paid } = message
  const order = paint.strong(`Order ${out_trade_no} of ${ownerInWords(message)}`, process.stderr)
  if (seen.kind === 'none') return `${order}: WeChat Pay knows none, or not yet. ${REVERSED}`
  if (seen.kind === 'unverified') {
    const blind = 'It will be reversed all the same: unpaid it is closed, paid it is refunded.'
    return `${order}: nothing verified says how it stands. ${if_paid === 'keep' ? 'Before that, nothing is reversed.' : blind}`
  }
  const { trade_state } = seen.state
  return `${order} is ${trade_state} (${meaningOfOrder(seen.state)}). ${consequence(trade_state, if_paid)}`
}

function consequence(trade_state: string, if_paid: OrderMessage['if_paid']): string {
  if (FINAL.has(trade_state)) return 'Nothing will be sent but the question.'
  if (trade_state !== 'SUCCESS') return REVERSED
  return if_paid === 'keep'
    ? 'It will be kept: nothing is reversed.'
    : 'It will be reversed: the customer gets the money back.'
}
