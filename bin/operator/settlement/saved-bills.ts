import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { BillRow } from '../../../lib/wechatpay/bill-columns.ts'
import { createBillReader } from '../../../lib/wechatpay/bill-reader.ts'
import { BillRefused } from '../../../lib/wechatpay/bill-refused.ts'
import { text } from '../../texts/verify.ts'
import { Failure } from '../failure.ts'
import { cannotRead, pathOf } from '../files.ts'

/** Bills as `npm run settle -- --save` keeps them, by their SHA-1. */
export async function hashBills(paths: readonly string[]): Promise<Map<string, string>> {
  const bySha1 = new Map<string, string>()
  for (const path of paths) {
    const hash = createHash('sha1')
    for await (const chunk of bytesOf(path)) hash.update(chunk)
    bySha1.set(hash.digest('hex'), path)
  }
  return bySha1
}

/** A bill, and those of its rows that were asked for. */
export interface SavedBill {
  count: number
  rowsOf(out_trade_no: string): readonly BillRow[]
  rows: readonly BillRow[]
}

/**
 * Reads a bill whose hash is right.
 *
 * @throws BillRefused when it is not the whole bill of this merchant and this day
 */
export async function readSavedBill(
  path: string,
  whose: { mchid: string; date: string },
  orders: ReadonlySet<string>,
): Promise<SavedBill> {
  const rows: BillRow[] = []
  const reader = createBillReader({
    ...whose,
    wants: (out_trade_no) => orders.has(out_trade_no),
    wantsRevoked: true,
    found: (row) => rows.push(row),
  })
  for await (const chunk of bytesOf(path)) reader.write(chunk)
  const { rows: count } = reader.end()
  const byOrder = Map.groupBy(rows, ({ out_trade_no }) => out_trade_no)
  return { count, rows, rowsOf: (out_trade_no) => byOrder.get(out_trade_no) ?? [] }
}

async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(pathOf(path)) as AsyncIterable<Buffer>
  } catch (error) {
    if (error instanceof BillRefused) throw error
    const { message, next } = cannotRead(path, error as NodeJS.ErrnoException)
    throw new Failure(text.books.ofOption(message), next)
  }
}
