import type { Answer, CallResult, Evidence, VerifiedAnswer } from '../wechatpay/answer.ts'
import { isTradeState } from '../wechatpay/trade-state.ts'
import type { OrderFacts } from './decision/facts.ts'
import type { PastAttempts } from './history.ts'
import type { Order } from './order.ts'
import { isMismatch, mayHaveActed, namesPayment, readReversed, readState } from './read-state.ts'

/** What an attempt knows of its order. */
export interface Findings {
  readonly facts: OrderFacts
  /** What the next attempt should know. */
  readonly past: PastAttempts
  /** To a query. */
  readonly lastVerified?: VerifiedAnswer
  /** What came of the last query and of this attempt's reverse, for the person on call. */
  readonly answers: { readonly query?: Answer; readonly reverse?: Answer }
  /** The verified answer that refused our reverse. */
  readonly refusing?: VerifiedAnswer
}

/** @param isPaidProved the `paid` of the history verifies, and says SUCCESS */
export function begin(
  { ifPaid, attemptedAtMs }: Pick<Order, 'ifPaid' | 'attemptedAtMs'>,
  past: PastAttempts,
  isPaidProved: boolean,
): Findings {
  const { firstSeenAtMs, reverseSentAtMs, reverseAnsweredAtMs } = past
  const facts: OrderFacts = {
    ifPaid,
    attemptedAtMs,
    firstSeenAtMs,
    reverseSentAtMs,
    reverseAnsweredAtMs,
    reverseMayHaveActed: reverseSentAtMs !== undefined,
    wasSeenPaid: isPaidProved,
    wasSeenToExist: false,
    namesPayment: false,
    isMismatch: false,
  }
  return { facts, past, answers: {} }
}

export function afterQuery(findings: Findings, { best }: CallResult): Findings {
  const { facts, past } = findings
  const answers = { ...findings.answers, query: best }
  const seen = readState(best)
  if (best.kind !== 'verified') return { ...findings, answers, facts: { ...facts, seen, isMismatch: false } }
  return {
    ...findings,
    answers,
    lastVerified: best,
    facts: {
      ...facts,
      seen,
      namesPayment: namesPayment(best.body),
      isMismatch: isMismatch(best),
      wasSeenToExist: facts.wasSeenToExist || isTradeState(seen),
      wasSeenPaid: facts.wasSeenPaid || seen === 'SUCCESS',
    },
    past: seen === 'SUCCESS' && !facts.wasSeenPaid ? { ...past, paid: best.evidence } : past,
  }
}

/**
 * The next attempt goes by what this one's reverse may have done. One that was verifiably refused, in every try, did nothing:
 * a refund seen later is not ours. One refused for good is no answer by which an order can end as unknown. This attempt
 * still counts its time, because a refused call may have been carried out.
 */
export function afterReverse(
  findings: Findings,
  { best, tries }: CallResult,
  { sentAtMs, receivedAtMs }: { sentAtMs: number; receivedAtMs: number },
): Findings {
  const { facts, past } = findings
  const { reversed } = readReversed(best)
  const isVerified = best.kind === 'verified'
  const hasActed = tries.some(mayHaveActed)
  const isAnswered = isVerified && reversed !== 'refused for good'
  const reverseAnsweredAtMs = facts.reverseAnsweredAtMs ?? (isAnswered ? receivedAtMs : undefined)
  return {
    ...findings,
    answers: { reverse: best },
    ...(isVerified && reversed !== 'answered' && { refusing: best }),
    facts: {
      ...facts,
      seen: undefined,
      reversed,
      reverseSentAtMs: reversed === 'not sent' ? facts.reverseSentAtMs : sentAtMs,
      reverseMayHaveActed: facts.reverseMayHaveActed || hasActed,
      reverseAnsweredAtMs,
    },
    past: { ...past, reverseAnsweredAtMs, ...(hasActed && { reverseSentAtMs: sentAtMs }) },
  }
}

export const proofOfPayment = ({ facts, past }: Findings): Evidence | undefined =>
  facts.wasSeenPaid ? past.paid : undefined
