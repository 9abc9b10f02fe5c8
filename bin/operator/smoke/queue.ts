import { setTimeout } from 'node:timers/promises'
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { messageOf } from '../../../lib/aws/reversal-queue.ts'
import { requestHandler } from '../aws.ts'
import { type Checklist, type Finding, failed, ok, skipped, warning } from '../checks/checklist.ts'
import { createDeadLetters } from '../dead-letters.ts'
import { lookFor } from '../look-for.ts'
import type { Signer } from './http.ts'
import { createLogReader } from './logs.ts'
import { judge, orFailed, type Said, type SmokeMerchant, smokeOrder } from './order.ts'
import { text } from './text.ts'

export interface QueueWay {
  queueUrl: string
  deadLetterQueueUrl: string
  /** Of the function that works the queue. */
  logGroup: string
  signer: Signer
  merchant: SmokeMerchant
}

const AT = 'SQS'

/** A cold start and an attempt, and the way of a log line. */
const WORKED_OFF_MS = 90_000
const POLL_MS = 500

/** The way in through the queue: an unknown order is worked off, and does not end among the dead letters. */
export async function smokeQueue(list: Checklist, way: QueueWay) {
  const client = new SQSClient({ maxAttempts: 2, requestHandler })
  const order = smokeOrder(way.merchant)
  const sentAt = Date.now()
  let before: Counts | undefined
  await list.make(AT, text.checks.send, () =>
    orFailed(async () => {
      const counts = await countsOf(client, way)
      const message = { QueueUrl: way.queueUrl, ...messageOf(order) }
      const { MessageId } = await client.send(new SendMessageCommand(message))
      before = counts
      return ok(text.message(String(MessageId)))
    }),
  )
  await list.make(AT, text.checks.workedOff, async () => {
    const was = before
    if (was === undefined) return skipped(text.notSent)
    const lastLine = createLogReader(way.logGroup, way.signer)
    try {
      return await seenInLog(() => lastLine(order.out_trade_no, sentAt))
    } catch {
      // No log, or none that we may read: then only the queue's counts can tell.
      return await seenInCounts(was, {
        counts: () => countsOf(client, way),
        letter: () => createDeadLetters({ ...way, client }).find(order.out_trade_no),
      })
    }
  })
  client.destroy()
}

/** The function's own line about this order is the proof. */
async function seenInLog(lastLine: () => ReturnType<ReturnType<typeof createLogReader>>): Promise<Finding> {
  const line = await lookFor(lastLine, { forMs: WORKED_OFF_MS, everyMs: POLL_MS })
  return line === undefined ? neverWorkedOff() : judge(line, text.byLog)
}

interface Counts {
  waiting: number
  dead: number
}

/** Weaker: SQS counts about, and others may be sending. */
async function seenInCounts(
  before: Counts,
  { counts, letter }: { counts(): Promise<Counts>; letter(): Promise<Said | undefined> },
): Promise<Finding> {
  // At once the counts do not show the message yet, as if it had left.
  await setTimeout(POLL_MS)
  const found = await lookFor(
    async () => {
      const now = await counts()
      // A new dead letter may be anybody's: only one with our number in it is ours.
      const ours = now.dead > before.dead ? await letter().catch(() => undefined) : undefined
      if (ours !== undefined) return judge(ours, text.byDeadLetter)
      return now.waiting > before.waiting ? undefined : warning(text.byCounts, text.beSure)
    },
    { forMs: WORKED_OFF_MS, everyMs: POLL_MS },
  )
  return found ?? neverWorkedOff()
}

const neverWorkedOff = () => failed(text.neverWorkedOff(WORKED_OFF_MS / 1000), text.seeQueue)

async function countsOf(client: SQSClient, { queueUrl, deadLetterQueueUrl }: QueueWay): Promise<Counts> {
  const [waiting, dead] = await Promise.all([queueUrl, deadLetterQueueUrl].map((url) => countOf(client, url)))
  return { waiting: waiting!, dead: dead! }
}

async function countOf(client: SQSClient, QueueUrl: string): Promise<number> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const
  const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }))
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0)
}
