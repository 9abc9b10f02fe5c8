import { buildApp } from 'fauxqs'
import { AwsError, type AwsService } from './aws-api.ts'
import type { Account, Json, Resource } from './cloudformation.ts'
import { createMoveTasks } from './message-move.ts'
import type { Right } from './policy.ts'
import { createTimedStore } from './queue-clock.ts'
import type { Clock } from './wechatpay/clock.ts'

/** A message as it lies on a queue. */
export interface QueuedMessage {
  messageId: string
  body: string
  attributes: Record<string, string>
  groupId?: string | undefined
  receiveCount: number
  sentTimestamp: number
  /** `delayed` and `inflight` messages are not seen by a receiver yet. */
  state: 'ready' | 'delayed' | 'inflight'
  /** When an in-flight message is seen again, in ms since the epoch. */
  visibleAt?: number
}

export type Sqs = AwsService & {
  /** Everything on a queue, received or not, without receiving it. */
  messages(queueUrl: string): Promise<QueuedMessage[]>
  close(): Promise<void>
}

/** What of a queue's properties is also a queue attribute on the wire. */
const attributeNames = [
  'DelaySeconds',
  'KmsMasterKeyId',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
]

const nameOfUrl = (url = '') => url.slice(url.lastIndexOf('/') + 1)

/**
 * SQS by fauxqs, with the template's queues. Added here: redrive tasks, SQS's checks of message attributes, and the trace
 * header a message was sent with (whose requests carry it as a header; SQS hands it out as `AWSTraceHeader`).
 * Unlike SQS it drops a message at the end of its retention only when a clock leaps there, and has no limit of messages in
 * flight.
 */
