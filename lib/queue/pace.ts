/** The last message of a batch must be left time for a whole attempt, however slow the pace. */
export const MAX_WAIT_MS = 10_000

export interface PaceOptions {
  /** How many attempts may begin in a second, on average. */
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
 * will take to answer.
 *
 * @returns takes the next turn, and tells how many milliseconds to wait for it
 */
export function createPace({ perSecond, atOnce = 4, now = () => performance.now() }: PaceOptions): () => number {
  const apartMs = 1000 / perSecond
  let nextAt = Number.NEGATIVE_INFINITY
  return () => {
    const at = now()
    const turnAt = Math.max(nextAt, at - (atOnce - 1) * apartMs)
    nextAt = turnAt + apartMs
    return Math.min(Math.max(0, turnAt - at), MAX_WAIT_MS)
  }
}
