import type { TradeState } from '../wechatpay/trade-state.ts'
import type { ErrorName } from './errors.ts'
import type { Outcome } from './result.ts'

/** What the last query of this attempt said. Only verified answers say anything. */
export type Seen = TradeState | 'ORDER_NOT_EXIST' | 'UNKNOWN' | 'NOTHING'

/** What came of this attempt's reverse. Whatever it was, a query must follow: a 200 says only "received". */
export type Reversed = 'answered' | 'refused for now' | 'refused for good' | 'unverified' | 'no answer' | 'not sent'

/** Everything the decision rests on. Times are milliseconds since the epoch. */
export interface Known {
  ifPaid: 'refund' | 'keep'
  attemptedAt?: number | undefined
  firstSeenAt: number
  /** When a reverse of ours was last sent, in this attempt or an earlier one. */
  reverseSentAt?: number | undefined
  /** When a reverse of ours first had a verified answer. */
  reverseAnsweredAt?: number | undefined
  /** A verified SUCCESS was seen, or the answer seen now names a payment (`transaction_id`, `success_time`). */
  paymentProved: boolean
  /** Not yet in this attempt, or not since its reverse: undefined. */
  seen?: Seen | undefined
  reversed?: Reversed | undefined
}

export type Step =
  | { do: 'query' }
  | { do: 'reverse' }
  | { do: 'finish'; outcome: Outcome }
  /** Without `seconds`: as long as the back-off says. */
  | { do: 'wait'; reason: string; seconds?: number }
  | { do: 'refuse'; error: ErrorName; detail: string }

/** The times of the decision, in seconds, each with its source. */
export const TIMES = {
  /** "Do not reverse within 15 s of paying": APIv2 and overseas pages; inferred for APIv3. https://pay.weixin.qq.com/doc/v2/merchant/4011937125 */
  reverseNotBefore: 15,
  /** How long a user may look at the password box: same page. */
  userPaying: 45,
  /** Between two looks at a paying user: official query script for pay codes. */
  userPayingAgain: 5,
  /** A reverse on its way may still land: inferred. */
  reverseSettles: 90,
  /** A payment on its way may still arrive: inferred. */
  paymentArrives: 90,
  /** The same, counted from a clock that may be 5 minutes ahead of ours. */
  paymentArrivesByItsClock: 390,
  /** How long an order can be reversed: APIv2 and overseas pages; inferred for APIv3. */
  reversible: 7 * 24 * 60 * 60,
} as const

interface Row {
  /** What the state means, for a reader who does not know WeChat Pay. */
  means: string
  /** What we do, in words: the README's table is drawn from these. */
  next: string
  rule: (known: Known, now: number) => Step
}

/** What each thing a query can say leads to. A state missing here does not compile; one never seen has its own row. */
export const TABLE = {
  REVOKED: {
    means: 'reversed: unpaid it was closed, paid it is being refunded',
    next: 'finish `REFUNDED` when a payment is proved, else `REVERSED`',
    rule: (known) => ({ do: 'finish', outcome: known.paymentProved ? 'REFUNDED' : 'REVERSED' }),
  },
  CLOSED: {
    means: 'closed unpaid',
    next: 'finish `CLOSED`',
    rule: () => ({ do: 'finish', outcome: 'CLOSED' }),
  },
  REFUND: {
    means: 'being refunded, wholly or in part',
    next: 'after a reverse of ours finish `REFUNDED`; without one refuse `RefundedElsewhere`',
    rule: ({ reverseSentAt }) =>
      reverseSentAt === undefined
        ? {
            do: 'refuse',
            error: 'RefundedElsewhere',
            detail: 'refunded by other means, perhaps in part: a person must look',
          }
        : { do: 'finish', outcome: 'REFUNDED' },
  },
  SUCCESS: {
    means: 'paid',
    next: 'reverse; with `if_paid: keep` finish `KEPT` (after a reverse of ours only 90 s later) and never reverse',
    rule: (known, now) => (known.ifPaid === 'keep' ? keep(known, now) : reverseWhenDue(known, now)),
  },
  USERPAYING: {
    means: 'the user is at the password box',
    next: 'wait 5 s while the payment is under 45 s old, then reverse',
    rule: (known, now) =>
      secondsSincePayment(known, now) < TIMES.userPaying
        ? { do: 'wait', reason: 'the user is paying', seconds: TIMES.userPayingAgain }
        : reverseWhenDue(known, now),
  },
  NOTPAY: {
    means: 'not paid',
    next: 'reverse',
    rule: reverseWhenDue,
  },
  PAYERROR: {
    means: 'the payment failed, which does not prove that nobody was charged',
    next: 'reverse',
    rule: reverseWhenDue,
  },
  ORDER_NOT_EXIST: {
    means: 'no such order under this `mchid`, or not yet',
    next: 'reverse; finish `NOT_FOUND` once a reverse of ours was answered and we have known the order for 90 s (or 390 s have passed since `attempted_at`)',
    rule: (known, now) =>
      known.reversed !== 'refused for good' && known.reverseAnsweredAt !== undefined && cannotArriveAnyMore(known, now)
        ? { do: 'finish', outcome: 'NOT_FOUND' }
        : reverseWhenDue(known, now),
  },
  UNKNOWN: {
    means: 'a state or a code never seen before, and verified',
    next: 'wait, touch nothing, and wake a person',
    rule: () => ({ do: 'wait', reason: 'WeChat Pay answered with a state or code this version does not know' }),
  },
  NOTHING: {
    means: 'nothing that verifies, or no state in it',
    next: 'reverse; with `if_paid: keep` wait: never reverse blind',
    rule: (known, now) =>
      known.ifPaid === 'keep' ? { do: 'wait', reason: 'no verified answer to our query' } : reverseWhenDue(known, now),
  },
} as const satisfies Record<Seen, Row>

