// One whole reversal (query, reverse, query): by the bundled step function, and as three bare calls.
import { createFloorClient } from './floor-client.ts'
import { APPID, readSetting } from './setting.ts'

type Work = () => Promise<void>
let reversals = 0

/** Numbers of merchants, each anew. */
let merchants = 0
const nextMerchant = () => String(1_900_100_000 + merchants++)

/** A process's own, and the same few again and again: the server forgets an order once it was seen reversed. */
const nextOrder = () => `bench-${process.pid}-${reversals++ % 1000}`

const WAYS: Record<string, () => Promise<Work>> = {
  async floor() {
    const client = createFloorClient(readSetting())
    return async () => {
      const order = nextOrder()
      await client.query(order)
      await client.reverse(order)
      const { trade_state } = await client.query(order)
      if (trade_state !== 'REVOKED') throw new Error(`floor: ${trade_state}`)
    }
  },
  async handler() {
    const { handler } = await import(process.env.BENCH_FUNCTION!)
    return async () => {
      const { outcome } = await handler(orderEvent(nextOrder()), lambdaContext())
      if (outcome !== 'REFUNDED') throw new Error(`handler: ${outcome}`)
    }
  },
  async 'a merchant each'() {
    const { handler } = await import(process.env.BENCH_FUNCTION!)
    return async () => {
      const order = { ...orderEvent(nextOrder()), mchid: nextMerchant() }
      const { outcome } = await handler(order, lambdaContext())
      if (outcome !== 'REFUNDED') throw new Error(`a merchant each: ${outcome}`)
    }
  },
}

export const createWork = (name: string): Promise<Work> => WAYS[name]!()

/** An order a minute old. */
export const orderEvent = (out_trade_no: string, secret?: string) => ({
  mchid: readSetting(secret).mchid,
  appid: APPID,
  out_trade_no,
  attempted_at: new Date(Date.now() - 60_000).toISOString(),
})

/** What Lambda hands to a handler beside the event. */
export function lambdaContext() {
  const endsAt = Date.now() + 30_000
  return {
    awsRequestId: '3f8e7b1a-5d42-4c1b-9d1f-0a2b3c4d5e6f',
    functionName: 'bench',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:ap-southeast-1:000000000000:function:bench',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => endsAt - Date.now(),
  }
}
