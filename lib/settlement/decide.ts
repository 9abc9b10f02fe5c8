import { TIMES } from '../reversal/decision/times.ts'
import type { Facts } from './facts.ts'
import type { OpenOutcome } from './open-outcome.ts'
import { type SettlementName, TABLE } from './table.ts'

export type Decision =
  | { do: 'settle'; settlement: SettlementName; says: string }
  /** For the bills of these days. */
  | { do: 'wait'; for: readonly string[]; says: string }

/** The first row of the table that fits; the last two leave no outcome out. */
export function decide(facts: Facts): Decision {
  const row = TABLE.find(({ when }) => when(facts))!
  return typeof row.next === 'string'
    ? { do: 'settle', settlement: row.next, says: row.says }
    : { do: 'wait', for: facts.missing[row.next.waitFor], says: row.says }
}

/**
 * True when the order should be reversed once more: the books say paid and not returned, and WeChat Pay still takes a
 * reverse. One that was to be kept is only looked at again: `if_paid` goes along.
 */
export function goesBack(
  { settlement }: Extract<Decision, { do: 'settle' }>,
  { outcome, isPaid, isOfAnotherMerchant }: Facts,
  { attemptedAtMs }: Pick<OpenOutcome, 'attemptedAtMs'>,
  nowMs: number,
): boolean {
  const isReversible = (nowMs - attemptedAtMs) / 1000 < TIMES.reversible
  return settlement === 'DISAGREES' && outcome !== 'KEPT' && isPaid && !isOfAnotherMerchant && isReversible
}

/** An outcome that cannot be settled for this long needs a person. */
export const GIVE_UP_MS = 10 * 86_400_000

export const isGivenUp = ({ confirmedAtMs }: Pick<OpenOutcome, 'confirmedAtMs'>, nowMs: number): boolean =>
  nowMs - confirmedAtMs > GIVE_UP_MS
