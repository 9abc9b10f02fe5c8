import { setTimeout } from 'node:timers/promises'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { createDeadLetters } from '../lib/aws/dead-letter.ts'
import { lambdaFunction } from '../lib/aws/lambda-function.ts'
import { leaveOpenOn } from '../lib/aws/leave-open.ts'
import { createReversalEvents } from '../lib/aws/reversal-events.ts'
import { createReversalQueue } from '../lib/aws/reversal-queue.ts'
import { createService } from '../lib/aws/service.ts'
import { readAttemptsPerSecond, readSettlementQueue, required } from '../lib/aws/settings.ts'
import { workReport } from '../lib/aws/telemetry.ts'
import { createPace } from '../lib/queue/pace.ts'
import { createWork, type Message } from '../lib/queue/work.ts'

const { attempt } = createService(process.env)
const pace = createPace({ perSecond: readAttemptsPerSecond(process.env) })

const { handleBatch } = createWork<Message & SQSRecord>({
  attempt,
  queue: createReversalQueue({ queueUrl: required(process.env, 'QUEUE_URL') }),
  deadLetters: createDeadLetters({ queueUrl: required(process.env, 'DEAD_LETTER_QUEUE_URL') }),
  events: createReversalEvents({ eventBusName: required(process.env, 'EVENT_BUS_NAME') }),
  leaveOpen: leaveOpenOn(readSettlementQueue(process.env)),
  report: workReport,
  async turn(mchid) {
    const waitMs = pace(mchid)
    if (waitMs === undefined) return false
    await setTimeout(waitMs)
    return true
  },
})

/** Reverses the orders of a batch; SQS keeps the messages that the answer names. */
export const handler = lambdaFunction('queue', async ({ Records }: SQSEvent, msLeft): Promise<SQSBatchResponse> => {
  const messages = Records.map((record) => ({
    ...record,
    sentAtMs: Number(record.attributes?.SentTimestamp) || undefined,
  }))
  const staying = await handleBatch(messages, msLeft)
  return { batchItemFailures: staying.map(({ messageId }) => ({ itemIdentifier: messageId })) }
})
