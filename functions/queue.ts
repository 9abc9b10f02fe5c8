import type { MessageAttributeValue } from '@aws-sdk/client-sqs'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { lambdaFunction, timeLeft } from '../lib/aws/lambda-function.ts'
import { createReversalEvents } from '../lib/aws/reversal-events.ts'
import { createReversalQueue } from '../lib/aws/reversal-queue.ts'
import { createService } from '../lib/aws/service.ts'
import { required } from '../lib/aws/settings.ts'
import { count, logFailure, logger, logResult, pendingAge } from '../lib/aws/telemetry.ts'
import { backoffSeconds } from '../lib/reversal/backoff.ts'
import { isFinal, ReversalError } from '../lib/reversal/errors.ts'
import { hasLearned } from '../lib/reversal/history.ts'
import { type Order, parseOrder } from '../lib/reversal/order.ts'
import { describe, orderFieldsOf } from '../lib/reversal/order-fields.ts'
import type { Pending } from '../lib/reversal/result.ts'

const { attempt } = createService(process.env)
const events = createReversalEvents({ eventBusName: required(process.env, 'EVENT_BUS_NAME') })
const queue = createReversalQueue({
  queueUrl: required(process.env, 'QUEUE_URL'),
  deadLetterQueueUrl: required(process.env, 'DEAD_LETTER_QUEUE_URL'),
})

/** Kept for event, dead letter or follow-up message. */
const RESERVED_MS = 3_000

/** What becomes of a message: it is done and may be deleted, it waits, or something failed and it waits too. */
type Fate = 'done' | 'waits' | 'failed'

/** The messages of a batch run side by side; each is deleted only when nothing of it can be lost any more. */
export const handler = lambdaFunction(async (event: SQSEvent, context): Promise<SQSBatchResponse> => {
  const msLeft = timeLeft(context, RESERVED_MS)
  const fates = await Promise.all(event.Records.map((record) => handle(record, msLeft)))
  if (fates.length > 0 && fates.every((fate) => fate === 'failed')) count('BatchFailed')
  const staying = event.Records.filter((_, index) => fates[index] !== 'done')
  return { batchItemFailures: staying.map(({ messageId }) => ({ itemIdentifier: messageId })) }
})

async function handle(record: SQSRecord, msLeft: () => number): Promise<Fate> {
  let input: unknown
  try {
    input = parse(record.body)
    const order = parseOrder(input, Date.now())
    const result = await attempt(order, { seenAt: sentAt(record), msLeft })
    if (result.outcome === 'PENDING') return await wait(record, order, result)
    await events.completed(result)
    logResult(result)
    return 'done'
  } catch (error) {
    return await fail(record, input, error)
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
  await queue.postpone(record.receiptHandle, pending.retry_after)
  return 'waits'
}

/** A refusal for good becomes a dead letter and an event; everything else comes again, later and later. */
async function fail(record: SQSRecord, input: unknown, error: unknown): Promise<Fate> {
  const order = orderFieldsOf(input)
  logFailure(order, error)
  try {
    if (isFinal(error)) {
      await queue.bury({ body: record.body, attributes: attributesOf(record) }, error)
      await events.failed(describe(input), error)
      return 'done'
    }
    pendingAge(sentAt(record))
    await queue.postpone(record.receiptHandle, backoffSeconds((Date.now() - sentAt(record)) / 1000, Math.random()))
  } catch (failure) {
    // The message comes again when its visibility time-out is over: nothing is lost, and all of this may happen twice.
    const { name, message } = failure as Error
    logger.error('message left to its visibility time-out', { ...order, error: name, detail: message })
  }
  return 'failed'
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new ReversalError('InvalidOrder', 'the message must be a JSON object')
  }
}

const sentAt = (record: SQSRecord) => Number(record.attributes.SentTimestamp)

function attributesOf(record: SQSRecord): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(record.messageAttributes).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue !== undefined && { StringValue: stringValue }),
        ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, 'base64') }),
      },
    ]),
  )
}
