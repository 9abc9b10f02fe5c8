import type { Outcome } from '../../../lib/reversal/result.ts'
import { isOpenOutcome, type OpenOutcome } from '../../../lib/settlement/open-outcome.ts'
import type { Verdict } from '../../../lib/settlement/settle-merchant.ts'
import { text } from '../../texts/settle.ts'
import type { Result } from './results-file.ts'

/** A result, and what the books say of it. */
export interface Judged extends Result {
  verdict: Verdict | NoNeed
}

/** The books are not asked. */
export interface NoNeed {
  do: 'nothing'
  why: string
}

/** What these say of the money was proved when they were told. */
const NO_NEED: Readonly<Partial<Record<Outcome, string>>> = text.proved

export const openOf = (results: readonly Result[]): OpenOutcome[] =>
  results.map(({ told }) => told).filter((told) => isOpenOutcome(told))

/** @param verdicts of the open ones, in their order */
export function judge(results: readonly Result[], verdicts: readonly Verdict[]): Judged[] {
  const next = verdicts.values()
  return results.map((result) => {
    const why = NO_NEED[result.told.outcome]
    return { ...result, verdict: why === undefined ? next.next().value! : { do: 'nothing', why } }
  })
}

export const disagrees = ({ verdict }: Judged): boolean =>
  verdict.do === 'settle' && verdict.settlement.settlement === 'DISAGREES'

export const waits = ({ verdict }: Judged): boolean => verdict.do === 'wait' || verdict.do === 'give up'

/** What the list says of each order; of an order told twice, the last. */
export type Outcomes = ReadonlyMap<string, Outcome>

export const outcomesOf = (judged: readonly Judged[]): Outcomes =>
  new Map(judged.map(({ told }) => [told.ref.out_trade_no, told.outcome]))
