import type { SimulatorOptions } from './options.ts'
import {
  createOrder,
  type EventDetail,
  type NewOrder,
  next,
  type Order,
  type OrderEvent,
  type Refund,
  type TradeState,
} from './order.ts'

/** One reverse as it came in. `did` is what the money saw of it. */
export interface ReverseReceived {
  readonly at: number
  readonly mchid: string
  readonly out_trade_no: string
  readonly did: 'refunded' | 'revoked' | 'nothing'
  /** Why nothing was done: the order was reversed already, unknown, final otherwise, being paid, or a fault came before the effect. */
  readonly because: 'acted' | 'repeated' | 'no such order' | 'not reversible' | 'user paying' | 'fault'
}

interface Scheduled {
  at: number
  mchid: string
  out_trade_no: string
  event: OrderEvent
}

export type BooksOptions = Pick<SimulatorOptions, 'autoRevokeAfterMs' | 'reversedPaidState'>

/**
 * Every order of the simulator, each with all its versions, and what is still to happen to them.
 * Time is always a parameter (ms since 1970); whatever was scheduled before `now` happens first, at its own time.
 */
export function createBooks(options: BooksOptions) {
  const versions = new Map<string, Order[]>()
  const reverses: ReverseReceived[] = []
  let scheduled: Scheduled[] = []
  let payments = 0

  const keyOf = (mchid: string, out_trade_no: string) => `${mchid} ${out_trade_no}`
  const latest = (mchid: string, out_trade_no: string) => versions.get(keyOf(mchid, out_trade_no))?.at(-1)

  /** What `event` would make of `order`, written nowhere yet. Null when it cannot happen. */
  const draft = (order: Order, event: OrderEvent, now: number, detail: EventDetail = {}): Order | null =>
    next(order, event, now, {
      ...detail,
      payment: {
        transaction_id: `42000${String(payments + 1).padStart(23, '0')}`,
        openid: `o${order.mchid}-payer`,
      },
      reversedPaidState: options.reversedPaidState,
    })

  /** Writes a version; the same version twice is one. */
  const write = (order: Order): Order => {
    const key = keyOf(order.mchid, order.out_trade_no)
    const before = versions.get(key)
    if (before?.at(-1) === order) return order
    if (order.charged.count > (before?.at(-1)?.charged.count ?? 0)) payments += 1
    if (before) before.push(order)
    else versions.set(key, [order])
    return order
  }

  const apply = ({ mchid, out_trade_no, event }: Scheduled, now: number, detail?: EventDetail): Order | null => {
    const order = latest(mchid, out_trade_no)
    const changed = order ? draft(order, event, now, detail) : null
    return changed && write(changed)
  }

  const advance = (now: number) => {
    while (scheduled[0] && scheduled[0].at <= now) {
      const due = scheduled.shift()!
      apply(due, due.at)
    }
  }

  const schedule = (at: number, mchid: string, out_trade_no: string, event: OrderEvent) => {
    scheduled = [...scheduled, { at, mchid, out_trade_no, event }].sort((a, b) => a.at - b.at)
  }

  const create = (order: NewOrder, now: number): Order => {
    if (options.autoRevokeAfterMs !== null) {
      schedule(now + options.autoRevokeAfterMs, order.mchid, order.out_trade_no, 'expire')
    }
    return write(createOrder(order, now))
  }

  const orders = (): Order[] => [...versions.values()].map((all) => all.at(-1)!)

  return {
    options,
    advance,
    draft,
    write,
    create,
    schedule,

    /** Lets `event` happen now. Null when the order is unknown or the event cannot happen to it. */
    happen(mchid: string, out_trade_no: string, event: OrderEvent, now: number, detail?: EventDetail): Order | null {
      advance(now)
      return apply({ at: now, mchid, out_trade_no, event }, now, detail)
    },

    /** The order as it stands at `now`. */
    find(mchid: string, out_trade_no: string, now: number): Order | undefined {
      advance(now)
      return latest(mchid, out_trade_no)
    },

    /** The order as it stood at `at`: the view of a replica that lags behind. */
    asOf(mchid: string, out_trade_no: string, at: number): Order | undefined {
      return versions.get(keyOf(mchid, out_trade_no))?.findLast((version) => version.changed_at <= at)
    },

    /** The order of a payment, by WeChat Pay's number for it. */
    findPaid(mchid: string, transaction_id: string, now: number): Order | undefined {
      advance(now)
      return orders().find((order) => order.mchid === mchid && order.transaction_id === transaction_id)
    },

    /** A refund and its order. A merchant's refund numbers are unique, whichever sub-merchant's order they are of (official). */
    findRefund(mchid: string, out_refund_no: string, now: number): { order: Order; refund: Refund } | undefined {
      advance(now)
      for (const order of orders()) {
        const refund = order.mchid === mchid && order.refunds.find((one) => one.out_refund_no === out_refund_no)
        if (refund) return { order, refund }
      }
      return undefined
    },

    /** Every version of one order, oldest first. */
    history: (mchid: string, out_trade_no: string): readonly Order[] => versions.get(keyOf(mchid, out_trade_no)) ?? [],

    received(reverse: ReverseReceived) {
      reverses.push(reverse)
    },

    /** Every order as it stands now. */
    orders,

    /** Every reverse that came in with a valid signature, oldest first. */
    reverses: (): readonly ReverseReceived[] => reverses,

    /** What is still to happen, soonest first. */
    scheduled: (): readonly Readonly<Scheduled>[] => scheduled,
  }
}

export type Books = ReturnType<typeof createBooks>

/** The events that bring a new order into a state. */
const WAY_TO: Record<TradeState, OrderEvent[]> = {
  NOTPAY: [],
  USERPAYING: ['prompt'],
  SUCCESS: ['pay'],
  PAYERROR: ['fail'],
  REVOKED: ['reverse'],
  CLOSED: ['close'],
  REFUND: ['pay', 'refund'],
}

/**
 * Puts a new order straight into `state`, as if its whole way there had happened at `now`.
 * `paid` for REVOKED (was it paid before?) and PAYERROR (was the user charged all the same?).
 */
export function place(books: Books, order: NewOrder, state: TradeState, now: number, paid = false): Order {
  const { mchid, out_trade_no } = order
  if (books.find(mchid, out_trade_no, now)) throw new Error(`order ${out_trade_no} exists already`)
  books.create(order, now)
  if (paid && state === 'REVOKED') books.happen(mchid, out_trade_no, 'pay', now)
  for (const event of WAY_TO[state]) books.happen(mchid, out_trade_no, event, now)
  if (paid && state === 'PAYERROR') books.happen(mchid, out_trade_no, 'charge', now)
  return books.find(mchid, out_trade_no, now)!
}
