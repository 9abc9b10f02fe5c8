/** What CloudWatch keeps of a minute of a metric. */
export interface Point {
  sum: number
  count: number
  least: number
  greatest: number
}

/** The points of a metric by minute. */
export type Series = Map<number, Point>

/**
 * Metrics by name: ours by their own (`NoAnswer`), AWS's with the resource they are about (`HttpLambdaFunction Errors`).
 * Each has one dimension, so this is enough to tell them apart.
 */
export type Metrics = Map<string, Series>

export function addPoint(metrics: Metrics, name: string, minute: number, point: Point) {
  const series: Series = metrics.get(name) ?? new Map<number, Point>()
  metrics.set(name, series)
  const before = series.get(minute)
  series.set(minute, before === undefined ? point : together([before, point])!)
}

/** What several points say as one; undefined: there is none. */
export function together(points: readonly Point[]): Point | undefined {
  const [first, ...others] = points
  if (first === undefined) return undefined
  return others.reduce(
    (all, one) => ({
      sum: all.sum + one.sum,
      count: all.count + one.count,
      least: Math.min(all.least, one.least),
      greatest: Math.max(all.greatest, one.greatest),
    }),
    first,
  )
}

/** So much of one thing, counted within a minute. */
export const counted = (sum: number): Point => ({ sum, count: 1, least: sum, greatest: sum })

/** Lets `others` happen so many times, beginning in that minute. */
export function superpose(metrics: Metrics, others: Metrics, atMinute: number, times = 1) {
  for (const [name, series] of others) {
    for (const [minute, { sum, count, ...ends }] of series) {
      addPoint(metrics, name, atMinute + minute, { sum: sum * times, count: count * times, ...ends })
    }
  }
}
