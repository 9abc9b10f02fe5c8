import { SingleBar } from 'cli-progress'
import type { BillRow } from '../../../lib/wechatpay/bill-columns.ts'
import type { Bill, BillRequest, Bills, WholeBill } from '../../../lib/wechatpay/bills.ts'
import { text } from '../../texts/settle.ts'
import { paint, tell } from '../paint.ts'
import type { BillFile } from './bill-file.ts'

/** What the bill of a day says of an order that was reversed. */
export interface Reversed {
  out_trade_no: string
  sub_mchid: string | null
  /** One, unless WeChat Pay returned it in parts. */
  returns: readonly BillRow[]
  /** Its payment in the same bill; `null` when it is not there, undefined when nobody could look. */
  payment: BillRow | null | undefined
}

export interface DayBills extends Bills {
  /** The last bill of each day that was read. */
  read: ReadonlyMap<string, Bill>
  /**
   * The reversed orders of the day; undefined when its bill is not whole. `trouble` is why their payments could not be
   * looked up.
   */
  reversed(): Promise<{ orders?: readonly Reversed[]; trouble?: Exclude<Bill, WholeBill> }>
}

/**
 * Bills for a person: each shows its progress, and that of the day itself is kept in the file, and gives its reversed
 * orders too.
 *
 * @param date `yyyy-mm-dd`
 */
export function createDayBills(bills: Bills, date: string, file: BillFile | undefined): DayBills {
  const read = new Map<string, Bill>()
  let ask: BillRequest | undefined

  async function fetchBill(request: BillRequest): Promise<Bill> {
    const isTheDay = request.date === date
    if (isTheDay) ask = request
    const bill = await withProgress(request.date, (progress) =>
      bills.fetchBill({
        ...request,
        wantsRevoked: isTheDay,
        save: async (chunk) => {
          progress(chunk.length)
          if (isTheDay) await file?.write(chunk)
        },
      }),
    )
    read.set(request.date, bill)
    if (bill.kind === 'whole') tell(paint.quiet(`  ${inWords(bill)}`, process.stderr))
    if (isTheDay && file !== undefined) tellKept(bill, await file.end(bill))
    return bill
  }

  async function reversed(): ReturnType<DayBills['reversed']> {
    const day = read.get(date)
    if (day?.kind !== 'whole') return {}
    const returns = Map.groupBy(
      day.rows.filter(({ state }) => state === 'REVOKED'),
      ({ out_trade_no }) => out_trade_no,
    )
    const { payments, trouble } = await paymentsOf([...returns.keys()], day)
    const orders = [...returns].map(([out_trade_no, rows]) => ({
      out_trade_no,
      sub_mchid: rows[0]!.sub_mchid,
      returns: rows,
      payment: payments && (payments.get(out_trade_no) ?? null),
    }))
    return { orders, ...(trouble !== undefined && { trouble }) }
  }

  /** Which orders were reversed is known only at the end of a bill; their payments stand before it. So it is read twice. */
  async function paymentsOf(numbers: readonly string[], day: WholeBill) {
    const payments = new Map<string, BillRow>()
    const add = (rows: readonly BillRow[]) => {
      for (const row of rows) if (row.state === 'SUCCESS') payments.set(row.out_trade_no, row)
    }
    add(day.rows)
    const missing = new Set(numbers.filter((out_trade_no) => !payments.has(out_trade_no)))
    if (missing.size === 0) return { payments }
    const again = await withProgress(date, (progress) =>
      bills.fetchBill({
        ...ask!,
        wants: (out_trade_no) => missing.has(out_trade_no),
        save: async (chunk) => progress(chunk.length),
      }),
    )
    if (again.kind !== 'whole') return { trouble: again }
    add(again.rows)
    return { payments }
  }

  return { fetchBill, read, reversed }
}

const MEGABYTE = 1_000_000

const inMegabytes = (bytes: number) => `${(bytes / MEGABYTE).toFixed(1)} MB`

/** How much has come, on one line of a terminal. How much there is nobody says beforehand. */
async function withProgress(date: string, work: (progress: (bytes: number) => void) => Promise<Bill>): Promise<Bill> {
  const bar = new SingleBar({
    format: `  ${text.progress(date)} {read}`,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  })
  let bytes = 0
  try {
    return await work((length) => {
      // Not before: while it asks, what happens on the wire is told on lines of its own.
      if (bytes === 0 && process.stderr.isTTY) bar.start(1, 0, { read: '' })
      bytes += length
      bar.update(0, { read: inMegabytes(bytes) })
    })
  } finally {
    bar.stop()
  }
}

function inWords({ date, count, evidence }: WholeBill): string {
  const { hash_value } = JSON.parse(evidence.body) as { hash_value?: string }
  if (hash_value === undefined) return text.noBill(date)
  return text.bill(date, count, hash_value.toLowerCase())
}

function tellKept({ kind }: Bill, name: string | undefined) {
  if (name !== undefined) tell(`  ${text.kept(name)}`)
  else if (kind === 'whole') tell(`  ${text.nothingToKeep}`)
}
