import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTradeState, MUST_NAME_ORDER } from '../../../lib/wechatpay/trade-state.ts'

/** Official: https://pay.weixin.qq.com/doc/v3/merchant/4012556352. */
const STATES = ['SUCCESS', 'REFUND', 'NOTPAY', 'CLOSED', 'REVOKED', 'USERPAYING', 'PAYERROR']

test('a state of an order is one that WeChat Pay lists', () => {
  for (const state of STATES) assert.ok(isTradeState(state))
  for (const value of ['ACCEPT', 'success', '', undefined, null]) assert.ok(!isTradeState(value))
})

test('only an answer that says USERPAYING, or no state at all, may come without the order’s name', () => {
  assert.deepEqual(
    STATES.filter((state) => !MUST_NAME_ORDER.has(state)),
    ['USERPAYING'],
  )
  for (const value of ['ACCEPT', undefined]) assert.ok(!MUST_NAME_ORDER.has(value))
})
