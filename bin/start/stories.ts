import type { Simulator } from '../../infra/local/wechatpay/simulator.ts'
import type { Outcome } from '../../lib/reversal/result.ts'

/** An order as it stands at WeChat Pay before anybody reverses it, and how that must end. */
export interface Story {
  name: 'paid' | 'unpaid' | 'lost-answer'
  title: string
  tells: string
  state: 'SUCCESS' | 'NOTPAY'
  /** The first reverse takes effect, and its answer never arrives. */
  losesAnswer?: true
  outcome: Outcome
  meaning: string
}

const refunded = { outcome: 'REFUNDED', meaning: 'it was paid, and the money goes back to the customer' } as const

export const stories: Story[] = [
  {
    name: 'paid',
    title: 'A paid order',
    tells: 'Charged, but the answer never reached the till: the sale was given up.',
    state: 'SUCCESS',
    ...refunded,
  },
  {
    name: 'unpaid',
    title: 'An unpaid order',
    tells: 'The customer walked away without paying. The order must not be paid later.',
    state: 'NOTPAY',
    outcome: 'REVERSED',
    meaning: 'nobody is charged, and it cannot be paid any more',
  },
  {
    name: 'lost-answer',
    title: 'A lost answer',
    tells: 'Paid; and the reverse itself takes effect, but its answer is lost on the way.',
    state: 'SUCCESS',
    losesAnswer: true,
    ...refunded,
  },
]

/** Places the order at WeChat Pay. */
export function stage(
  simulator: Simulator,
  order: { mchid: string; appid: string; out_trade_no: string },
  story: Story,
) {
  const { mchid, out_trade_no } = order
  simulator.placeOrder(order, story.state)
  if (!story.losesAnswer) return
  simulator.faults.add({ fault: 'reset-after-effect', endpoint: 'reverse', mchid, out_trade_no, times: 1 })
}
