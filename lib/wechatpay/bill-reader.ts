import { type BillRow, type Columns, readHeader, readRow } from './bill-columns.ts'
import { BillRefused } from './bill-refused.ts'

/** A row has some 400 bytes. Whatever has no end within this is no bill, and would fill the memory. */
const MAX_LINE_BYTES = 64 * 1024

const LINE_FEED = 0x0a
const COMMA = 0x2c
const BACKTICK = 0x60

/** The name of the summary's first column: it ends the rows. */
const ROW_COUNT = Buffer.from('总交易单数')

export interface BillReaderOptions {
  /** Whose bill it must be. */
  mchid: string
  /** `yyyy-mm-dd`: the day it must be of. */
  date: string
  /** Which rows are wanted; the others are only counted. */
  wants: (out_trade_no: string) => boolean
  /** The rows of reversed payments too, whoever's they are. */
  wantsRevoked?: boolean
  found: (row: BillRow) => void
}

/**
 * Reads a bill as its bytes come, in memory that does not grow with it. Bytes and not text: of a million rows a few are
 * wanted, and only those are decoded. A parser that turns every field into a string costs more than inflating and hashing
 * together (measured: `npm run bench`), and quotes, which parsers know, mean nothing here.
 *
 * `write` and `end` throw BillRefused.
 */
export function createBillReader({ mchid, date, wants, wantsRevoked = false, found }: BillReaderOptions) {
  const ownMchid = Buffer.from(mchid)
  const day = Buffer.from(date)
  const revoked = Buffer.from('REVOKED')
  let columns: Columns | undefined
  /** The last column that must be looked at in every row. */
  let lastColumn = 0
  /** What has come of a line that has not ended yet. */
  let rest: Buffer = Buffer.alloc(0)
  let rows = 0
  let isOfDay = false
  let summary: string[] | undefined

  function write(chunk: Buffer) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let from = 0
    // What was looked through already has no end of a row in it, but for its last bytes: what follows one may be cut.
    let search = Math.max(0, rest.length - ROW_COUNT.length - 1)
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, search)
      if (end === -1) break
      search = end + 1
      if (summary === undefined && columns !== undefined && !isSummary(bytes, from)) {
        // A name may hold a line break: a row ends where the next one, or the summary, begins.
        if (bytes[search] !== BACKTICK && !isSummary(bytes, search)) continue
      }
      line(bytes, from, end)
      from = search
    }
    if (bytes.length - from > MAX_LINE_BYTES) throw new BillRefused('too large', 'a line without end')
    // A copy: the part must not keep the whole chunk.
    rest = Buffer.from(bytes.subarray(from))
  }

  /** One line, or one row of several lines: from `from` up to `end`. */
  function line(bytes: Buffer, from: number, end: number) {
    if (columns === undefined) {
      columns = readHeader(textOf(bytes.subarray(from, end)))
      const { time, mchid, transactionId, outTradeNo, state } = columns
      lastColumn = Math.max(time, mchid, transactionId, outTradeNo, wantsRevoked ? state : 0)
    } else if (summary === undefined && isSummary(bytes, from)) {
      summary = []
    } else if (summary !== undefined) {
      const text = textOf(bytes.subarray(from, end)).trim()
      if (text !== '') summary.push(text)
    } else {
      row(bytes, from, end, columns)
    }
  }

  function row(bytes: Buffer, from: number, end: number, columns: Columns) {
    if (bytes[from] !== BACKTICK) throw new BillRefused('not a bill', `row ${rows + 1} does not begin with a backtick`)
    rows += 1
    let isWanted = false
    let start = from + 1
    for (let column = 0; ; column++) {
      let at = start
      while (at < end && !(bytes[at] === COMMA && bytes[at + 1] === BACKTICK)) at++
      if (column === columns.outTradeNo) isWanted ||= wants(bytes.toString('latin1', start, at))
      else if (column === columns.time) isOfDay ||= startsWith(bytes, start, day)
      else if (column === columns.mchid) {
        if (!isExactly(bytes, start, at, ownMchid)) throw new BillRefused('another merchant', `row ${rows}`)
      } else if (column === columns.transactionId) {
        // A field before it that held the mark between two fields would move every column after it.
        if (!isNumber(bytes, start, at)) throw new BillRefused('not a bill', `row ${rows}: 微信订单号 is no number`)
      } else if (column === columns.state && wantsRevoked) isWanted ||= isExactly(bytes, start, at, revoked)
      if (column === lastColumn) {
        if (isWanted) found(readRow(textOf(bytes.subarray(from, end)), columns))
        return
      }
      if (at === end) throw new BillRefused('not a bill', `row ${rows} has ${column + 1} fields`)
      start = at + 2
    }
  }

  /** The number of rows, once all of them have come. */
  function end(): { rows: number } {
    if (rest.length > 0) line(rest, 0, rest.length)
    if (columns === undefined) throw new BillRefused('not a bill', 'is empty')
    if (summary === undefined) throw new BillRefused('wrong count', 'has no summary')
    const count = /^`?(\d{1,10})(?:,|$)/.exec(summary[0] ?? '')?.[1]
    if (summary.length !== 1 || count === undefined) throw new BillRefused('not a bill', 'the summary cannot be read')
    if (Number(count) !== rows) throw new BillRefused('wrong count', `${rows} rows, and the summary says ${count}`)
    if (rows > 0 && !isOfDay) throw new BillRefused('another day', `none of ${rows} rows is of ${date}`)
    return { rows }
  }

  return { write, end }
}

const isSummary = (bytes: Buffer, at: number) => bytes[at] === ROW_COUNT[0] && startsWith(bytes, at, ROW_COUNT)

function startsWith(bytes: Buffer, at: number, with_: Buffer): boolean {
  for (let index = 0; index < with_.length; index++) if (bytes[at + index] !== with_[index]) return false
  return true
}

const isExactly = (bytes: Buffer, start: number, end: number, what: Buffer) =>
  end - start === what.length && startsWith(bytes, start, what)

function isNumber(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! < 0x30 || bytes[at]! > 0x39) return false
  return end > start
}

/** It leaves out the byte order mark that a bill may begin with. */
const utf8 = new TextDecoder('utf-8')
const textOf = (bytes: Uint8Array) => utf8.decode(bytes)
