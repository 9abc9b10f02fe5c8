import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { both, conditionsOf } from '../../../../lib/reversal/decision/conditions.ts'
import { withAges } from '../../../../lib/reversal/decision/facts.ts'
import { inWords, TIMES } from '../../../../lib/reversal/decision/times.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')
const facts = {
  ifPaid: 'keep',
  firstSeenAtMs: NOW - 5_000,
  reverseMayHaveActed: false,
  wasSeenPaid: true,
  wasSeenToExist: true,
  namesPayment: false,
  isMismatch: false,
} as const
const conditions = conditionsOf(TIMES)

describe('two conditions at once', () => {
  test('hold until the first of them does not', () => {
    const { tooEarly, userMayStillPay } = conditions
    const aged = withAges(facts, NOW)
    assert.equal(both(tooEarly, userMayStillPay).secondsLeft?.(aged), TIMES.reverseNotBefore - 5)
    assert.equal(both(userMayStillPay, tooEarly).secondsLeft?.(aged), TIMES.reverseNotBefore - 5)
  })

  test('depend on time only when one of them does', () => {
    const { keep, seenPaid, reverseMayLand } = conditions
    assert.equal(both(keep, seenPaid).secondsLeft, undefined)
    assert.notEqual(both(keep, reverseMayLand).secondsLeft, undefined)
  })
})

describe('what has not happened', () => {
  test('is no recent reverse: none can land any more', () => {
    assert.equal(withAges(facts, NOW).sinceReverse, Number.POSITIVE_INFINITY)
  })

  test('is no old attempt: nothing is known by its clock', () => {
    assert.equal(withAges(facts, NOW).sinceAttempted, Number.NEGATIVE_INFINITY)
  })
})

test('a time is written in days when it is whole days, else in seconds', () => {
  const day = 24 * 60 * 60
  const words = [0, 90, day - 1, day, 7 * day, day + 1].map(inWords)
  assert.deepEqual(words, ['0 s', '90 s', '86399 s', '1 days', '7 days', '86401 s'])
})
