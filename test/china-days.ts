const HOUR_MS = 3_600_000

/** The day in China, which is at UTC+8 all year: yyyy-mm-dd. */
export const dateOf = (ms: number) => new Date(ms + 8 * HOUR_MS).toISOString().slice(0, 10)

/** 12:00 in China, so many days ago. */
export const noon = (daysAgo: number) => Date.parse(`${dateOf(Date.now())}T12:00:00+08:00`) - daysAgo * 24 * HOUR_MS

/** The day in China, so many days ago. */
export const day = (daysAgo: number) => dateOf(noon(daysAgo))
