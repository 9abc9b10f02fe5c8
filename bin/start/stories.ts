import type { Outcome } from '../../lib/reversal/result.ts'
import { text } from '../texts/start.ts'

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

const refunded = { outcome: 'REFUNDED', meaning: text.refunded } as const

export const stories: Story[] = [
  {
    name: 'paid',
    ...text.stories.paid,
    state: 'SUCCESS',
    ...refunded,
  },
  {
    name: 'unpaid',
    ...text.stories.unpaid,
    state: 'NOTPAY',
    outcome: 'REVERSED',
    meaning: text.reversed,
  },
  {
    name: 'lost-answer',
    ...text.stories['lost-answer'],
    state: 'SUCCESS',
    faults: [{ fault: 'reset-after-effect', endpoint: 'reverse' }],
    ...refunded,
  },
]
