import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createOrder,
  next,
  type Order,
  type OrderEvent,
  TRANSITIONS,
  type TradeState,
} from '../../../../infra/local/wechatpay/order.ts'

const events: OrderEvent[] = ['prompt', 'leave', 'pay', 'fail', 'charge', 'reverse', 'expire', 'close', 'refund']
const payment = { transaction_id: '42', openid: 'o1' }

const after = (...happened: OrderEvent[]): Order =>
  happened.reduce<Order>(
    (order, event, index) => next(order, event, index + 1, { payment }) ?? assert.fail(`${event} cannot happen`),
    createOrder({ mchid: '19', appid: 'wx', out_trade_no: 'A', total: 500 }, 0),
  )

const wayTo: Record<TradeState, OrderEvent[]> = {
  NOTPAY: [],
  USERPAYING: ['prompt'],
  SUCCESS: ['pay'],
  PAYERROR: ['fail'],
  REVOKED: ['reverse'],
  CLOSED: ['close'],
  REFUND: ['pay', 'refund'],
}

for (const [state, way] of Object.entries(wayTo) as [TradeState, OrderEvent[]][]) {
  test(`${state} can become what its row says and nothing else`, () => {
    const order = after(...way)
    assert.equal(order.trade_state, state)
    for (const event of events) {
      assert.equal(next(order, event, 9, { payment })?.trade_state, TRANSITIONS[state][event], event)
    }
  })
}

test('an order paid and reversed gives back exactly what was charged, once, however often the reverse is repeated', () => {
  const once = after('pay', 'reverse')
  assert.deepEqual(once.refunded, { amount: 500, count: 1 })
  assert.equal(once.trade_state, 'REVOKED')
  assert.equal(next(once, 'reverse', 9), once)
})

test('an unpaid order that is reversed moves no money, and nobody can pay it any more', () => {
  const order = after('prompt', 'reverse')
  assert.deepEqual([order.charged.count, order.refunded.count], [0, 0])
  assert.equal(next(order, 'pay', 9, { payment }), null)
})

test('a user charged in PAYERROR gets the money back by the reverse, and is never charged twice', () => {
  const charged = after('fail', 'charge')
  assert.equal(next(charged, 'charge', 9, { payment }), null)
  assert.deepEqual(next(charged, 'reverse', 9)?.refunded, { amount: 500, count: 1 })
})

test('a partial refund and then the rest never return more than was charged', () => {
  const part = next(after('pay'), 'refund', 2, { amount: 200 })!
  const rest = next(part, 'refund', 3, { amount: 9_999 })!
  assert.deepEqual(rest.refunded, { amount: 500, count: 2 })
  assert.deepEqual(next(rest, 'refund', 4)?.refunded, rest.refunded)
})

test('a reversed order that was paid may say REFUND, and a repeated reverse still moves nothing', () => {
  const order = next(after('pay'), 'reverse', 2, { reversedPaidState: 'REFUND' })!
  assert.equal(order.trade_state, 'REFUND')
  assert.equal(next(order, 'reverse', 3), order)
})
