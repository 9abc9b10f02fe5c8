/** With nanoseconds and an offset an RFC 3339 time has 35 characters; nobody writes more than this. */
export const MAX_TIME_LENGTH = 64

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-](\d\d):(\d\d))$/

/** Milliseconds since the epoch of an RFC 3339 time, or undefined for anything else (a 30th of February included). */
export function parseTime(text: string): number | undefined {
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second, offsetHour, offsetMinute] = [1, 2, 3, 4, 5, 6, 9, 10].map((group) =>
    Number(match[group] ?? 0),
  ) as [number, number, number, number, number, number, number, number]
  const midnight = new Date(0)
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  midnight.setUTCFullYear(year, month - 1, day)
  const isDate = midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day
  // A leap second (:60) is RFC 3339 too; it is read as the second after.
  const isTime = hour <= 23 && minute <= 59 && second <= 60 && offsetHour <= 23 && offsetMinute <= 59
  if (!isDate || !isTime) return undefined
  const offsetMs = (match[8]!.startsWith('-') ? -1 : 1) * (offsetHour * 60 + offsetMinute) * 60_000
  const fractionMs = Math.floor(Number(`0${match[7] ?? ''}`) * 1000)
  return midnight.getTime() + (hour * 3600 + minute * 60 + second) * 1000 + fractionMs - offsetMs
}

/** The RFC 3339 time of a moment, in UTC. */
export const formatTime = (ms: number) => new Date(ms).toISOString()
