import type { Evidence, UnverifiedAnswer, UnverifiedReason, VerifiedAnswer } from './answer.ts'
import { meaningOf } from './codes.ts'
import type { WireAnswer } from './exchange.ts'
import type { WechatPayKeys } from './merchant.ts'
import { type Json, parseObject } from './parse-object.ts'
import { carries, redact, redactDeep } from './redact.ts'
import { MUST_NAME_ORDER } from './trade-state.ts'
import { isSignedBy, verifyAnswer } from './verify.ts'

/** What was asked, to compare with what was answered. */
export interface Asked {
  mchid: string
  out_trade_no: string
  appid?: string | undefined
}

/** Longer than any Request-ID seen, and short enough for whoever takes evidence back. */
const MAX_REQUEST_ID = 256

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
  const received = keep(wire, body, made)
  const unverified = (reason: UnverifiedReason, serial?: string): UnverifiedAnswer => ({
    kind: 'unverified',
    reason,
    ...received,
    headers: headersOf(wire, made),
    ...(serial !== undefined && { serial: redact(serial, made) }),
  })

  const verdict = verifyAnswer(keys, wire.headers, wire.body, now)
  if (!verdict.ok) return unverified(verdict.reason, verdict.serial)
  if (text === undefined || body === undefined) return unverified('not JSON')
  const whose = whoseIs(asked, body)
  if (whose !== 'ours') return unverified(whose)
  // Evidence is published as it was received, and no signature of ours is: WeChat Pay has no reason to send it back.
  if (mayBeEvidence(wire.status, received.code) && [text, verdict.signed.nonce].some((part) => carries(part, made))) {
    return unverified('our signature in it')
  }
  const evidence = { body: text, ...verdict.signed, request_id: received.request_id ?? '' }
  return {
    kind: 'verified',
    ...received,
    ...(wire.status >= 300 && { headers: headersOf(wire, made) }),
    body,
    evidence,
  }
}

/** Of errors only one can end an order: that there is none. */
const mayBeEvidence = (status: number, code: string | undefined) =>
  status < 300 || meaningOf(code, status) === 'no such order'

/**
 * Reads an answer kept from earlier: the body, if its signature still verifies and it speaks of this order.
 * Its age does not matter: what WeChat Pay said then, it said.
 */
export function readEvidence(evidence: Evidence, keys: WechatPayKeys, asked: Asked): Json | undefined {
  if (!isSignedBy(keys, evidence, evidence.body)) return undefined
  const body = parseObject(evidence.body)
  return body !== undefined && whoseIs(asked, body) === 'ours' ? body : undefined
}

/** Where an answer names merchant, order or app they must be ours; where it claims an end, it must name the order. */
function whoseIs(asked: Asked, body: Json): 'ours' | 'another order' | 'another appid' {
  const { mchid, out_trade_no, appid } = body
  const mustName = MUST_NAME_ORDER.has(body.trade_state)
  const isOther = (said: unknown, own: string) => (said === undefined ? mustName : said !== own)
  if (isOther(mchid, asked.mchid) || isOther(out_trade_no, asked.out_trade_no)) return 'another order'
  return appid === undefined || asked.appid === undefined || appid === asked.appid ? 'ours' : 'another appid'
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const headersOf = ({ headers }: WireAnswer, made: string) => redactDeep(headers, made) as WireAnswer['headers']

/** Status, code, message, detail and Request-ID, without any signature of ours. */
function keep({ status, headers }: WireAnswer, body: Json | undefined, made: string) {
  const { code, message, detail } = body ?? {}
  const requestId = headers['request-id'] as string | undefined
  return {
    status,
    ...(typeof code === 'string' && code !== '' && { code: redact(code, made) }),
    ...(typeof message === 'string' && { message: redact(message, made) }),
    ...(detail !== undefined && { detail: redactDeep(detail, made) }),
    ...(requestId !== undefined && { request_id: redact(requestId, made).slice(0, MAX_REQUEST_ID) }),
  }
}
