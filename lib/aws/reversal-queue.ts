import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import type { ReversalError } from '../reversal/errors.ts'
import type { OrderMessage } from '../reversal/order.ts'
import { lettersOf } from './dead-letter.ts'

/** One call to SQS, retries included: as many as must come last fit into the time every invocation keeps for them. */
const CALL_MS = 1_400

/** SQS delays a new message by 15 minutes at most, and hides a received one for 12 hours at most. */
const MAX_DELAY_SECONDS = 900
const MAX_VISIBILITY_SECONDS = 43_200

/** The queue of unfinished reversals. */
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

    /** Writes a dead letter: the message as it stood, and why. What SQS refuses of it gives way, the reason last. */
    async bury(record: Pick<SQSRecord, 'body' | 'messageAttributes'>, error: ReversalError) {
      const letters = lettersOf(record, error)
      for (const [index, letter] of letters.entries()) {
        try {
          await client.send(new SendMessageCommand({ QueueUrl: deadLetterQueueUrl, ...letter }), within())
          return
        } catch (refusal) {
          if (index === letters.length - 1 || !isAboutMessage(refusal as Error)) throw refusal
        }
      }
    },
  }
}

/** SQS refused the message itself (its size, its characters, its attributes), not us or the moment. */
const isAboutMessage = ({ name }: Error) => /Invalid|TooLong|TooLarge|UnsupportedOperation/.test(name)

function createClient() {
  return new SQSClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 600, requestTimeout: 650, throwOnRequestTimeout: true },
  })
}
