import { Formatter, Rsa } from 'wechatpay-axios-plugin'
import type { MerchantWithKeys } from '../../../../infra/local/wechatpay/merchants.ts'
import type { RawHeaders, WireRequest } from '../../../../infra/local/wechatpay/wire.ts'

/** What a test may want otherwise than a well-behaved client has it. */
export interface Otherwise {
  method?: string
  target?: string
  body?: string
  /** What is signed instead of what is sent. */
  signed?: { method?: string; target?: string; timestamp?: string; nonce?: string; body?: string }
  timestamp?: string
  nonce?: string
  serial?: string
  mchid?: string
  authorization?: (value: string) => string
  headers?: (headers: [string, string][]) => RawHeaders
}

/** A request signed by a client that is not ours: wechatpay-axios-plugin's own formatter and RSA. `now` in ms. */
export function signedRequest(merchant: MerchantWithKeys, now: number, otherwise: Otherwise = {}): WireRequest {
  const { method = 'GET', target = '/', body = '', signed = {} } = otherwise
  const { timestamp = String(Math.floor(now / 1000)), nonce = Formatter.nonce() } = otherwise
  const { mchid = merchant.mchid, serial = merchant.certificate_serial_no } = otherwise
  const message = Formatter.request(
    signed.method ?? method,
    signed.target ?? target,
    signed.timestamp ?? timestamp,
    signed.nonce ?? nonce,
    signed.body ?? body,
  )
  const signature = Rsa.sign(message, merchant.privateKey)
  const authorization = Formatter.authorization(mchid, nonce, signature, timestamp, serial)
  const headers: [string, string][] = [
    ['Authorization', otherwise.authorization?.(authorization) ?? authorization],
    ['Accept', 'application/json'],
    ['User-Agent', 'a test'],
    ['Wechatpay-Serial', merchant.secret.wechatpay_public_key_id],
    ...(method === 'POST' ? [['Content-Type', 'application/json'] as [string, string]] : []),
  ]
  return { method, target, headers: otherwise.headers?.(headers) ?? headers, body: Buffer.from(body) }
}

const path = (out_trade_no: string) => `/v3/pay/transactions/out-trade-no/${out_trade_no}`

export const queryRequest = (merchant: MerchantWithKeys, out_trade_no: string, now: number, otherwise?: Otherwise) =>
  signedRequest(merchant, now, { target: `${path(out_trade_no)}?mchid=${merchant.mchid}`, ...otherwise })

export const reverseRequest = (merchant: MerchantWithKeys, out_trade_no: string, now: number, otherwise?: Otherwise) =>
  signedRequest(merchant, now, {
    method: 'POST',
    target: `${path(out_trade_no)}/reverse`,
    body: JSON.stringify({ appid: merchant.appid, mchid: merchant.mchid }),
    ...otherwise,
  })

export const SUB_MERCHANT = { sub_mchid: '1900000109', sub_appid: 'wx0000000000000109' }

const partnerPath = (out_trade_no: string) => `/v3/pay/partner/transactions/out-trade-no/${out_trade_no}`

export const partnerQueryRequest = (
  provider: MerchantWithKeys,
  out_trade_no: string,
  now: number,
  otherwise?: Otherwise,
) =>
  signedRequest(provider, now, {
    target: `${partnerPath(out_trade_no)}?sp_mchid=${provider.mchid}&sub_mchid=${SUB_MERCHANT.sub_mchid}`,
    ...otherwise,
  })

export const partnerReverseRequest = (
  provider: MerchantWithKeys,
  out_trade_no: string,
  now: number,
  otherwise?: Otherwise,
) =>
  signedRequest(provider, now, {
    method: 'POST',
    target: `${partnerPath(out_trade_no)}/reverse`,
    body: JSON.stringify({ sp_appid: provider.appid, sp_mchid: provider.mchid, ...SUB_MERCHANT }),
    ...otherwise,
  })

/** `auth_code` picks the customer by its last two digits. */
export const codepayRequest = (
  merchant: MerchantWithKeys,
  out_trade_no: string,
  now: number,
  { authCode = '130000000000000000', ...otherwise }: Otherwise & { authCode?: string } = {},
) =>
  signedRequest(merchant, now, {
    method: 'POST',
    target: '/v3/pay/transactions/codepay',
    body: JSON.stringify({
      appid: merchant.appid,
      mchid: merchant.mchid,
      description: 'a coffee',
      out_trade_no,
      payer: { auth_code: authCode },
      amount: { total: 500, currency: 'CNY' },
      scene_info: { store_info: { id: 'shop-1' } },
    }),
    ...otherwise,
  })
