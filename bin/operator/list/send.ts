import { setTimeout } from 'node:timers/promises'
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs'
import { messageOf } from '../../../lib/aws/reversal-queue.ts'
import type { OrderMessage } from '../../../lib/reversal/order.ts'
import { text } from '../../texts/send.ts'
import { Failure } from '../failure.ts'
import { MOST_BYTES } from './rows.ts'

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MOST_ENTRIES = 10

/** At 100 ms a batch these are 1,600 orders a second. */
const AT_ONCE = 16

/** SQS may refuse single orders of a batch for a moment. */
const MOST_TRIES = 6
const FIRST_PAUSE_MS = 200

type Entry = SendMessageBatchRequestEntry & { Id: string; MessageBody: string }

/**
 * Sends orders in batches, several at once.
 *
 * @param onSent is told how many from the first on are on the queue; it is waited for
 * @throws Failure, or an error of the SDK, once no batch is under way any more
 */
export async function sendOrders(
  orders: AsyncIterable<OrderMessage>,
  { client, queueUrl, signal }: { client: Pick<SQSClient, 'send'>; queueUrl: string; signal: AbortSignal },
  onSent: (count: number) => Promise<void>,
): Promise<void> {
  const underWay: Promise<number>[] = []
  let sent = 0
  const next = async () => {
    sent += await underWay[0]!
    underWay.shift()
    await onSent(sent)
  }
  try {
    for await (const batch of batchesOf(orders)) {
      if (underWay.length === AT_ONCE) await next()
      if (signal.aborted) break
      underWay.push(sendBatch(client, queueUrl, batch))
      // It is waited for in its turn, and may fail before that.
      underWay.at(-1)!.catch(() => {})
    }
    while (underWay.length > 0) await next()
  } finally {
    await Promise.allSettled(underWay)
  }
}

async function* batchesOf(orders: AsyncIterable<OrderMessage>): AsyncGenerator<Entry[]> {
  let batch: Entry[] = []
  let bytes = 0
  for await (const order of orders) {
    const message = messageOf(order)
    const more = Buffer.byteLength(message.MessageBody)
    if (batch.length === MOST_ENTRIES || bytes + more > MOST_BYTES) {
      if (batch.length > 0) yield batch
      batch = []
      bytes = 0
    }
    batch.push({ Id: String(batch.length), ...message })
    bytes += more
  }
  if (batch.length > 0) yield batch
}

/** Returns how many it sent: all of them. @throws Failure when SQS goes on refusing one */
async function sendBatch(client: Pick<SQSClient, 'send'>, queueUrl: string, batch: Entry[]): Promise<number> {
  let left = batch
  for (let tries = 1; ; tries += 1) {
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: left }))
    if (Failed.length === 0) return batch.length
    const hopeless = Failed.find(({ SenderFault }) => SenderFault)
    const { Id, Code, Message } = hopeless ?? Failed[0]!
    if (hopeless !== undefined || tries === MOST_TRIES) {
      const { out_trade_no } = JSON.parse(left.find((entry) => entry.Id === Id)!.MessageBody) as OrderMessage
      throw new Failure(text.notTaken(out_trade_no, [Code, Message].filter(Boolean).join(' ')))
    }
    left = left.filter((entry) => Failed.some(({ Id }) => Id === entry.Id))
    await setTimeout(FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2))
  }
}
