import type { Way } from '../parts.ts'
import type { TextKey } from './texts.ts'

/** An order with everything that happens to it, in one click. */
export interface Story {
  title: Extract<TextKey, `story.${string}`>
  /** What its number begins with. */
  number: string
  customer: string
  fault?: string
  endpoint?: string
  way: Way
  attempted_seconds_ago?: number
}

export const STORIES: Readonly<Record<string, Story>> = {
  paid: { title: 'story.paid', number: 'paid', customer: '00', way: 'http' },
  unpaid: { title: 'story.unpaid', number: 'unpaid', customer: '02', way: 'step', attempted_seconds_ago: 120 },
  lost: {
    title: 'story.lost',
    number: 'lost-answer',
    customer: '00',
    fault: 'reset-after-effect',
    endpoint: 'reverse',
    way: 'sqs',
  },
  forged: {
    title: 'story.forged',
    number: 'forged',
    customer: '00',
    fault: 'unsigned-not-exist',
    endpoint: 'query',
    way: 'step',
  },
  unknown: { title: 'story.unknown', number: 'unknown', customer: 'none', way: 'sqs' },
  old: { title: 'story.old', number: 'old', customer: '00', way: 'sqs', attempted_seconds_ago: 8 * 86_400 },
}
