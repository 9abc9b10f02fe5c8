import type { Known } from './known.ts'

/** The times of the decision, in seconds, each with its source. */
export const TIMES = {
  /** "Do not reverse within 15 s of paying": APIv2 and overseas pages (https://pay.weixin.qq.com/doc/v2/merchant/4011937361); inferred for APIv3. */
  reverseNotBefore: 15,
  /** How long a user may look at the password box (https://pay.weixin.qq.com/doc/v2/merchant/4011937125). */
  userPaying: 45,
  /** Between two looks at a paying user: the official scripts, https://github.com/wechatpay-apiv3/wechatpay-skills. */
  userPayingAgain: 5,
  /** A reverse on its way may still land: inferred. */
  reverseLands: 90,
  /** A payment on its way may still arrive: inferred. */
  paymentArrives: 90,
  /** The same, counted from a clock that may be 5 minutes ahead of ours. */
  paymentArrivesByItsClock: 390,
  /** How long an order can be reversed: APIv2 and overseas pages (same page); inferred for APIv3. */
  reversible: 7 * 24 * 60 * 60,
} as const

export type Times = Readonly<Record<keyof typeof TIMES, number>>

/** What is known, and how old it is: seconds since the payment (`attempted_at`, else first seen), and so on. */
export interface Facts extends Known {
  times: Times
  sincePayment: number
  sinceAttempted: number
  sinceFirstSeen: number
  sinceReverse: number
}

/** When a row holds. With `secondsLeft`, how long it will go on to hold. */
export interface Condition {
  says: string
  holds: (facts: Facts) => boolean
  secondsLeft?: (facts: Facts) => number
}

export const paymentIsProved: Condition = {
  says: 'a payment is proved: SUCCESS was seen before, or the answer names the payment',
  holds: ({ wasSeenPaid, namesPayment }) => wasSeenPaid || namesPayment,
}
export const reverseMayHaveActed: Condition = {
  says: 'a reverse of ours was sent, and not refused',
  holds: (facts) => facts.reverseMayHaveActed,
}
export const toBeKept: Condition = {
  says: '`if_paid` is `keep`',
  holds: ({ ifPaid }) => ifPaid === 'keep',
}
export const toBeKeptAndSeenPaid: Condition = {
  says: '`if_paid` is `keep`, and SUCCESS was seen before',
  holds: ({ ifPaid, wasSeenPaid }) => ifPaid === 'keep' && wasSeenPaid,
}
export const toBeKeptButReverseMayLand: Condition = {
  says: `\`if_paid\` is \`keep\`, and a reverse of ours was sent less than ${TIMES.reverseLands} s ago`,
  holds: ({ ifPaid, sinceReverse, times }) => ifPaid === 'keep' && sinceReverse < times.reverseLands,
  secondsLeft: ({ sinceReverse, times }) => times.reverseLands - sinceReverse,
}
export const userMayStillPay: Condition = {
  says: `the payment is less than ${TIMES.userPaying} s old`,
  holds: ({ sincePayment, reversed, times }) => sincePayment < times.userPaying && reversed === undefined,
}
export const wasKnown: Condition = {
  says: 'WeChat Pay knew the order before: in this attempt, or SUCCESS was seen',
  holds: ({ wasSeenToExist, wasSeenPaid }) => wasSeenToExist || wasSeenPaid,
}
export const cannotArriveAnyMore: Condition = {
  says:
    `a reverse of ours had a verified answer, and we have known the order for ${TIMES.paymentArrives} s ` +
    `(or ${TIMES.paymentArrivesByItsClock} s have passed since \`attempted_at\`)`,
  holds: ({ reversed, reverseAnsweredAt, sinceFirstSeen, sinceAttempted, times }) =>
    reverseAnsweredAt !== undefined &&
    reversed !== 'refused for good' &&
    (sinceFirstSeen >= times.paymentArrives || sinceAttempted >= times.paymentArrivesByItsClock),
}
export const tooEarly: Condition = {
  says: `the payment is less than ${TIMES.reverseNotBefore} s old`,
  holds: ({ sincePayment, times }) => sincePayment < times.reverseNotBefore,
  secondsLeft: ({ sincePayment, times }) => times.reverseNotBefore - sincePayment,
}
export const tooLate: Condition = {
  says: 'the payment is more than 7 days old',
  holds: ({ sincePayment, times }) => sincePayment > times.reversible,
}
export const tooLateAndNothingVerified: Condition = {
  says: `${tooLate.says}, and nothing verified says where the order stands`,
  holds: (facts) => tooLate.holds(facts) && facts.seen === 'NOTHING',
}
export const nothingVerified: Condition = {
  says: 'the query after it brought nothing verified',
  holds: ({ seen }) => seen === 'NOTHING',
}
