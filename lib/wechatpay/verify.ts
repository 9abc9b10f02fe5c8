import { verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Evidence, UnverifiedReason } from './answer.ts'
import type { WechatPayKeys } from './merchant.ts'
import { SCHEME } from './sign.ts'

type Headers = Readonly<IncomingHttpHeaders>

/** The official utilities refuse what is five minutes old or more; we refuse the future in the same way. */
export const FRESH_SECONDS = 300

/** WeChat Pay sends a very few answers with such a signature on purpose, to see whether it is checked. */
const PROBE = 'WECHATPAY/SIGNTEST/'

/** Seconds since the epoch. */
const TIMESTAMP = /^\d{1,12}$/

/** WeChat Pay's have 32 characters; the bound is that of whoever takes evidence back. A line break in one would move the border between nonce and body. */
const NONCE = /^[^\r\n]{1,1024}$/

/** What is signed besides the body, and by whom. */
export type Signed = Omit<Evidence, 'body' | 'request_id'>

export type Verdict = { ok: true; signed: Signed } | { ok: false; reason: UnverifiedReason; serial?: string }

/** Not asked for by the official utilities, so an answer without it is as good; one with another is none. */
const TYPE = 'wechatpay-signature-type'

/** How Node joins the values of a header that came more than once. */
const JOINT = ', '

/**
 * Is this answer WeChat Pay's, and fresh? Checked over the raw bytes of the body, in the order of the official
 * utilities: headers, time, serial, signature (official: 如何验证签名).
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

/** Does the signature fit body, time and nonce, whatever their age? False for a serial none of the keys has. */
export function isSignedBy(
  keys: WechatPayKeys,
  { timestamp, nonce, signature, serial }: Signed,
  body: Uint8Array | string,
): boolean {
  const key = keys.get(serial.toUpperCase())
  if (key === undefined || !TIMESTAMP.test(timestamp) || !NONCE.test(nonce)) return false
  const bytes = Buffer.from(signature, 'base64')
  // The decoder skips what it doesn't know; a signature is taken only as it should be written.
  if (bytes.toString('base64') !== signature) return false
  const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), bytesOf(body), LINE_FEED])
  return verify('sha256', message, key, bytes)
}

const LINE_FEED = Buffer.from('\n')
const bytesOf = (body: Uint8Array | string) => (typeof body === 'string' ? Buffer.from(body) : body)

function isFresh(timestamp: string, nowMs: number): boolean {
  return TIMESTAMP.test(timestamp) && Math.abs(nowMs / 1000 - Number(timestamp)) < FRESH_SECONDS
}