export async function createSqs(
  { accountId, region, partition }: Account,
  queues: Resource[],
  clock?: Clock,
): Promise<Sqs> {
  const timed = createTimedStore(clock)
  const app = buildApp({ logger: false, defaultRegion: region, stores: timed.stores })
  const traceHeaders = new Map<string, string>()
  /** fauxqs keeps the group of a message on FIFO queues only. */
  const groupIds = new Map<string, string>()
  const arnOf = (name: string) => `arn:${partition}:sqs:${region}:${accountId}:${name}`

  const send = async (operation: string, input: Json): Promise<Json> => {
    const { statusCode, payload, headers } = await app.inject({
      method: 'POST',
      url: '/',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` },
      payload: JSON.stringify(input),
    })
    const output = JSON.parse(payload || '{}')
    if (statusCode < 400) return output
    throw new AwsError(output.__type?.split('#')[1] ?? 'InternalError', output.message, statusCode, {
      'x-amzn-query-error': String(headers['x-amzn-query-error'] ?? ''),
    })
  }

  for (const { ref, properties } of queues) {
    const attributes = attributeNames
      .filter((name) => properties[name] !== undefined)
      .map((name) => [
        name,
        typeof properties[name] === 'object' ? JSON.stringify(properties[name]) : `${properties[name]}`,
      ])
    // fauxqs knows only the partition `aws`.
    const known = attributes.map(([name, value]) => [name, value!.replaceAll(/arn:aws[^:]*:/g, 'arn:aws:')])
    await send('CreateQueue', { QueueName: nameOfUrl(ref), Attributes: Object.fromEntries(known) })
  }

  const moveTasks = createMoveTasks(
    send,
    queues.map(({ ref, arn, properties }) => ({
      url: ref,
      arn,
      redriveTo: properties.RedrivePolicy?.deadLetterTargetArn,
    })),
  )

  return {
    name: 'sqs',
    target: 'AmazonSQS',
    contentType: 'application/x-amz-json-1.0',
    rights: (operation, input): Right[] => {
      if (moveTasks.handles(operation)) return moveTasks.rights(operation, input)
      const resource = arnOf(input.QueueName ?? nameOfUrl(input.QueueUrl))
      return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource }]
    },
    call: async (operation, input, request) => {
      if (moveTasks.handles(operation)) return moveTasks.call(operation, input)
      if (operation === 'SendMessage') checkMessage(input)
      if (operation === 'SendMessageBatch') for (const entry of input.Entries ?? []) checkMessage(entry)
      if (operation === 'ChangeMessageVisibility') checkReceipt(input)
      const output = await send(operation, input)
      moveTasks.remember(operation, input, output)
      for (const [id, groupId] of groupsOf(input, output)) groupIds.set(id, groupId)
      const traceHeader = request?.headers['x-amzn-trace-id']
      if (traceHeader) for (const id of sentIds(output)) traceHeaders.set(id, String(traceHeader))
      for (const message of output.Messages ?? []) {
        const sentWith = traceHeaders.get(message.MessageId)
        if (sentWith) message.Attributes = { ...message.Attributes, AWSTraceHeader: sentWith }
        timed.tell(message)
      }
      return output
    },
    messages: async (queueUrl) => {
      const { messages } = JSON.parse((await app.inject(`/_fauxqs/queues/${nameOfUrl(queueUrl)}`)).payload)
      const describe = (state: QueuedMessage['state']) => (message: Json) => ({
        messageId: message.messageId,
        body: message.body,
        attributes: Object.fromEntries(
          Object.entries(message.messageAttributes).map(([name, value]) => [name, (value as Json).StringValue]),
        ),
        groupId: groupIds.get(message.messageId),
        receiveCount: message.approximateReceiveCount,
        sentTimestamp: timed.onClock(message.sentTimestamp),
        state,
      })
      return [
        ...messages.ready.map(describe('ready')),
        ...messages.delayed.map((message: Json) => ({
          ...describe('delayed')(message),
          visibleAt: timed.onClock(message.delayUntil),
        })),
        ...messages.inflight.map(({ message, visibilityDeadline }: Json) => ({
          ...describe('inflight')(message),
          visibleAt: timed.onClock(visibilityDeadline),
        })),
      ]
    },
    close: async () => {
      timed.close()
      await app.close()
    },
  }
}

/** The messages that a call has sent in a group, each with its group. */
function groupsOf({ MessageGroupId, Entries = [] }: Json, { MessageId, Successful = [] }: Json): [string, string][] {
  const one = MessageId && MessageGroupId ? [[MessageId, MessageGroupId] as [string, string]] : []
  const many = Successful.flatMap(({ Id, MessageId }: Json) => {
    const entry = Entries.find((entry: Json) => entry.Id === Id)
    return entry?.MessageGroupId && MessageId ? [[MessageId, entry.MessageGroupId]] : []
  })
  return [...one, ...many]
}

/** The ids of the messages that a call has sent. */
const sentIds = ({ MessageId, Successful = [] }: Json): string[] =>
  [MessageId, ...Successful.map((sent: Json) => sent.MessageId)].filter(Boolean)

/** What fauxqs lets pass. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
function checkMessage({ DelaySeconds = 0, MessageGroupId = '-', MessageAttributes }: Json): void {
  if (!(DelaySeconds >= 0 && DelaySeconds <= 900)) {
    const reason = 'DelaySeconds must be >= 0 and <= 900.'
    throw new AwsError(
      'InvalidParameterValue',
      `Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: ${reason}`,
    )
  }
  if (!/^[\x21-\x7E]{1,128}$/.test(MessageGroupId)) {
    const reason = 'MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.'
    throw new AwsError(
      'InvalidParameterValue',
      `Value ${MessageGroupId} for parameter MessageGroupId is invalid. Reason: ${reason}`,
    )
  }
  checkAttributes(MessageAttributes)
}

const RECEIPT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** fauxqs knows no handle that is none: to it, every one is of a message that is no longer in flight. */
function checkReceipt({ ReceiptHandle }: Json): void {
  if (RECEIPT.test(ReceiptHandle)) return
  throw new AwsError(
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${ReceiptHandle}" is not a valid receipt handle.`,
  )
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly what SQS refuses
const notXml = /[^\x09\x0A\x0D\x20-\uD7FF\uE000-\uFFFD]/

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
function checkAttributes(attributes: Record<string, Json> = {}): void {
  const refuse = (message: string) => {
    throw new AwsError('InvalidParameterValue', message)
  }
  const names = Object.keys(attributes)
  if (names.length > 10) refuse(`Number of message attributes [${names.length}] exceeds the allowed maximum [10].`)
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name]
    if (!/^(?!aws\.|amazon\.|\.)[\w.-]{1,256}$/i.test(name))
      refuse(`The message attribute name '${name}' is not valid.`)
    if (!DataType) refuse(`The message attribute '${name}' must contain a message attribute type.`)
    if (!StringValue && !BinaryValue) {
      refuse(`The message attribute '${name}' must contain a non-empty value of type '${DataType}'.`)
    }
    if (notXml.test(StringValue ?? '')) refuse(`The message attribute '${name}' contains invalid characters.`)
  }
}
