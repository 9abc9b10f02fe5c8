import type { LookUpResult } from '../../lib/reversal/look-up.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import type { TradeState } from '../../lib/wechatpay/trade-state.ts'
import { inLanguage } from '../language/in-language.ts'
import { meaningOfOrder } from './meanings.ts'
import { ownerInWords } from './order.ts'
import { paint } from './paint.ts'

const text = inLanguage({
  en: {
    both: (how: string, then: string) => `${how} ${then}`,
    order: (number: string, owner: string) => `Order ${number} of ${owner}`,
    none: (order: string) => `${order}: WeChat Pay knows none, or not yet.`,
    unverified: (order: string) => `${order}: nothing verified says how it stands.`,
    found: (order: string, state: string, meaning: string) => `${order} is ${state} (${meaning}).`,
    willBeReversed: 'It will be reversed and can never be paid again; a payment that slips in is refunded.',
    willBeReversedBlind: 'It will be reversed all the same: unpaid it is closed, paid it is refunded.',
    notBefore: 'Before that, nothing is reversed.',
    onlyAsked: 'Nothing will be sent but the question.',
    willBeKept: 'It will be kept: nothing is reversed.',
    willBeRefunded: 'It will be reversed: the customer gets the money back.',
  },
  'zh-CN': {
    both: (how, then) => how + then,
    order: (number, owner) => `${owner} 的订单 ${number}`,
    none: (order) => `${order}：微信支付没有这笔订单，或尚未到达。`,
    unverified: (order) => `${order}：没有验签通过的应答说明它的状态。`,
    found: (order, state, meaning) => `${order}：${state}（${meaning}）。`,
    willBeReversed: '将撤销它，此后不能再支付；如果恰好付了款，会退款。',
    willBeReversedBlind: '仍将撤销：未支付就关闭，已支付就退款。',
    notBefore: '在查明之前，不会撤销。',
    onlyAsked: '只查单，不会再发别的。',
    willBeKept: '将保留这笔付款：不撤销。',
    willBeRefunded: '将撤销它：钱退给用户。',
  },
})

const FINAL: ReadonlySet<string> = new Set<TradeState>(['REVOKED', 'CLOSED', 'REFUND'])

/** In one line, before money moves: how the order stands, and what will come of it. */
export function announcement(message: OrderMessage, seen: LookUpResult): string {
  const { out_trade_no, if_paid } = message
  const order = paint.strong(text.order(out_trade_no, ownerInWords(message)), process.stderr)
  if (seen.kind === 'none') return text.both(text.none(order), text.willBeReversed)
  if (seen.kind === 'unverified') {
    return text.both(text.unverified(order), if_paid === 'keep' ? text.notBefore : text.willBeReversedBlind)
  }
  const { trade_state } = seen.state
  return text.both(text.found(order, trade_state, meaningOfOrder(seen.state)), consequence(trade_state, if_paid))
}

function consequence(trade_state: string, if_paid: OrderMessage['if_paid']): string {
  if (FINAL.has(trade_state)) return text.onlyAsked
  if (trade_state !== 'SUCCESS') return text.willBeReversed
  return if_paid === 'keep' ? text.willBeKept : text.willBeRefunded
}
