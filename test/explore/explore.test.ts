import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conditionsOf } from '../../lib/reversal/decision/conditions.ts'
import type { DecisionTable, Row } from '../../lib/reversal/decision/rows.ts'
import { DECISION, decisionTable } from '../../lib/reversal/decision/table.ts'
import { TIMES } from '../../lib/reversal/decision/times.ts'
import { read } from '../documents/documents.ts'
import { type ExploreOptions, explore, type Start } from './explore.ts'
import { UNAVOIDABLE, unavoidableFor } from './unavoidable.ts'

/** `EXPLORE=deep` looks through every way in with every kind of answer, which takes minutes. */
const isDeep = process.env.EXPLORE === 'deep'

// Errors are made by the million here, and nobody looks where.
Error.stackTraceLimit = 0

const DAY = 24 * 60 * 60
/** Enough for two attempts at once to meet at every age that matters, and for both to end. */
const FEW_INSTANTS = [0, 15, 90, 180, DAY, 7 * DAY + 1, 8 * DAY]
/** Both sides of every time in the table. */
const MANY_INSTANTS = [0, 15, 45, 90, 180, 390, DAY, 7 * DAY, 7 * DAY + 1, 8 * DAY]
const FEWER_INSTANTS = [0, 90, 180, DAY, 7 * DAY + 1, 8 * DAY]

interface Search {
  what: string
  options: ExploreOptions
}

function searchesOf(ifPaid: 'refund' | 'keep', attemptedSecondsAgo: number | undefined): Search[] {
  const start = (from: Start['from']): Start => ({
    from,
    ifPaid,
    ...(attemptedSecondsAgo !== undefined && { attemptedSecondsAgo }),
  })
  const when = attemptedSecondsAgo === undefined ? '' : `, attempted ${attemptedSecondsAgo} s ago`
  const isHonest = !isDeep
  const few = isDeep ? {} : { instants: FEW_INSTANTS }
  return [
    { what: `${ifPaid} from the queue${when}`, options: { start: start('queue') } },
    { what: `${ifPaid} from a caller${when}`, options: { start: start('caller'), isHonest, ...few } },
    { what: `${ifPaid} from the state machine${when}`, options: { start: start('machine'), isHonest } },
    {
      what: `${ifPaid} from the queue, two attempts at once${when}`,
      options: { start: start('queue'), attemptsAtOnce: 2, isHonest: true, instants: FEWER_INSTANTS },
    },
  ]
}

const told = (story: readonly string[] | undefined) => `\n  ${story?.join('\n  ')}\n`

describe('everything that can happen to one order', () => {
  for (const ifPaid of ['refund', 'keep'] as const) {
    for (const attemptedSecondsAgo of isDeep ? [undefined, 60] : [ifPaid === 'refund' ? undefined : 60]) {
      for (const { what, options } of searchesOf(ifPaid, attemptedSecondsAgo)) {
        test(`${what}: the unavoidable stories can happen and no others, and an end can always be reached`, (t) => {
          const { situations, moves, broken, stuck } = explore(options)
          t.diagnostic(`${situations} situations, ${moves} moves`)
          const expected = unavoidableFor(options.start.ifPaid)
          for (const [law, story] of broken) assert.ok(expected.includes(law), `${law}:${told(story)}`)
          assert.deepEqual([...broken.keys()].sort(), expected.toSorted(), 'a story is claimed that cannot happen')
          assert.equal(stuck, undefined, `no end can be reached after:${told(stuck)}`)
        })
      }
    }
  }
})

test('the limits in both READMEs are the unavoidable stories', () => {
  const [english, chinese] = ['README.md', 'README.zh-CN.md'].map(read)
  for (const story of Object.values(UNAVOIDABLE)) {
    assert.ok(english!.includes(`- ${story.english}\n`), story.english)
    assert.ok(chinese!.includes(`- ${story.chinese}\n`), story.chinese)
  }
})

/** One attempt at a time, so that nothing told of what is to be kept can be excused by another. */
const ONCE = { instants: MANY_INSTANTS, isDeliveredOnce: true }
const WITHOUT_SECOND_DELIVERY: readonly string[] = [
  ...unavoidableFor('refund'),
  'a payment that was to be kept is reversed',
]

/** The decision with one row changed: each of its conditional rows once as if it never held, once as if it always did. */
function* changedTables(): Generator<{ what: string; table: DecisionTable }> {
  const groups: [name: string, rowsOf: (table: DecisionTable) => Row[]][] = [
    ...Object.keys(DECISION.states).map(
      (seen) =>
        [seen, (table: DecisionTable) => table.states[seen as keyof DecisionTable['states']].rows as Row[]] as [
          string,
          (table: DecisionTable) => Row[],
        ],
    ),
    ['a reverse is due', (table) => table.whenDue as Row[]],
    ['refused for good', (table) => table.afterReverse['refused for good'] as Row[]],
    ['look again', (table) => table.whenLookingAgain as unknown as Row[]],
  ]
  for (const [name, rowsOf] of groups) {
    for (const [index, row] of rowsOf(DECISION).entries()) {
      if (row.when === undefined) continue
      for (const holds of [false, true]) {
        const table = decisionTable(TIMES, conditionsOf(TIMES))
        rowsOf(table)[index] = { ...row, when: { ...row.when, holds: () => holds } }
        yield { what: `${name}, row ${index + 1} (${row.when.says}) ${holds ? 'always' : 'never'} holds`, table }
      }
    }
  }
}

/**
 * Rows that no law needs, each with its reason: the order ends as rightly without them, only sooner, later or with more
 * calls.
 */
const NO_LAW_NEEDS: Readonly<Record<string, string>> = {
  'NOTHING, row 1 (`if_paid` is `keep`) always holds':
    'a reverse that does not wait for a query ends an order sooner, and no differently',
  'refused for good, row 1 (nothing verified says where the order stands) always holds':
    'a refusal for good that is not told at once is told after 7 days',
}

describe('each rule of the table matters', () => {
  test('the right table breaks no law', () => {
    for (const ifPaid of ['refund', 'keep'] as const) {
      const { broken, stuck } = explore({ ...ONCE, start: { from: 'queue', ifPaid, attemptedSecondsAgo: 60 } })
      for (const [law, story] of broken) assert.ok(WITHOUT_SECOND_DELIVERY.includes(law), `${law}:${told(story)}`)
      assert.equal(stuck, undefined, told(stuck))
    }
  })

  for (const { what, table } of changedTables()) {
    test(what, { skip: NO_LAW_NEEDS[what] ?? false }, () => {
      // What is to be kept has the more rules and the shorter stories: it goes first.
      for (const ifPaid of ['keep', 'refund'] as const) {
        for (const attempted of [{}, { attemptedSecondsAgo: 60 }]) {
          const start: Start = { from: 'queue', ifPaid, ...attempted }
          const isUnexpected = (law: string) => !WITHOUT_SECOND_DELIVERY.includes(law)
          const { broken, stuck } = explore({ ...ONCE, start, table, stopAt: isUnexpected })
          if (stuck !== undefined || [...broken.keys()].some(isUnexpected)) return
        }
      }
      assert.fail('no story tells this table from the right one')
    })
  }
})
