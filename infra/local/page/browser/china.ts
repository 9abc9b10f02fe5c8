const DAY_MS = 86_400_000
/** China has no summer time. */
const AHEAD_OF_UTC_MS = 8 * 3_600_000

/** The trade bill of a day is there at 10:00 of the next, and the settlement runs a quarter of an hour later. */
const SETTLED_AT_MS = 10.25 * 3_600_000

/** Tomorrow 10:15 in China, in ms: the bill of today will have been settled. */
export function tomorrowMorning(nowMs: number): number {
  const today = Math.floor((nowMs + AHEAD_OF_UTC_MS) / DAY_MS) * DAY_MS
  return today + DAY_MS + SETTLED_AT_MS - AHEAD_OF_UTC_MS
}
