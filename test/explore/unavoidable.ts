import type { Start } from './explore.ts'
import type { Law } from './laws.ts'

/**
 * What nobody can exclude who may only ask and reverse: stories in which what is told is not the whole truth. The search
 * finds each of them, and nothing else; the limits in the README are these.
 */
export const UNAVOIDABLE = {
  'a payment that was to be kept is reversed':
    'A customer can pay between our query and our reverse. The reverse then returns the money, with `if_paid: keep` too.',
  'REFUNDED although it was a refund of somebody else':
    'Somebody can refund the order while a reverse of ours has no verified answer. The order then ends `REFUNDED` as if the reverse had done it.',
  'REFUNDED although the money is not, or not all, returned':
    'Somebody can refund a part of the order while a reverse of ours has no verified answer. WeChat Pay says `REFUND` for a part, too.',
  'RefundedElsewhere although it was our reverse':
    'A reverse can take effect although WeChat Pay verifiably refused it. If the order then says `REFUND`, it ends `RefundedElsewhere`.',
  'KEPT although the order is not paid any more':
    'An attempt can die after it sent a reverse, or run beside another (SQS can deliver a message twice). The other can then tell `KEPT` while that reverse is on its way.',
  'reversed after KEPT was told':
    'The same, when the reverse takes effect after `KEPT` was told. The trade bill of the next day finds it.',
} as const satisfies Record<Law, string>

const ALWAYS = [
  'REFUNDED although it was a refund of somebody else',
  'REFUNDED although the money is not, or not all, returned',
  'RefundedElsewhere although it was our reverse',
] as const

/** The unavoidable stories of such an order, whichever way it comes in. */
export function unavoidableFor(ifPaid: Start['ifPaid']): Law[] {
  return ifPaid === 'refund' ? [...ALWAYS] : Object.keys(UNAVOIDABLE)
}
