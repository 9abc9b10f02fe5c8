import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  appsOf,
  idOf,
  MERCHANT_NUMBER,
  namesOf,
  queryTarget,
  reverseBody,
  reverseTarget,
  signerOf,
} from '../../../lib/wechatpay/order-id.ts'

const DIRECT = { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A*1' }
const PARTNER = {
  sp_mchid: '1900000101',
  sp_appid: 'wx1',
  sub_mchid: '1900000201',
  sub_appid: 'wx2',
  out_trade_no: 'A*1',
}
const PATH = 'transactions/out-trade-no/A*1'

test("a merchant's own order", () => {
  const { appid, ...id } = DIRECT
  assert.deepEqual(idOf(DIRECT), id)
  assert.deepEqual(namesOf(DIRECT), id)
  assert.deepEqual(appsOf(DIRECT), { appid, sp_appid: undefined, sub_appid: undefined })
  assert.equal(signerOf(DIRECT), '1900000001')
  assert.equal(queryTarget(DIRECT), `/v3/pay/${PATH}?mchid=1900000001`)
  assert.equal(reverseTarget(DIRECT), `/v3/pay/${PATH}/reverse`)
  assert.equal(reverseBody(DIRECT), '{"appid":"wx1","mchid":"1900000001"}')
})

test('an order of a service provider for a merchant under it', () => {
  const { sp_appid, sub_appid, ...id } = PARTNER
  assert.deepEqual(idOf(PARTNER), id)
  assert.deepEqual(namesOf(PARTNER), id)
  assert.deepEqual(appsOf(PARTNER), { appid: undefined, sp_appid, sub_appid })
  assert.equal(signerOf(PARTNER), '1900000101', 'the provider signs')
  assert.equal(queryTarget(PARTNER), `/v3/pay/partner/${PATH}?sp_mchid=1900000101&sub_mchid=1900000201`)
  assert.equal(reverseTarget(PARTNER), `/v3/pay/partner/${PATH}/reverse`)
  assert.deepEqual(JSON.parse(reverseBody(PARTNER)), {
    sp_appid,
    sub_appid,
    sp_mchid: '1900000101',
    sub_mchid: '1900000201',
  })
})

test('a call about no order names its merchant alone', () => {
  assert.deepEqual(namesOf({ mchid: '1900000001' }), { mchid: '1900000001' })
})

test('a number that is none of WeChat Pay is put into no path', () => {
  assert.throws(() => queryTarget({ ...DIRECT, out_trade_no: 'A/1' }), {
    name: 'RangeError',
    message: 'out_trade_no is not one of WeChat Pay',
  })
})

describe('a merchant number, which becomes part of a secret’s name', () => {
  for (const text of ['1900000001', 'aZ9', '1'.repeat(32)]) {
    test(`is ${text}`, () => assert.match(text, MERCHANT_NUMBER))
  }
  for (const text of ['', '../1', '1/..', '1 ', '1'.repeat(33)]) {
    test(`is not ${JSON.stringify(text)}`, () => assert.doesNotMatch(text, MERCHANT_NUMBER))
  }
})
