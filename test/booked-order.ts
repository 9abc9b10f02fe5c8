import type { NewOrder, OrderEvent } from '../infra/local/wechatpay/order.ts'
import type { Simulator } from '../infra/local/wechatpay/simulator.ts'

/** An order of 12.30 yuan in WeChat Pay's books, and what happened to it: one minute after the other, from `atMs` on. */
export function bookOrder(
  { books }: Pick<Simulator, 'books'>,
  order: NewOrder,
  events: readonly OrderEvent[],
  atMs: number,
): void {
  books.create({ total: 1230, ...order }, atMs)
  for (const [index, event] of events.entries()) {
    books.happen(order.mchid, order.out_trade_no, event, atMs + (index + 1) * 60_000)
  }
}
