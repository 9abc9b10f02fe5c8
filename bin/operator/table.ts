import Table from 'cli-table3'
import { wrap } from '../language/width.ts'

/** A cell is one line or more; each is wrapped within its column. */
export type Cell = readonly string[]

export interface TableLook {
  head: readonly string[]
  /** Of all columns but the last, which takes the rest. Their borders come on top. */
  widths: readonly number[]
  /** Of the whole table; the terminal's, unless told. */
  columns?: number | undefined
}

/** Where no terminal says how wide it is. */
const COLUMNS = 80

const LEAST_REST = 24

export function drawTable({ head, widths, columns = process.stdout.columns ?? COLUMNS }: TableLook, rows: Cell[][]) {
  const rest = columns - widths.reduce((sum, width) => sum + width, widths.length + 2)
  const restWidth = Math.max(LEAST_REST, rest)
  const table = new Table({
    head: [...head],
    colWidths: [...widths, restWidth],
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const cells of rows) {
    table.push(
      cells.map((lines, index) => lines.map((line) => broken(line, (widths[index] ?? restWidth) - 2)).join('\n')),
    )
  }
  return table.toString()
}

/** What others wrote, in one line of a terminal. */
export const inOneLine = (text: string): string => text.replace(/\p{Cc}/gu, ' ')

/** `1 row`, `1,204 rows`. */
export const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`

/** The table cuts off what has no space to break at: Chinese, and words wider than the column. */
const broken = (text: string, width: number) =>
  wrap(text.replace(RegExp(`[^\\s\\p{Script=Han}]{${width}}(?=[^\\s\\p{Script=Han}])`, 'gu'), '$& '), width)
