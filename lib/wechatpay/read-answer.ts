import type { Evidence, UnverifiedAnswer, UnverifiedReason, VerifiedAnswer } from './answer.ts'
import { type ErrorAnswer, meaningOf } from './codes.ts'
import type { WireAnswer } from './exchange.ts'
import type { WechatPayKeys } from './merchant.ts'
import { appsOf, namesOf, type OrderId, type Subject } from './order-id.ts'
import { type Json, parseObject } from './parse-object.ts'
import { containsSignature, redact, redactDeep } from './redact.ts'
import { MUST_NAME_ORDER } from './trade-state.ts'
import { isSignedBy, verifyAnswer } from './verify.ts'

/** The code of a day without a trade or a refund (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556654). */
export const NO_STATEMENT = 'NO_STATEMENT_EXIST'

/** Longer than any Request-ID seen; evidence is refused beyond it. */
const MAX_REQUEST_ID = 256

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads what came over the wire. Errors are verified like successes; an answer that does not verify is kept as a hint
 * (official: https://pay.weixin.qq.com/docs/merchant/development/interface-rules/signature-verification.html).
 *
 * @param ourSignature the one we made for this try: should the answer echo it, it is cut out of everything kept
 * @param nowMs milliseconds since the epoch
 */
export function readAnswer(
  wire: WireAnswer,
  keys: WechatPayKeys,
  asked: Subject,
  ourSignature: string,
  nowMs: number,
): VerifiedAnswer | UnverifiedAnswer {
  const text = decode(wire.body)
  const body = text === undefined ? undefined : parseObject(text)
  const received = redactedFields(wire, body, ourSignature)
  const unverified = (reason: UnverifiedReason, serial?: string): UnverifiedAnswer => ({
    kind: 'unverified',
    reason,
    ...received,
    headers: headersOf(wire, ourSignature),
    ...(serial !== undefined && { serial: redact(serial, ourSignature) }),
  })

  const verdict = verifyAnswer(keys, wire.headers, wire.body, nowMs)
  if (!verdict.ok) return unverified(verdict.reason, verdict.serial)
  if (text === undefined || body === undefined) return unverified('not JSON')
  const identity = checkIdentity(asked, body)
  if (identity !== 'ours') return unverified(identity)
  // Evidence is published as received; no signature of ours may be.
  if (mayBeEvidence(received) && [text, verdict.signed.nonce].some((part) => containsSignature(part, ourSignature))) {
    return unverified('our signature in it')
  }
  const evidence = { body: text, ...verdict.signed, request_id: received.request_id ?? '' }
  return {
    kind: 'verified',
    ...received,
    ...(wire.status >= 300 && { headers: headersOf(wire, ourSignature) }),
    body,
    evidence,
  }
}

/** Of errors, only "no such order" can end an order, and only "no statement" proves an empty bill. */
const mayBeEvidence = (answer: ErrorAnswer) =>
  answer.status < 300 || meaningOf(answer) === 'no such order' || answer.code === NO_STATEMENT

/** The body of an answer kept from earlier, if it verifies and is about this order. Its age does not matter. */
export function readEvidence(evidence: Evidence, keys: WechatPayKeys, asked: OrderId): Json | undefined {
  if (!isSignedBy(keys, evidence, evidence.body)) return undefined
  const body = parseObject(evidence.body)
  return body !== undefined && checkIdentity(asked, body) === 'ours' ? body : undefined
}

/** The names in an answer must be ours; where it claims an end, it must name the order. */
function checkIdentity(asked: Subject, body: Json): 'ours' | 'another order' | 'another appid' {
  const mustName = MUST_NAME_ORDER.has(body.trade_state)
  const isOther = ([name, own]: [string, string]) => (body[name] === undefined ? mustName : body[name] !== own)
  const isOtherApp = ([name, own]: [string, string | undefined]) =>
    own !== undefined && body[name] !== undefined && body[name] !== own
  if (Object.entries(namesOf(asked)).some(isOther)) return 'another order'
  return Object.entries(appsOf(asked)).some(isOtherApp) ? 'another appid' : 'ours'
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const headersOf = ({ headers }: WireAnswer, ourSignature: string) =>
  redactDeep(headers, ourSignature) as WireAnswer['headers']

function redactedFields({ status, headers }: WireAnswer, body: Json | undefined, ourSignature: string) {
  const { code, message, detail } = body ?? {}
  const requestId = headers['request-id'] as string | undefined
  // WeChat Pay's codes are words. A number is somebody else's, or new: it decides nothing, and is kept for people.
  const words = [typeof code === 'number' && String(code), typeof message === 'string' && message]
    .filter(Boolean)
    .join(' ')
  return {
    status,
    ...(typeof code === 'string' && code !== '' && { code: redact(code, ourSignature) }),
    ...(words !== '' && { message: redact(words, ourSignature) }),
    ...(detail !== undefined && { detail: redactDeep(detail, ourSignature) }),
    ...(requestId !== undefined && { request_id: redact(requestId, ourSignature).slice(0, MAX_REQUEST_ID) }),
  }
}
