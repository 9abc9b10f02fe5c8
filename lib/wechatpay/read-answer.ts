import type { Evidence, UnverifiedAnswer, UnverifiedReason, VerifiedAnswer } from './answer.ts'
import type { WireAnswer } from './exchange.ts'
import { MUST_NAME_ORDER } from './trade-state.ts'
import { isSignedBy, verifyAnswer, type WechatPayKeys } from './verify.ts'

/** What was asked, to compare with what was answered. */
export interface Asked {
  mchid: string
  out_trade_no: string
  appid?: string | undefined
}

type Json = Readonly<Record<string, unknown>>

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads what came over the wire. Errors are verified like successes; whatever cannot be verified is kept as a hint.
 *
 * @param made the signature we made for this try: should the answer echo it, it is cut out of everything kept
 * @param now milliseconds since the epoch
 */
export function readAnswer(
  wire: WireAnswer,
  keys: WechatPayKeys,
  asked: Asked,
  made: string,
  now: number,
): VerifiedAnswer | UnverifiedAnswer {
  const text = decode(wire.body)
  const body = text === undefined ? undefined : parseObject(text)
  const received = { status: wire.status, headers: wire.headers, ...errorFields(wire, body, made) }
  const unverified = (reason: UnverifiedReason, serial?: string): UnverifiedAnswer => ({
    kind: 'unverified',
    reason,
    ...received,
    ...(serial !== undefined && { serial }),
  })

  if (wire.tooLong) return unverified('too long')
  const verdict = verifyAnswer(keys, wire.headers, wire.body, now)
  if (!verdict.ok) return unverified(verdict.reason, verdict.serial)
  if (text === undefined || body === undefined) return unverified('not JSON')
  if (!isAbout(asked, body)) return unverified('another order')
  return { kind: 'verified', ...received, body, evidence: { body: text, ...verdict.evidence } }
}

/**
 * Reads an answer kept from earlier: the body, if its signature still verifies and it speaks of this order.
 * Its age does not matter: what WeChat Pay said then, it said.
 */
export function readEvidence(evidence: Evidence, keys: WechatPayKeys, asked: Asked): Json | undefined {
  if (!isSignedBy(keys, evidence, evidence.body)) return undefined
  const body = parseObject(evidence.body)
  return body !== undefined && isAbout(asked, body) ? body : undefined
}

/** Where an answer names merchant, order or app they must be ours; where it claims an end, it must name the order. */
function isAbout(asked: Asked, body: Json): boolean {
  const { mchid, out_trade_no, appid } = body
  if (MUST_NAME_ORDER.has(body.trade_state) && (mchid === undefined || out_trade_no === undefined)) return false
  return (
    (mchid === undefined || mchid === asked.mchid) &&
    (out_trade_no === undefined || out_trade_no === asked.out_trade_no) &&
    (appid === undefined || asked.appid === undefined || appid === asked.appid)
  )
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** A JSON object; an empty body (204) counts as one without fields. */
function parseObject(text: string): Json | undefined {
  if (text === '') return {}
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Json) : undefined
  } catch {
    return undefined
  }
}

function errorFields(wire: WireAnswer, body: Json | undefined, made: string) {
  const { code, message, detail } = body ?? {}
  const requestId = wire.headers['request-id']?.[0]
  const clean = (text: string) => redact(text, made)
  return {
    ...(typeof code === 'string' && code !== '' && { code: clean(code) }),
    ...(typeof message === 'string' && { message: clean(message) }),
    ...(detail !== undefined && { detail: JSON.parse(clean(JSON.stringify(detail))) as unknown }),
    ...(requestId !== undefined && { request_id: clean(requestId) }),
  }
}

/** A proxy or a debugging server may echo our request. Nothing signed by us is kept. */
function redact(text: string, made: string): string {
  if (!text.includes(made.slice(0, 32)) && !text.includes('WECHATPAY2-')) return text
  return text.replaceAll(made, '[our signature]').replace(/WECHATPAY2-SHA256-RSA2048[^\\]*/g, '[our Authorization]')
}
