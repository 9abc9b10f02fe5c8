/** A turn later than this is none: the last message of a batch must be left time for a whole attempt. */
export const MAX_WAIT_MS = 10_000

export interface PaceOptions {
  /** How many attempts of one merchant may begin in a second, on average. */
  perSecond: number
  /**
   * How many may begin together after a pause: more make up for the time between two batches, fewer keep the environments
   * of a function from meeting in the same second. Four does both (`npm run bench -- --only drain`).
   */
  atOnce?: number
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
}

/**
 * How fast attempts may begin, so that a backlog meets WeChat Pay's limit of 150 reverses a second and not its 429s: a
 * generic cell rate algorithm (ITU-T I.371). Concurrency alone cannot hold a rate, because nobody knows how long WeChat Pay
 * will take to answer. The limit is each merchant's own (inferred: 退款查询 says "每商户", official:
 * https://pay.weixin.qq.com/docs/merchant/apis/refund/refunds/query-by-out-refund-no.html), and so is the pace.
 *
 * @returns takes a merchant's next turn, and tells how many milliseconds to wait for it; takes none, and tells nothing, when
 *   that would be more than `MAX_WAIT_MS`
 */
export function createPace({ perSecond, atOnce = 4, now = () => performance.now() }: PaceOptions) {
  const apartMs = 1000 / perSecond
  /** When the turn after a merchant's last one begins. Those who took theirs last come last. */
  const nextAt = new Map<string, number>()

  return function turn(merchant: string): number | undefined {
    const at = now()
    const rested = at - (atOnce - 1) * apartMs
    // Who has paused so long is as good as new: so only those are kept who took a turn a short while ago.
    for (const [other, itsNextAt] of nextAt) {
      if (itsNextAt > rested) break
      nextAt.delete(other)
    }
    const turnAt = Math.max(nextAt.get(merchant) ?? rested, rested)
    const waitMs = Math.max(0, turnAt - at)
    if (waitMs > MAX_WAIT_MS) return undefined
    nextAt.delete(merchant)
    nextAt.set(merchant, turnAt + apartMs)
    return waitMs
  }
}
