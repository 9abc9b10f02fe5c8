import { randomUUID, sign } from 'node:crypto'
import type { Merchant } from './merchant.ts'

const USER_AGENT = `wechatpay-reversal (node ${process.versions.node})`

export const SCHEME = 'WECHATPAY2-SHA256-RSA2048'

export interface Authorization {
  header: string
  signature: string
}

/**
 * RSA PKCS#1 v1.5 with SHA-256 over method, target, timestamp, nonce and body, each ended by a line feed
 * (official: https://pay.weixin.qq.com/wiki/doc/apiv3/wechatpay/wechatpay4_0.shtml).
 *
 * @param target exactly as sent
 * @param timestamp seconds since the epoch; WeChat Pay refuses one more than 5 minutes off
 */
export function authorize(
  merchant: Merchant,
  method: string,
  target: string,
  body: string,
  timestamp: number,
  nonce = randomUUID().replaceAll('-', ''),
): Authorization {
  const message = `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`
  const signature = sign('sha256', Buffer.from(message), merchant.privateKey).toString('base64')
  const header =
    `${SCHEME} mchid="${merchant.mchid}",nonce_str="${nonce}",signature="${signature}",` +
    `timestamp="${timestamp}",serial_no="${merchant.certificateSerialNo}"`
  return { header, signature }
}

export interface SignedHeaders {
  headers: Record<string, string | number>
  signature: string
}

/** The headers of a request, signed at this moment. @param nowMs milliseconds since the epoch */
export function signedHeaders(
  merchant: Merchant,
  { method, target, body = '' }: { method: string; target: string; body?: string },
  nowMs: number,
): SignedHeaders {
  const { header, signature } = authorize(merchant, method, target, body, Math.floor(nowMs / 1000))
  const headers = {
    Accept: 'application/json',
    'Accept-Encoding': 'identity',
    Authorization: header,
    'User-Agent': USER_AGENT,
    'Wechatpay-Serial': merchant.wechatpayPublicKeyId,
    ...(method === 'POST' && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
  }
  return { headers, signature }
}
