import type { Answer } from '../wechatpay/answer.ts'
import { type CodeMeaning, meaningOf } from '../wechatpay/codes.ts'
import { isTradeState } from '../wechatpay/trade-state.ts'
import type { Reversed, Seen } from './decision/facts.ts'

/** What an error code in the answer to a query says about the order: nothing, in most cases. */
const SEEN_BY_CODE = {
  'no such order': 'ORDER_NOT_EXIST',
  'refused for good': 'NOTHING',
  mismatch: 'NOTHING',
  'refused for now': 'NOTHING',
  signature: 'NOTHING',
  unknown: 'UNKNOWN',
} as const satisfies Record<CodeMeaning | 'unknown', Seen>

const REVERSED_BY_CODE = {
  'no such order': 'refused for now',
  'refused for good': 'refused for good',
  mismatch: 'refused for good',
  'refused for now': 'refused for now',
  signature: 'refused for now',
  unknown: 'refused for now',
} as const satisfies Record<CodeMeaning | 'unknown', Reversed>

/** What the answer to a query says. 202 means "not processed yet": it can say that the user is paying, never more. */
export function readState(answer: Answer): Seen {
  if (answer.kind !== 'verified') return 'NOTHING'
  const { status, code, body } = answer
  const isUserPaying = body.trade_state === 'USERPAYING' || code === 'USERPAYING' || code === 'USER_PAYING'
  if (status === 202) return isUserPaying ? 'USERPAYING' : 'NOTHING'
  if (status === 200) return isTradeState(body.trade_state) ? body.trade_state : 'UNKNOWN'
  return status >= 400 ? SEEN_BY_CODE[meaningOf(answer)] : 'UNKNOWN'
}

export function readReversed(answer: Answer): { reversed: Reversed; isUnknown: boolean } {
  if (answer.kind === 'none') return { reversed: answer.sent ? 'no answer' : 'not sent', isUnknown: false }
  if (answer.kind === 'unverified') return { reversed: 'unverified', isUnknown: false }
  if (answer.status >= 200 && answer.status < 300 && answer.code === undefined)
    return { reversed: 'answered', isUnknown: false }
  const meaning = meaningOf(answer)
  return { reversed: REVERSED_BY_CODE[meaning], isUnknown: meaning === 'unknown' }
}

export const isMismatch = (answer: Answer): boolean =>
  answer.kind === 'verified' && answer.status >= 400 && meaningOf(answer) === 'mismatch'

export function namesPayment(body: Readonly<Record<string, unknown>>): boolean {
  return [body.transaction_id, body.success_time].some((value) => typeof value === 'string' && value !== '')
}

/** After 429, 5xx and no answer a reverse may have been carried out (official: https://pay.weixin.qq.com/wiki/doc/apiv3/Share/error_code.shtml). */
export function mayHaveActed(answer: Answer): boolean {
  if (answer.kind === 'none') return answer.sent
  return !(answer.kind === 'verified' && answer.status >= 400 && answer.status < 500 && answer.status !== 429)
}
