import type { Outcome } from '../../lib/reversal/result.ts'

/** An order as it stands at WeChat Pay before anybody reverses it, and how that must end. */
export interface Story {
  name: 'paid' | 'unpaid' | 'lost-answer'
  title: string
  tells: string
  state: 'SUCCESS' | 'NOTPAY'
  /** What goes wrong with its calls. */
  faults?: readonly object[]
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
    faults: [{ fault: 'reset-after-effect', endpoint: 'reverse' }],
    ...refunded,
  },
]
