import type { Merchants } from '../reversal/merchants.ts'
import type { OrderMessage } from '../reversal/order.ts'
import type { BillRow } from '../wechatpay/bill-columns.ts'
import { madeAtMs } from '../wechatpay/bill-date.ts'
import type { Bill, BillRequest, Bills, RefusedBill, WholeBill } from '../wechatpay/bills.ts'
import type { Merchant } from '../wechatpay/merchant.ts'
import { type Days, daysOf, dueAtMs } from './days.ts'
import { decide, goesBack, isGivenUp } from './decide.ts'
import { factsOf } from './facts.ts'
import { type OpenOutcome, toOrder } from './open-outcome.ts'
import { type Settlement, toSettlement } from './settlement.ts'

/** What becomes of one open outcome. */
export type Verdict =
  /** `again`: the order to put back on the reversal queue, for it is paid and was not returned. */
  | { do: 'settle'; settlement: Settlement; says: string; again: OrderMessage | undefined }
  /** `untilMs`: when the missing bill is made; undefined when it should have been there already. */
  | { do: 'wait'; untilMs: number | undefined; why: string }
  /** Not settled within ten days. */
  | { do: 'give up'; why: string }

export interface SettleOptions {
  bills: Bills
  merchants: Merchants
  /** A bill that cannot be used, for somebody to count and to look at. */
  observe: (event: BillEvent) => void
  /** Milliseconds since the epoch. */
  now?: () => number
}

export type BillEvent = { name: 'BillRefused'; mchid: string; bill_date: string } & Pick<
  RefusedBill,
  'reason' | 'detail' | 'code' | 'request_id'
>

/** With less time than this no bill is begun: it could hardly end. */
const LEAST_BILL_MS = 5_000

type Books = ReturnType<typeof createOpenBooks>

export type SettleMerchant = ReturnType<typeof createSettleMerchant>

