import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decide, POLICY, type Policy } from '../../../../lib/reversal/decision/decide.ts'
import { AFTER_REVERSE, type Next, type Row, TABLE, WHEN_DUE } from '../../../../lib/reversal/decision/table.ts'
import { CASES, inWords, NOW } from './cases.ts'

for (const [rule, cases] of Object.entries(CASES)) {
  describe(rule, () => {
    for (const { title, known, next } of cases) {
      test(title, () => assert.equal(inWords(decide(known, NOW)), next))
    }
  })
}

/** True when every case still comes out as written. */
function allHold(policy: Policy): boolean {
  const holds = ({ known, next }: (typeof CASES)[string][number]) => {
    try {
      return inWords(decide(known, NOW, policy)) === next
    } catch {
      return false
    }
  }
  return Object.values(CASES).flat().every(holds)
}

/** Something else than `next`. */
const otherThan = (next: Next): Next =>
  next.do === 'reverse' ? { do: 'finish', outcome: 'NOT_FOUND' } : { do: 'reverse' }

/** Each row changed in every way: gone, without its condition, leading elsewhere, with another waiting time. */
function changesOf(rows: readonly Row[]): [change: string, rows: Row[]][] {
  return rows.flatMap((row, index) => {
    const says = `${row.when?.says ?? 'always'}: ${row.next.do}`
    const next = otherThan(row.next)
    const changes: [string, Row[]][] = [
      [`without the row "${says}"`, rows.toSpliced(index, 1)],
      [`with the row "${says}" leading elsewhere`, rows.with(index, { ...row, next })],
    ]
    if (row.when !== undefined) {
      const when = { ...row.when, holds: () => true }
      changes.push([`with the row "${says}" always holding`, rows.with(index, { ...row, when })])
    }
    if (row.next.do === 'wait') {
      const { for: _, ...openEnded } = row.next
      const timed: Next = row.next.for === undefined ? { ...openEnded, for: 'userPaying' } : openEnded
      changes.push([`with the row "${says}" waiting for another time`, rows.with(index, { ...row, next: timed })])
    }
    return changes
  })
}

const changed: [string, Policy][] = [
  ...Object.entries(TABLE).flatMap(([seen, state]) =>
    changesOf(state.rows).map(([change, rows]): [string, Policy] => [
      `${seen} ${change}`,
      { ...POLICY, table: { ...TABLE, [seen]: { ...state, rows } } },
    ]),
  ),
  ...changesOf(WHEN_DUE).map(([change, whenDue]): [string, Policy] => [
    `a reverse that is due ${change}`,
    { ...POLICY, whenDue },
  ]),
  ...Object.entries(AFTER_REVERSE).flatMap(([reversed, before]) =>
    changesOf(before).map(([change, rows]): [string, Policy] => [
      `a reverse that was ${reversed} ${change}`,
      { ...POLICY, afterReverse: { ...AFTER_REVERSE, [reversed]: rows } },
    ]),
  ),
  ...Object.entries(POLICY.times).flatMap(([time, seconds]) =>
    [-1, 1].map((more): [string, Policy] => [
      `${time} of ${seconds + more} s`,
      { ...POLICY, times: { ...POLICY.times, [time]: seconds + more } },
    ]),
  ),
]

describe('no row and no time of the decision can change unnoticed', () => {
  test('unchanged, every case holds', () => assert.ok(allHold(POLICY)))
  for (const [change, policy] of changed) {
    test(change, () => assert.ok(!allHold(policy), 'no case noticed'))
  }
})

test('every row names the official page it rests on, or says that it is inferred', () => {
  const rows: Row[] = [
    ...Object.values(TABLE).flatMap(({ rows }) => [...rows]),
    ...WHEN_DUE,
    ...Object.values(AFTER_REVERSE).flatMap((rows) => [...rows]),
  ]
  for (const { source } of rows) assert.match(source, /^(https:\/\/pay\.weixin\.qq\.com\/|inferred)/)
})
