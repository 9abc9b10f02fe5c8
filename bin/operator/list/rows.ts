import { extname } from 'node:path'
import { pipeline } from 'node:stream'
import { type CsvError, type Info, parse } from 'csv-parse'
import { parseOrderJson } from '../../../lib/reversal/order-json.ts'
import { text } from '../../texts/send.ts'
import { Failure } from '../failure.ts'
import { refusalInWords } from '../meanings.ts'

/** A line of a list, counted from 1: what stands there for an order, or why nobody can tell. */
export type Row = { line: number; order: unknown } | { line: number; problem: string }

/** As much as every SQS queue takes in one message. */
export const MOST_BYTES = 262_144

const MOST_KIB = MOST_BYTES / 1024

/** How a list is read, by the end of its name. @throws Failure for another */
export function readerOf(path: string): (pieces: AsyncIterable<string>) => AsyncGenerator<Row> {
  const ending = extname(path).toLowerCase()
  if (ending === '.csv') return readCsv
  if (ending === '.jsonl' || ending === '.ndjson') return readJsonLines
  throw new Failure(text.neither(path), text.giveList)
}

async function* readJsonLines(pieces: AsyncIterable<string>): AsyncGenerator<Row> {
  let line = 0
  for await (const json of linesOf(pieces)) {
    line += 1
    if (json.trim() !== '') yield readJsonLine(line, json)
  }
}

function readJsonLine(line: number, json: string): Row {
  if (json.length > MOST_BYTES) return { line, problem: text.tooLong(MOST_KIB) }
  try {
    return { line, order: parseOrderJson(json, 'line') }
  } catch (error) {
    return { line, problem: refusalInWords((error as Error).message) }
  }
}

/** Not by node:readline: it takes U+2028 for the end of a line, which may stand in a JSON string, and knows no bound. */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n')
    // Of a line without an end, enough is kept to see that it is too long.
    rest = lines.pop()!.slice(0, MOST_BYTES + 1)
    yield* lines
  }
  yield rest
}

/** Of `history` only JSON can carry the whole. */
const COLUMNS = 'mchid appid sp_mchid sub_mchid sp_appid sub_appid out_trade_no attempted_at if_paid'.split(' ')

async function* readCsv(pieces: AsyncIterable<string>): AsyncGenerator<Row> {
  const unread: Row[] = []
  const parser = parse({
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    max_record_size: MOST_BYTES,
    skip_records_with_error: true,
    on_skip: (error) => {
      const row = explain(error as CsvError & { lines: number })
      // Of a line far too long, the parser says so again and again.
      if (unread.at(-1)?.line !== row.line) unread.push(row)
    },
  })
  // What goes wrong with the pieces comes out of the parser.
  pipeline(pieces, parser, () => {})
  let columns: string[] | undefined
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
    while (unread[0] !== undefined && unread[0].line < info.lines) yield unread.shift()!
    if (columns === undefined) columns = checkHeader(record)
    else yield readCells(columns, record, info.lines)
  }
  yield* unread
}

function explain({ code, lines: line }: CsvError & { lines: number }): Row {
  if (code === 'CSV_MAX_RECORD_SIZE') return { line, problem: text.tooLongUnlessClosed(MOST_KIB) }
  return { line, problem: text.strayQuote }
}

/** @throws Failure that names the column */
function checkHeader(columns: string[]): string[] {
  const unknown = columns.find((name) => !COLUMNS.includes(name))
  const twice = columns.find((name, index) => columns.indexOf(name) < index)
  const names = text.header(COLUMNS.join(', '))
  if (unknown === 'history') throw new Failure(text.historyInCsv, text.giveJson)
  if (unknown !== undefined) throw new Failure(text.unknownColumn(JSON.stringify(unknown)), names)
  if (twice !== undefined) throw new Failure(text.columnTwice(twice), names)
  return columns
}

function readCells(columns: readonly string[], cells: readonly string[], line: number): Row {
  if (cells.length !== columns.length) {
    return { line, problem: text.cells(cells.length, columns.length) }
  }
  const filled = columns.flatMap((name, index) => (cells[index] === '' ? [] : [[name, cells[index]!] as const]))
  const rounded = filled.find(([, value]) => /^\d[.,]\d+E\+\d+$/i.test(value))
  if (rounded === undefined) return { line, order: Object.fromEntries(filled) }
  return { line, problem: text.rounded(rounded[0]) }
}
