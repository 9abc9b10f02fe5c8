// wechatpay-node-v3 with its own verification. It fixes WeChat Pay's domain and keeps neither headers nor raw body, so its
// pluggable HTTP service is one of ours: superagent like its own, but over connections kept alive, which favours it.
import { Agent } from 'node:https'
import { createRequire } from 'node:module'
import WxPay from 'wechatpay-node-v3'
import { APPID, type Setting } from './setting.ts'

export function createNodeV3Client(setting: Setting) {
  const superagent = createRequire(createRequire(import.meta.url).resolve('wechatpay-node-v3'))('superagent')
  const { endpoint, mchid, serial, privateKey, wechatpayKeyId, wechatpayKey } = setting
  const agent = new Agent({ keepAlive: true })
  // A CommonJS module: its class is the default of the default.
  const Pay = ((WxPay as { default?: unknown }).default ?? WxPay) as typeof WxPay
  const pay = new Pay({
    appid: APPID,
    mchid,
    serial_no: serial,
    publicKey: Buffer.from(wechatpayKey),
    privateKey: Buffer.from(privateKey),
  })
  Object.assign(Pay as object, { certificates: { [wechatpayKeyId]: wechatpayKey } })

  const get = async (url: string, requestHeaders: object) => {
    const local = url.replace('https://api.mch.weixin.qq.com', endpoint)
    const { headers, text, body } = await superagent.get(local).agent(agent).set(requestHeaders)
    const isGenuine = await pay.verifySign({
      timestamp: headers['wechatpay-timestamp'],
      nonce: headers['wechatpay-nonce'],
      body: text,
      serial: headers['wechatpay-serial'],
      signature: headers['wechatpay-signature'],
    })
    if (!isGenuine) throw new Error('wrong signature')
    return { status: 200, data: body }
  }
  pay.createHttp({ get } as never)

  return {
    query: async (out_trade_no: string) => (await pay.query({ out_trade_no })).data as { trade_state: string },
  }
}
