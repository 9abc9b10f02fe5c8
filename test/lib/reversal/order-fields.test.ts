import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { orderFieldsOf, safeOrderFields } from '../../../lib/reversal/order-fields.ts'

const NAMES = {
  mchid: '1900000001',
  appid: 'w'.repeat(32),
  sp_mchid: '1',
  sub_mchid: 'M',
  sp_appid: 'w',
  sub_appid: '微信',
  out_trade_no: 'A_-*1',
}
const OTHERS = { attempted_at: '2026-01-31T19:00:00+08:00', if_paid: 'keep' }

describe('of input that nobody has checked, an event and a log line name', () => {
  test('the order, and an event what was asked for, too', () => {
    const input = { ...NAMES, ...OTHERS, history: { paid: {} }, payer: 'x' }
    assert.deepEqual(orderFieldsOf(input), NAMES)
    assert.deepEqual(safeOrderFields(input), { ...NAMES, ...OTHERS })
  })

  const ODD: [name: string, value: unknown][] = [
    ['mchid', ''],
    ['mchid', '1'.repeat(33)],
    ['mchid', 'a b'],
    ['mchid', 1900000001],
    ['sub_mchid', '../1'],
    ['appid', ''],
    ['appid', 'w'.repeat(33)],
    ['appid', ['w']],
    ['out_trade_no', 'A/1'],
    ['attempted_at', 'x'.repeat(65)],
    ['if_paid', 'k'.repeat(33)],
    ['if_paid', null],
  ]
  for (const [name, value] of ODD) {
    test(`no ${name} of another form: ${JSON.stringify(value)}`, () => {
      const { [name as 'mchid']: _, ...rest } = { ...NAMES, ...OTHERS }
      assert.deepEqual(safeOrderFields({ ...NAMES, ...OTHERS, [name]: value }), rest)
    })
  }

  test('nothing of what is no object', () => {
    for (const input of [undefined, null, 'mchid', 5]) assert.deepEqual(orderFieldsOf(input), {})
  })
})
