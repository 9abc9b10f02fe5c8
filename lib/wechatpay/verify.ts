import { verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Evidence, UnverifiedReason } from './answer.ts'
import type { WechatPayKeys } from './merchant.ts'
import { SCHEME } from './sign.ts'

type Headers = Readonly<IncomingHttpHeaders>

/** The official utilities refuse older answers; we refuse those from the future, too. */
export const FRESH_SECONDS = 300

/** WeChat Pay sends a few such signatures on purpose, to see whether we check them. */
const PROBE = 'WECHATPAY/SIGNTEST/'

const TIMESTAMP = /^\d{1,12}$/

/** A line break would move the border between nonce and body. WeChat Pay's nonces have 32 characters. */
const NONCE = /^[^\r\n]{1,1024}$/

export type Signed = Omit<Evidence, 'body' | 'request_id'>

export type Verdict = { ok: true; signed: Signed } | { ok: false; reason: UnverifiedReason; serial?: string }

/** Optional, as in the official utilities. If present, it must name our scheme. */
const TYPE = 'wechatpay-signature-type'

/** How Node joins the values of a header that came more than once. */
const JOINT = ', '

/**
 * Is this answer WeChat Pay's, and fresh? Checked over the raw bytes of the body (official:
 * https://pay.weixin.qq.com/docs/merchant/development/interface-rules/signature-verification.html).
 *
 * @param nowMs milliseconds since the epoch
 */
export function verifyAnswer(keys: WechatPayKeys, headers: Headers, body: Uint8Array, nowMs: number): Verdict {
  const one = (name: string) => String(headers[name] ?? '')
  const signed: Signed = {
    timestamp: one('wechatpay-timestamp'),
    nonce: one('wechatpay-nonce'),
    signature: one('wechatpay-signature'),
    serial: one('wechatpay-serial'),
  }
  const type = headers[TYPE] === undefined ? SCHEME : one(TYPE)
  const parts = Object.values(signed)
  if ([type, ...parts].some((value) => value.includes(JOINT))) return { ok: false, reason: 'doubled header' }
  if (parts.includes('')) return { ok: false, reason: 'unsigned' }
  if (signed.signature.startsWith(PROBE)) return { ok: false, reason: 'probe' }
  if (!isFresh(signed.timestamp, nowMs)) return { ok: false, reason: 'stale' }
  const { serial } = signed
  if (!keys.has(serial.toUpperCase())) return { ok: false, reason: 'unknown serial', serial }
  return type === SCHEME && isSignedBy(keys, signed, body)
    ? { ok: true, signed }
    : { ok: false, reason: 'wrong signature' }
}

/** At any age: evidence is verified long after. */
export function isSignedBy(
  keys: WechatPayKeys,
  { timestamp, nonce, signature, serial }: Signed,
  body: Uint8Array | string,
): boolean {
  const key = keys.get(serial.toUpperCase())
  if (key === undefined || !TIMESTAMP.test(timestamp) || !NONCE.test(nonce)) return false
  const bytes = Buffer.from(signature, 'base64')
  // Node's decoder skips characters that are not base64.
  if (bytes.toString('base64') !== signature) return false
  const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), bytesOf(body), LINE_FEED])
  return verify('sha256', message, key, bytes)
}

const LINE_FEED = Buffer.from('\n')
const bytesOf = (body: Uint8Array | string) => (typeof body === 'string' ? Buffer.from(body) : body)

function isFresh(timestamp: string, nowMs: number): boolean {
  return TIMESTAMP.test(timestamp) && Math.abs(nowMs / 1000 - Number(timestamp)) < FRESH_SECONDS
}
