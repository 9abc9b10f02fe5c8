import { createHash } from 'node:crypto'
import { messageOf } from '../../../lib/aws/reversal-queue.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import { type Order, type OrderMessage, parseOrder } from '../../../lib/reversal/order.ts'
import { signerOf } from '../../../lib/wechatpay/order-id.ts'
import { text } from '../../texts/send.ts'
import { Failure } from '../failure.ts'
import { refusalInWords } from '../meanings.ts'
import { MOST_BYTES, type Row, readerOf } from './rows.ts'
import { readPieces } from './text.ts'

/** After so long nothing can be reversed any more. */
const TOO_LATE_MS = 7 * 24 * 3600 * 1000

/** A list may be wrong from its first line to its last: so many are named. */
const MOST_NAMED = 20

export interface CheckedList {
  sha256: string
  lines: number
  orders: number
  merchants: number
  keeps: number
  /** The first of those that are no orders. */
  problems: { line: number; problem: string }[]
  problemCount: number
  /** Those that name an order which stands above. */
  repeated: number
  undated: number
  late: number
}

/** Looks at every line of a list before anything is sent. @throws Failure when it cannot be read as a list */
export async function checkList(path: string, nowMs: number): Promise<CheckedList> {
  const hash = createHash('sha256')
  const list: CheckedList = {
    sha256: '',
    lines: 0,
    orders: 0,
    merchants: 0,
    keeps: 0,
    problems: [],
    problemCount: 0,
    repeated: 0,
    undated: 0,
    late: 0,
  }
  const merchants = new Set<string | undefined>()
  /** The line of each order; below zero when it is to be kept. */
  const seen = new Map<string, number>()
  for await (const row of readerOf(path)(readPieces(path, hash))) {
    list.lines += 1
    const { line } = row
    const checked = checkRow(row, nowMs)
    const before = 'order' in checked ? seen.get(keyOf(checked.order)) : undefined
    const problem = 'order' in checked ? contradiction(checked.order, before) : checked.problem
    if (problem !== undefined) {
      list.problemCount += 1
      if (list.problems.length < MOST_NAMED) list.problems.push({ line, problem })
    }
    if (problem !== undefined || !('order' in checked)) continue
    const { message, ifPaid, attemptedAtMs } = checked.order
    list.orders += 1
    if (before === undefined) seen.set(keyOf(checked.order), ifPaid === 'keep' ? -line : line)
    else list.repeated += 1
    merchants.add(messageOf(message).MessageGroupId)
    if (ifPaid === 'keep') list.keeps += 1
    if (attemptedAtMs === undefined) list.undated += 1
    else if (nowMs - attemptedAtMs > TOO_LATE_MS) list.late += 1
  }
  return { ...list, merchants: merchants.size, sha256: hash.digest('hex') }
}

/** The orders of a list that was found in order, after so many of them. @throws Failure when it is in order no longer */
export async function* readOrders(path: string, nowMs: number, after: number): AsyncGenerator<OrderMessage> {
  let count = 0
  for await (const row of readerOf(path)(readPieces(path))) {
    count += 1
    if (count <= after) continue
    const checked = checkRow(row, nowMs)
    if ('problem' in checked) throw new Failure(text.changed(path, row.line))
    yield checked.order.message
  }
}

/** The order of a row, or why it is none. */
function checkRow(row: Row, nowMs: number): { order: Order } | { problem: string } {
  if ('problem' in row) return row
  try {
    const order = parseOrder(row.order, nowMs)
    const bytes = Buffer.byteLength(JSON.stringify(order.message))
    return bytes <= MOST_BYTES ? { order } : { problem: text.tooLarge(bytes) }
  } catch (error) {
    if (error instanceof ReversalError) return { problem: refusalInWords(error.message) }
    throw error
  }
}

const keyOf = ({ ref }: Order) => `${signerOf(ref)} ${ref.out_trade_no}`

/** Of "keep" and "refund" the order would be refunded, whichever the list means. */
const contradiction = ({ ifPaid }: Order, before: number | undefined) =>
  before === undefined || before < 0 === (ifPaid === 'keep')
    ? undefined
    : text.contradicts(Math.abs(before), before < 0 ? 'keep' : 'refund')
