import { verify } from 'node:crypto'
import { errorResult, type Result } from './error-codes.ts'
import type { Merchants } from './merchants.ts'
import { valuesOf, type WireRequest } from './wire.ts'

const SCHEME = 'WECHATPAY2-SHA256-RSA2048'
const fieldNames = ['mchid', 'nonce_str', 'serial_no', 'signature', 'timestamp'] as const
const ALLOWED_SKEW_SECONDS = 300

/** The five fields of an `Authorization` whose signature is good. */
export type Authorization = Record<(typeof fieldNames)[number], string>

/** Why a request was refused. It is answered signed only when its own signature was good. */
export interface Refusal {
  signed: boolean
  /** As in `Call`. */
  wantsKey?: string | undefined
  result: Result
  reason: string
}

/** Remembers nonces for as long as their timestamp would be accepted. That the real one does is inferred. */
export function createNonceLog() {
  const seen = new Map<string, number>()
  return {
    /** False when this merchant used the nonce already. `now` in ms. */
    take(mchid: string, nonce: string, now: number): boolean {
      for (const [key, until] of seen) {
        if (until >= now) break
        seen.delete(key)
      }
      const key = `${mchid} ${nonce}`
      if (seen.has(key)) return false
      seen.set(key, now + 2 * ALLOWED_SKEW_SECONDS * 1000)
      return true
    },
  }
}

export type NonceLog = ReturnType<typeof createNonceLog>

/** The five fields, each exactly once and in any order; null when the value is anything else. */
function parse(value: string): Authorization | null {
  if (!value.startsWith(`${SCHEME} `)) return null
  const pairs = value.slice(SCHEME.length + 1).split(',')
  const fields = new Map<string, string>()
  for (const pair of pairs) {
    const [, name, content] = /^(\w+)="([^"]*)"$/.exec(pair) ?? []
    if (name === undefined || content === undefined || fields.has(name)) return null
    fields.set(name, content)
  }
  if (fields.size !== fieldNames.length || !fieldNames.every((name) => fields.has(name))) return null
  return Object.fromEntries(fields) as Authorization
}

/** When whoever asks says it is, in ms; undefined when the request does not say. */
export function signedAtMs({ headers }: WireRequest): number | undefined {
  const [, seconds] = /\btimestamp="(\d{10})"/.exec(valuesOf(headers, 'Authorization').join()) ?? []
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** METHOD, target, timestamp, nonce and body, each followed by a line feed (official signing page). */
const signedMessage = ({ method, target, body }: WireRequest, { timestamp, nonce_str }: Authorization) =>
  Buffer.concat([Buffer.from(`${method}\n${target}\n${timestamp}\n${nonce_str}\n`, 'latin1'), body, Buffer.from('\n')])

// As observed in a real answer. It echoes part of what was signed, the body included: nothing to log.
function signatureDetail(request: WireRequest, message: Buffer) {
  const sign_information = {
    method: request.method,
    url: request.target,
    sign_message_length: message.length,
    truncated_sign_message: message.subarray(0, 120).toString('latin1'),
  }
  return { detail: { issue: 'sign not match' }, field: 'signature', location: 'authorization', sign_information }
}

const refuse = (message: string, detail?: object): { refusal: Refusal } => ({
  // "401: not executed, not signed": answers are signed only when the request's own signature was good.
  refusal: { signed: false, result: errorResult('SIGN_ERROR', message, detail), reason: `SIGN_ERROR: ${message}` },
})

/** Who signed this request; or why nobody can tell. `now` in ms. */
export function checkAuthorization(
  request: WireRequest,
  merchants: Merchants,
  nonces: NonceLog,
  now: number,
): Authorization | { refusal: Refusal } {
  const values = valuesOf(request.headers, 'Authorization')
  if (values.length !== 1) return refuse(`Http头Authorization必须有且只有一个: ${values.length}`)
  const fields = parse(values[0]!)
  if (!fields) return refuse('Http头Authorization值格式错误')
  if (!/^[0-9A-Za-z_-]{8,64}$/.test(fields.nonce_str)) return refuse('Authorization nonce_str格式错误')
  if (!/^\d{10}$/.test(fields.timestamp) || Math.abs(Number(fields.timestamp) - now / 1000) > ALLOWED_SKEW_SECONDS) {
    return refuse('Http头Authorization中的timestamp与发起请求的时间不得超过5分钟')
  }
  const publicKey = merchants.find(fields.mchid)?.certificates.get(fields.serial_no)
  if (!publicKey) return refuse('商户证书序列号有误: serial_no')
  const message = signedMessage(request, fields)
  if (!verify('sha256', message, publicKey, Buffer.from(fields.signature, 'base64'))) {
    return refuse('错误的签名，验签失败', signatureDetail(request, message))
  }
  if (!nonces.take(fields.mchid, fields.nonce_str, now)) return refuse('nonce_str重复')
  return fields
}
