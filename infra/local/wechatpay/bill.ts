import { type Order, refundId } from './order.ts'

/** How a bill looks where merchants' bills differ, or nobody has shown a real one. */
export interface BillLook {
  /** Some merchants still get the older columns. */
  layout: 'current' | 'older'
  /** Whether the row of a reversed payment has refund numbers. */
  revokedRow: 'with refund numbers' | 'without refund numbers'
}

const CURRENT =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,' +
  '微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注'
const CURRENT_SUMMARY = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额'
const OLDER =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,企业红包金额,' +
  '微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率'
const OLDER_SUMMARY = '总交易单数,总交易额,总退款金额,总企业红包退款金额,手续费总金额'

const HOUR_MS = 3_600_000

/** The moment in China, as bills write it. */
const chinaTime = (ms: number) => new Date(ms + 8 * HOUR_MS).toISOString().slice(0, 19).replace('T', ' ')

/** The day in China, yyyy-mm-dd. */
export const chinaDate = (ms: number) => chinaTime(ms).slice(0, 10)

/** When a day's bill begins to be made: 9:00 of the next day in China (official). */
export const beginsToBeMade = (date: string) => Date.parse(`${date}T00:00:00Z`) + (24 + 9 - 8) * HOUR_MS

const yuan = (fen: number) => (fen / 100).toFixed(2)

interface Movement {
  at: number
  state: 'SUCCESS' | 'REFUND' | 'REVOKED'
  order: Order
  fen: number
  /** Which return of this order it is, from 1; 0 for the payment. */
  number: number
}

/** What moved of an order, from all its versions: a payment once, every return by itself. */
function movementsOf(versions: readonly Order[]): Movement[] {
  return versions.flatMap((order, index): Movement[] => {
    const before = versions[index - 1]
    const at = order.changed_at
    if (order.charged.count > (before?.charged.count ?? 0)) {
      return [{ at, state: 'SUCCESS', order, fen: order.charged.amount - (before?.charged.amount ?? 0), number: 0 }]
    }
    if (order.refunded.count > (before?.refunded.count ?? 0)) {
      const state = order.changed_by === 'refund' ? 'REFUND' : 'REVOKED'
      return [
        { at, state, order, fen: order.refunded.amount - (before?.refunded.amount ?? 0), number: order.refunded.count },
      ]
    }
    return []
  })
}

/** Of a returned sum the row has the order's sums at 0.00 (official wording, in public copies). */
function rowOf({ at, state, order, fen, number }: Movement, { layout, revokedRow }: BillLook): string {
  const isReturn = state !== 'SUCCESS'
  const [refund_id, out_refund_no] = refundNumbers()
  const paid = yuan(isReturn ? 0 : fen)
  const returned = yuan(isReturn ? fen : 0)
  const common = [
    chinaTime(at),
    order.appid ?? '',
    order.mchid,
    order.sub_mchid ?? '0',
    '',
    order.transaction_id ?? '',
    order.out_trade_no,
    order.openid ?? '',
    order.trade_type,
    state,
    'OTHERS',
    'CNY',
    paid,
    '0.00',
    refund_id,
    out_refund_no,
    returned,
    '0.00',
    isReturn ? 'ORIGINAL' : '',
    isReturn ? 'SUCCESS' : '',
    order.description,
    order.attach ?? '',
    '0.00000',
    '0.60%',
  ]
  function refundNumbers(): [string, string] {
    const refund = order.refunds.at(-1)
    if (state === 'REFUND' && refund !== undefined) return [refund.refund_id, refund.out_refund_no]
    if (state !== 'REVOKED' || revokedRow === 'without refund numbers') return ['0', '0']
    return [refundId(order, number), `R${number}-${order.out_trade_no}`]
  }

  const fields = layout === 'older' ? common : [...common, paid, returned, '']
  return fields.map((field) => `\`${field}`).join(',')
}

/**
 * The bill of a day as a merchant downloads it (official: format-trade), or null when nothing moved: payments and returns of
 * that day in China, oldest first. An order that nobody paid is in no bill.
 *
 * @param histories every order with all its versions
 */
export function billOf(histories: Iterable<readonly Order[]>, date: string, look: BillLook): string | null {
  const movements = [...histories]
    .flatMap(movementsOf)
    .filter(({ at }) => chinaDate(at) === date)
    .sort((a, b) => a.at - b.at)
  if (movements.length === 0) return null
  const sum = (isReturn: boolean) =>
    yuan(movements.reduce((total, { state, fen }) => total + ((state !== 'SUCCESS') === isReturn ? fen : 0), 0))
  const sums = [String(movements.length), sum(false), sum(true), '0.00', '0.00000']
  const isOlder = look.layout === 'older'
  const summary = isOlder ? sums : [...sums, sum(false), sum(true)]
  return [
    isOlder ? OLDER : CURRENT,
    ...movements.map((movement) => rowOf(movement, look)),
    isOlder ? OLDER_SUMMARY : CURRENT_SUMMARY,
    summary.map((field) => `\`${field}`).join(','),
    '',
  ].join('\r\n')
}
