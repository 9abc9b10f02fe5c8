import { type KeyObject, verify } from 'node:crypto'
import type { Evidence, UnverifiedReason } from './answer.ts'
import { SCHEME } from './sign.ts'

/** WeChat Pay's public keys by the serial (or PUB_KEY_ID) that an answer names, in upper case. */
export type WechatPayKeys = ReadonlyMap<string, KeyObject>

type Headers = Readonly<Record<string, readonly string[] | undefined>>

/** The official utilities refuse what is five minutes old or more; we refuse the future in the same way. */
export const FRESH_SECONDS = 300

/** WeChat Pay sends a very few answers with such a signature on purpose, to see whether it is checked. */
const PROBE = 'WECHATPAY/SIGNTEST/'

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

export type Verdict =
  | { ok: true; evidence: Omit<Evidence, 'body'> }
  | { ok: false; reason: UnverifiedReason; serial?: string }

/**
 * Is this answer WeChat Pay's, and fresh? Checked over the raw bytes of the body, in the order of the official
 * utilities: headers, time, serial, signature (official: 如何验证签名).
 *
 * @param now milliseconds since the epoch
 */
export function verifyAnswer(keys: WechatPayKeys, headers: Headers, body: Uint8Array, now: number): Verdict {
  const one = (name: string) => headers[name]?.[0] ?? ''
  for (const name of ['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-signature', 'wechatpay-serial']) {
    const values = headers[name]
    if (values !== undefined && values.length > 1) return { ok: false, reason: 'doubled header' }
    if (!values?.[0]) return { ok: false, reason: 'unsigned' }
  }
  const evidence = {
    timestamp: one('wechatpay-timestamp'),
    nonce: one('wechatpay-nonce'),
    signature: one('wechatpay-signature'),
    serial: one('wechatpay-serial'),
    request_id: one('request-id'),
  }
  if (evidence.signature.startsWith(PROBE)) return { ok: false, reason: 'probe' }
  if (!isFresh(evidence.timestamp, now)) return { ok: false, reason: 'stale' }
  if (!keys.has(evidence.serial.toUpperCase())) return { ok: false, reason: 'unknown serial', serial: evidence.serial }
  const scheme = headers['wechatpay-signature-type']
  if (scheme !== undefined && !(scheme.length === 1 && scheme[0] === SCHEME))
    return { ok: false, reason: 'wrong signature' }
  return isSignedBy(keys, evidence, body) ? { ok: true, evidence } : { ok: false, reason: 'wrong signature' }
}

/** Does the signature fit body, time and nonce, whatever their age? False for a serial none of the keys has. */
export function isSignedBy(
  keys: WechatPayKeys,
  { timestamp, nonce, signature, serial }: Pick<Evidence, 'timestamp' | 'nonce' | 'signature' | 'serial'>,
  body: Uint8Array | string,
): boolean {
  const key = keys.get(serial.toUpperCase())
  // Buffer's own base64 decoder skips what it doesn't know; a signature is taken only as it should be written.
  if (key === undefined || !BASE64.test(signature)) return false
  const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), Buffer.from(body), LINE_FEED])
  return verify('sha256', message, key, Buffer.from(signature, 'base64'))
}

const LINE_FEED = Buffer.from('\n')

function isFresh(timestamp: string, now: number): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(now / 1000 - Number(timestamp)) < FRESH_SECONDS
}
