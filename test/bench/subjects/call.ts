// One verified call: the query of a paid order, by each client.

import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { APPID, ORDER, readSetting } from './setting.ts'

type Query = () => Promise<{ trade_state: string }>

const CLIENTS: Record<string, () => Promise<Query>> = {
  async floor() {
    const { createFloorClient } = await import('./floor-client.ts')
    const client = createFloorClient(readSetting())
    return async () => (await client.query(ORDER)) as { trade_state: string }
  },
  async ours() {
    const { merchant } = parseMerchant(process.env.BENCH_SECRET!)
    const endpoints = parseEndpoints(process.env.WECHATPAY_ENDPOINTS!)
    const wechatPay = createWechatPay({ endpoints, timeoutMs: 5_000 })
    const asked = { mchid: merchant.mchid, out_trade_no: ORDER, appid: APPID }
    return async () => {
      const { best: answer } = await wechatPay.query({ asked, merchant, msLeft: () => 25_000 })
      if (answer.kind !== 'verified') throw new Error(`${answer.kind}: ${answer.reason}`)
      return answer.body as { trade_state: string }
    }
  },
  async 'wechatpay-axios-plugin'() {
    const { createAxiosPluginClient } = await import('./axios-plugin-client.ts')
    const client = createAxiosPluginClient(readSetting())
    return () => client.query(ORDER)
  },
  async 'wechatpay-node-v3'() {
    const { createNodeV3Client } = await import('./node-v3-client.ts')
    const client = createNodeV3Client(readSetting())
    return () => client.query(ORDER)
  },
}

/** The work of a client: one call, and a look that the answer is the right one. */
export async function createWork(name: string): Promise<() => Promise<void>> {
  const query = await CLIENTS[name]!()
  return async () => {
    const { trade_state } = await query()
    if (trade_state !== 'SUCCESS') throw new Error(`${name}: ${trade_state}`)
  }
}
