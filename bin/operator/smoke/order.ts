import { randomBytes } from 'node:crypto'
import type { History } from '../../../lib/reversal/result.ts'
import type { DirectOrderRef, PartnerOrderRef } from '../../../lib/wechatpay/order-id.ts'
import { explainAwsError } from '../aws.ts'
import { type Finding, failed, ok } from '../checks/checklist.ts'
import { reasonInWords, refusalInWords } from '../meanings.ts'
import { text } from './text.ts'

/** Whose order it is: a merchant's own, or one of a service provider. */
export type SmokeMerchant = Omit<DirectOrderRef, 'out_trade_no'> | Omit<PartnerOrderRef, 'out_trade_no'>

/** An order of nobody: a number with every character allowed, and 96 random bits in it. */
export type SmokeOrder = (DirectOrderRef | PartnerOrderRef) & { history: History }

/** First seen long enough ago to end as NOT_FOUND in one attempt, as soon as a reverse was answered. */
const SEEN_BEFORE_MS = 10 * 60_000

export function smokeOrder(merchant: SmokeMerchant): SmokeOrder {
  const out_trade_no = `smoke_-*${randomBytes(12).toString('hex')}`
  return { ...merchant, out_trade_no, history: { first_seen_at: new Date(Date.now() - SEEN_BEFORE_MS).toISOString() } }
}

/** What the service says about an order, on any way: a result, or a refusal under its name. */
export interface Said {
  outcome?: string
  reason?: string
  error?: string
  detail?: string
  code?: string
}

/** What to do about each refusal of an order that is in order. */
const FIXES: Readonly<Record<string, string>> = text.fixes

/** Did an order that does not exist end as it should? */
export function judge({ outcome, reason, error, detail, code }: Said, how: string): Finding {
  if (outcome === 'NOT_FOUND') return ok(text.seen('NOT_FOUND', how))
  if (outcome === 'PENDING') return failed(text.pending(reasonInWords(String(reason))), text.seeSigned)
  if (outcome !== undefined) return failed(text.ofNoOrder(outcome), text.seeEndpoints)
  const parts = [error ?? text.saidNothing, detail && refusalInWords(detail), code].filter((part): part is string =>
    Boolean(part),
  )
  return failed(text.refusal(parts), FIXES[error ?? ''] ?? text.seeLog)
}

/** What AWS refuses is a finding: the other ways are still worth a look. */
export async function orFailed(examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine()
  } catch (error) {
    const failure = explainAwsError(error)
    if (failure === undefined) throw error
    return failed(failure.message, failure.next ?? text.seeStack)
  }
}
