import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { daysOf, dueAtMs } from '../../../lib/settlement/days.ts'
import { decide, goesBack, isGivenUp } from '../../../lib/settlement/decide.ts'
import { factsOf } from '../../../lib/settlement/facts.ts'
import type { OpenOutcome, OpenOutcomeName } from '../../../lib/settlement/open-outcome.ts'
import { TABLE } from '../../../lib/settlement/table.ts'
import type { BillRow } from '../../../lib/wechatpay/bill-columns.ts'
import { at, open, row } from './cases.ts'

const paid = row('SUCCESS')
const revoked = row('REVOKED')
const refunded = row('REFUND')
const part = row('REFUND', { returnedFen: 1229 })

/** The bills that are complete, counted from the day of the outcome: 0 is that day itself. */
type Complete = readonly number[]
const OWN: Complete = [0]
const NEXT: Complete = [0, 1]
const TWO: Complete = [0, 1, 2]
const ALL: Complete = [0, 1, 2, 3]
const dateOf = (day: number) => `2026-11-${27 + day}`

function decided(outcome: OpenOutcome, rows: readonly BillRow[], complete: Complete) {
  const dates = complete.map(dateOf)
  return decide(factsOf(outcome, daysOf(outcome), rows, (date) => dates.includes(date)))
}

const CASES: [OpenOutcomeName, string, readonly BillRow[], Complete, string][] = [
  ['REVERSED', 'no bill', [], [], 'wait for 27'],
  ['REVERSED', 'no row', [], OWN, 'NEVER_PAID'],
  ['REVERSED', 'no row, only the next day complete', [], [1], 'wait for 27'],
  ['REVERSED', 'paid and revoked', [paid, revoked], OWN, 'REFUNDED'],
  ['REVERSED', 'revoked alone', [revoked], OWN, 'REFUNDED'],
  ['REVERSED', 'revoked, its day not complete', [revoked], [], 'REFUNDED'],
  [
    'REVERSED',
    'revoked, the refund still being processed',
    [row('REVOKED', { refundState: 'PROCESSING' })],
    OWN,
    'REFUNDED',
  ],
  ['REVERSED', 'revoked, the refund unsaid', [row('REVOKED', { refundState: '' })], OWN, 'REFUNDED'],
  [
    'REVERSED',
    'revoked, but the refund failed',
    [paid, row('REVOKED', { refundState: 'FAIL' })],
    OWN,
    'wait for 28 29 30',
  ],
  [
    'REVERSED',
    'revoked, but the refund failed, for good',
    [paid, row('REVOKED', { refundState: 'FAIL' })],
    ALL,
    'DISAGREES',
  ],
  ['REVERSED', 'paid and refunded in whole', [paid, refunded], OWN, 'REFUNDED'],
  ['REVERSED', 'paid and refunded in two parts', [paid, part, row('REFUND', { returnedFen: 1 })], OWN, 'REFUNDED'],
  ['REVERSED', 'paid and refunded in part', [paid, part], TWO, 'wait for 30'],
  ['REVERSED', 'paid and refunded in part, three days later', [paid, part], ALL, 'DISAGREES'],
  ['REVERSED', 'paid and not returned', [paid], OWN, 'wait for 28 29 30'],
  ['REVERSED', 'paid and not returned, two days later', [paid], TWO, 'wait for 30'],
  ['REVERSED', 'paid and not returned, three days later', [paid], ALL, 'DISAGREES'],
  ['REVERSED', 'refunded, but never paid on these days', [refunded], OWN, 'wait for 28 29 30'],
  ['REVERSED', 'a refund that failed', [paid, row('REFUND', { refundState: 'CHANGE' })], ALL, 'DISAGREES'],
  ['REVERSED', 'a sum that cannot be read', [row('SUCCESS', { paidFen: null }), refunded], ALL, 'DISAGREES'],
  [
    'REVERSED',
    'one of two sums that cannot be read',
    [row('SUCCESS', { paidFen: null }), paid, refunded],
    ALL,
    'DISAGREES',
  ],
  ['REVERSED', 'the other of two', [paid, row('SUCCESS', { paidFen: null }), refunded], ALL, 'DISAGREES'],
  ['REVERSED', 'a state nobody knows', [row('SOMETHING')], OWN, 'wait for 28 29 30'],
  ['REVERSED', 'paid, and a state nobody knows', [paid, row('SOMETHING')], OWN, 'wait for 28 29 30'],
  [
    'REVERSED',
    'a state of the refund nobody knows',
    [paid, row('REVOKED', { refundState: 'FAILS_NOT' })],
    OWN,
    'REFUNDED',
  ],
  ['REVERSED', 'another one', [paid, row('REVOKED', { refundState: 'NOT_CLOSED' })], OWN, 'REFUNDED'],
  ['NOT_FOUND', 'no bill', [], [], 'wait for 27'],
  ['NOT_FOUND', 'no row', [], OWN, 'NEVER_PAID'],
  ['NOT_FOUND', 'paid', [paid], OWN, 'DISAGREES'],
  ['NOT_FOUND', 'paid, its day not complete', [paid], [], 'wait for 27'],
  ['NOT_FOUND', 'paid and revoked', [paid, revoked], OWN, 'REFUNDED'],
  ['NOT_FOUND', 'paid and refunded', [paid, refunded], OWN, 'REFUNDED'],
  ['KEPT', 'no bill', [], [], 'wait for 27'],
  ['KEPT', 'paid, the next day not complete', [paid], OWN, 'wait for 28'],
  ['KEPT', 'paid, the next day complete', [paid], NEXT, 'PAID'],
  ['KEPT', 'paid and refunded in part', [paid, part], NEXT, 'PAID'],
  ['KEPT', 'paid and refunded by the merchant', [paid, refunded], NEXT, 'REFUNDED'],
  ['KEPT', 'paid and revoked', [paid, revoked], NEXT, 'DISAGREES'],
  ['KEPT', 'revoked alone', [revoked], OWN, 'DISAGREES'],
  ['KEPT', 'a refund in part, and no payment', [part], NEXT, 'wait for 29 30'],
  ['KEPT', 'no row', [], NEXT, 'wait for 29 30'],
  ['KEPT', 'no row, two days later', [], TWO, 'wait for 30'],
  ['KEPT', 'no row, three days later', [], ALL, 'DISAGREES'],
]

