const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** China's time: UTC+8 all year. */
const CHINA_MS = 8 * HOUR_MS

/** A day's bill is made from 9:00 of the next day on, and to be asked for after 10:00 (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556654). */
const MADE_AT_HOUR = 10

/** The day of the books, `yyyy-mm-dd`, that a moment belongs to. */
export const billDateOf = (ms: number): string => new Date(ms + CHINA_MS).toISOString().slice(0, 10)

/** When a day begins in China, in milliseconds since the epoch. */
const beginOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) - CHINA_MS

export const addDays = (date: string, days: number): string => billDateOf(beginOf(date) + days * DAY_MS)

/** From when on a day's bill can be trusted to be whole, in milliseconds since the epoch. */
export const madeAtMs = (date: string): number => beginOf(date) + DAY_MS + MADE_AT_HOUR * HOUR_MS

/** True for a day that exists, written `yyyy-mm-dd`. */
export const isBillDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(beginOf(text)) && billDateOf(beginOf(text)) === text

/** Every day from one to another, both included. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = []
  for (let date = from; date <= to; date = addDays(date, 1)) days.push(date)
  return days
}
