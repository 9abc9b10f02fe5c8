import type { ErrorName } from '../errors.ts'
import type { Outcome } from '../result.ts'
import { type Facts, TIMES, type Times } from './conditions.ts'
import type { Known, Reversed } from './known.ts'
import { AFTER_REVERSE, type Row, TABLE, type Table, WHEN_DUE } from './table.ts'

export type Step =
  /** `isAlone`: over a connection of its own. */
  | { do: 'query'; isAlone: boolean }
  | { do: 'reverse' }
  | { do: 'finish'; outcome: Outcome }
  /** Without `seconds`: as long as the back-off says. */
  | { do: 'wait'; reason: string; seconds?: number }
  | { do: 'refuse'; error: ErrorName; detail: string }

/** The whole decision as it can be read and, in a test, changed. */
export interface Policy {
  table: Table
  whenDue: readonly Row[]
  afterReverse: Readonly<Record<Reversed, readonly Row[]>>
  times: Times
}

export const POLICY: Policy = { table: TABLE, whenDue: WHEN_DUE, afterReverse: AFTER_REVERSE, times: TIMES }

/**
 * What to do next about an order, from what is known of it: the whole meaning of this product, without a clock,
 * an environment or a network. Every attempt begins with a query, however young or old the order.
 *
 * @param now milliseconds since the epoch
 */
export function decide(known: Known, now: number, policy: Policy = POLICY): Step {
  if (known.seen === undefined) return { do: 'query', isAlone: mayEndNameless(known) }
  const facts = factsOf(known, now, policy.times)
  let row = firstThatHolds(policy.table[known.seen].rows, facts)
  if (row.next.do === 'reverse') {
    row = firstThatHolds(known.reversed === undefined ? policy.whenDue : policy.afterReverse[known.reversed], facts)
  }
  const step = stepOf(row, facts)
  const isOpenEnded = step.do === 'wait' && step.seconds === undefined
  // The queue keeps a message for nine days; nobody must wait for one that silently went.
  if (isOpenEnded && facts.sinceFirstSeen > policy.times.reversible) return expired(step.reason)
  return step
}

/**
 * "No such order" and "the user is paying" name no order. Where that may end this one, or reverse what is to be kept, it
 * must not be an answer to another request that somebody on the way delivered twice.
 */
function mayEndNameless({ ifPaid, reverseAnsweredAt, wasSeenToExist, wasSeenPaid }: Known): boolean {
  return ifPaid === 'keep' || (reverseAnsweredAt !== undefined && !wasSeenToExist && !wasSeenPaid)
}

function factsOf(known: Known, now: number, times: Times): Facts {
  const since = (at: number | undefined) => (at === undefined ? undefined : (now - at) / 1000)
  const { attemptedAt, firstSeenAt, reverseSentAt } = known
  return {
    ...known,
    times,
    sincePayment: since(attemptedAt ?? firstSeenAt)!,
    sinceAttempted: since(attemptedAt) ?? Number.NEGATIVE_INFINITY,
    sinceFirstSeen: since(firstSeenAt)!,
    sinceReverse: since(reverseSentAt) ?? Number.POSITIVE_INFINITY,
  }
}

function firstThatHolds(rows: readonly Row[], facts: Facts): Row {
  return rows.find(({ when }) => when === undefined || when.holds(facts))!
}

function stepOf({ when, next }: Row, facts: Facts): Step {
  if (next.do !== 'wait') return next
  const { reason } = next
  if (next.for === undefined) return { do: 'wait', reason }
  const seconds = next.for === 'as long as this holds' ? when!.secondsLeft!(facts) : facts.times[next.for]
  return { do: 'wait', reason, seconds: Math.ceil(seconds) }
}

function expired(reason: string): Step {
  return { do: 'refuse', error: 'ReversalExpired', detail: `more than 7 days have passed; last reason: ${reason}` }
}
