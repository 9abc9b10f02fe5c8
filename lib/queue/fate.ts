import type { Ending } from '../reversal/attempt.ts'
import { backoffSeconds } from '../reversal/backoff.ts'
import { lookAgain } from '../reversal/decision/decide.ts'
import { TIMES } from '../reversal/decision/times.ts'
import { isFinal, ReversalError } from '../reversal/errors.ts'
import { readHistory } from '../reversal/history.ts'
import type { Order, OrderMessage } from '../reversal/order.ts'
import type { History, Reversal } from '../reversal/result.ts'
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

/** What an attempt came to. Without an order the message is none, and nothing was attempted. */
export type Attempted = ({ order: Order } & Ending) | { order?: undefined; error: unknown; history?: undefined }

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
  const { sinceFirstSeen } = agesOf(attempted.order, moment)
  const backOffSeconds = backoffSeconds(sinceFirstSeen, moment.random)
  if ('error' in attempted) {
    const error = expireAtLast(attempted.error, sinceFirstSeen)
    // A refusal is the same without what was learned, and a third fate would take more time than is kept for it.
    return isFinal(error) ? [{ do: 'bury', error }, comeAgain(backOffSeconds)] : later(attempted, backOffSeconds)
  }
  const { result } = attempted
  if (result.outcome === 'PENDING') return later(attempted, result.retry_after)
  return [{ do: 'tell', reversal: result }, ...later(attempted, backOffSeconds)]
}

/** What was learned must not be lost: without it the next attempt may say less, or otherwise. */
function later({ order, history }: Attempted, seconds: number): readonly [Fate, ...Fate[]] {
  if (order === undefined) return [comeAgain(seconds)]
  const again = comeAgain(mayLandUnrecorded(order, history) ? Math.max(seconds, TIMES.reverseLands) : seconds)
  if (!hasLearned(order, history)) return [again]
  return [{ do: 'travel on', order: { ...order.message, history }, seconds }, again]
}

const comeAgain = (seconds: number): Fate => ({ do: 'come again', seconds })

/** How old an order is, and how long it can still be reversed, in seconds. What is no order was first seen when it was sent. */
export function agesOf(
  order: Order | undefined,
  { sentAtMs, nowMs }: Pick<Moment, 'sentAtMs' | 'nowMs'>,
): { sinceFirstSeen: number; reversibleFor: number } {
  const firstSeenAtMs =
    order === undefined ? sentAtMs : readHistory(order.message.history, sentAtMs, nowMs).firstSeenAtMs
  const since = (ms: number) => (nowMs - ms) / 1000
  return {
    sinceFirstSeen: since(firstSeenAtMs),
    reversibleFor: TIMES.reversible - since(order?.attemptedAtMs ?? firstSeenAtMs),
  }
}

/** What becomes of a message whose merchant has had all the turns that its batch has time for: nothing was attempted. */
export const fateWithoutTurn = (order: Order, moment: Moment): Fate =>
  comeAgain(backoffSeconds(agesOf(order, moment).sinceFirstSeen, moment.random))

/** True when whatever keeps the order waiting ends it: the decision table looks at it no longer. */
export const isLastLook = (order: Order, moment: Pick<Moment, 'sentAtMs' | 'nowMs'>) =>
  agesOf(order, moment).sinceFirstSeen > TIMES.lookedAtAgain

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
function hasLearned({ message }: Order, history: History): boolean {
  const before: History = message.history ?? {}
  const isNew = (fact: 'reverse_sent_at' | 'reverse_answered_at') =>
    history[fact] !== undefined && before[fact] === undefined
  return isNew('reverse_sent_at') || isNew('reverse_answered_at') || history.paid?.signature !== before.paid?.signature
}

/**
 * True when this attempt sent a reverse that may still take effect and whose time the message does not hold. Only KEPT
 * depends on that time. A new message at every attempt would record it, but Lambda ends a chain of about 16 messages
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html); so the message waits until it does not matter.
 */
function mayLandUnrecorded({ ifPaid, message }: Order, history: History): boolean {
  return ifPaid === 'keep' && timeOf(history.reverse_sent_at) !== timeOf(message.history?.reverse_sent_at)
}

const timeOf = (text: string | undefined) => (text === undefined ? undefined : parseTime(text))
