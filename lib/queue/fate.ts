import { backoffSeconds } from '../reversal/backoff.ts'
import { lookAgain } from '../reversal/decision/decide.ts'
import { TIMES } from '../reversal/decision/times.ts'
import { isFinal, ReversalError } from '../reversal/errors.ts'
import { readHistory } from '../reversal/history.ts'
import type { Order, OrderMessage } from '../reversal/order.ts'
import type { History, Pending, Reversal } from '../reversal/result.ts'
import { parseTime } from '../reversal/time.ts'

/**
 * What may become of a message. It is deleted after `tell`, `bury` and `travel on`, and only when all of that is done:
 * what stops half-way may be done twice, never not at all.
 */
export type Fate =
  /** The outcome goes out as an event. */
  | { do: 'tell'; reversal: Reversal }
  /** The refusal becomes a dead letter and an event. */
  | { do: 'bury'; error: ReversalError }
  /** A new message with what was learned takes its place. */
  | { do: 'travel on'; order: OrderMessage; seconds: number }
  /** The message itself is delivered again. */
  | { do: 'come again'; seconds: number }

/** What an attempt came to. Without an order the message is none. */
export type Attempted = { order: Order; result: Reversal | Pending } | { order?: Order | undefined; error: unknown }

export interface Moment {
  /** When the message was put on the queue. */
  sentAtMs: number
  nowMs: number
  /** From 0 to 1. */
  random: number
}

/**
 * What becomes of a message after an attempt: the first of these that can be done. Pure, so that every end can be looked
 * through.
 */
export function fatesOf(attempted: Attempted, moment: Moment): readonly [Fate, ...Fate[]] {
  const comeAgain: Fate = {
    do: 'come again',
    seconds: backoffSeconds(ageSeconds(attempted.order, moment), moment.random),
  }
  if ('error' in attempted) {
    const error = expireAtLast(attempted.error, ageSeconds(attempted.order, moment))
    return isFinal(error) ? [{ do: 'bury', error }, comeAgain] : [comeAgain]
  }
  const { order, result } = attempted
  if (result.outcome !== 'PENDING') return [{ do: 'tell', reversal: result }, comeAgain]
  const { history, retry_after: seconds } = result
  if (!hasLearned(order, result)) return [{ do: 'come again', seconds }]
  return [{ do: 'travel on', order: { ...order.message, history }, seconds }, comeAgain]
}

/** When we first saw the order: what is no order was first seen when it was sent. */
export function firstSeenAtMs(
  order: Order | undefined,
  { sentAtMs, nowMs }: Pick<Moment, 'sentAtMs' | 'nowMs'>,
): number {
  return order === undefined ? sentAtMs : readHistory(order.message.history, sentAtMs, nowMs).firstSeenAtMs
}

const ageSeconds = (order: Order | undefined, moment: Moment) => (moment.nowMs - firstSeenAtMs(order, moment)) / 1000

/**
 * A temporary error, such as wrong credentials, becomes `ReversalExpired` when the decision table says so: later SQS would
 * delete the message, and nobody would hear of it. Any other error stays what it is.
 */
function expireAtLast(error: unknown, sinceFirstSeen: number): unknown {
  if (isFinal(error)) return error
  const { name, message } = error as Error
  const step = lookAgain(`${name}: ${message}`, { sinceFirstSeen })
  if (step.do === 'wait') return error
  const said = error instanceof ReversalError ? error : {}
  return new ReversalError(step.error, `${step.detail}; last verified state: none`, said, { cause: error })
}

/** True when the next attempt would decide otherwise without what this one learned. */
function hasLearned({ ifPaid, message }: Order, { history, retry_after }: Pending): boolean {
  const before: History = message.history ?? {}
  const isNew = (fact: 'reverse_sent_at' | 'reverse_answered_at') =>
    history[fact] !== undefined && before[fact] === undefined
  // When a reverse was last sent matters to KEPT alone, and only while it may still land when we look again.
  const mayStillLand = ifPaid === 'keep' && retry_after < TIMES.reverseLands
  return (
    isNew('reverse_sent_at') ||
    isNew('reverse_answered_at') ||
    history.paid?.signature !== before.paid?.signature ||
    (mayStillLand && timeOf(history.reverse_sent_at) !== timeOf(before.reverse_sent_at))
  )
}

const timeOf = (text: string | undefined) => (text === undefined ? undefined : parseTime(text))
