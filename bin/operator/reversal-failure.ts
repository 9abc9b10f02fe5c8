import { type ErrorName, ReversalError } from '../../lib/reversal/errors.ts'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'
import { errorInWords, refusalInWords } from './meanings.ts'

const text = inLanguage({
  en: {
    refused: (name: string, detail: string) => `${name}: ${detail}`,
    refusedWith: (name: string, detail: string, said: string) => `${name}: ${detail} (${said})`,
    /** What a person does about each refusal. */
    next: {
      InvalidOrder: 'Correct what is named, and call again.',
      UnknownMerchant: 'Give the merchant this order belongs to.',
      ReversalRejected:
        'Put right what WeChat Pay names. If the order is paid and must be returned, refund it on the merchant platform (交易中心 → 退款).',
      RefundedElsewhere:
        'Compare the refunded amount on the merchant platform (交易中心 → 交易订单): it may be a part only.',
      ReversalExpired:
        'If it is paid, refund it on the merchant platform (交易中心 → 退款): that is possible for a year.',
      CredentialsUnavailable: 'See what is wrong with the credentials: npm run doctor -- --merchant',
      HandOverFailed: 'Call again.',
    } satisfies Record<ErrorName, string>,
  },
  'zh-CN': {
    refused: (name, detail) => `${name}：${detail}`,
    refusedWith: (name, detail, said) => `${name}：${detail}（${said}）`,
    next: {
      InvalidOrder: '改正指出的字段，再执行一次。',
      UnknownMerchant: '请给出这笔订单所属的商户。',
      ReversalRejected: '解决微信支付指出的问题。如果订单已支付、必须退钱，请在商户平台退款（交易中心 → 退款）。',
      RefundedElsewhere: '在商户平台核对退款金额（交易中心 → 交易订单）：可能只退了一部分。',
      ReversalExpired: '如果已支付，请在商户平台退款（交易中心 → 退款）：一年之内都可以。',
      CredentialsUnavailable: '查看凭证哪里有问题：npm run doctor -- --merchant',
      HandOverFailed: '请再执行一次。',
    },
  },
})

/** A refusal in words, with what to do; anything else as it is. */
export function explainRefusal(error: unknown, merchant: string): unknown {
  if (!(error instanceof ReversalError)) return error
  const { name, message, code, request_id } = error
  const said = [code, request_id && `Request-ID ${request_id}`].filter(Boolean).join(', ')
  const next = name === 'CredentialsUnavailable' ? `${text.next[name]} ${merchant}` : text.next[name]
  const [what, detail] = [errorInWords(name), refusalInWords(message)]
  const refused = said === '' ? text.refused(what, detail) : text.refusedWith(what, detail, said)
  return new Failure(refused, next, { cause: error })
}
