import { randomBytes } from 'node:crypto'
import type { History } from '../../../lib/reversal/result.ts'
import type { DirectOrderRef, PartnerOrderRef } from '../../../lib/wechatpay/order-id.ts'
import { explainAwsError } from '../aws.ts'
import { type Finding, failed, ok } from '../checks/checklist.ts'

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
const FIXES: Readonly<Record<string, string>> = {
  UnknownMerchant: "Give the --mchid of a configured merchant, or put its JSON into the stack's secret: npm run secret",
  CredentialsUnavailable: 'Put the right JSON into the secret (npm run secret); what is wrong: npm run doctor',
  ReversalRejected:
    'Give the appid that is bound to this merchant, the --sub-mchid that is under it, and look at its permissions: npm run doctor',
}

/** Did an order that does not exist end as it should? */
export function judge({ outcome, reason, error, detail, code }: Said, how: string): Finding {
  if (outcome === 'NOT_FOUND') return ok(`NOT_FOUND, ${how}`)
  if (outcome === 'PENDING') {
    const fix = 'See whether WeChat Pay can be reached and signs "no such order": npm run doctor, and the logs.'
    return failed(`PENDING: ${reason}`, fix)
  }
  if (outcome !== undefined) return failed(`${outcome} of an order that does not exist`, 'See WECHATPAY_ENDPOINTS.')
  const words = [error ?? 'no outcome and no error', detail, code].filter(Boolean).join(': ')
  return failed(words, FIXES[error ?? ''] ?? "Look at the function's log.")
}

/** What AWS refuses is a finding: the other ways are still worth a look. */
export async function orFailed(examine: () => Promise<Finding>): Promise<Finding> {
  try {
    return await examine()
  } catch (error) {
    const failure = explainAwsError(error)
    if (failure === undefined) throw error
    return failed(failure.message, failure.next ?? 'See the stack in the console.')
  }
}
