// wechatpay-axios-plugin as its README shows it, over connections kept alive.
import { Agent } from 'node:https'
import { Wechatpay } from 'wechatpay-axios-plugin'
import { APPID, type Setting } from './setting.ts'

const ORDER_PATH = 'v3/pay/transactions/out-trade-no/{out_trade_no}'

type Chain = (path: string) => {
  get(config: object): Promise<{ data: { trade_state: string } }>
  post(body: object, config: object): Promise<{ data: object }>
}

export function createAxiosPluginClient(setting: Setting) {
  const { endpoint, mchid, serial, privateKey, wechatpayKeyId, wechatpayKey } = setting
  const config = {
    mchid,
    serial,
    privateKey,
    certs: { [wechatpayKeyId]: wechatpayKey },
    baseURL: endpoint,
    httpsAgent: new Agent({ keepAlive: true }),
  }
  // Its types know neither the axios options it takes nor the chain its README shows.
  const { chain } = new Wechatpay(config as never) as unknown as { chain: Chain }
  return {
    query: async (out_trade_no: string) => (await chain(ORDER_PATH).get({ params: { mchid }, out_trade_no })).data,
    reverse: async (out_trade_no: string) =>
      (await chain(`${ORDER_PATH}/reverse`).post({ appid: APPID, mchid }, { out_trade_no })).data,
  }
}
