import type { ErrorName } from '../errors.ts'
import type { Outcome } from '../result.ts'
import type { Condition } from './conditions.ts'
import type { AgedFacts, Ages, Reversed, Seen } from './facts.ts'

/** What a row leads to: a step of the attempt, or the rows of another table. */
export type Next =
  | { do: 'reverse' }
  | { do: 'finish'; outcome: Outcome }
  | { do: 'refuse'; error: ErrorName; detail: string }
  | { do: 'wait'; reason: string; seconds: number }
  | { do: 'wait while this holds'; reason: string }
  /** A reverse is due: on to `whenDue`, or to `afterReverse` once this attempt has sent one. */
  | { do: 'due' }
  /** Nothing can be done now: on to `whenLookingAgain`. */
  | { do: 'look again'; reason: string }
  | { do: 'back off' }
  /** Too old: refused as `ReversalExpired`. Without a reason of its own, with the one that led here. */
  | { do: 'expire'; detail: string; lastReason?: string }

type Leading<To extends Next['do']> = Extract<Next, { do: To }>

/** One rule. Rows are tried from top to bottom, the first match wins; one without `when` always holds. */
export interface Row<To extends Next = Next, Facts = AgedFacts> {
  when?: Condition<Facts>
  next: To
  /** The official page it rests on; "inferred" where none says so. */
  source: string
}

type SeenRow = Row<Leading<'due' | 'finish' | 'refuse' | 'wait' | 'wait while this holds' | 'look again'>>

export interface DecisionTable {
  /** By what a verified query says. `means` is for a reader who does not know WeChat Pay. */
  readonly states: Readonly<Record<Seen, { means: string; rows: readonly SeenRow[] }>>
  /** When a reverse is due and this attempt has sent none. */
  readonly whenDue: readonly Row<Leading<'reverse' | 'look again' | 'wait while this holds' | 'expire'>>[]
  /** When a reverse is due and this attempt has sent one: never a second. */
  readonly afterReverse: Readonly<Record<Reversed, readonly Row<Leading<'look again' | 'refuse'>>[]>>
  /** Before an order is looked at again, also after an error that may pass. */
  readonly whenLookingAgain: readonly Row<Leading<'back off' | 'expire'>, Pick<Ages, 'sinceFirstSeen'>>[]
}
