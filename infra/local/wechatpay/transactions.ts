import type { ReverseReceived } from './books.ts'
import { CLOSE_REFUSALS, errorResult, numberedResult, ok, type Result } from './error-codes.ts'
import { type Names, wireNames } from './names.ts'
import { type Handled, NOTHING, type World } from './operation.ts'
import type { SimulatorOptions } from './options.ts'
import { createOrder, type Order, type TradeState } from './order.ts'
import { payCodeOf } from './pay-codes.ts'
import { ownerFault } from './whose.ts'

const DESCRIPTIONS: Record<TradeState, string> = {
  NOTPAY: '订单未支付',
  USERPAYING: '用户支付中，需要输入密码',
  SUCCESS: '支付成功',
  PAYERROR: '支付失败，请撤销订单',
  REVOKED: '订单已撤销',
  CLOSED: '订单已关闭',
  REFUND: '订单发生过退款',
}

/** In ms; RFC 3339 in China's time, as the official pages show `success_time`. */
export function chinaTime(ms: number): string {
  return `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`
}

function payer({ openid, sub_mchid, sub_appid }: Order) {
  if (sub_mchid === null) return { openid }
  return { sp_openid: openid, ...(sub_appid === null ? {} : { sub_openid: `o${sub_mchid}-payer` }) }
}

/** The answer body of query and codepay (official query pages). */
export function transaction(
  order: Order,
  options: Pick<SimulatorOptions, 'transactionIdAfterReverse' | 'userPayingAlone'>,
) {
  const { out_trade_no, trade_state, total, attach } = order
  if (trade_state === 'USERPAYING' && options.userPayingAlone) return { trade_state }
  const isPayerror = trade_state === 'PAYERROR'
  const isReversed = order.reversed_at !== null
  const tellsPayment = order.paid_at !== null && !isPayerror && (!isReversed || options.transactionIdAfterReverse)
  return {
    amount: { total, currency: 'CNY', ...(tellsPayment ? { payer_total: total, payer_currency: 'CNY' } : {}) },
    ...wireNames(order),
    ...(attach === null ? {} : { attach }),
    out_trade_no,
    trade_state,
    trade_state_desc: DESCRIPTIONS[trade_state],
    ...(tellsPayment
      ? {
          transaction_id: order.transaction_id,
          trade_type: order.trade_type,
          bank_type: 'OTHERS',
          success_time: chinaTime(order.paid_at!),
          payer: payer(order),
        }
      : {}),
  }
}

/** The order's state, if these names own it. */
export function query(names: Names, out_trade_no: string, { books, now, options }: World): Handled {
  books.advance(now)
  const order = books.asOf(names.mchid, out_trade_no, now - options.queryLagMs)
  if (!order) return { result: errorResult('ORDER_NOT_EXIST'), effect: NOTHING }
  return { result: ownerFault(order, names, options) ?? ok(transaction(order, options)), effect: NOTHING }
}

/** The same by WeChat Pay's number of the payment, which only a paid order has (official). */
export function queryPaid(names: Names, transaction_id: string, world: World): Handled {
  const order = world.books.findPaid(names.mchid, transaction_id, world.now)
  if (!order) return { result: errorResult('ORDER_NOT_EXIST'), effect: NOTHING }
  return query(names, order.out_trade_no, world)
}

/**
 * Closes an unpaid order (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556398). One by pay code can only be
 * reversed, says the manual of numbers; that page does not mention it.
 */
export function close(names: Names, out_trade_no: string, { books, now, options }: World): Handled {
  const refused = (result: Result): Handled => ({ result, effect: NOTHING })
  const order = books.find(names.mchid, out_trade_no, now)
  if (!order) return refused(errorResult('ORDER_NOT_EXIST'))
  const fault = ownerFault(order, names, options)
  if (fault) return refused(fault)
  if (order.trade_type === 'MICROPAY') return refused(numberedResult(CLOSE_REFUSALS['by pay code']))
  switch (order.trade_state) {
    case 'USERPAYING':
      return refused(errorResult('USER_PAYING'))
    case 'SUCCESS':
    case 'REFUND':
      return refused(numberedResult(CLOSE_REFUSALS.paid))
    case 'CLOSED':
    case 'REVOKED':
      return refused(errorResult('ORDER_CLOSED'))
    default: {
      const closed = books.draft(order, 'close', now)!
      return { result: { status: 204, body: null, subCode: 0 }, effect: () => void books.write(closed) }
    }
  }
}

