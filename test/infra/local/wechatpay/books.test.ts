import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBooks, place } from '../../../../infra/local/wechatpay/books.ts'

const books = (autoRevokeAfterMs: number | null = null) =>
  createBooks({ autoRevokeAfterMs, reversedPaidState: 'REVOKED' })
const order = { mchid: '19', appid: 'wx', out_trade_no: 'A', total: 500 }

test('a payment scheduled for later arrives at its own time, whenever the books are looked at', () => {
  const kept = books()
  kept.create(order, 0)
  kept.schedule(5_000, '19', 'A', 'pay')
  assert.equal(kept.find('19', 'A', 4_999)?.trade_state, 'NOTPAY')
  const paid = kept.find('19', 'A', 60_000)
  assert.equal(paid?.trade_state, 'SUCCESS')
  assert.equal(paid?.paid_at, 5_000)
})

test('a payment that comes after the reverse is lost to the customer, not charged', () => {
  const kept = books()
  kept.create(order, 0)
  kept.schedule(5_000, '19', 'A', 'pay')
  kept.happen('19', 'A', 'reverse', 4_000)
  assert.deepEqual(kept.find('19', 'A', 6_000)?.charged, { amount: 0, count: 0 })
})

test('scheduled events happen in the order of their times', () => {
  const kept = books()
  kept.create(order, 0)
  kept.schedule(2_000, '19', 'A', 'pay')
  kept.schedule(1_000, '19', 'A', 'prompt')
  kept.advance(3_000)
  assert.deepEqual(
    kept.history('19', 'A').map((version) => version.trade_state),
    ['NOTPAY', 'USERPAYING', 'SUCCESS'],
  )
})

test('an order left unpaid is revoked by WeChat Pay itself after 45 s where that is switched on', () => {
  const kept = books(45_000)
  kept.create(order, 0)
  assert.equal(kept.find('19', 'A', 44_999)?.trade_state, 'NOTPAY')
  assert.equal(kept.find('19', 'A', 45_000)?.trade_state, 'REVOKED')
})

test('a paid order is not revoked after 45 s', () => {
  const kept = books(45_000)
  kept.create(order, 0)
  kept.happen('19', 'A', 'pay', 1_000)
  assert.equal(kept.find('19', 'A', 90_000)?.trade_state, 'SUCCESS')
})

test('the books can be read as they stood at any time', () => {
  const kept = books()
  kept.create(order, 1_000)
  kept.happen('19', 'A', 'pay', 2_000)
  assert.equal(kept.asOf('19', 'A', 999), undefined)
  assert.equal(kept.asOf('19', 'A', 1_999)?.trade_state, 'NOTPAY')
  assert.equal(kept.asOf('19', 'A', 2_000)?.trade_state, 'SUCCESS')
})

test('a draft changes nothing until it is written', () => {
  const kept = books()
  const before = kept.create(order, 0)
  const drafted = kept.draft(before, 'pay', 1)!
  assert.equal(kept.find('19', 'A', 2), before)
  kept.write(drafted)
  assert.equal(kept.find('19', 'A', 2), drafted)
})

test('the same number under two merchants is two orders, and case is kept', () => {
  const kept = books()
  place(kept, order, 'SUCCESS', 0)
  place(kept, { ...order, mchid: '20' }, 'NOTPAY', 0)
  assert.equal(kept.find('19', 'A', 1)?.trade_state, 'SUCCESS')
  assert.equal(kept.find('20', 'A', 1)?.trade_state, 'NOTPAY')
  assert.equal(kept.find('19', 'a', 1), undefined)
})

for (const state of ['NOTPAY', 'USERPAYING', 'SUCCESS', 'PAYERROR', 'REVOKED', 'CLOSED', 'REFUND'] as const) {
  test(`an order can be put straight into ${state}, and only once`, () => {
    const kept = books()
    assert.equal(place(kept, order, state, 0).trade_state, state)
    assert.throws(() => place(kept, order, state, 1), /exists already/)
  })
}

test('two payments have two transaction ids', () => {
  const kept = books()
  const first = place(kept, order, 'SUCCESS', 0)
  const second = place(kept, { ...order, out_trade_no: 'B' }, 'REVOKED', 0, true)
  assert.notEqual(first.transaction_id, second.transaction_id)
  assert.deepEqual(second.refunded, { amount: 500, count: 1 })
})
