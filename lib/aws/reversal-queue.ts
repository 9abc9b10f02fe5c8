import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import type { OrderMessage } from '../reversal/order.ts'
import { messageGroupOf } from './message-group.ts'
import { withinCall } from './patience.ts'
import { sqsClient } from './sqs-client.ts'

/**
 * SQS delays a new message by 15 minutes at most, and hides a received one for 12 hours at most:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
const MAX_DELAY_SECONDS = 900
const MAX_VISIBILITY_SECONDS = 43_200

/** An order as a message. */
export const messageOf = (order: OrderMessage) => ({
  MessageBody: JSON.stringify(order),
  MessageGroupId: messageGroupOf(order),
})

/** The queue of unfinished reversals. Each operation ends within `CALL_MS`. */
export function createReversalQueue({
  queueUrl,
  client = sqsClient(),
}: {
  queueUrl: string
  client?: Pick<SQSClient, 'send'>
}) {
  return {
    /** Puts an order on the queue, to be delivered after `delaySeconds`. */
    async put(order: OrderMessage, delaySeconds: number) {
      const DelaySeconds = Math.min(Math.max(0, Math.ceil(delaySeconds)), MAX_DELAY_SECONDS)
      const message = { QueueUrl: queueUrl, DelaySeconds, ...messageOf(order) }
      await client.send(new SendMessageCommand(message), withinCall())
    },

    /** Lets a received message be delivered again after `seconds`. */
    async postpone({ receiptHandle }: Pick<SQSRecord, 'receiptHandle'>, seconds: number) {
      const VisibilityTimeout = Math.min(Math.max(0, Math.ceil(seconds)), MAX_VISIBILITY_SECONDS)
      const command = { QueueUrl: queueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }
      await client.send(new ChangeMessageVisibilityCommand(command), withinCall())
    },
  }
}
