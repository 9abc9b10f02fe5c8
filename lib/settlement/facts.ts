import type { BillRow } from '../wechatpay/bill-columns.ts'
import type { Days } from './days.ts'
import type { OpenOutcome, OpenOutcomeName } from './open-outcome.ts'

/** What the books say of one order. */
export interface Facts {
  outcome: OpenOutcomeName
  /** Some row of it was found. */
  isInTheBooks: boolean
  isPaid: boolean
  isRevoked: boolean
  /** REFUND rows return the whole sum. */
  isRefundedWhole: boolean
  /** A row names another merchant under the provider. */
  isOfAnotherMerchant: boolean
  /** Bills that are still missing: of the days from the attempt to the outcome, of the day after, and of three days after. */
  missing: { own: readonly string[]; dayAfter: readonly string[]; threeAfter: readonly string[] }
  /** What was paid, in fen; else what was returned; `null` when no row says it. */
  totalFen: number | null
}

/**
 * A refund in one of these states does not bring the money back (FAIL and CHANGE, official:
 * https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html; the others are the refund query's). One
 * whose state is not told is no failure.
 */
const FAILED = /^(FAIL|CHANGE|CLOSED|ABNORMAL)$/

export function factsOf(
  { outcome, ref }: Pick<OpenOutcome, 'outcome' | 'ref'>,
  days: Days,
  rows: readonly BillRow[],
  isComplete: (date: string) => boolean,
): Facts {
  const missing = (dates: readonly string[]) => dates.filter((date) => !isComplete(date))
  const payments = rows.filter(({ state }) => state === 'SUCCESS')
  const returns = rows.filter(({ state, refundState }) => state !== 'SUCCESS' && !FAILED.test(refundState))
  const refunds = returns.filter(({ state }) => state === 'REFUND')
  const paidFen = sum(payments.map((row) => row.paidFen))
  const refundedFen = sum(refunds.map((row) => row.returnedFen))
  const returnedFen = sum(returns.map((row) => row.returnedFen))
  return {
    outcome,
    isInTheBooks: rows.length > 0,
    isPaid: payments.length > 0,
    isRevoked: returns.some(({ state }) => state === 'REVOKED'),
    isRefundedWhole: paidFen !== null && paidFen > 0 && refundedFen !== null && refundedFen >= paidFen,
    isOfAnotherMerchant:
      ref.sub_mchid !== undefined && rows.some(({ sub_mchid }) => sub_mchid !== null && sub_mchid !== ref.sub_mchid),
    missing: { own: missing(days.own), dayAfter: missing([days.dayAfter]), threeAfter: missing(days.threeAfter) },
    totalFen: paidFen || returnedFen || null,
  }
}

/** `null` when one of them cannot be read. */
const sum = (parts: readonly (number | null)[]): number | null =>
  parts.reduce((total, part) => (total === null || part === null ? null : total + part), 0)
