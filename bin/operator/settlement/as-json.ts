import { formatTime } from '../../../lib/reversal/time.ts'
import type { BillRow } from '../../../lib/wechatpay/bill-columns.ts'
import { madeAtMs } from '../../../lib/wechatpay/bill-date.ts'
import type { Bill } from '../../../lib/wechatpay/bills.ts'
import type { Reversed } from './day-bills.ts'
import { type Judged, type Outcomes, outcomesOf } from './verdicts.ts'

/** One document that holds all that was found: `npm run verify` takes it. Times are RFC 3339, sums are in fen. */
export const asJson = (
  mchid: string,
  bill_date: string,
  bills: Iterable<Bill>,
  reversed: readonly Reversed[] | undefined,
  judged: readonly Judged[] | undefined,
) => ({
  mchid,
  bill_date,
  bills: [...bills].map(billAsJson),
  reversed: reversed?.map(reversedAsJson(judged && outcomesOf(judged))) ?? null,
  ...(judged !== undefined && { results: judged.map(resultAsJson) }),
})

function billAsJson(bill: Bill) {
  const { date: bill_date } = bill
  switch (bill.kind) {
    case 'whole':
      return { bill_date, state: 'whole', count: bill.count, evidence: bill.evidence }
    case 'not ready':
      return { bill_date, state: 'not made yet', detail: bill.detail, made_at: formatTime(madeAtMs(bill_date)) }
    case 'refused': {
      const { reason, detail, code, request_id } = bill
      return { bill_date, state: 'refused', reason, detail, code, request_id }
    }
  }
}

/** @param told what the list says of each order */
const reversedAsJson =
  (told: Outcomes | undefined) =>
  ({ out_trade_no, sub_mchid, returns, payment }: Reversed) => ({
    out_trade_no,
    ...(sub_mchid !== null && { sub_mchid }),
    ...(told !== undefined && { outcome: told.get(out_trade_no) ?? null }),
    returned: sumOf(returns),
    paid: payment === null ? null : payment?.paidFen,
    rows: [...(payment ? [payment] : []), ...returns].map(({ fields }) => fields),
  })

/** In fen; `null` when one of them cannot be read. */
export const sumOf = (returns: readonly BillRow[]): number | null =>
  returns.reduce<number | null>(
    (sum, { returnedFen }) => (sum === null || returnedFen === null ? null : sum + returnedFen),
    0,
  )

function resultAsJson({ line, told: { ref, outcome }, verdict }: Judged) {
  switch (verdict.do) {
    case 'settle':
      return { line, ...verdict.settlement, why: verdict.says, is_reversible: verdict.again !== undefined }
    case 'wait': {
      const until = verdict.untilMs === undefined ? undefined : formatTime(verdict.untilMs)
      return { line, ...ref, outcome, settlement: null, why: verdict.why, until }
    }
    default:
      return { line, ...ref, outcome, settlement: null, why: verdict.why }
  }
}
