import { formatTime } from '../reversal/time.ts'
import type { Evidence } from '../wechatpay/answer.ts'
import type { BillRow } from '../wechatpay/bill-columns.ts'
import type { OrderRef } from '../wechatpay/order-id.ts'
import type { OpenOutcome, OpenOutcomeName } from './open-outcome.ts'
import type { SettlementName } from './table.ts'

/** The signed answer to the question for a day's bill, with the SHA-1 of the bill in it, and the order's own rows. */
export type BillEvidence = Evidence & { bill_date: string; rows: readonly BillRow['fields'][] }

/** What the books say in the end. */
export type Settlement = OrderRef & {
  /** As it was told. */
  outcome: OpenOutcomeName
  settlement: SettlementName
  /** In fen; `null` when no row says it. */
  total: number | null
  bill_dates: readonly string[]
  settled_at: string
  evidence: readonly BillEvidence[]
}

/** One day's complete bill, as far as an order is concerned. */
export interface Page {
  date: string
  evidence: Evidence
  rows: readonly BillRow[]
}

export function toSettlement(
  { ref, outcome }: OpenOutcome,
  settlement: SettlementName,
  totalFen: number | null,
  pages: readonly Page[],
  nowMs: number,
): Settlement {
  return {
    ...ref,
    outcome,
    settlement,
    total: totalFen,
    bill_dates: pages.map(({ date }) => date),
    settled_at: formatTime(nowMs),
    evidence: pages.map(({ date, evidence, rows }) => ({
      bill_date: date,
      ...evidence,
      rows: rows.map(({ fields }) => fields),
    })),
  }
}