describe('what the books say in the end', () => {
  for (const [outcome, what, rows, complete, expected] of CASES) {
    test(`${outcome}, ${what}, ${complete.length} complete: ${expected}`, () => {
      const decision = decided(open(outcome), rows, complete)
      const said =
        decision.do === 'settle'
          ? decision.settlement
          : `${decision.do} for ${decision.for.map((date) => date.slice(-2)).join(' ')}`
      assert.equal(said, expected)
    })
  }

  test('a row of another merchant under the provider disagrees, whatever it says', () => {
    const ref = { sp_mchid: '1', sub_mchid: '2', out_trade_no: 'A' }
    for (const outcome of ['REVERSED', 'KEPT', 'NOT_FOUND'] as const) {
      const decision = decided(
        open(outcome, { ref }),
        [
          { ...paid, sub_mchid: '3' },
          { ...revoked, sub_mchid: '3' },
        ],
        ALL,
      )
      assert.ok(decision.do === 'settle' && decision.settlement === 'DISAGREES')
    }
    const beside = decided(open('REVERSED', { ref }), [revoked, { ...paid, sub_mchid: '3' }], OWN)
    assert.ok(beside.do === 'settle' && beside.settlement === 'DISAGREES')
  })

  test('a row of the order’s own merchant, or that names none, does not', () => {
    const provider = { ref: { sp_mchid: '1', sub_mchid: '2', out_trade_no: 'A' } }
    for (const [otherwise, sub_mchid] of [
      [provider, '2'],
      [provider, null],
      [{}, '3'],
    ] as const) {
      const decision = decided(open('REVERSED', otherwise), [{ ...revoked, sub_mchid }], OWN)
      assert.ok(decision.do === 'settle' && decision.settlement === 'REFUNDED')
    }
  })

  test('every row of the table decides some case', () => {
    const ref = { sp_mchid: '1', sub_mchid: '2', out_trade_no: 'A' }
    const said = new Set(CASES.map(([outcome, , rows, complete]) => decided(open(outcome), rows, complete).says))
    said.add(decided(open('KEPT', { ref }), [{ ...paid, sub_mchid: '3' }], OWN).says)
    assert.deepEqual(
      TABLE.map(({ says }) => says).filter((says) => !said.has(says)),
      [],
    )
  })

  test('every row says why in words of its own', () => {
    const words = TABLE.map(({ says }) => says)
    assert.equal(new Set(words).size, TABLE.length)
    assert.ok(words.every((says) => says.length > 10))
  })
})

