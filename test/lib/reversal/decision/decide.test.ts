import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Condition, conditionsOf } from '../../../../lib/reversal/decision/conditions.ts'
import { decide, lookAgain } from '../../../../lib/reversal/decision/decide.ts'
import type { DecisionTable, Next, Row } from '../../../../lib/reversal/decision/rows.ts'
import { DECISION, decisionTable } from '../../../../lib/reversal/decision/table.ts'
import { TIMES } from '../../../../lib/reversal/decision/times.ts'
import { CASES, inWords, NOW } from './cases.ts'

for (const [rule, cases] of Object.entries(CASES)) {
  describe(rule, () => {
    for (const { title, facts, next } of cases) {
      test(title, () => assert.equal(inWords(decide(facts, NOW)), next))
    }
  })
}

/** True when every case still comes out as written. */
function allHold(table: DecisionTable): boolean {
  const holds = ({ facts, next }: (typeof CASES)[string][number]) => {
    try {
      return inWords(decide(facts, NOW, table)) === next
    } catch {
      return false
    }
  }
  return Object.values(CASES).flat().every(holds)
}

/** Something else than `next`. */
const otherThan = (next: Next): Next =>
  next.do === 'reverse' || next.do === 'due' ? { do: 'finish', outcome: 'NOT_FOUND' } : { do: 'reverse' }

/** Another time to wait, or none. */
function otherWait(next: Next): Next | undefined {
  if (next.do === 'wait') return { do: 'look again', reason: next.reason }
  if (next.do === 'wait while this holds' || next.do === 'look again') {
    return { do: 'wait', reason: next.reason, seconds: TIMES.userPaying }
  }
  return next.do === 'back off' ? { do: 'expire', detail: '' } : undefined
}

type AnyRow = Row<Next, never>

/** Each row changed in every way: gone, without its condition, leading elsewhere, with another waiting time, with another text. */
function changesOf(rows: readonly AnyRow[]): [change: string, rows: AnyRow[]][] {
  return rows.flatMap((row, index) => {
    const says = `${row.when?.says ?? 'always'}: ${row.next.do}`
    const changes: [string, AnyRow[]][] = [
      [`without the row "${says}"`, rows.toSpliced(index, 1)],
      [`with the row "${says}" leading elsewhere`, rows.with(index, { ...row, next: otherThan(row.next) })],
    ]
    if (row.when !== undefined) {
      const when = { ...row.when, holds: () => true }
      changes.push([`with the row "${says}" always holding`, rows.with(index, { ...row, when })])
    }
    const next = otherWait(row.next)
    if (next !== undefined) {
      changes.push([`with the row "${says}" waiting for another time`, rows.with(index, { ...row, next })])
    }
    for (const text of ['reason', 'detail', 'lastReason']) {
      if (!(text in row.next)) continue
      const next = { ...row.next, [text]: 'something else' } as Next
      changes.push([`with the row "${says}" and another ${text}`, rows.with(index, { ...row, next })])
    }
    return changes
  })
}

const conditions = conditionsOf(TIMES)
const { states, whenDue, afterReverse, whenLookingAgain } = DECISION

/** The decision with some of its rows changed to what their types forbid. */
const withRows = (rows: object) => ({ ...DECISION, ...rows }) as DecisionTable

const changed: [string, DecisionTable][] = [
  ...Object.entries(states).flatMap(([seen, state]) =>
    changesOf(state.rows).map(([change, rows]): [string, DecisionTable] => [
      `${seen} ${change}`,
      withRows({ states: { ...states, [seen]: { ...state, rows } } }),
    ]),
  ),
  ...changesOf(whenDue).map(([change, whenDue]): [string, DecisionTable] => [
    `a reverse that is due ${change}`,
    withRows({ whenDue }),
  ]),
  ...Object.entries(afterReverse).flatMap(([reversed, before]) =>
    changesOf(before).map(([change, rows]): [string, DecisionTable] => [
      `a reverse that was ${reversed} ${change}`,
      withRows({ afterReverse: { ...afterReverse, [reversed]: rows } }),
    ]),
  ),
  ...changesOf(whenLookingAgain).map(([change, whenLookingAgain]): [string, DecisionTable] => [
    `an order to be looked at again ${change}`,
    withRows({ whenLookingAgain }),
  ]),
  ...Object.entries(conditions).flatMap(([name, condition]) =>
    [true, false].map((holds): [string, DecisionTable] => [
      `"${condition.says}" ${holds ? 'always' : 'never'} holding`,
      decisionTable(TIMES, { ...conditions, [name]: { ...condition, holds: () => holds } satisfies Condition<never> }),
    ]),
  ),
  ...Object.entries(TIMES).flatMap(([time, seconds]) =>
    [-1, 1].map((more): [string, DecisionTable] => [
      `${time} of ${seconds + more} s`,
      decisionTable({ ...TIMES, [time]: seconds + more }),
    ]),
  ),
]

describe('no row, no condition and no time of the decision can change unnoticed', () => {
  test('unchanged, every case holds', () => assert.ok(allHold(decisionTable(TIMES))))
  for (const [change, table] of changed) {
    test(change, () => assert.ok(!allHold(table), 'no case noticed'))
  }
})

test('an error that may pass is looked at again for as long as an answer that decided nothing', () => {
  const sinceFirstSeen = TIMES.lookedAtAgain
  assert.equal(inWords(lookAgain('a reason', { sinceFirstSeen })), 'wait a while: a reason')
  assert.equal(
    inWords(lookAgain('a reason', { sinceFirstSeen: sinceFirstSeen + 1 })),
    'refuse ReversalExpired: more than 7 days have passed; last reason: a reason',
  )
})

test('every row names the official page it rests on, or says that it is inferred', () => {
  const rows: Row<Next, never>[] = [
    ...Object.values(states).flatMap(({ rows }) => rows),
    ...whenDue,
    ...Object.values(afterReverse).flat(),
    ...whenLookingAgain,
  ]
  for (const { source } of rows) assert.match(source, /^(https:\/\/pay\.weixin\.qq\.com\/|inferred)/)
})
