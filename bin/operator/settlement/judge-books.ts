import { isDeepStrictEqual } from 'node:util'
import { decide } from '../../../lib/settlement/decide.ts'
import { factsOf } from '../../../lib/settlement/facts.ts'
import type { OpenOutcome } from '../../../lib/settlement/open-outcome.ts'
import { type BillRow, rowOf } from '../../../lib/wechatpay/bill-columns.ts'
import { madeAtMs } from '../../../lib/wechatpay/bill-date.ts'
import { BillRefused } from '../../../lib/wechatpay/bill-refused.ts'
import type { WechatPayKeys } from '../../../lib/wechatpay/merchant.ts'
import { NO_STATEMENT } from '../../../lib/wechatpay/read-answer.ts'
import { text } from '../../texts/verify.ts'
import { judge } from '../kept-answers.ts'
import { reasonInWords } from '../meanings.ts'
import { type KeptPage, type KeptSettlement, nameOf, pageOf, type Reversed } from './kept.ts'
import type { SavedBill } from './saved-bills.ts'
import { billTroubleInWords } from './words.ts'

const NO_ROWS: SavedBill = { count: 0, rows: [], rowsOf: () => [] }

/** The signed answer for a day's bill, judged. `trouble` says why it proves nothing. */
export interface JudgedPage extends KeptPage {
  signedAt: Date
  /** Of the bill's bytes; undefined where WeChat Pay says that there is no bill. */
  sha1: string | undefined
  /** The bill itself, where somebody gave it; one that does not exist has no rows. */
  bill?: SavedBill
  trouble?: string
}

/** By `nameOf`. */
export type JudgedPages = ReadonlyMap<string, JudgedPage>

/** Did WeChat Pay sign it, when the bill was there, and what does it say? */
export function judgePage(page: KeptPage, keys: WechatPayKeys): JudgedPage {
  const { says, signedAt, trouble } = judge(page.answer, keys)
  const { hash_type, hash_value, code } = says
  const isHash = /^sha-?1$/i.test(String(hash_type)) && /^[0-9a-f]{40}$/i.test(String(hash_value))
  const judged = { ...page, signedAt, sha1: isHash ? String(hash_value).toLowerCase() : undefined }
  if (trouble !== undefined) return { ...judged, trouble }
  if (!isHash && code !== NO_STATEMENT) return { ...judged, trouble: text.books.noHash(NO_STATEMENT) }
  if (signedAt.getTime() >= madeAtMs(page.bill_date)) return isHash ? judged : { ...judged, bill: NO_ROWS }
  return { ...judged, trouble: text.books.tooEarly(page.bill_date) }
}

/** What was claimed of an order, judged. Neither trouble nor anything open: it is proved. */
export interface JudgedClaim {
  trouble?: string
  /** The days whose rows nobody could look up: their bills were not given. */
  open: readonly string[]
}

/** Does the settlement follow from its rows, and do they stand in the bills that were signed? */
export function judgeSettlement(settlement: KeptSettlement, pages: JudgedPages): JudgedClaim {
  const { out_trade_no, evidence } = settlement
  const open: string[] = []
  for (const kept of evidence) {
    const page = pages.get(nameOf(pageOf(kept)))!
    if (page.trouble !== undefined) return { trouble: text.books.provesNothing(kept.bill_date), open }
    // That it was returned a row proves by itself; all else rests on what stands in no bill, too.
    const isNeeded = settlement.settlement !== 'REFUNDED' || kept.rows.length > 0
    if (page.bill === undefined && isNeeded) open.push(kept.bill_date)
    const rows = page.bill?.rowsOf(out_trade_no).map(({ fields }) => fields)
    if (rows !== undefined && !isDeepStrictEqual(rows, kept.rows.map(plain))) {
      return { trouble: text.books.otherRows(kept.bill_date), open }
    }
  }
  const trouble = contradiction(settlement)
  return trouble === undefined ? { open } : { trouble, open }
}

/** Compared by what it holds: parsed rows may have another prototype. */
const plain = (row: Readonly<Record<string, string>>) => ({ ...row })

/** Why the settlement does not follow from its rows; undefined when it does. */
function contradiction({ bill_dates: dates, evidence, ...settlement }: KeptSettlement): string | undefined {
  const shown = evidence.map(({ bill_date }) => bill_date)
  if (dates.length === 0 || !isDeepStrictEqual(shown, dates)) return text.books.otherDates
  try {
    const rows = evidence.flatMap((page) => page.rows).map(rowOf)
    const other = rows.find(({ out_trade_no }) => out_trade_no !== settlement.out_trade_no)
    if (other !== undefined) return text.books.otherOrder(other.out_trade_no)
    const facts = factsOf(
      { outcome: settlement.outcome, ref: settlement as unknown as OpenOutcome['ref'] },
      daysIn(dates),
      rows,
      (date) => dates.includes(date),
    )
    const decision = decide(facts)
    const follows = decision.do === 'settle' ? decision.settlement : text.books.thatItMustWait
    if (follows !== settlement.settlement) return text.books.follows(follows, reasonInWords(decision.says))
    return facts.totalFen === settlement.total ? undefined : text.books.otherTotal(facts.totalFen, settlement.total)
  } catch (error) {
    if (error instanceof BillRefused) return text.books.brokenRow(billTroubleInWords(error.message))
    throw error
  }
}

/** A settlement does not say when the attempt was: its bills are taken for those of the days it needs. */
const daysIn = (dates: readonly string[]) => ({
  own: dates,
  dayAfter: dates.length > 1 ? dates.at(-1)! : 'the day after',
  threeAfter: dates.length > 3 ? dates.slice(-3) : ['three days after'],
})

/** Are these the reversed orders of the day, with the rows that stand in its bill? */
export function judgeReversed({ bill_date, orders }: Reversed, pages: JudgedPages): JudgedClaim {
  const page = [...pages.values()].find((page) => page.bill_date === bill_date)
  if (page === undefined || page.trouble !== undefined) {
    return { trouble: text.books.provesNothing(bill_date), open: [] }
  }
  const { bill } = page
  if (bill === undefined) return { open: [bill_date] }
  const listed = new Map(orders.map(({ out_trade_no, rows }) => [out_trade_no, rows.map(plain)]))
  for (const [out_trade_no, rows] of listed) {
    const there = bill.rowsOf(out_trade_no)
    if (!there.some(isRevoked)) return { trouble: text.books.notReversed(out_trade_no, bill_date), open: [] }
    const stray = rows.some((row) => !there.some(({ fields }) => isDeepStrictEqual(fields, row)))
    if (stray) return { trouble: text.books.strayRow(out_trade_no, bill_date), open: [] }
  }
  const missing = bill.rows
    .filter(isRevoked)
    .find(({ out_trade_no, fields }) => !listed.get(out_trade_no)?.some((row) => isDeepStrictEqual(fields, row)))
  if (missing === undefined) return { open: [] }
  return { trouble: text.books.notListed(missing.out_trade_no, bill_date), open: [] }
}

const isRevoked = ({ state }: Pick<BillRow, 'state'>) => state === 'REVOKED'
