import { reasonInChinese } from '../../infra/local/page/browser/reasons.zh-CN.ts'
import { DECISION } from '../../lib/reversal/decision/table.ts'
import type { ErrorName } from '../../lib/reversal/errors.ts'
import type { OrderState } from '../../lib/reversal/look-up.ts'
import type { Outcome } from '../../lib/reversal/result.ts'
import { cellInChinese } from '../documents/decision-table.zh-CN.ts'
import { inLanguage, LANGUAGE } from '../language/in-language.ts'
import { refusalInChinese } from './checks/refusals.zh-CN.ts'
import { orderRefusalInChinese } from './order-refusals.zh-CN.ts'

const text = inLanguage({
  en: {
    outcomes: {
      REFUNDED: 'it was paid, and WeChat Pay is returning the money',
      REVERSED: 'nobody is charged; whether anything had been paid is not proved',
      CLOSED: 'closed unpaid',
      KEPT: 'paid, and kept as asked',
      NOT_FOUND: 'WeChat Pay knows no such order of this merchant',
    } satisfies Record<Outcome, string>,
    errors: {
      InvalidOrder: 'InvalidOrder',
      UnknownMerchant: 'UnknownMerchant',
      ReversalRejected: 'ReversalRejected',
      RefundedElsewhere: 'RefundedElsewhere',
      ReversalExpired: 'ReversalExpired',
      CredentialsUnavailable: 'CredentialsUnavailable',
      HandOverFailed: 'HandOverFailed',
    } satisfies Record<ErrorName, string>,
    unknownState: 'a state this version does not know',
    paidAndReversed: 'paid, then reversed: it is being refunded',
  },
  'zh-CN': {
    outcomes: {
      REFUNDED: '付过款，微信支付正在把钱退给用户',
      REVERSED: '用户不会被扣款；是否曾经付款，没有证明',
      CLOSED: '未支付，已关闭',
      KEPT: '已支付，按要求保留',
      NOT_FOUND: '该商户下，微信支付没有这笔订单',
    },
    errors: {
      InvalidOrder: 'InvalidOrder（订单有误）',
      UnknownMerchant: 'UnknownMerchant（订单不属于给出的商户）',
      ReversalRejected: 'ReversalRejected（微信支付明确拒绝撤销）',
      RefundedElsewhere: 'RefundedElsewhere（已由他人退款，可能只退了一部分）',
      ReversalExpired: 'ReversalExpired（已过可以撤销的期限）',
      CredentialsUnavailable: 'CredentialsUnavailable（商户凭证不可用）',
      HandOverFailed: 'HandOverFailed（没能放进队列）',
    },
    unknownState: '本版本不认识的状态',
    paidAndReversed: '付过款，随后已撤销，正在退款',
  },
})

/** What an outcome says, to a person. */
export const meaningOfOutcome = (outcome: Outcome): string => text.outcomes[outcome]

/** The name of a refusal, which is the same everywhere, and what it says to whoever does not read English. */
export const errorInWords = (name: ErrorName): string => text.errors[name]

/** What a state says, in the words of the decision table. */
export function meaningOf(state: string): string {
  const means = (DECISION.states as Readonly<Record<string, { means: string }>>)[state]?.means
  if (means === undefined) return text.unknownState
  return LANGUAGE === 'zh-CN' ? cellInChinese(means) : means
}

/** The same of an order. Its `transaction_id` proves that it was paid. */
export function meaningOfOrder({ trade_state, transaction_id, success_time }: OrderState): string {
  const isPaid = transaction_id !== undefined || success_time !== undefined
  return trade_state === 'REVOKED' && isPaid ? text.paidAndReversed : meaningOf(trade_state)
}

/** What is wrong with what came from outside, and in which field. Words of others stay as they are. */
export function refusalInWords(message: string): string {
  if (LANGUAGE !== 'zh-CN') return message
  const inChinese = (words: string) => orderRefusalInChinese(words) ?? refusalInChinese(words)
  const [, field, why = ''] = /^(.*): (.*)$/s.exec(message) ?? []
  const chinese = inChinese(why)
  return inChinese(message) ?? (chinese === undefined ? message : `${field}：${chinese}`)
}

/** Why an order waits, in the words of the decision table; what WeChat Pay answered stays as it came. */
export function reasonInWords(reason: string): string {
  const [, own = reason, toReverse, toQuery] =
    /^(.*?)(?: \(answered (?:to the reverse (.*?))?(?:; )?(?:to the query (.*))?\))?$/s.exec(reason) ?? []
  const chinese = LANGUAGE === 'zh-CN' ? reasonInChinese(own) : undefined
  if (chinese === undefined) return reason
  const said = [toReverse && `撤销的应答：${toReverse}`, toQuery && `查单的应答：${toQuery}`].filter(Boolean)
  return said.length > 0 ? `${chinese}（${said.join('；')}）` : chinese
}
