import { randomBytes, sign } from 'node:crypto'
import type { Result } from './error-codes.ts'
import type { SigningKey } from './keys.ts'
import type { RawHeaders } from './wire.ts'

/** An answer as its bytes go over the wire. */
export interface Answer {
  status: number
  headers: RawHeaders
  body: Buffer
}

/** The bytes of a result's body; none for an empty one. */
export const bytesOf = ({ body }: Pick<Result, 'body'>): Buffer =>
  body === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body))

/** Timestamp, nonce and body, each followed by a line feed; of an empty body the line feed stays (official signing page). */
const signedMessage = (timestamp: string, nonce: string, body: Buffer) =>
  Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')])

export interface Signing {
  key: SigningKey
  /** In ms; sent in seconds. */
  now: number
  /** What `Wechatpay-Serial` says; the key's own id unless told. */
  serial?: string
}

/** The five headers that sign `body`. */
export function signatureHeaders(body: Buffer, { key, now, serial = key.id }: Signing): [string, string][] {
  const timestamp = String(Math.floor(now / 1000))
  const nonce = randomBytes(16).toString('hex')
  return [
    ['Wechatpay-Nonce', nonce],
    ['Wechatpay-Signature', sign('sha256', signedMessage(timestamp, nonce, body), key.privateKey).toString('base64')],
    ['Wechatpay-Timestamp', timestamp],
    ['Wechatpay-Serial', serial],
    ['Wechatpay-Signature-Type', 'WECHATPAY2-SHA256-RSA2048'],
  ]
}

/** `Request-ID: <id>-<number>`: the number is WeChat Pay's internal error code, 0 on success. */
const requestId = (subCode: number) => `08${randomBytes(16).toString('hex').toUpperCase()}-${subCode}`

/** The headers every answer carries, signed or not. A 204 has neither content nor its length. */
export function plainHeaders(
  body: Buffer,
  { status, subCode }: Pick<Result, 'status' | 'subCode'>,
): [string, string][] {
  const content: [string, string][] = [
    ['Content-Type', 'application/json; charset=utf-8'],
    ['Content-Length', String(body.length)],
  ]
  return [...(status === 204 ? [] : content), ['Request-ID', requestId(subCode)]]
}

/** A result as WeChat Pay sends it: signed, unless it is a file or leads to one. */
export function signedAnswer(result: Result, signing: Signing): Answer {
  if (result.file !== undefined || result.location !== undefined) return plainAnswer(result)
  const body = bytesOf(result)
  return {
    status: result.status,
    headers: [...plainHeaders(body, result), ...signatureHeaders(body, signing)],
    body,
  }
}

/** A file, or a redirect, as WeChat Pay sends it: without a signature. */
function plainAnswer({ status, file = Buffer.alloc(0), location }: Result): Answer {
  const headers: [string, string][] = [
    ['Content-Type', 'application/octet-stream'],
    ['Content-Length', String(file.length)],
    ...(location === undefined ? [] : [['Location', location] as [string, string]]),
    ['Request-ID', requestId(0)],
  ]
  return { status, headers, body: file }
}

/** A result without a signature, as 401 SIGN_ERROR comes. */
export function unsignedAnswer(result: Result): Answer {
  const body = bytesOf(result)
  return { status: result.status, headers: plainHeaders(body, result), body }
}
