import type { IncomingHttpHeaders } from 'node:http'
import { meaningOf } from './codes.ts'

/** What came of one request: WeChat Pay answered, somebody did, or nobody. Three types, so that none is taken for another. */
export type Answer = VerifiedAnswer | UnverifiedAnswer | NoAnswer

/** What came of one call. Each of its tries may have been carried out. */
export interface CallResult {
  best: Answer
  tries: readonly Answer[]
}

/** A signed answer exactly as received, so that anyone can verify it later. */
export interface Evidence {
  body: string
  timestamp: string
  nonce: string
  signature: string
  serial: string
  request_id: string
}

/** Fit to be logged: a signature of ours that somebody echoes is cut out. */
interface Received {
  status: number
  code?: string
  message?: string
  detail?: unknown
  request_id?: string
  /** Of failures only: they show which hop answered. */
  headers?: Readonly<IncomingHttpHeaders>
}

/** WeChat Pay's signature, fresh, and about what we asked. Errors can be verified too. */
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

/** A hint to repeat, never a reason to give up or to finish. */
export interface UnverifiedAnswer extends Received {
  kind: 'unverified'
  reason: UnverifiedReason
  /** Only when we have no key for it. */
  serial?: string
}

/** We do not know whether WeChat Pay acted. */
export interface NoAnswer {
  kind: 'none'
  reason: 'timeout' | 'connection' | 'too long' | 'no time left'
  /** The system's error code, for example ECONNRESET. */
  cause?: string
  /** False only when the request cannot have reached WeChat Pay. */
  sent: boolean
}

/** How much an answer proves about the order. A refused signature proves nothing, even a verified one. */
function rank(answer: Answer): number {
  if (answer.kind === 'none') return 0
  return answer.kind === 'verified' && !isSignatureRefused(answer) ? 2 : 1
}

/** The strongest answer; on a tie, the latest. */
export function resultOfTries(tries: readonly Answer[]): CallResult {
  const [first, ...others] = tries
  if (first === undefined) return { best: { kind: 'none', reason: 'no time left', sent: false }, tries }
  const best = others.reduce((best, answer) => (rank(answer) >= rank(best) ? answer : best), first)
  const wasSent = tries.some((answer) => answer.kind !== 'none' || answer.sent)
  return { best: best.kind === 'none' ? { ...best, sent: wasSent } : best, tries }
}

export function asksForFreshKeys(answer: Answer): boolean {
  return isSignatureRefused(answer) || (answer.kind === 'unverified' && answer.reason === 'unknown serial')
}

/** Such answers may be unsigned, so anybody can make one. A proxy that wants a password sends a 401 without a code. */
export function isSignatureRefused(answer: Answer): boolean {
  if (answer.kind === 'none' || answer.status < 400 || answer.code === undefined) return false
  return meaningOf(answer) === 'signature'
}
