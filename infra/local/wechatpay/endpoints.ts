import type { Books, ReverseReceived } from './books.ts'
import { errorResult, ok, type Result } from './error-codes.ts'
import { createOrder, type Order, type TradeState } from './order.ts'
import { payCodeOf } from './pay-codes.ts'
import type { Call } from './request.ts'

/** Where the real one's behaviour is unknown or varies. */
export interface EndpointOptions {
  /** Reversing while the password box is open: done, or refused with 202 and one of the spellings seen. */
  reverseWhileUserPaying: 'accept' | 'USERPAYING' | 'USER_PAYING'
  /** Reversing an order that does not exist: 200 and nothing done (documented overseas), or 404. */
  reverseUnknownOrder: 'ok' | 'ORDER_NOT_EXIST'
  /** `appid` is optional in a reverse's answer. */
  reverseAnswersAppid: boolean
  /** Does the query of a reversed order still name the payment there was? */
  transactionIdAfterReverse: boolean
  /** USERPAYING answers that hold `trade_state` and nothing else have been seen. */
  userPayingAlone: boolean
  /** Queries see the books as they were so many ms ago. */
  queryLagMs: number
}

/** What an endpoint would answer, and what it does to the books; the effect may be left out or come later than the answer. */
export interface Handled {
  result: Result
  effect: () => void
}

const descriptions: Record<TradeState, string> = {
  NOTPAY: '订单未支付',
  USERPAYING: '用户支付中，需要输入密码',
  SUCCESS: '支付成功',
  PAYERROR: '支付失败，请撤销订单',
  REVOKED: '订单已撤销',
  CLOSED: '订单已关闭',
  REFUND: '订单发生过退款',
}

/** RFC 3339 in China's time, as the official pages show `success_time`. */
const chinaTime = (ms: number) => `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`

/** The answer body of query and codepay (official query page). */
export function transaction(
  order: Order,
  options: Pick<EndpointOptions, 'transactionIdAfterReverse' | 'userPayingAlone'>,
) {
  const { mchid, appid, out_trade_no, trade_state, total } = order
  if (trade_state === 'USERPAYING' && options.userPayingAlone) return { trade_state }
  const isPayerror = trade_state === 'PAYERROR'
  const isReversed = order.reversed_at !== null
  const tellsPayment = order.paid_at !== null && !isPayerror && (!isReversed || options.transactionIdAfterReverse)
  return {
    amount: { total, currency: 'CNY', ...(tellsPayment ? { payer_total: total, payer_currency: 'CNY' } : {}) },
    appid,
    mchid,
    out_trade_no,
    trade_state,
    trade_state_desc: descriptions[trade_state],
    ...(tellsPayment
      ? {
          transaction_id: order.transaction_id,
          trade_type: 'MICROPAY',
          bank_type: 'OTHERS',
          success_time: chinaTime(order.paid_at!),
          payer: { openid: order.openid },
        }
      : {}),
  }
}

const nothing = () => {}

function query(call: Call, books: Books, now: number, options: EndpointOptions): Handled {
  books.advance(now)
  const order = books.asOf(call.mchid, call.out_trade_no, now - options.queryLagMs)
  return { result: order ? ok(transaction(order, options)) : errorResult('ORDER_NOT_EXIST'), effect: nothing }
}

function reverse(call: Call & { endpoint: 'reverse' }, books: Books, now: number, options: EndpointOptions): Handled {
  const { mchid, appid, out_trade_no } = call
  const done = ok(options.reverseAnswersAppid ? { appid, mchid, out_trade_no } : { mchid, out_trade_no })
  const record = (did: ReverseReceived['did'], because: ReverseReceived['because']) =>
    books.received({ at: now, mchid, out_trade_no, did, because })

  const order = books.find(mchid, out_trade_no, now)
  if (!order) {
    const result = options.reverseUnknownOrder === 'ok' ? done : errorResult('ORDER_NOT_EXIST')
    return { result, effect: () => record('nothing', 'no such order') }
  }
  // The order is found under its mchid; that its appid must be the same one too is inferred.
  if (order.appid !== appid)
    return { result: errorResult('APPID_MCHID_NOT_MATCH'), effect: () => record('nothing', 'not reversible') }
  if (order.trade_state === 'USERPAYING' && options.reverseWhileUserPaying !== 'accept') {
    return { result: errorResult(options.reverseWhileUserPaying), effect: () => record('nothing', 'user paying') }
  }
  const reversed = books.draft(order, 'reverse', now)
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
function codepayAgain(order: Order, options: EndpointOptions): Result {
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

function codepay(call: Call & { endpoint: 'codepay' }, books: Books, now: number, options: EndpointOptions): Handled {
  const { mchid, appid, out_trade_no, body } = call
  const existing = books.find(mchid, out_trade_no, now)
  if (existing) return { result: codepayAgain(existing, options), effect: nothing }

  const fields = { mchid, appid, out_trade_no, total: body.amount.total, description: body.description }
  const { events, answer } = payCodeOf(body.payer.auth_code)
  const order = events
    .filter(({ afterMs }) => afterMs === 0)
    .reduce((drafted, { event }) => books.draft(drafted, event, now) ?? drafted, createOrder(fields, now))
  const status = order.trade_state === 'SUCCESS' || order.trade_state === 'PAYERROR' ? 200 : 202
  return {
    result: answer ? errorResult(answer) : ok(transaction(order, options), status),
    effect: () => {
      books.create(fields, now)
      for (const { afterMs, event } of events) books.schedule(now + afterMs, mchid, out_trade_no, event)
      books.advance(now)
    },
  }
}

/** What WeChat Pay answers to `call`, and what it does. `now` in ms. */
export function endpoint(call: Call, books: Books, now: number, options: EndpointOptions): Handled {
  switch (call.endpoint) {
    case 'codepay':
      return codepay(call, books, now, options)
    case 'query':
      return query(call, books, now, options)
    case 'reverse':
      return reverse(call, books, now, options)
  }
}