/** Settles what waits for one merchant, with as few of its bills as that takes, each read once. */
export function createSettleMerchant({ bills, merchants, observe, now = Date.now }: SettleOptions) {
  const decided = (outcome: OpenOutcome, days: Days, books: Books) => {
    const rows = books.rowsOf(outcome.ref.out_trade_no)
    const facts = factsOf(outcome, days, rows, books.isComplete)
    return { facts, decision: decide(facts) }
  }

  /** The bills to read next: none before the order is due, for what they say would not settle it. */
  function missingOf(outcome: OpenOutcome, days: Days, books: Books): readonly string[] {
    const { decision } = decided(outcome, days, books)
    if (decision.do === 'settle' || now() < dueAtMs(outcome)) return []
    return decision.for.filter((date) => !books.has(date) && now() >= madeAtMs(date))
  }

  function verdictOf(outcome: OpenOutcome, days: Days, books: Books): Verdict {
    const nowMs = now()
    const { facts, decision } = decided(outcome, days, books)
    if (decision.do === 'settle') {
      const { settlement, says } = decision
      const pages = books.pagesOf(outcome.ref.out_trade_no, [...new Set([...days.own, ...days.threeAfter])])
      const again = goesBack(decision, facts, outcome, nowMs) ? toOrder(outcome) : undefined
      return { do: 'settle', settlement: toSettlement(outcome, settlement, facts.totalFen, pages, nowMs), says, again }
    }
    const why = [
      decision.says,
      ...decision.for.map((date) => `${date}: ${books.troubleOf(date) ?? 'not made yet'}`),
    ].join('; ')
    if (isGivenUp(outcome, nowMs)) return { do: 'give up', why }
    const untilMs = Math.max(...decision.for.map(madeAtMs))
    return { do: 'wait', untilMs: untilMs > nowMs ? untilMs : undefined, why }
  }

  /** Reads bills with the merchant's keys; when they are refused, once more with fresh ones. */
  async function createBillSource(mchid: string, wants: BillRequest['wants'], msLeft: () => number) {
    let merchant: Merchant | undefined
    let trouble: string | undefined
    let hasRenewed = false
    try {
      merchant = await merchants.find(mchid)
    } catch (error) {
      trouble = `${(error as Error).name}: ${(error as Error).message}`
    }

    return async (date: string): Promise<Bill> => {
      if (merchant === undefined) return { kind: 'not ready', date, detail: trouble! }
      if (msLeft() < LEAST_BILL_MS) return { kind: 'not ready', date, detail: 'no time left in this run' }
      const ask = (merchant: Merchant) => bills.fetchBill({ merchant, date, wants, msLeft })
      let bill = await ask(merchant)
      if (bill.kind === 'refused' && bill.asksForFreshKeys && !hasRenewed) {
        hasRenewed = true
        const renewed = await merchants.renew(merchant, msLeft)
        if (renewed !== undefined) {
          bill = await ask(renewed.merchant)
          if (bill.kind !== 'refused') {
            merchant = renewed.merchant
            renewed.adopt()
          }
        }
      }
      if (bill.kind === 'refused') {
        const { reason, detail, code, request_id } = bill
        observe({ name: 'BillRefused', mchid, bill_date: date, reason, detail, code, request_id })
      }
      return bill
    }
  }

  /**
   * @param mchid whose keys sign: of a provider's orders `sp_mchid`. Its bill holds all merchants under it
   * @param alsoRead days whose bills are read whether an outcome needs them or not
   * @returns a verdict for each of them, in their order
   */
  async function settleMerchant(
    mchid: string,
    open: readonly OpenOutcome[],
    msLeft: () => number,
    alsoRead: readonly string[] = [],
  ): Promise<Verdict[]> {
    const days = open.map(daysOf)
    const wanted = new Set(open.map(({ ref }) => ref.out_trade_no))
    const books = createOpenBooks()
    const read = await createBillSource(mchid, (out_trade_no) => wanted.has(out_trade_no), msLeft)

    for (const date of alsoRead) books.add(await read(date))
    for (;;) {
      const dates = new Set(open.flatMap((outcome, index) => missingOf(outcome, days[index]!, books)))
      if (dates.size === 0) break
      for (const date of [...dates].sort()) books.add(await read(date))
    }
    return open.map((outcome, index) => verdictOf(outcome, days[index]!, books))
  }

  return settleMerchant
}

/** The bills that were read in this run, and what is in them of our orders. */
function createOpenBooks() {
  const bills = new Map<string, Bill>()
  const rows = new Map<string, { date: string; row: BillRow }[]>()
  const whole = (date: string): WholeBill | undefined => {
    const bill = bills.get(date)
    return bill?.kind === 'whole' ? bill : undefined
  }

  return {
    has: (date: string) => bills.has(date),
    isComplete: (date: string) => whole(date) !== undefined,
    add(bill: Bill) {
      bills.set(bill.date, bill)
      if (bill.kind !== 'whole') return
      for (const row of bill.rows) {
        const found = rows.get(row.out_trade_no)
        if (found === undefined) rows.set(row.out_trade_no, [{ date: bill.date, row }])
        else found.push({ date: bill.date, row })
      }
    },
    rowsOf: (out_trade_no: string): BillRow[] => (rows.get(out_trade_no) ?? []).map(({ row }) => row),
    /** The days among these whose bills are complete, each with the order's rows. */
    pagesOf: (out_trade_no: string, dates: readonly string[]) =>
      dates.flatMap((date) => {
        const bill = whole(date)
        if (bill === undefined) return []
        const own = (rows.get(out_trade_no) ?? []).filter((found) => found.date === date)
        return [{ date, evidence: bill.evidence, rows: own.map(({ row }) => row) }]
      }),
    troubleOf(date: string): string | undefined {
      const bill = bills.get(date)
      if (bill === undefined || bill.kind === 'whole') return undefined
      return bill.kind === 'refused' ? `${bill.reason}: ${bill.detail}` : bill.detail
    },
  }
}
