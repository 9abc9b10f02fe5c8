import type { IncomingHttpHeaders } from 'node:http'

/**
 * What came of one call to WeChat Pay, in three types so that nobody can mistake one for another:
 * WeChat Pay said it (`verified`), somebody said something (`unverified`), nobody said anything (`none`).
 */
export type Answer = (VerifiedAnswer | UnverifiedAnswer | NoAnswer) & {
  /** What came of the other tries of the same call, when there were any: each of them may have been carried out. */
  otherTries?: readonly Answer[]
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
