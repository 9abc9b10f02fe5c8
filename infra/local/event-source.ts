import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { type Lambda, TooManyRequests } from './lambda.ts'
import type { Right } from './policy.ts'

export interface EventSourceMapping {
  functionName: string
  functionArn: string
  queueArn: string
  queueUrl: string
  region: string
  batchSize: number
  /** How long a batch is collected before the function gets it. */
  batchingWindowMs: number
  /** How many batches may be with the function at once. */
  maximumConcurrency: number
  reportBatchItemFailures: boolean
}

/** What creating the mapping asks of the function's role. */
export const rightsToPoll = (resource: string): Right[] =>
  ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map((action) => ({ action, resource }))

/** Without MaximumConcurrency, SQS pollers start with five invocations at once. */
export const DEFAULT_CONCURRENCY = 5

/**
 * Lambda's poller: receives from the queue under the function's role and deletes what the function has done.
 * Unlike Lambda it does not slow down when the function fails.
 * @param sqs a client with the credentials of the function's role
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function startEventSource(mapping: EventSourceMapping, sqs: SQSClient, lambda: Lambda) {
  const { queueUrl, functionName, batchSize, batchingWindowMs, maximumConcurrency } = mapping
  const closing = new AbortController()
  const running = new Set<Promise<void>>()

  const receive = async (limit: number, waitSeconds: number): Promise<Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(limit, 10),
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    })
    return (await sqs.send(command, { abortSignal: closing.signal })).Messages ?? []
  }

  const collect = async (): Promise<Message[]> => {
    const batch = await receive(batchSize, 20)
    const endsAt = Date.now() + batchingWindowMs
    while (batch.length > 0 && batch.length < batchSize && Date.now() < endsAt) {
      const leftSeconds = Math.ceil((endsAt - Date.now()) / 1000)
      batch.push(...(await receive(batchSize - batch.length, Math.min(leftSeconds, 20))))
    }
    return batch
  }

  const deliver = async (batch: Message[]): Promise<void> => {
    const traceHeaders = batch.flatMap(({ Attributes }) => Attributes?.AWSTraceHeader ?? [])
    const event: SQSEvent = { Records: batch.map((message) => toRecord(message, mapping)) }
    const { payload, functionError } = await lambda.invoke(functionName, JSON.stringify(event), traceHeaders)
    if (functionError) return
    const done = mapping.reportBatchItemFailures ? succeeded(batch, payload) : batch
    if (done.length === 0) return
    const entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    for (let start = 0; start < entries.length; start += 10) {
      const Entries = entries.slice(start, start + 10)
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
    }
  }

  const poll = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        const batch = await collect()
        if (batch.length === 0) continue
        // A batch that could not be delivered or deleted is seen again when its visibility time-out ends.
        const delivery = deliver(batch)
          .catch((error) => {
            if (!(error instanceof TooManyRequests)) lambda.logs(functionName).push(`POLLER ${error}`)
          })
          .finally(() => running.delete(delivery))
        running.add(delivery)
        if (running.size >= maximumConcurrency) await Promise.race(running)
      } catch (error) {
        if (closing.signal.aborted) return
        lambda.logs(functionName).push(`POLLER ${error}`)
        await new Promise((resolve) => setTimeout(resolve, 1000))
      }
    }
  }

  const polling = poll()
  return {
    close: async () => {
      closing.abort()
      await polling
      await Promise.all(running)
      sqs.destroy()
    },
  }
}

/** What the function has done, by its partial batch response. Anything but a valid one means it has done nothing. */
function succeeded(batch: Message[], payload: string): Message[] {
  try {
    const failures = (JSON.parse(payload) as SQSBatchResponse | null)?.batchItemFailures ?? []
    const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier))
    const known = new Set<string | undefined>(batch.map(({ MessageId }) => MessageId))
    if (![...failed].every((id) => id && known.has(id))) return []
    return batch.filter(({ MessageId }) => !failed.has(MessageId!))
  } catch {
    return []
  }
}

const toRecord = (message: Message, { queueArn, region }: EventSourceMapping): SQSRecord => ({
  messageId: message.MessageId!,
  receiptHandle: message.ReceiptHandle!,
  body: message.Body!,
  attributes: message.Attributes as unknown as SQSRecord['attributes'],
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(value)]),
  ),
  md5OfBody: message.MD5OfBody!,
  eventSource: 'aws:sqs',
  eventSourceARN: queueArn,
  awsRegion: region,
})

const toAttribute = ({ StringValue, BinaryValue, DataType }: MessageAttributeValue) => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType as 'String',
})
