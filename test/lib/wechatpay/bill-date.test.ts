import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addDays, billDateOf, daysBetween, isBillDate, madeAtMs } from '../../../lib/wechatpay/bill-date.ts'

describe('a day of the books is one of China', () => {
  test('and begins there', () => {
    assert.equal(billDateOf(Date.parse('2026-11-27T15:59:59.999Z')), '2026-11-27')
    assert.equal(billDateOf(Date.parse('2026-11-27T16:00:00Z')), '2026-11-28')
  })

  test('and its bill is made at 10:00 of the next', () => {
    assert.equal(madeAtMs('2026-11-30'), Date.parse('2026-12-01T10:00:00+08:00'))
  })

  test('days are counted over the ends of months and years', () => {
    assert.equal(addDays('2028-02-28', 1), '2028-02-29')
    assert.equal(addDays('2027-01-01', -1), '2026-12-31')
    assert.deepEqual(daysBetween('2026-12-30', '2027-01-02'), ['2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02'])
    assert.deepEqual(daysBetween('2026-12-30', '2026-12-30'), ['2026-12-30'])
    assert.deepEqual(daysBetween('2026-12-30', '2026-12-29'), [])
  })

  for (const [text, expected] of [
    ['2026-11-27', true],
    ['2028-02-29', true],
    ['2026-02-29', false],
    ['2026-13-01', false],
    ['2026-1-01', false],
    ['20261127', false],
    [' 2026-11-27', false],
    ['2026-11-27T00', false],
    ['+02026-11-27', false],
    ['', false],
  ] as const) {
    test(`"${text}" is ${expected ? 'one' : 'none'}`, () => assert.equal(isBillDate(text), expected))
  }
})
