import {
  ChangeMessageVisibilityCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { ReversalError } from '../reversal/errors.ts'
import type { OrderMessage } from '../reversal/order.ts'

/** One call to SQS, retries included; within the time that every invocation keeps for it. */
const CALL_MS = 2_500

/** SQS delays a new message by 15 minutes at most, and hides a received one for 12 hours at most. */
const MAX_DELAY_SECONDS = 900
const MAX_VISIBILITY_SECONDS = 43_200

/** SQS takes ten attributes a message. */
const MAX_ATTRIBUTES = 10

export interface Letter {
  body: string
  attributes: Record<string, MessageAttributeValue>
}

/** The queue of unfinished reversals and its dead letters. */
export function createReversalQueue({
  queueUrl,
  deadLetterQueueUrl = '',
  client = createClient(),
}: {
  queueUrl: string
  deadLetterQueueUrl?: string
  client?: Pick<SQSClient, 'send'>
}) {
  const within = () => ({ abortSignal: AbortSignal.timeout(CALL_MS) })

  return {
    /** Puts an order on the queue, to be looked at after `delaySeconds`. */
    async put(order: OrderMessage, delaySeconds: number) {
      const DelaySeconds = Math.min(Math.max(0, Math.ceil(delaySeconds)), MAX_DELAY_SECONDS)
      const MessageBody = JSON.stringify(order)
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds }), within())
    },

    /** Lets a received message come again after `seconds`. */
    async postpone(receiptHandle: string, seconds: number) {
      const VisibilityTimeout = Math.min(Math.max(0, Math.ceil(seconds)), MAX_VISIBILITY_SECONDS)
      const command = { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }
      await client.send(new ChangeMessageVisibilityCommand(command), within())
    },

    /**
     * Writes a dead letter: the message as it stood, and why. What SQS would refuse gives way: first the message's own
     * attributes, then the end of a body that leaves the reason no room. Two letters about one order do no harm.
     */
    async bury({ body, attributes }: Letter, error: ReversalError) {
      const reason = reasonAttributes(error)
      const own = Object.entries(attributes).slice(0, MAX_ATTRIBUTES - Object.keys(reason).length)
      const shortened = `${body.slice(0, Math.max(1, body.length - 8192))}`
      const candidates = [
        { MessageBody: body, MessageAttributes: { ...Object.fromEntries(own), ...reason } },
        { MessageBody: body, MessageAttributes: reason },
        { MessageBody: shortened, MessageAttributes: reason },
      ]
      for (const [index, candidate] of candidates.entries()) {
        try {
          await client.send(new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, ...candidate }), within())
          return
        } catch (refusal) {
          if (index === candidates.length - 1 || !isAboutMessage(refusal as Error)) throw refusal
        }
      }
    },
  }
}

/** Only those that have a value, and only characters that SQS takes (those of XML 1.0). */
function reasonAttributes({ name, message, code, request_id }: ReversalError): Record<string, MessageAttributeValue> {
  const entries = Object.entries({ error: name, detail: message, code, request_id }).flatMap(([key, value]) => {
    const StringValue = fit(value ?? '')
    return StringValue === '' ? [] : [[key, { DataType: 'String', StringValue }] as const]
  })
  return Object.fromEntries(entries)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must go
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g

const fit = (text: string) => text.slice(0, 1024).toWellFormed().replace(NOT_XML, '\uFFFD')

/** SQS refused the message itself (its size, its characters, its attributes), not us or the moment. */
function isAboutMessage({ name }: Error): boolean {
  return /InvalidParameterValue|InvalidMessageContents|MessageTooLong|InvalidAttribute|UnsupportedOperation/.test(name)
}

function createClient() {
  return new SQSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_200, throwOnRequestTimeout: true },
  })
}
