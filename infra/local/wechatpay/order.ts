import type { Names } from './names.ts'

/** WeChat Pay's own `trade_state` values for a codepay order (official query page). */
export type TradeState = 'NOTPAY' | 'USERPAYING' | 'SUCCESS' | 'PAYERROR' | 'REVOKED' | 'CLOSED' | 'REFUND'

/**
 * What can happen to an order.
 * `prompt` the password box opens · `leave` the user walks away from it · `pay` the money is taken ·
 * `fail` the payment fails · `charge` the money is taken although the state goes on saying PAYERROR (reported by merchants) ·
 * `reverse` the merchant reverses · `expire` WeChat Pay itself revokes an order left unpaid ·
 * `close` closed unpaid · `refund` refunded by other means than a reverse.
 */
export type OrderEvent = 'prompt' | 'leave' | 'pay' | 'fail' | 'charge' | 'reverse' | 'expire' | 'close' | 'refund'

/** Money moved one way: the sum in fen, and in how many movements. */
export interface Moved {
  readonly amount: number
  readonly count: number
}

/** How an order is paid. `MICROPAY`: by a pay code, the only way in that a call of this simulator makes. */
export type TradeType = 'MICROPAY' | 'JSAPI' | 'NATIVE' | 'APP' | 'MWEB'

/** A part of the payment returned by the refund API, or by hand; never by a reverse. */
export interface Refund {
  readonly out_refund_no: string
  readonly refund_id: string
  /** In fen. */
  readonly amount: number
  readonly created_at: number
}

/** One version of an order. Never changed: every event makes a new version. Times are in ms since 1970. */
export interface Order extends Names {
  readonly out_trade_no: string
  readonly description: string
  readonly attach: string | null
  /** In fen. */
  readonly total: number
  readonly trade_type: TradeType
  readonly trade_state: TradeState
  readonly created_at: number
  readonly changed_at: number
  readonly changed_by: OrderEvent | 'create'
  readonly transaction_id: string | null
  readonly paid_at: number | null
  readonly openid: string | null
  readonly reversed_at: number | null
  readonly charged: Moved
  readonly refunded: Moved
  /** Oldest first. */
  readonly refunds: readonly Refund[]
}

/** Which event leads where. An event a state does not list cannot happen to it. */
export const TRANSITIONS: Record<TradeState, Partial<Record<OrderEvent, TradeState>>> = {
  NOTPAY: {
    prompt: 'USERPAYING',
    pay: 'SUCCESS',
    fail: 'PAYERROR',
    reverse: 'REVOKED',
    expire: 'REVOKED',
    close: 'CLOSED',
  },
  USERPAYING: {
    leave: 'NOTPAY',
    pay: 'SUCCESS',
    fail: 'PAYERROR',
    reverse: 'REVOKED',
    expire: 'REVOKED',
    close: 'CLOSED',
  },
  SUCCESS: { reverse: 'REVOKED', refund: 'REFUND' },
  PAYERROR: { charge: 'PAYERROR', reverse: 'REVOKED', expire: 'REVOKED', close: 'CLOSED' },
  // Reverse is re-entrant: a repeat is answered with success and moves nothing.
  REVOKED: { reverse: 'REVOKED' },
  CLOSED: {},
  REFUND: { refund: 'REFUND' },
}

export interface NewOrder {
  mchid: string
  /** Null only in partner mode, where `sp_appid` may be unknown. */
  appid: string | null
  /** With it the order is a provider's: `mchid` is its `sp_mchid`. */
  sub_mchid?: string | null
  sub_appid?: string | null
  out_trade_no: string
  attach?: string | null
  /** In fen; 1 unless told. */
  total?: number
  /** MICROPAY unless told. */
  trade_type?: TradeType
  description?: string
}

/** A new order, not paid yet. `now` in ms. */
export function createOrder(order: NewOrder, now: number): Order {
  return {
    mchid: order.mchid,
    appid: order.appid,
    sub_mchid: order.sub_mchid ?? null,
    sub_appid: order.sub_appid ?? null,
    out_trade_no: order.out_trade_no,
    description: order.description ?? '',
    attach: order.attach ?? null,
    total: order.total ?? 1,
    trade_type: order.trade_type ?? 'MICROPAY',
    trade_state: 'NOTPAY',
    created_at: now,
    changed_at: now,
    changed_by: 'create',
    transaction_id: null,
    paid_at: null,
    openid: null,
    reversed_at: null,
    charged: { amount: 0, count: 0 },
    refunded: { amount: 0, count: 0 },
    refunds: [],
  }
}

function moved(before: Moved, amount: number): Moved {
  return amount > 0 ? { amount: before.amount + amount, count: before.count + 1 } : before
}

/** WeChat Pay's number of the order's first, second, … return. */
export const refundId = ({ transaction_id }: Pick<Order, 'transaction_id'>, number: number): string =>
  `5030000${transaction_id?.slice(-18) ?? ''}${String(number).padStart(2, '0')}`

/** A payment as the books write it: WeChat Pay's number for it and the payer. */
export interface Payment {
  transaction_id: string
  openid: string
}

export interface EventDetail {
  /** For `pay` and `charge`. */
  payment?: Payment
  /** For `refund`, in fen; all that is left unless told. */
  amount?: number
  /** For `refund`: the merchant's own number; one like `R1-<out_trade_no>` unless told. */
  out_refund_no?: string
  /** What a reversed order that was paid says afterwards: REVOKED is reported, REFUND is not ruled out by the documents. */
  reversedPaidState?: 'REVOKED' | 'REFUND'
}

/** The order after `event`, or null when that cannot happen in its state. `now` in ms. */
export function next(order: Order, event: OrderEvent, now: number, detail: EventDetail = {}): Order | null {
  const isRepeatedReverse = event === 'reverse' && order.reversed_at !== null
  if (isRepeatedReverse) return order
  const trade_state = TRANSITIONS[order.trade_state][event]
  if (!trade_state) return null
  const changed = { ...order, trade_state, changed_at: now, changed_by: event }
  const left = order.charged.amount - order.refunded.amount
  switch (event) {
    case 'pay':
    case 'charge':
      if (order.charged.count > 0) return null
      return {
        ...changed,
        charged: moved(order.charged, order.total),
        paid_at: now,
        transaction_id: detail.payment?.transaction_id ?? null,
        openid: detail.payment?.openid ?? null,
      }
    case 'reverse':
      if (order.trade_state === 'REVOKED') return order
      return {
        ...changed,
        trade_state: left > 0 ? (detail.reversedPaidState ?? 'REVOKED') : 'REVOKED',
        reversed_at: now,
        refunded: moved(order.refunded, left),
      }
    case 'expire':
      return { ...changed, refunded: moved(order.refunded, left) }
    case 'refund': {
      const amount = Math.min(detail.amount ?? left, left)
      const number = order.refunded.count + 1
      const out_refund_no = detail.out_refund_no ?? `R${number}-${order.out_trade_no}`
      const refund = { out_refund_no, refund_id: refundId(order, number), amount, created_at: now }
      return {
        ...changed,
        refunded: moved(order.refunded, amount),
        refunds: amount > 0 ? [...order.refunds, refund] : order.refunds,
      }
    }
    default:
      return changed
  }
}
