import { AwsClient } from 'aws4fetch'
import type { LocalStack } from '../stack.ts'
import type { Way } from './parts.ts'

export type OrderNames = { mchid: string; appid: string } | { sp_mchid: string; sp_appid: string; sub_mchid: string }

type OrderToReverse = OrderNames & {
  out_trade_no: string
  attempted_at: string
  if_paid: 'refund' | 'keep'
}

/** Asks the service to reverse an order, by one of its three ways in. Resolves to what came back, in a few words. */
export function reverseBy(stack: LocalStack, way: Way, order: OrderToReverse): Promise<string> {
  return WAYS[way](stack, order)
}

const WAYS: Record<Way, (stack: LocalStack, order: OrderToReverse) => Promise<string>> = {
  http: async ({ apiUrl, credentials, region }, { out_trade_no, ...order }) => {
    const client = new AwsClient({ ...credentials, region, service: 'execute-api', retries: 0 })
    const path = 'sub_mchid' in order ? '/v3/pay/partner/transactions' : '/v3/pay/transactions'
    const answer = await client.fetch(`${apiUrl}${path}/out-trade-no/${out_trade_no}/reverse`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(order),
    })
    const { outcome, title } = (await answer.json()) as { outcome?: string; title?: string }
    return `${answer.status} ${outcome ?? title ?? ''}`
  },
  sqs: async (stack, order) => {
    await stack.sendMessage(order)
    return 'sent'
  },
  step: async (stack, order) => {
    const { status, output, error } = await stack.startExecution(order).ended
    return [status, output?.outcome ?? error].filter(Boolean).join(' ')
  },
}
