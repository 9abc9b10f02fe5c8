import type { AgedFacts, Ages } from './facts.ts'
import { inWords, type Times } from './times.ts'

/** When a row holds; `secondsLeft`, where it depends on time. */
export interface Condition<Facts = AgedFacts> {
  says: string
  holds: (facts: Facts) => boolean
  secondsLeft?: (facts: Facts) => number
}

export type Conditions = ReturnType<typeof conditionsOf>

/** The conditions of the decision. What one says and what it holds by are the same times. */
export function conditionsOf(times: Times) {
  return {
    seenPaid: {
      says: 'SUCCESS was seen before',
      holds: ({ wasSeenPaid }) => wasSeenPaid,
    },
    namesPayment: {
      says: 'the answer names the payment',
      holds: (facts) => facts.namesPayment,
    },
    seenToExist: {
      says: 'WeChat Pay knew the order in this attempt',
      holds: ({ wasSeenToExist }) => wasSeenToExist,
    },
    reverseMayHaveActed: {
      says: 'a reverse of ours was sent, and not refused',
      holds: (facts) => facts.reverseMayHaveActed,
    },
    reverseMayLand: lessThan(times.reverseLands, 'a reverse of ours was sent', ({ sinceReverse }) => sinceReverse),
    notReversedYet: {
      says: 'this attempt has sent no reverse',
      holds: ({ reversed }) => reversed === undefined,
    },
    reverseAnswered: {
      says: 'a reverse of ours had a verified answer',
      holds: ({ reverseAnsweredAtMs }) => reverseAnsweredAtMs !== undefined,
    },
    notRefusedForGood: {
      says: 'this attempt was not refused for good',
      holds: ({ reversed }) => reversed !== 'refused for good',
    },
    keep: {
      says: '`if_paid` is `keep`',
      holds: ({ ifPaid }) => ifPaid === 'keep',
    },
    userMayStillPay: lessThan(times.userPaying, 'the payment was attempted', ({ sincePayment }) => sincePayment),
    tooEarly: lessThan(times.reverseNotBefore, 'the payment was attempted', ({ sincePayment }) => sincePayment),
    tooLate: moreThan(times.reversible, 'the payment was attempted', ({ sincePayment }) => sincePayment),
    paymentWouldHaveArrived: {
      says:
        `the order was first seen ${inWords(times.paymentArrives)} ago ` +
        `(or \`attempted_at\` is ${inWords(times.paymentArrivesByItsClock)} ago)`,
      holds: ({ sinceFirstSeen, sinceAttempted }) =>
        sinceFirstSeen >= times.paymentArrives || sinceAttempted >= times.paymentArrivesByItsClock,
    },
    nothingVerified: {
      says: 'nothing verified says where the order stands',
      // That the order is of another merchant says that it does not stand under these names.
      holds: ({ seen, isMismatch }) => seen === 'NOTHING' && !isMismatch,
    },
    knownTooLong: moreThan<Pick<Ages, 'sinceFirstSeen'>>(
      times.lookedAtAgain,
      'the order was first seen',
      ({ sinceFirstSeen }) => sinceFirstSeen,
    ),
  } satisfies Record<string, Condition>
}

export function both(one: Condition, other: Condition): Condition {
  const timed = [one, other].flatMap(({ secondsLeft }) => secondsLeft ?? [])
  return {
    says: `${one.says}, and ${other.says}`,
    holds: (facts) => one.holds(facts) && other.holds(facts),
    ...(timed.length > 0 && { secondsLeft: (facts) => Math.min(...timed.map((left) => left(facts))) }),
  }
}

export function either(one: Condition, other: Condition): Condition {
  return {
    says: `${one.says}, or ${other.says}`,
    holds: (facts) => one.holds(facts) || other.holds(facts),
  }
}

function lessThan(seconds: number, what: string, age: (facts: AgedFacts) => number): Condition {
  return {
    says: `${what} less than ${inWords(seconds)} ago`,
    holds: (facts) => age(facts) < seconds,
    secondsLeft: (facts) => seconds - age(facts),
  }
}

function moreThan<Facts = AgedFacts>(seconds: number, what: string, age: (facts: Facts) => number): Condition<Facts> {
  return { says: `${what} more than ${inWords(seconds)} ago`, holds: (facts) => age(facts) > seconds }
}
