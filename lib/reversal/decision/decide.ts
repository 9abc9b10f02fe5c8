import { type AgedFacts, type Ages, type OrderFacts, withAges } from './facts.ts'
import type { DecisionTable, Next, Row } from './rows.ts'
import { DECISION } from './table.ts'

export type Step =
  | { do: 'query'; onOwnConnection: boolean }
  | Extract<Next, { do: 'reverse' | 'finish' | 'refuse' }>
  /** Without `seconds`: as long as the back-off says. */
  | { do: 'wait'; reason: string; seconds?: number }

export type LookAgain = Extract<Step, { do: 'wait' | 'refuse' }>

type Leading = Exclude<Next, { do: 'due' | 'back off' }>

/**
 * What to do next about an order, from what is known of it, without a clock, an environment or a network.
 * Every attempt begins with a query, however young or old the order.
 */
export function decide(facts: OrderFacts, nowMs: number, table: DecisionTable = DECISION): Step {
  const { seen, reversed } = facts
  if (seen === undefined) return { do: 'query', onOwnConnection: answerMayNameNoOrder(facts) }
  const aged = withAges(facts, nowMs)
  const row = firstThatHolds(table.states[seen].rows, aged)
  const { next } = row
  if (next.do !== 'due') return stepOf({ ...row, next }, aged, table)
  const rows: readonly Row<Leading>[] = reversed === undefined ? table.whenDue : table.afterReverse[reversed]
  return stepOf(firstThatHolds(rows, aged), aged, table)
}

/**
 * What becomes of an order that must be looked at again, whatever the reason: an answer that decided nothing, or an error
 * that may pass, such as credentials that do not work.
 */
export function lookAgain(
  reason: string,
  ages: Pick<Ages, 'sinceFirstSeen'>,
  table: DecisionTable = DECISION,
): LookAgain {
  const { next } = firstThatHolds(table.whenLookingAgain, ages)
  return next.do === 'back off' ? { do: 'wait', reason } : expired(next, reason)
}

/**
 * "No such order" and "the user is paying" name no order. A proxy may deliver the answer to another request twice; where
 * such an answer may end this order, or reverse one to be kept, the query must not share a connection.
 */
function answerMayNameNoOrder({ ifPaid, reverseAnsweredAtMs, wasSeenToExist, wasSeenPaid }: OrderFacts): boolean {
  return ifPaid === 'keep' || (reverseAnsweredAtMs !== undefined && !wasSeenToExist && !wasSeenPaid)
}

function firstThatHolds<To extends Next, Facts>(rows: readonly Row<To, Facts>[], facts: Facts): Row<To, Facts> {
  return rows.find(({ when }) => when === undefined || when.holds(facts))!
}

function stepOf({ when, next }: Row<Leading>, facts: AgedFacts, table: DecisionTable): Step {
  switch (next.do) {
    case 'wait while this holds':
      return { do: 'wait', reason: next.reason, seconds: Math.ceil(when!.secondsLeft!(facts)) }
    case 'look again':
      return lookAgain(next.reason, facts, table)
    case 'expire':
      return expired(next)
    default:
      return next
  }
}

function expired(
  { detail, lastReason }: Extract<Next, { do: 'expire' }>,
  ledHere?: string,
): Extract<Step, { do: 'refuse' }> {
  return { do: 'refuse', error: 'ReversalExpired', detail: `${detail}; last reason: ${lastReason ?? ledHere}` }
}
