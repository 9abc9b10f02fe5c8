import { setTimeout } from 'node:timers/promises'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { lambdaFunction, timeLeft } from '../lib/aws/lambda-function.ts'
import { createReversalEvents } from '../lib/aws/reversal-events.ts'
import { createReversalQueue } from '../lib/aws/reversal-queue.ts'
import { createService } from '../lib/aws/service.ts'
import { readAttemptsPerSecond, required } from '../lib/aws/settings.ts'
import { count, log, logFailure, logResult, pendingAge } from '../lib/aws/telemetry.ts'
import { createPace } from '../lib/queue/pace.ts'
import { backoffSeconds } from '../lib/reversal/backoff.ts'
import { isFinal, type ReversalError } from '../lib/reversal/errors.ts'
import { expireAtLast } from '../lib/reversal/expiry.ts'
import { hasLearned, readHistory } from '../lib/reversal/history.ts'
import { type Order, parseOrder } from '../lib/reversal/order.ts'
import { describe, orderFieldsOf } from '../lib/reversal/order-fields.ts'
import { parseOrderJson } from '../lib/reversal/order-json.ts'
import type { Pending } from '../lib/reversal/result.ts'

const { attempt } = createService(process.env)
const events = createReversalEvents({ eventBusName: required(process.env, 'EVENT_BUS_NAME') })
const queue = createReversalQueue({
  queueUrl: required(process.env, 'QUEUE_URL'),
  deadLetterQueueUrl: required(process.env, 'DEAD_LETTER_QUEUE_URL'),
})

/** A backlog is drained no faster than WeChat Pay takes it. */
const pace = createPace({ perSecond: readAttemptsPerSecond(process.env) })

/** Kept for what must come last: dead letter, event, and putting the message off should one of them fail, 1.4 s each. */
const RESERVED_MS = 4_500

/** What becomes of a message: it is done and may be deleted, it waits, or something failed and it waits too. */
type Fate = 'done' | 'waits' | 'failed'

/**
 * The messages of a batch run side by side; each is deleted only when nothing of it can be lost any more. Whatever is
 * done before that (event, dead letter, follow-up message) may be done twice: an event and a letter may be heard twice,
 * and of two messages about one order each finds out for itself how it ended.
 */
export const handler = lambdaFunction(async (event: SQSEvent, context): Promise<SQSBatchResponse> => {
  const msLeft = timeLeft(context, RESERVED_MS)
  const fates = await Promise.all(event.Records.map((record) => inTurn(record, msLeft)))
  if (fates.length > 0 && fates.every((fate) => fate === 'failed')) count('BatchFailed')
  const staying = event.Records.filter((_, index) => fates[index] !== 'done')
  return { batchItemFailures: staying.map(({ messageId }) => ({ itemIdentifier: messageId })) }
})

async function inTurn(record: SQSRecord, msLeft: () => number): Promise<Fate> {
  const waitMs = pace()
  if (waitMs > 0) await setTimeout(waitMs)
  return handle(record, msLeft)
}

async function handle(record: SQSRecord, msLeft: () => number): Promise<Fate> {
  const seenAt = Number(record.attributes?.SentTimestamp) || Date.now()
  let firstSeenAt = seenAt
  let input: unknown
  try {
    input = parseOrderJson(record.body, 'message')
    const order = parseOrder(input, Date.now())
    firstSeenAt = readHistory(order, seenAt, Date.now()).firstSeenAt
    const result = await attempt(order, { seenAt, msLeft }).catch((error: unknown) => {
      throw expireAtLast(error, firstSeenAt, Date.now())
    })
    if (result.outcome === 'PENDING') return await wait(record, order, result)
    await events.completed(result)
    logResult(result)
    return 'done'
  } catch (error) {
    logFailure(orderFieldsOf(input), error)
    if (isFinal(error) && (await isRefused(record, input, error))) return 'done'
    pendingAge(firstSeenAt)
    await postpone(record, backoffSeconds((Date.now() - firstSeenAt) / 1000, Math.random()))
    return 'failed'
  }
}

/** A fact that was learned travels on in a new message, put before the old one goes; else the old one just comes again later. */
async function wait(record: SQSRecord, order: Order, pending: Pending): Promise<Fate> {
  logResult(pending)
  pendingAge(Date.parse(pending.history.first_seen_at!))
  if (hasLearned(order, pending)) {
    await queue.put({ ...order.message, history: pending.history }, pending.retry_after)
    return 'done'
  }
  await postpone(record, pending.retry_after)
  return 'waits'
}

/** A refusal for good becomes a dead letter and an event; only then is the message done. */
async function isRefused(record: SQSRecord, input: unknown, error: ReversalError): Promise<boolean> {
  try {
    await queue.bury(record, error)
    await events.failed(describe(input), error)
    return true
  } catch (failure) {
    logFailure(orderFieldsOf(input), failure)
    return false
  }
}

/** Else the message comes again when its visibility time-out is over: sooner or later, nothing is lost. */
async function postpone({ receiptHandle, messageId }: SQSRecord, seconds: number) {
  try {
    await queue.postpone(receiptHandle, seconds)
  } catch (error) {
    const { name, message } = error as Error
    log.warn('message left to its visibility time-out', { messageId, error: name, detail: message })
  }
}
