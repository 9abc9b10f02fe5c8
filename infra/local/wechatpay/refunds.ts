import { REFUND_BODY, REFUND_QUERY, type RefundAsked, readBody, readQuery } from './bodies.ts'
import {
  errorResult,
  numberedResult,
  ok,
  REFUND_REPEATED_OTHERWISE,
  type Result,
  refusalResult,
} from './error-codes.ts'
import type { Merchant } from './merchants.ts'
import type { Names } from './names.ts'
import {
  type Asked,
  decoded,
  type Handled,
  type Incoming,
  NOTHING,
  type Operation,
  parameterError,
  unread,
  type World,
} from './operation.ts'
import type { SimulatorOptions } from './options.ts'
import type { Order, Refund } from './order.ts'
import { chinaTime } from './transactions.ts'
import { ownerFault, partnerNames } from './whose.ts'

/** After a year of 365 days nothing is refunded (official). */
const REFUNDABLE_MS = 365 * 86_400_000

/** The most refunds of one order (official). That the real one wants a minute between two is not enforced here. */
const MOST_REFUNDS = 50

const refused = (result: Result): Handled => ({ result, effect: NOTHING })

/** Business rules answer INVALID_REQUEST (official); its words are the simulator's own. */
const against = (message: string) => refused(errorResult('INVALID_REQUEST', message))

/** The answer body of both calls (official pages: see REFUND_BODY). Nothing here is paid with a coupon. */
function refundBody(
  { transaction_id, out_trade_no, total }: Order,
  { out_refund_no, refund_id, amount, created_at }: Refund,
  { refundTakesMs }: Pick<SimulatorOptions, 'refundTakesMs'>,
  now: number,
) {
  const succeeded_at = created_at + refundTakesMs
  const isDone = now >= succeeded_at
  return {
    amount: {
      currency: 'CNY',
      discount_refund: 0,
      from: [],
      payer_refund: amount,
      payer_total: total,
      refund: amount,
      settlement_refund: amount,
      settlement_total: total,
      total,
    },
    channel: 'ORIGINAL',
    create_time: chinaTime(created_at),
    funds_account: 'UNSETTLED',
    out_refund_no,
    out_trade_no,
    refund_id,
    status: isDone ? 'SUCCESS' : 'PROCESSING',
    ...(isDone ? { success_time: chinaTime(succeeded_at) } : {}),
    transaction_id,
    user_received_account: '支付用户零钱',
  }
}

/** 申请退款: the answer says that it is accepted, not that it is done (official). A notice to `notify_url` is not sent. */
function refund(names: Names, asked: RefundAsked, { books, now, options }: World): Handled {
  const { mchid } = names
  const { transaction_id, out_trade_no, out_refund_no, amount } = asked
  const order =
    transaction_id === undefined
      ? books.find(mchid, out_trade_no ?? '', now)
      : books.findPaid(mchid, transaction_id, now)
  // RESOURCE_NOT_EXISTS is of an unpaid order too (official); that of one in PAYERROR is inferred.
  if (!order?.transaction_id || order.trade_state === 'PAYERROR') {
    return refused(errorResult('RESOURCE_NOT_EXISTS', '订单号不存在，或未支付'))
  }
  const fault = ownerFault(order, names, options)
  if (fault) return refused(fault)
  if (out_trade_no !== undefined && out_trade_no !== order.out_trade_no) {
    return against('transaction_id与out_trade_no不是同一笔订单')
  }
  const before = books.findRefund(mchid, out_refund_no, now)
  if (before !== undefined) {
    // One number, one refund: a repeat is told how it stands (official), another one under it is refused.
    const isSame = before.order === order && before.refund.amount === amount.refund
    return refused(
      isSame ? ok(refundBody(order, before.refund, options, now)) : numberedResult(REFUND_REPEATED_OTHERWISE),
    )
  }
  if (order.reversed_at !== null) return against('订单已撤销')
  if (amount.total !== order.total) return against('订单金额与原订单不一致')
  if (amount.refund > order.charged.amount - order.refunded.amount) return against('退款金额大于可退金额')
  if (order.refunds.length >= MOST_REFUNDS) return against('部分退款次数超过50次')
  if (now - order.paid_at! > REFUNDABLE_MS) return against('交易时间超过一年的订单不能退款')
  const refunded = books.draft(order, 'refund', now, { amount: amount.refund, out_refund_no })!
  return {
    result: ok(refundBody(refunded, refunded.refunds.at(-1)!, options, now)),
    effect: () => void books.write(refunded),
  }
}

/** 查询单笔退款: by the merchant's own number, which a reverse has none of. */
function refundQuery(names: Names, out_refund_no: string, { books, now, options }: World): Handled {
  const found = books.findRefund(names.mchid, out_refund_no, now)
  if (!found) return refused(errorResult('RESOURCE_NOT_EXISTS', '退款单不存在'))
  const { order } = found
  if (names.sub_mchid === null && order.sub_mchid !== null) return refused(refusalResult('sub_mchid is missing'))
  const fault = ownerFault(order, names, options)
  return refused(fault ?? ok(refundBody(order, found.refund, options, now)))
}

/** Both calls name nobody but a sub-merchant: the merchant is the one that signed. */
function namesOf(merchant: Merchant, sub_mchid: string | undefined, location: 'body' | 'query'): Names | Result {
  const { mchid } = merchant
  if (sub_mchid === undefined) return { mchid, appid: null, sub_mchid: null, sub_appid: null }
  return partnerNames(merchant, { sp_mchid: mchid, sub_mchid }, location)
}

function readRefund({ merchant, query, body }: Incoming): Asked | Result {
  if (query !== undefined) return parameterError('query', query, 'must be absent', 'query')
  const read = readBody<RefundAsked>(REFUND_BODY, body)
  if ('issue' in read) return unread(read, 'body')
  const names = namesOf(merchant, read.body.sub_mchid, 'body')
  if ('status' in names) return names
  return {
    names,
    out_trade_no: read.body.out_trade_no ?? null,
    handle: (world) => refund(names, read.body, world),
  }
}

function readRefundQuery({ merchant, path: [inPath = ''], query, body }: Incoming): Asked | Result {
  if (body.length > 0) return errorResult('INVALID_REQUEST', 'GET takes no body')
  const read = readQuery<{ sub_mchid?: string | undefined }>(REFUND_QUERY, query)
  if ('issue' in read) return unread(read, 'query')
  const names = namesOf(merchant, read.body.sub_mchid, 'query')
  if ('status' in names) return names
  // A refund number may hold | and @, which clients percent-encode.
  const out_refund_no = decoded(inPath)
  if (out_refund_no === undefined || !/^[0-9A-Za-z_\-|*@]{1,64}$/.test(out_refund_no)) {
    return parameterError('out_refund_no', inPath, 'must be 1 to 64 of 0-9A-Za-z_-|*@', 'path')
  }
  return { names, out_trade_no: null, handle: (world) => refundQuery(names, out_refund_no, world) }
}

export const REFUND_OPERATIONS: readonly Operation[] = [
  { endpoint: 'refund', method: 'POST', path: /^\/v3\/refund\/domestic\/refunds$/, read: readRefund },
  { endpoint: 'refundquery', method: 'GET', path: /^\/v3\/refund\/domestic\/refunds\/([^/]*)$/, read: readRefundQuery },
]
