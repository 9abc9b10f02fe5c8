import { nextInWords, STATE_NAMES } from '../../../bin/documents/decision-table.ts'
import { cellInChinese } from '../../../bin/documents/decision-table.zh-CN.ts'
import type { Seen } from '../../../lib/reversal/decision/facts.ts'
import type { Next, Row } from '../../../lib/reversal/decision/rows.ts'
import { DECISION } from '../../../lib/reversal/decision/table.ts'
import { TABLE as SETTLEMENT } from '../../../lib/settlement/table.ts'
import { reasonInChinese } from './browser/reasons.zh-CN.ts'
import type { Rule } from './parts.ts'

/** What the service told of one decision. */
export interface Told {
  outcome?: unknown
  trade_state?: unknown
  reason?: unknown
  error?: unknown
  detail?: unknown
}

interface Place {
  table: string
  rows: readonly Row<Next, never>[]
}

const { states, whenDue, afterReverse, whenLookingAgain } = DECISION
const seen = (state: string): Place[] => [{ table: state, rows: states[state as Seen]?.rows ?? [] }]
const due: Place = { table: 'a reverse is due', rows: whenDue }
const after: Place[] = Object.values(afterReverse).map((rows) => ({ table: 'the reverse of this attempt was', rows }))
const again: Place = { table: 'look again', rows: whenLookingAgain }

/**
 * The row of the decision table that led to what the service says, found by what only that row leads to. The function decides
 * in a process of its own and does not say which row it took; where two rows lead to the same words, the first is named.
 */
export function rulesOf({ outcome, trade_state, reason, error, detail }: Told): Rule[] {
  if (outcome === 'PENDING') {
    return find(
      [...Object.keys(states).flatMap(seen), due, ...after],
      (next) => 'reason' in next && isReason(next.reason, String(reason)),
    )
  }
  if (outcome !== undefined) {
    const state = typeof trade_state === 'string' ? trade_state : 'ORDER_NOT_EXIST'
    return find(seen(state), (next) => next.do === 'finish' && next.outcome === outcome)
  }
  if (error === 'ReversalExpired') {
    return find([due, again], (next) => next.do === 'expire' && String(detail).includes(next.lastReason ?? ''))
  }
  return find([...seen('REFUND'), ...after], (next) => next.do === 'refuse' && next.error === error)
}

/** The reason as the row says it; what WeChat Pay said may stand behind it, in brackets. */
export const isReason = (ofRow: string, told: string) => told === ofRow || told.startsWith(`${ofRow} (`)

/** The row of the settlement's table that what the books say was read by. */
export function rulesOfSettlement({ detail }: Told): Rule[] {
  const row = SETTLEMENT.find(({ says }) => String(detail).startsWith(says))
  if (!row) return []
  const { next, says } = row
  const [en, zh] = typeof next === 'string' ? [`\`${next}\``, `\`${next}\``] : ['wait for the bill', '等待账单']
  return [
    {
      en: { table: 'the trade bill', when: says, next: en },
      zh: { table: '交易账单', when: reasonInChinese(says) ?? says, next: zh },
      source: '',
    },
  ]
}

/** The rows that sent a reverse, after a query that said this; the first is left out where it may have been one of several. */
export function rulesOfReverse(said: string | null): Rule[] {
  const rows = seen(said ?? 'NOTHING').flatMap(({ table, rows }) => rows.map((row, index) => ({ table, row, index })))
  const leading = rows.filter(({ row }) => row.next.do === 'due')
  const first = leading.length === 1 ? leading.map(({ table, row, index }) => toRule(table, row, index)) : []
  return [...first, ...find([due], (next) => next.do === 'reverse')]
}

function find(places: readonly Place[], isIt: (next: Next) => boolean): Rule[] {
  for (const { table, rows } of places) {
    const index = rows.findIndex(({ next }) => isIt(next))
    if (index >= 0) return [toRule(table, rows[index]!, index)]
  }
  return []
}

function toRule(table: string, { when, next, source }: Row<Next, never>, index: number): Rule {
  const words = { when: when?.says ?? (index === 0 ? 'always' : 'otherwise'), next: nextInWords(next) }
  const state = states[table as Seen] && (STATE_NAMES[table] ?? table)
  return {
    en: { table: state ? `a verified query says ${state}` : table, ...words },
    zh: {
      table: state ? `查单结果：${cellInChinese(STATE_NAMES[table] ?? `\`${table}\``)}` : cellInChinese(table),
      when: cellInChinese(words.when),
      next: cellInChinese(words.next),
    },
    source,
  }
}
