import { type Attempt, type AttemptContext, resultOf } from '../reversal/attempt.ts'
import { BACKOFF } from '../reversal/backoff.ts'
import { isFinal, ReversalError } from '../reversal/errors.ts'
import type { Merchants } from '../reversal/merchants.ts'
import type { Order, OrderMessage } from '../reversal/order.ts'
import type { Pending, Reversal } from '../reversal/result.ts'
import { formatTime } from '../reversal/time.ts'
import type { LeaveOpen } from '../settlement/leave-open.ts'
import { type OrderRef, signerOf } from '../wechatpay/order-id.ts'

export interface HandOverOptions {
  attempt: Attempt
  merchants: Pick<Merchants, 'find'>
  queue: { put(order: OrderMessage, delaySeconds: number): Promise<void> }
  leaveOpen?: LeaveOpen
  report: HandOverReport
}

export interface HandOverReport {
  result(result: Reversal | Pending): void
  handOverFailed(order: OrderRef): void
}

/** What a caller who waits for the answer gets: the end, or a pending result once the queue has the order. */
export function createHandOver({ attempt, merchants, queue, leaveOpen = async () => {}, report }: HandOverOptions) {
  async function put({ ref, message }: Order, pending: Pending, delaySeconds: number): Promise<Pending> {
    try {
      await queue.put({ ...message, history: pending.history }, delaySeconds)
      return pending
    } catch (cause) {
      report.handOverFailed(ref)
      const detail = 'the order is not finished and could not be put on the queue: send it again'
      throw new ReversalError('HandOverFailed', detail, {}, { cause })
    }
  }

  return {
    /** One attempt; then the queue goes on. @throws ReversalError */
    async reverse(order: Order, context: AttemptContext): Promise<Reversal | Pending> {
      const result = resultOf(await attempt(order, context))
      report.result(result)
      if (result.outcome === 'PENDING') return await put(order, result, result.retry_after)
      await leaveOpen(order, result)
      return result
    },

    /** Queues without an attempt, as the caller asked. An unknown merchant is still refused at once. @throws ReversalError */
    async enqueue(order: Order, seenAtMs: number): Promise<Pending> {
      const { ref, message } = order
      await merchants.find(signerOf(ref)).catch((error: unknown) => {
        // Keys that cannot be read now can be later.
        if (isFinal(error)) throw error
      })
      const pending: Pending = {
        ...ref,
        outcome: 'PENDING',
        reason: 'queued as asked',
        retry_after: BACKOFF.firstSeconds,
        history: { first_seen_at: formatTime(seenAtMs), ...message.history },
      }
      return await put(order, pending, 0)
    },
  }
}
