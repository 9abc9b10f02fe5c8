import type { Attempt } from '../reversal/attempt.ts'
import type { ReversalError } from '../reversal/errors.ts'
import { type Order, type OrderMessage, parseOrder } from '../reversal/order.ts'
import { type OrderFields, orderFieldsOf, safeOrderFields } from '../reversal/order-fields.ts'
import { parseOrderJson } from '../reversal/order-json.ts'
import type { Pending, Reversal } from '../reversal/result.ts'
import type { LeaveOpen } from '../settlement/leave-open.ts'
import { signerOf } from '../wechatpay/order-id.ts'
import { type Attempted, agesOf, type Fate, fatesOf, fateWithoutTurn, isLastLook } from './fate.ts'

/** A message as it was received. */
export interface Message {
  body: string
  /** When it was put on the queue; undefined when the queue does not say. */
  sentAtMs?: number | undefined
}

export interface WorkOptions<M extends Message> {
  attempt: Attempt
  queue: {
    put(order: OrderMessage, delaySeconds: number): Promise<void>
    postpone(message: M, seconds: number): Promise<void>
  }
  deadLetters: { bury(message: M, error: ReversalError): Promise<void> }
  events: {
    completed(reversal: Reversal): Promise<void>
    failed(order: OrderFields, error: ReversalError): Promise<void>
  }
  /** Lets the books settle an outcome that leaves the money open. */
  leaveOpen?: LeaveOpen
  report: WorkReport<M>
  /** Waits until an attempt of this merchant may begin; false, at once, when that takes longer than a batch may. */
  turn?: (mchid: string) => Promise<boolean>
  /** Milliseconds since the epoch. */
  now?: () => number
  /** From 0 to 1. */
  random?: () => number
}

/** What the person on call needs to know. */
export interface WorkReport<M extends Message> {
  result(result: Reversal | Pending): void
  /** An order refused for good, or something that failed and will be repeated. */
  failure(order: OrderFields, error: unknown): void
  /** An order that stays on the queue; how long ago we first saw it, and how long it can still be reversed, in seconds. */
  unfinished(order: OrderFields, ages: { sinceFirstSeen: number; reversibleFor: number }): void
  /** A message that comes again by its visibility timeout alone. */
  notPostponed(message: M, error: unknown): void
  /** Every message of a batch failed. */
  batchFailed(): void
}

/** `isDeleted`: nothing of the message can be lost any more. `hasFailed`: what should have become of it did not. */
interface Ended {
  isDeleted: boolean
  hasFailed: boolean
}

/** The work of the queue: attempts, and what becomes of the messages. Its rules are in `fate.ts`. */
export function createWork<M extends Message>(options: WorkOptions<M>) {
  const { attempt, queue, deadLetters, events, report } = options
  const { leaveOpen = async () => {}, turn = async () => true, now = Date.now, random = Math.random } = options

  /**
   * The messages of a batch run side by side: a slow one holds up nobody.
   *
   * @param msLeft for the attempts; what comes after them has time of its own
   * @returns those that stay on the queue
   */
  async function handleBatch(messages: readonly M[], msLeft: () => number): Promise<M[]> {
    const ends = await Promise.all(messages.map((message) => handle(message, msLeft)))
    if (ends.length > 0 && ends.every(({ hasFailed }) => hasFailed)) report.batchFailed()
    return messages.filter((_, index) => !ends[index]!.isDeleted)
  }

  async function handle(message: M, msLeft: () => number): Promise<Ended> {
    const sentAtMs = message.sentAtMs ?? now()
    let input: unknown
    let attempted: Attempted
    try {
      input = parseOrderJson(message.body, 'message')
      const order = parseOrder(input, now())
      // One that would be put off for ever would be lost in the end: its last look waits for no turn.
      const hasTurn = isLastLook(order, { sentAtMs, nowMs: now() }) || (await turn(signerOf(order.ref)))
      if (!hasTurn) return await putOff(message, order, sentAtMs)
      attempted = { order, ...(await attempt(order, { seenAtMs: sentAtMs, msLeft })) }
    } catch (error) {
      attempted = { error }
    }
    const nowMs = now()
    const fates = fatesOf(attempted, { sentAtMs, nowMs, random: random() })
    const [first] = fates
    if (first.do === 'bury') report.failure(orderFieldsOf(input), first.error)
    else if ('error' in attempted) report.failure(orderFieldsOf(input), attempted.error)
    else if (attempted.result.outcome === 'PENDING') report.result(attempted.result)

    const fate = await firstThatCanBeDone(fates, message, input)
    if (fate?.do === 'tell') {
      report.result(fate.reversal)
      await leaveOpen(attempted.order!, fate.reversal)
    }
    const isDeleted = fate !== undefined && fate.do !== 'come again'
    const isFinished = fate?.do === 'tell' || fate?.do === 'bury'
    if (!isFinished) report.unfinished(orderFieldsOf(input), agesOf(attempted.order, { sentAtMs, nowMs }))
    return { isDeleted, hasFailed: fate !== first || ('error' in attempted && !isFinished) }
  }

  /** Nothing was attempted, so nothing has failed. */
  async function putOff(message: M, order: Order, sentAtMs: number): Promise<Ended> {
    const moment = { sentAtMs, nowMs: now(), random: random() }
    await firstThatCanBeDone([fateWithoutTurn(order, moment)], message, order.message)
    report.unfinished(orderFieldsOf(order.message), agesOf(order, moment))
    return { isDeleted: false, hasFailed: false }
  }

  async function firstThatCanBeDone(fates: readonly Fate[], message: M, input: unknown): Promise<Fate | undefined> {
    for (const fate of fates) {
      try {
        await carryOut(fate, message, input)
        return fate
      } catch (error) {
        if (fate.do === 'come again') report.notPostponed(message, error)
        else report.failure(orderFieldsOf(input), error)
      }
    }
    return undefined
  }

  /** In this order: a letter without its event is written again, an event without its letter would never be. */
  async function carryOut(fate: Fate, message: M, input: unknown): Promise<void> {
    switch (fate.do) {
      case 'tell':
        return await events.completed(fate.reversal)
      case 'bury':
        await deadLetters.bury(message, fate.error)
        return await events.failed(safeOrderFields(input), fate.error)
      case 'travel on':
        return await queue.put(fate.order, fate.seconds)
      case 'come again':
        return await queue.postpone(message, fate.seconds)
    }
  }

  return { handleBatch }
}
