/** Many measurements of one thing: the middle one, and how far the middle half of them spreads. */
export interface Summary {
  median: number
  /** First and third quartile. */
  from: number
  to: number
}

export function summarize(values: readonly number[]): Summary {
  return { median: quantile(values, 0.5), from: quantile(values, 0.25), to: quantile(values, 0.75) }
}

/** @param share from 0 (the least value) to 1 (the greatest); between two values it is interpolated */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('no values')
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}

/** One thing against another, measured in the same rounds: the ratio of each round, summarized. */
export function ratios(ours: readonly number[], others: readonly number[]): Summary {
  return summarize(ours.map((value, round) => value / others[round]!))
}
