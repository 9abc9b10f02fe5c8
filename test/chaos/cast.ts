import type { Simulator } from '../../infra/local/wechatpay/simulator.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'

/** What is staged for one order: how it stands at WeChat Pay, and what may still happen to it. */
interface Role {
  what: string
  ifPaid?: 'keep'
  stage: (
    simulator: Simulator,
    order: { mchid: string; appid: string; out_trade_no: string },
    random: () => number,
  ) => void
}

const later = (simulator: Simulator, random: () => number, seconds: number) =>
  simulator.now() + Math.ceil(random() * seconds * 1000)

/** The cast, one row each; orders are dealt out in turn. */
export const ROLES: readonly Role[] = [
  { what: 'paid', stage: (simulator, order) => simulator.placeOrder(order, 'SUCCESS') },
  { what: 'unpaid', stage: (simulator, order) => simulator.placeOrder(order, 'NOTPAY') },
  {
    what: 'unpaid, and the payment arrives late',
    stage: (simulator, order, random) => {
      simulator.placeOrder(order, 'NOTPAY')
      simulator.books.schedule(later(simulator, random, 10), order.mchid, order.out_trade_no, 'pay')
    },
  },
  {
    what: 'the user is paying, and pays',
    stage: (simulator, order, random) => {
      simulator.placeOrder(order, 'USERPAYING')
      simulator.books.schedule(later(simulator, random, 20), order.mchid, order.out_trade_no, 'pay')
    },
  },
  {
    what: 'the user is paying, and walks away',
    stage: (simulator, order, random) => {
      simulator.placeOrder(order, 'USERPAYING')
      simulator.books.schedule(later(simulator, random, 20), order.mchid, order.out_trade_no, 'leave')
    },
  },
  { what: 'payment failed', stage: (simulator, order) => simulator.placeOrder(order, 'PAYERROR') },
  {
    what: 'payment failed, charged all the same',
    stage: (simulator, order) => simulator.placeOrder(order, 'PAYERROR', true),
  },
  { what: 'closed', stage: (simulator, order) => simulator.placeOrder(order, 'CLOSED') },
  { what: 'reversed before, unpaid', stage: (simulator, order) => simulator.placeOrder(order, 'REVOKED') },
  { what: 'reversed before, paid', stage: (simulator, order) => simulator.placeOrder(order, 'REVOKED', true) },
  { what: 'refunded by other means', stage: (simulator, order) => simulator.placeOrder(order, 'REFUND') },
  { what: 'paid, to be kept', ifPaid: 'keep', stage: (simulator, order) => simulator.placeOrder(order, 'SUCCESS') },
  {
    what: 'unpaid, to be kept if paid',
    ifPaid: 'keep',
    stage: (simulator, order) => simulator.placeOrder(order, 'NOTPAY'),
  },
  { what: 'never heard of', stage: () => {} },
]

export interface Player {
  order: OrderMessage
  what: string
}

/** Stages `count` orders, of each merchant in turn. Each was attempted, and first seen, long enough ago to be reversed at once. */
export function stage(
  simulator: Simulator,
  merchants: readonly { mchid: string; appid: string }[],
  count: number,
  random: () => number,
): Player[] {
  return Array.from({ length: count }, (_, index) => {
    const { what, ifPaid, stage: stageOrder } = ROLES[index % ROLES.length]!
    const { mchid, appid } = merchants[Math.floor(index / ROLES.length) % merchants.length]!
    const out_trade_no = `chaos-${index}_*${Math.floor(random() * 1e9).toString(36)}`
    stageOrder(simulator, { mchid, appid, out_trade_no }, random)
    const at = (secondsAgo: number) => new Date(simulator.now() - secondsAgo * 1000).toISOString()
    const order: OrderMessage = {
      mchid,
      appid,
      out_trade_no,
      attempted_at: at(20 + random() * 40),
      ...(ifPaid && { if_paid: ifPaid }),
      // Known for long enough to be found missing, without waiting 90 s for it.
      ...(what === 'never heard of' && { history: { first_seen_at: at(95) } }),
    }
    return { order, what }
  })
}
