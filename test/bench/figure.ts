import type { Summary } from './statistics.ts'

/** A row of the table in docs/figures.md. */
export interface Figure {
  what: string
  toReach: string
  measured: string
  /** What people would pick instead, or what explains the figure. */
  beside: string
}

const spread = ({ median, from, to }: Summary, decimals: number) =>
  `${median.toFixed(decimals)} (${from.toFixed(decimals)}–${to.toFixed(decimals)})`

/** The median, and the middle half of all rounds. */
export const ratioText = (summary: Summary) => spread(summary, 2)
export const msText = (summary: Summary) => `${spread(summary, summary.median < 10 ? 2 : 0)} ms`
