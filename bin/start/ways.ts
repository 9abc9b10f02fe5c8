import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import type { LocalStack } from '../../infra/local/stack.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import type { Reversal } from '../../lib/reversal/result.ts'

/** One of the three ways in. */
export interface Way {
  name: 'http' | 'sqs' | 'step'
  title: 'HTTP' | 'SQS' | 'Step Functions'
  /** What is asked, in a line. */
  asks(order: OrderMessage): string
  /** Resolves to the outcome. Rejects with what came instead. */
  run(stack: LocalStack, order: OrderMessage): Promise<Reversal>
}

const reversePath = (out_trade_no: string) => `/v3/pay/transactions/out-trade-no/${out_trade_no}/reverse`

/** What is still pending, or was asked on the queue, ends as an event. */
async function endOnQueue(stack: LocalStack, { out_trade_no }: OrderMessage): Promise<Reversal> {
  const endsAt = Date.now() + 60_000
  while (Date.now() < endsAt) {
    const event = stack.events().find(({ detail }) => detail.out_trade_no === out_trade_no)
    if (event?.detailType === 'Reversal Completed') return event.detail
    if (event) throw new Error(`${event.detail.error}: ${event.detail.detail}`)
    await sleep(20)
  }
  throw new Error('no result within 60 s')
}

export const ways: Way[] = [
  {
    name: 'http',
    title: 'HTTP',
    asks: ({ out_trade_no }) => `POST ${reversePath(out_trade_no)}`,
    run: async (stack, { out_trade_no, ...order }) => {
      const client = new AwsClient({ ...stack.credentials, region: stack.region, service: 'execute-api', retries: 0 })
      const response = await client.fetch(stack.apiUrl + reversePath(out_trade_no), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order),
      })
      if (response.status === 202) return endOnQueue(stack, { ...order, out_trade_no })
      if (response.status === 200) return (await response.json()) as Reversal
      throw new Error(`${response.status} ${await response.text()}`)
    },
  },
  {
    name: 'sqs',
    title: 'SQS',
    asks: ({ out_trade_no }) => `a message on the queue of timed-out payments: ${out_trade_no}`,
    run: async (stack, order) => {
      await stack.sendMessage(order)
      return endOnQueue(stack, order)
    },
  },
  {
    name: 'step',
    title: 'Step Functions',
    asks: ({ out_trade_no }) => `an execution of the state machine: ${out_trade_no}`,
    run: async (stack, order) => {
      const { status, output, error, cause } = await stack.startExecution(order).ended
      if (status === 'SUCCEEDED') return output
      throw new Error(`${status} ${error}: ${cause}`)
    },
  },
]
