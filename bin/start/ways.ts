import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AwsClient } from 'aws4fetch'
import { messageOf } from '../../lib/aws/reversal-queue.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import type { Reversal } from '../../lib/reversal/result.ts'
import { readEvents } from '../operator/local-events.ts'
import type { LocalStage } from '../operator/local-stage.ts'
import { lookFor } from '../operator/look-for.ts'
import { text } from '../texts/start.ts'

/** What the ways in need of a stack, in this process or another. */
export type Doors = Pick<LocalStage, 'environment' | 'outputs' | 'pageUrl'>

/** One of the three ways in. */
export interface Way {
  name: 'http' | 'sqs' | 'step'
  title: 'HTTP' | 'SQS' | 'Step Functions'
  /** What is asked, in a line. */
  asks(order: OrderMessage): string
  /** Resolves to the outcome. Rejects with what came instead, and when the signal ends the waiting. */
  run(doors: Doors, order: OrderMessage, signal?: AbortSignal): Promise<Reversal>
}

const ENDED_MS = 60_000

/** The end of an order, as soon as it is there. */
async function ended(look: () => Promise<Reversal | undefined>, signal?: AbortSignal): Promise<Reversal> {
  const reversal = await lookFor(look, { forMs: ENDED_MS, everyMs: 50, signal })
  if (reversal === undefined) throw new Error(text.noResult(ENDED_MS / 1000))
  return reversal
}

const reversePath = ({ out_trade_no, sub_mchid }: OrderMessage) =>
  `/v3/pay/${sub_mchid === undefined ? '' : 'partner/'}transactions/out-trade-no/${out_trade_no}/reverse`

/** For a client of the AWS SDK: the shell that is signed in there. */
export const shellOf = ({ environment }: Pick<Doors, 'environment'>) => ({
  endpoint: environment.AWS_ENDPOINT_URL!,
  region: environment.AWS_REGION!,
  credentials: {
    accessKeyId: environment.AWS_ACCESS_KEY_ID!,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY!,
  },
})

/** What is still pending, or was asked on the queue, ends as an event. */
const endOnQueue = ({ pageUrl }: Doors, { out_trade_no }: OrderMessage, signal?: AbortSignal): Promise<Reversal> =>
  ended(async () => {
    const event = (await readEvents(pageUrl)).find(({ detail }) => detail.out_trade_no === out_trade_no)
    if (event === undefined) return undefined
    if (event['detail-type'] === 'Reversal Completed') return event.detail as unknown as Reversal
    throw new Error(`${event.detail.error}: ${event.detail.detail}`)
  }, signal)

export const ways: Way[] = [
  {
    name: 'http',
    title: 'HTTP',
    asks: (order) => `POST ${reversePath(order)}`,
    run: async (doors, order, signal) => {
      const { region, credentials } = shellOf(doors)
      const client = new AwsClient({ ...credentials, region, service: 'execute-api', retries: 0 })
      const { out_trade_no: _, ...body } = order
      const response = await client.fetch(doors.outputs.HttpApiUrl + reversePath(order), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (response.status === 202) return endOnQueue(doors, order, signal)
      if (response.status === 200) return (await response.json()) as Reversal
      throw new Error(`${response.status} ${await response.text()}`)
    },
  },
  {
    name: 'sqs',
    title: 'SQS',
    asks: ({ out_trade_no }) => text.sqs(out_trade_no),
    run: async (doors, order, signal) => {
      const client = new SQSClient(shellOf(doors))
      try {
        await client.send(new SendMessageCommand({ QueueUrl: doors.outputs.ReversalQueueUrl, ...messageOf(order) }))
      } finally {
        client.destroy()
      }
      return endOnQueue(doors, order, signal)
    },
  },
  {
    name: 'step',
    title: 'Step Functions',
    asks: ({ out_trade_no }) => text.step(out_trade_no),
    run: async (doors, order, signal) => {
      const client = new SFNClient(shellOf(doors))
      try {
        const input = { stateMachineArn: doors.outputs.StateMachineArn, input: JSON.stringify(order) }
        const { executionArn } = await client.send(new StartExecutionCommand(input))
        return await ended(async () => {
          const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }))
          if (status === 'RUNNING') return undefined
          if (status === 'SUCCEEDED') return JSON.parse(output ?? '{}')
          throw new Error(`${status} ${error}: ${cause}`)
        }, signal)
      } finally {
        client.destroy()
      }
    },
  },
]
