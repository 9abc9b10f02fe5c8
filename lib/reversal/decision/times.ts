const DAY_SECONDS = 24 * 60 * 60

/** The times of the decision, in seconds, each with its source. */
export const TIMES = {
  /** "Do not reverse within 15 s of paying": APIv2 and overseas pages (https://pay.weixin.qq.com/doc/v2/merchant/4011937361); inferred for APIv3. */
  reverseNotBefore: 15,
  /** How long a user may look at the password box (https://pay.weixin.qq.com/doc/v2/merchant/4011937125). */
  userPaying: 45,
  /** Between two queries while the user pays: the official scripts, https://github.com/wechatpay-apiv3/wechatpay-skills. */
  userPayingAgain: 5,
  /** A reverse on its way may still take effect: inferred. */
  reverseLands: 90,
  /** A payment on its way may still arrive: inferred. */
  paymentArrives: 90,
  /** The same, counted from a clock that may be 5 minutes ahead of ours. */
  paymentArrivesByItsClock: 390,
  /** How long an order can be reversed: APIv2 and overseas pages (same page); inferred for APIv3. */
  reversible: 7 * DAY_SECONDS,
  /** How long an order is looked at again: inferred. The queue keeps a message for nine days and then drops it silently. */
  lookedAtAgain: 7 * DAY_SECONDS,
} as const

export type Times = Readonly<Record<keyof typeof TIMES, number>>

/** A time as every text of the decision writes it: whole days as days, all else in seconds. */
export function inWords(seconds: number): string {
  return seconds > 0 && seconds % DAY_SECONDS === 0 ? `${seconds / DAY_SECONDS} days` : `${seconds} s`
}
