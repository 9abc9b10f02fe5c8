// Puts one order on the queue of timed-out payments: node send-to-queue.ts <out_trade_no>
// Needs Node 22.18 or later, which runs TypeScript as it is, and: npm install @aws-sdk/client-sqs
// QUEUE_URL is the output ReversalQueueUrl of the stack.
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'

const sqs = new SQSClient({})

const order = {
  mchid: process.env.MCHID,
  appid: process.env.APPID,
  out_trade_no: process.argv[2],
  // When your payment call was made. Here: a minute ago.
  attempted_at: new Date(Date.now() - 60_000).toISOString(),
  if_paid: 'refund',
}

const { MessageId } = await sqs.send(
  new SendMessageCommand({
    QueueUrl: process.env.QUEUE_URL,
    MessageBody: JSON.stringify(order),
    // The merchant (of a service provider's order its sub_mchid): a long backlog of one then holds up no other.
    MessageGroupId: order.mchid,
  }),
)
console.log(`${order.out_trade_no} is on the queue: message ${MessageId}`)
