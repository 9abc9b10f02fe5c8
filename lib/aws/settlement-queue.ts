import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import type { OpenMessage } from '../settlement/open-outcome.ts'
import { messageGroupOf } from './message-group.ts'
import { withinCall } from './patience.ts'
import { sqsClient } from './sqs-client.ts'

/** What of a received message is kept: 100,000 of them must fit into memory. */
export interface Received {
  receiptHandle: string
  body: string
}

/** Receives that run side by side: together they bring about 10,000 messages a second. */
const RECEIVERS = 20

/** Short polling asks some of SQS's servers only, and may say "empty" of a queue that is not. */
const WAIT_SECONDS = 1

/** The queue of outcomes that wait for their bill. */
export function createSettlementQueue({
  queueUrl: QueueUrl,
  client = sqsClient(),
}: {
  queueUrl: string
  client?: Pick<SQSClient, 'send'>
}) {
  async function receiveSome(): Promise<Received[]> {
    const command = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: WAIT_SECONDS }
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(command))
    return Messages.map(({ ReceiptHandle, Body }: Message) => ({ receiptHandle: ReceiptHandle!, body: Body ?? '' }))
  }

  const entriesOf = (messages: readonly Received[]) =>
    messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }))

  return {
    async put(message: OpenMessage) {
      const MessageGroupId = messageGroupOf(message)
      const command = { QueueUrl, MessageBody: JSON.stringify(message), MessageGroupId }
      await client.send(new SendMessageCommand(command), withinCall())
    },

    /** Until the queue says it is empty, `most` have come, or the time is up. */
    async receive(most: number, msLeft: () => number): Promise<Received[]> {
      const received = await receiveSome()
      const receiver = async () => {
        while (received.length < most && msLeft() > 0) {
          const some = await receiveSome()
          if (some.length === 0) return
          received.push(...some)
        }
      }
      if (received.length > 0) await Promise.all(Array.from({ length: RECEIVERS }, receiver))
      return received
    },

    /** Ten at most. */
    async giveBack(messages: readonly Received[]) {
      const Entries = entriesOf(messages).map((entry) => ({ ...entry, VisibilityTimeout: 0 }))
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }))
    },

    /** Ten at most. One that stays is settled and told again. */
    async remove(messages: readonly Received[]) {
      if (messages.length === 0) return
      await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: entriesOf(messages) }))
    },
  }
}
