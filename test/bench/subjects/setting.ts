/** What a bare client needs, as the bench puts it into the environment. */
export interface Setting {
  endpoint: string
  mchid: string
  serial: string
  privateKey: string
  wechatpayKeyId: string
  wechatpayKey: string
}

export const APPID = 'wxd678efh567hg6787'
export const ORDER = 'bench-1'

/** The secret is the one given, or the one the bench put into the environment. */
export function readSetting(secret = process.env.BENCH_SECRET!): Setting {
  const fields = JSON.parse(secret)
  return {
    endpoint: process.env.WECHATPAY_ENDPOINTS?.split(',')[0] ?? '',
    mchid: fields.mchid,
    serial: fields.certificate_serial_no,
    privateKey: fields.private_key,
    wechatpayKeyId: fields.wechatpay_public_key_id,
    wechatpayKey: fields.wechatpay_public_key,
  }
}

export const orderPath = (out_trade_no: string) => `/v3/pay/transactions/out-trade-no/${out_trade_no}`