describe('which days an order needs', () => {
  const own = (attempted: string, confirmed: string) =>
    daysOf({ attemptedAtMs: at(attempted), confirmedAtMs: at(confirmed) }).own

  test('the one of both', () => assert.deepEqual(own('2026-11-27T12:00:00', '2026-11-27T23:59:59'), ['2026-11-27']))
  test('two around midnight in China, whatever day it is elsewhere', () => {
    assert.deepEqual(own('2026-11-27T23:59:59', '2026-11-28T00:00:00'), ['2026-11-27', '2026-11-28'])
    assert.deepEqual(own('2026-11-28T07:59:59', '2026-11-28T08:00:00'), ['2026-11-28'])
  })
  test('the day before, too, in the first minutes of a day: clocks may differ', () => {
    assert.deepEqual(own('2026-11-28T00:04:59', '2026-11-28T00:06:00'), ['2026-11-27', '2026-11-28'])
    assert.deepEqual(own('2026-11-28T00:05:00', '2026-11-28T00:06:00'), ['2026-11-28'])
  })
  test('all in between, over the end of a month, and no more than are kept', () => {
    assert.deepEqual(own('2026-11-29T12:00:00', '2026-12-01T12:00:00'), ['2026-11-29', '2026-11-30', '2026-12-01'])
    assert.equal(own('2020-01-01T12:00:00', '2026-12-01T12:00:00').length, 94)
  })
  test('the day of the outcome where the attempt is said to be later', () => {
    assert.deepEqual(own('2026-11-28T00:06:00', '2026-11-27T23:59:00'), ['2026-11-27'])
  })
  test('due at 10:00 after its last day; to be kept, a day later', () => {
    assert.equal(dueAtMs(open('REVERSED')), at('2026-11-28T10:00:00'))
    assert.equal(dueAtMs(open('NOT_FOUND')), at('2026-11-28T10:00:00'))
    assert.equal(dueAtMs(open('KEPT')), at('2026-11-29T10:00:00'))
  })
})

describe('what goes back to be reversed', () => {
  const back = (outcome: OpenOutcome, rows: readonly BillRow[], nowMs: number) => {
    const days = daysOf(outcome)
    const facts = factsOf(outcome, days, rows, () => true)
    const decision = decide(facts)
    return decision.do === 'settle' && goesBack(decision, facts, outcome, nowMs)
  }
  const soon = at('2026-12-01T10:15:00')
  const WEEK_MS = 7 * 86_400_000

  test('an order paid and not returned, while it can be reversed', () => {
    for (const outcome of ['REVERSED', 'NOT_FOUND'] as const) {
      const { attemptedAtMs } = open(outcome)
      assert.equal(back(open(outcome), [paid], soon), true)
      assert.equal(back(open(outcome), [paid, part], soon), true)
      assert.equal(back(open(outcome), [paid], attemptedAtMs + WEEK_MS - 1), true)
      assert.equal(back(open(outcome), [paid], attemptedAtMs + WEEK_MS), false)
    }
  })
  test('nothing else', () => {
    assert.equal(back(open('REVERSED'), [paid, revoked], soon), false, 'what was returned is reversed again')
    assert.equal(back(open('REVERSED'), [], soon), false, 'what was never paid is reversed again')
    assert.equal(back(open('KEPT'), [paid, revoked], soon), false, 'what was to be kept is reversed again')
    assert.equal(back(open('KEPT'), [], soon), false, 'what was to be kept is reversed again')
  })
})

test('an outcome is given up after ten days', () => {
  const { confirmedAtMs } = open('REVERSED')
  const TEN_MS = 10 * 86_400_000
  assert.equal(isGivenUp({ confirmedAtMs }, confirmedAtMs + TEN_MS), false)
  assert.equal(isGivenUp({ confirmedAtMs }, confirmedAtMs + TEN_MS + 1), true)
})

test('the total is what was paid, else what was returned', () => {
  const total = (rows: readonly BillRow[]) =>
    factsOf(open('REVERSED'), daysOf(open('REVERSED')), rows, () => true).totalFen
  assert.equal(total([paid, revoked]), 1230)
  assert.equal(total([revoked]), 1230)
  assert.equal(total([]), null)
  // Of a return the sum of the order stands in its row, too.
  assert.equal(total([paid, row('REVOKED', { paidFen: 1230 })]), 1230)
  assert.equal(total([row('SUCCESS', { paidFen: null, returnedFen: 5 }), revoked]), 1230)
})
