import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Reversal } from '../../../lib/reversal/result.ts'
import {
  isOpen,
  isOpenOutcome,
  parseOpenOutcome,
  parseReversal,
  toMessage,
  toOrder,
} from '../../../lib/settlement/open-outcome.ts'

const DIRECT = { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A1' }
const PARTNER = { sp_mchid: '1900000001', sp_appid: 'wx1', sub_mchid: '1900000002', out_trade_no: 'A1' }
const TIMES = { attempted_at: '2026-11-27T12:00:00Z', confirmed_at: '2026-11-27T12:01:00Z' }
const WAITING = { ...DIRECT, ...TIMES, outcome: 'REVERSED' }
const PROOF = { evidence: [], trade_state: 'REVOKED', refunded: null, request_id: 'r1' } as const

const IS_OPEN: Record<Reversal['outcome'], boolean> = {
  REVERSED: true,
  KEPT: true,
  NOT_FOUND: true,
  REFUNDED: false,
  CLOSED: false,
}

describe('an outcome is left to the books when it does not say who has the money', () => {
  for (const [outcome, expected] of Object.entries(IS_OPEN) as [Reversal['outcome'], boolean][]) {
    test(`${outcome}: ${expected ? 'yes' : 'no'}`, () => {
      const reversal = { ...DIRECT, ...TIMES, ...PROOF, outcome } as unknown as Reversal
      assert.equal(isOpen(reversal), expected)
      assert.equal(isOpenOutcome(parseReversal(reversal)), expected)
      if (expected) assert.equal(parseOpenOutcome({ ...WAITING, outcome }).outcome, outcome)
      else
        assert.throws(
          () => parseOpenOutcome({ ...WAITING, outcome }),
          /^Error: outcome: must be one of REVERSED, KEPT,/,
        )
    })
  }
})

describe('what waits on the settlement queue', () => {
  test('is the order and its outcome, without the proof: that may hold personal data', () => {
    const reversal = { ...WAITING, ...PROOF } as unknown as Reversal
    assert.deepEqual(toMessage({ message: DIRECT }, reversal), WAITING)
    assert.deepEqual(toMessage({ message: { ...DIRECT, if_paid: 'keep' } }, reversal), { ...WAITING, if_paid: 'keep' })
  })

  for (const [ref, ifPaid] of [
    [DIRECT, undefined],
    [DIRECT, 'keep'],
    [PARTNER, 'refund'],
  ] as const) {
    test(`is read as it was written, and can be reversed again: ${Object.keys(ref)[0]}, ${ifPaid}`, () => {
      const if_paid = ifPaid && { if_paid: ifPaid }
      const open = parseOpenOutcome({ ...ref, ...TIMES, outcome: 'KEPT', ...if_paid })
      assert.deepEqual(open, {
        ref,
        outcome: 'KEPT',
        ifPaid,
        attemptedAt: TIMES.attempted_at,
        attemptedAtMs: Date.parse(TIMES.attempted_at),
        confirmedAtMs: Date.parse(TIMES.confirmed_at),
      })
      assert.deepEqual(toOrder(open), { ...ref, attempted_at: TIMES.attempted_at, ...if_paid })
    })
  }

  const REFUSED: [input: unknown, message: string][] = [
    [undefined, 'must be a JSON object'],
    [null, 'must be a JSON object'],
    [[WAITING], 'must be a JSON object'],
    ['REVERSED', 'must be a JSON object'],
    [{ ...WAITING, history: {} }, 'history: unknown field'],
    [{ ...WAITING, sub_mchid: '1900000002' }, 'sub_mchid: unknown field'],
    [{ ...WAITING, confirmed_at: undefined }, 'confirmed_at: is missing'],
    [{ ...WAITING, confirmed_at: 5 }, 'confirmed_at: must be a string'],
    [{ ...WAITING, attempted_at: 'yesterday' }, 'attempted_at: must be an RFC 3339 time'],
  ]
  for (const [input, message] of REFUSED) {
    test(`is refused: ${JSON.stringify(input)}`, () => {
      for (const parse of [parseOpenOutcome, parseReversal]) assert.throws(() => parse(input), { message })
    })
  }
})