/** What this attempt's reverse leads to, once the query after it has not ended the order. */
export const AFTER_REVERSE = {
  answered: 'WeChat Pay received the reverse, but the order is not final yet',
  'refused for now': 'WeChat Pay refused the reverse for now',
  'refused for good': 'WeChat Pay refused the reverse, and nothing verified says where the order stands',
  unverified: 'the answer to the reverse does not verify',
  'no answer': 'no answer to the reverse',
  'not sent': 'the reverse could not be sent',
} as const satisfies Record<Reversed, string>

/**
 * What to do next about an order, from what is known of it: the whole meaning of this product, without a clock,
 * an environment or a network. Every attempt begins with a query, however young or old the order.
 *
 * @param now milliseconds since the epoch
 */
export function decide(known: Known, now: number): Step {
  if (known.seen === undefined) return { do: 'query' }
  const step: Step = TABLE[known.seen].rule(known, now)
  const isOpenEnded = step.do === 'wait' && step.seconds === undefined
  // The queue keeps a message for nine days; nobody must wait for one that silently went.
  if (isOpenEnded && secondsBetween(known.firstSeenAt, now) > TIMES.reversible) return expired(step.reason)
  return step
}

function reverseWhenDue(known: Known, now: number): Step {
  if (known.reversed !== undefined) return afterReverse(known.reversed, known.seen!)
  const seconds = secondsSincePayment(known, now)
  if (seconds < TIMES.reverseNotBefore) {
    return { do: 'wait', reason: 'too early to reverse', seconds: Math.ceil(TIMES.reverseNotBefore - seconds) }
  }
  if (seconds > TIMES.reversible) return expired('a reverse is due')
  return { do: 'reverse' }
}

function afterReverse(reversed: Reversed, seen: Seen): Step {
  if (reversed === 'refused for good' && seen !== 'NOTHING') {
    return {
      do: 'refuse',
      error: 'ReversalRejected',
      detail: `WeChat Pay refused the reverse for good; the order is ${seen}`,
    }
  }
  return { do: 'wait', reason: AFTER_REVERSE[reversed] }
}

function keep({ reverseSentAt }: Known, now: number): Step {
  const settled = reverseSentAt === undefined ? 0 : TIMES.reverseSettles - secondsBetween(reverseSentAt, now)
  if (settled <= 0) return { do: 'finish', outcome: 'KEPT' }
  return {
    do: 'wait',
    reason: 'paid and to be kept, but a reverse of ours may still land',
    seconds: Math.ceil(settled),
  }
}

function expired(reason: string): Step {
  return { do: 'refuse', error: 'ReversalExpired', detail: `more than 7 days have passed; last reason: ${reason}` }
}

function cannotArriveAnyMore({ firstSeenAt, attemptedAt }: Known, now: number): boolean {
  return (
    secondsBetween(firstSeenAt, now) >= TIMES.paymentArrives ||
    (attemptedAt !== undefined && secondsBetween(attemptedAt, now) >= TIMES.paymentArrivesByItsClock)
  )
}

const secondsBetween = (from: number, to: number) => (to - from) / 1000

const secondsSincePayment = ({ attemptedAt, firstSeenAt }: Known, now: number) =>
  secondsBetween(attemptedAt ?? firstSeenAt, now)
