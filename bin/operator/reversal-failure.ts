import { type ErrorName, ReversalError } from '../../lib/reversal/errors.ts'
import { Failure } from './failure.ts'

/** What a person does about each refusal. */
const NEXT: Readonly<Record<ErrorName, string>> = {
  InvalidOrder: 'Correct what is named, and call again.',
  UnknownMerchant: 'Give the merchant this order belongs to.',
  ReversalRejected:
    'Put right what WeChat Pay names. If the order is paid and must be returned, refund it on the merchant platform (交易中心 → 退款).',
  RefundedElsewhere:
    'Compare the refunded amount on the merchant platform (交易中心 → 交易订单): it may be a part only.',
  ReversalExpired: 'If it is paid, refund it on the merchant platform (交易中心 → 退款): that is possible for a year.',
  CredentialsUnavailable: 'See what is wrong with the credentials: npm run doctor -- --merchant',
  HandOverFailed: 'Call again.',
}

/** A refusal in words, with what to do; anything else as it is. */
export function explainRefusal(error: unknown, merchant: string): unknown {
  if (!(error instanceof ReversalError)) return error
  const { name, message, code, request_id } = error
  const said = [code, request_id && `Request-ID ${request_id}`].filter(Boolean).join(', ')
  const next = name === 'CredentialsUnavailable' ? `${NEXT[name]} ${merchant}` : NEXT[name]
  return new Failure(`${name}: ${message}${said === '' ? '' : ` (${said})`}`, next, { cause: error })
}
