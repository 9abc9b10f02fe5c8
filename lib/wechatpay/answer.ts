import type { IncomingHttpHeaders } from 'node:http'
import { meaningOf } from './codes.ts'

/**
 * What came of one request to WeChat Pay, in three types so that nobody can mistake one for another:
 * WeChat Pay said it (`verified`), somebody said something (`unverified`), nobody said anything (`none`).
 */
export type Answer = VerifiedAnswer | UnverifiedAnswer | NoAnswer

/** What came of one call, which may take several tries: each of them may have been carried out. */
export interface CallResult {
  /** The answer that proves most. */
  best: Answer
  tries: readonly Answer[]
}

/** A signed answer exactly as it was received, so that anyone can check the signature again later. */
export interface Evidence {
  body: string
  timestamp: string
  nonce: string
  signature: string
  serial: string
  request_id: string
}

/**
 * The fields kept of every HTTP answer, fit to be logged: a signature of ours that somebody echoes is cut out of them.
 * `detail` is whatever WeChat Pay sent there: its shape varies.
 */
interface Received {
  status: number
  code?: string
  message?: string
  detail?: unknown
  request_id?: string
  /** Of failures only: what says which of the boxes on the way answered. */
  headers?: Readonly<IncomingHttpHeaders>
}

/** Its signature is WeChat Pay's, it is fresh, and what it names is what we asked about. Errors can be verified too. */
export interface VerifiedAnswer extends Received {
  kind: 'verified'
  body: Readonly<Record<string, unknown>>
  evidence: Evidence
}

export type UnverifiedReason =
  | 'unsigned'
  | 'doubled header'
  | 'stale'
  | 'unknown serial'
  | 'probe'
  | 'wrong signature'
  | 'not JSON'
  | 'another order'
  | 'another appid'
  | 'our signature in it'

/** An answer that proves nothing: a hint to repeat, never a reason to give up or to finish. */
export interface UnverifiedAnswer extends Received {
  kind: 'unverified'
  reason: UnverifiedReason
  /** The serial the answer names, when it is one we have no key for. */
  serial?: string
}

/** No answer: we do not know whether WeChat Pay acted. */
export interface NoAnswer {
  kind: 'none'
  reason: 'timeout' | 'connection' | 'too long' | 'no time left'
  /** The system's error code, for example ECONNRESET. */
  cause?: string
  /** False only when the request cannot have reached WeChat Pay. */
  sent: boolean
}

/** How much an answer proves about the order. A refused signature proves nothing about it, even when WeChat Pay says so. */
function rank(answer: Answer): number {
  if (answer.kind === 'none') return 0
  return answer.kind === 'verified' && !isSignatureRefused(answer) ? 2 : 1
}

/** The result of all tries of a call, in their order. Of two that prove as much, the later one counts. */
export function resultOfTries(tries: readonly Answer[]): CallResult {
  const [first, ...others] = tries
  if (first === undefined) return { best: { kind: 'none', reason: 'no time left', sent: false }, tries }
  const best = others.reduce((best, answer) => (rank(answer) >= rank(best) ? answer : best), first)
  const wasSent = tries.some((answer) => answer.kind !== 'none' || answer.sent)
  return { best: best.kind === 'none' ? { ...best, sent: wasSent } : best, tries }
}

/** True when fresh credentials might get another answer: our signature was refused, or a key of theirs is new to us. */
export function asksForFreshKeys(answer: Answer): boolean {
  return isSignatureRefused(answer) || (answer.kind === 'unverified' && answer.reason === 'unknown serial')
}

/**
 * True when WeChat Pay (or somebody in its place: such answers are unsigned) refused the signature we made. The page of a
 * proxy that wants a password has no code.
 */
export function isSignatureRefused(answer: Answer): boolean {
  if (answer.kind === 'none' || answer.status < 400 || answer.code === undefined) return false
  return meaningOf(answer) === 'signature'
}
