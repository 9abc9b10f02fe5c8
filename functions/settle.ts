import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { SQSClient } from '@aws-sdk/client-sqs'
import { createDeadLetters } from '../lib/aws/dead-letter.ts'
import { lambdaFunction } from '../lib/aws/lambda-function.ts'
import { BATCH_OPTIONS } from '../lib/aws/patience.ts'
import { createReversalEvents } from '../lib/aws/reversal-events.ts'
import { createReversalQueue } from '../lib/aws/reversal-queue.ts'
import { required } from '../lib/aws/settings.ts'
import { createSettlementQueue } from '../lib/aws/settlement-queue.ts'
import { createSettlementService } from '../lib/aws/settlement-service.ts'
import { settleReport } from '../lib/aws/telemetry.ts'
import { createSettleQueue } from '../lib/settlement/settle-queue.ts'

const client = new SQSClient(BATCH_OPTIONS)

const settleQueue = createSettleQueue({
  queue: createSettlementQueue({ queueUrl: required(process.env, 'SETTLEMENT_QUEUE_URL'), client }),
  reversals: createReversalQueue({ queueUrl: required(process.env, 'QUEUE_URL'), client }),
  deadLetters: createDeadLetters({ queueUrl: required(process.env, 'DEAD_LETTER_QUEUE_URL'), client }),
  events: createReversalEvents({
    eventBusName: required(process.env, 'EVENT_BUS_NAME'),
    client: new EventBridgeClient(BATCH_OPTIONS),
  }),
  settleMerchant: createSettlementService(process.env),
  report: settleReport,
})

/** Settles what waits on the settlement queue by WeChat Pay's own bills. The event says nothing: any run does the same. */
export const handler = lambdaFunction('settle', async (_: unknown, msLeft) => await settleQueue(msLeft))
