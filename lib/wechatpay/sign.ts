import { randomUUID, sign } from 'node:crypto'
import type { Merchant } from './merchant.ts'

export const SCHEME = 'WECHATPAY2-SHA256-RSA2048'

/** A signed request's header, and the signature in it, known so that it can be kept out of every message. */
export interface Authorization {
  header: string
  signature: string
}

/**
 * The `Authorization` of one try: RSA PKCS#1 v1.5 with SHA-256 over method, target, timestamp, nonce and body,
 * each ended by a line feed (official: 如何构造请求签名). The target is the request target exactly as sent.
 *
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
