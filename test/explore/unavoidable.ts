import type { Start } from './explore.ts'
import type { Law } from './laws.ts'

/**
 * What nobody can exclude who may only ask and reverse: stories in which what is told is not the whole truth. The search
 * finds each of them, and nothing else; the limits in the READMEs are these, word for word.
 */
export const UNAVOIDABLE = {
  'a payment that was to be kept is reversed': {
    english:
      'A customer can pay between our query and our reverse. The reverse then returns the money, with `if_paid: keep` too.',
    chinese: '用户可能在我们查单之后、撤销之前付款。这时撤销会把钱退回，`if_paid: keep` 也不例外。',
  },
  'REFUNDED although it was a refund of somebody else': {
    english:
      'Somebody can refund the order while a reverse of ours has no verified answer. The order then ends `REFUNDED`, as if the reverse had done it.',
    chinese: '在我们的撤销还没有得到验签通过的应答时，订单可能被别人退款。这时结果是 `REFUNDED`，看起来像是撤销退的。',
  },
  'REFUNDED although the money is not, or not all, returned': {
    english: 'That refund can be of a part: WeChat Pay says `REFUND` for a part, too.',
    chinese: '那笔退款可能只是一部分：部分退款时微信支付同样返回 `REFUND`。',
  },
  'RefundedElsewhere although it was our reverse': {
    english:
      'A reverse can take effect although WeChat Pay verifiably refused it. If the order then says `REFUND`, it ends `RefundedElsewhere`.',
    chinese:
      '微信支付以验签通过的应答拒绝了撤销，撤销却可能仍然生效。如果订单随后是 `REFUND`，结果就是 `RefundedElsewhere`。',
  },
  'KEPT although the order is not paid any more': {
    english:
      'An attempt can die after it sent a reverse, or run beside another (SQS can deliver a message twice). The other can then tell `KEPT` while that reverse is on its way.',
    chinese:
      '一次尝试可能在发出撤销之后中断，也可能与另一次同时进行（SQS 可能重复投递）。另一次可能在那个撤销还在途中时得出 `KEPT`。',
  },
  'reversed after KEPT was told': {
    english: 'That reverse can take effect after `KEPT` was told.',
    chinese: '那个撤销可能在得出 `KEPT` 之后才生效。',
  },
} as const satisfies Record<Law, { english: string; chinese: string }>

const ALWAYS = [
  'REFUNDED although it was a refund of somebody else',
  'REFUNDED although the money is not, or not all, returned',
  'RefundedElsewhere although it was our reverse',
] as const

/** The unavoidable stories of such an order, whichever way it comes in. */
export function unavoidableFor(ifPaid: Start['ifPaid']): Law[] {
  return ifPaid === 'refund' ? [...ALWAYS] : Object.keys(UNAVOIDABLE)
}