/** Closes an unpaid order, refunds a paid one; the answer is an echo and tells neither (official reverse pages). */
export function reverse(names: Names, out_trade_no: string, { books, now, options }: World): Handled {
  const { mchid } = names
  const echoed = options.reverseAnswersAppid ? names : { ...names, appid: null, sub_appid: null }
  const done = ok({ ...wireNames(echoed), out_trade_no })
  const record = (did: ReverseReceived['did'], because: ReverseReceived['because']) =>
    books.received({ at: now, mchid, out_trade_no, did, because })

  const order = books.find(mchid, out_trade_no, now)
  if (!order) {
    const result = options.reverseUnknownOrder === 'ok' ? done : errorResult('ORDER_NOT_EXIST')
    return { result, effect: () => record('nothing', 'no such order') }
  }
  const fault = ownerFault(order, names, options)
  if (fault) return { result: fault, effect: () => record('nothing', 'not reversible') }
  if (order.trade_state === 'USERPAYING' && options.reverseWhileUserPaying !== 'accept') {
    return { result: errorResult(options.reverseWhileUserPaying), effect: () => record('nothing', 'user paying') }
  }
  // Only what was paid by pay code can be reversed (official overseas guide); with which code it is refused is inferred.
  const reversed = order.trade_type === 'MICROPAY' ? books.draft(order, 'reverse', now) : null
  if (!reversed) {
    // Inferred from the sibling endpoints: a closed order says so, one refunded by other means is a business failure.
    const code = order.trade_state === 'CLOSED' ? 'ORDER_CLOSED' : 'TRADE_ERROR'
    return { result: errorResult(code), effect: () => record('nothing', 'not reversible') }
  }
  if (reversed === order) return { result: done, effect: () => record('nothing', 'repeated') }
  return {
    result: done,
    effect: () => {
      books.write(reversed)
      record(reversed.refunded.count > order.refunded.count ? 'refunded' : 'revoked', 'acted')
    },
  }
}

/** What paying again under a number that exists is told. Only the still unpaid ones may go on (inferred from the V2 page). */
function payAgain(order: Order, names: Names, options: SimulatorOptions): Result {
  // A number is unique per provider, whichever sub-merchant used it first (official troubleshooting manual).
  if (order.sub_mchid !== names.sub_mchid) return errorResult('OUT_TRADE_NO_USED')
  switch (order.trade_state) {
    case 'NOTPAY':
    case 'USERPAYING':
      return ok(transaction(order, options), 202)
    case 'CLOSED':
      return errorResult('ORDER_CLOSED')
    case 'REVOKED':
      return errorResult('OUT_TRADE_NO_USED', '订单已撤销，请重新下单支付')
    default:
      return errorResult('OUT_TRADE_NO_USED')
  }
}

export interface NewPayment {
  out_trade_no: string
  authCode: string
  total: number
  description: string
  attach: string | null
}

/** Charges the customer behind a pay code (official codepay pages). */
export function codepay(names: Names, { authCode, ...payment }: NewPayment, { books, now, options }: World): Handled {
  const { out_trade_no } = payment
  const existing = books.find(names.mchid, out_trade_no, now)
  if (existing) return { result: payAgain(existing, names, options), effect: NOTHING }

  const fields = { ...names, ...payment }
  const { events, answer, fault } = payCodeOf(authCode)
  const order = events
    .filter(({ afterMs }) => afterMs === 0)
    .reduce((drafted, { event }) => books.draft(drafted, event, now) ?? drafted, createOrder(fields, now))
  const status = order.trade_state === 'SUCCESS' || order.trade_state === 'PAYERROR' ? 200 : 202
  return {
    fault,
    result: answer ? errorResult(answer) : ok(transaction(order, options), status),
    effect: () => {
      books.create(fields, now)
      for (const { afterMs, event } of events) books.schedule(now + afterMs, names.mchid, out_trade_no, event)
      books.advance(now)
    },
  }
}
