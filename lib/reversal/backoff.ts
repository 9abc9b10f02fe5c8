export const DAY_SECONDS = 24 * 60 * 60

/** The steps of the back-off: 5 s at first, then a quarter of the order's age, to 15 min on the first day, to 1 h after it. */
export const BACKOFF = {
  firstSeconds: 5,
  shareOfAge: 1 / 4,
  firstDayMaxSeconds: 15 * 60,
  laterMaxSeconds: 60 * 60,
} as const

/**
 * Seconds until an unfinished order should be looked at again, from how long we have known it: nothing has to be counted,
 * so a lost or doubled message changes nothing. Equal jitter (half fixed, half random) spreads what an outage piled up.
 *
 * @param random from 0 to 1
 */
export function backoffSeconds(ageSeconds: number, random: number): number {
  const max = ageSeconds < DAY_SECONDS ? BACKOFF.firstDayMaxSeconds : BACKOFF.laterMaxSeconds
  const seconds = Math.min(max, ageSeconds * BACKOFF.shareOfAge)
  return Math.max(BACKOFF.firstSeconds, Math.ceil(seconds / 2 + (seconds / 2) * random))
}
