import type { Answer } from './answer.ts'

/** How an answer goes over the wire, or fails to. */
export type Delivery =
  | { kind: 'whole'; afterMs: number }
  /** Nothing, ever: the connection stays open. */
  | { kind: 'silence' }
  /** The first bytes of the HTTP message, then the connection is reset. */
  | { kind: 'reset'; afterBytes: number }
  /** The head, then the body one byte at a time. */
  | { kind: 'drip'; everyMs: number }
  /** The head, then blanks: so many bytes, or without end. */
  | { kind: 'flood'; bytes: number }

/** What `handle` gives: the answer as it should be, and how it is delivered. */
export interface Reply extends Answer {
  delivery: Delivery
  /** The fault it was answered with, if any. */
  fault: string | null
}

/** What a client with a clock of its own sees of a reply. */
export type Arrival =
  | { arrived: true; answer: Answer; tookMs: number }
  | { arrived: false; because: 'timeout' | 'reset' | 'too large'; tookMs: number }

/**
 * How `reply` arrives at a client that waits `timeoutMs` and reads `maxBytes` of body, without a socket:
 * for tests that live in virtual time.
 */
export function arrival({ delivery, ...reply }: Reply, timeoutMs: number, maxBytes = 65_536): Arrival {
  const answer: Answer = { status: reply.status, headers: reply.headers, body: reply.body }
  const within = (tookMs: number): Arrival =>
    tookMs < timeoutMs ? { arrived: true, answer, tookMs } : { arrived: false, because: 'timeout', tookMs: timeoutMs }
  switch (delivery.kind) {
    case 'whole':
      return within(delivery.afterMs)
    case 'drip':
      return within(delivery.everyMs * reply.body.length)
    case 'silence':
      return { arrived: false, because: 'timeout', tookMs: timeoutMs }
    case 'reset':
      return { arrived: false, because: 'reset', tookMs: 0 }
    case 'flood':
      return delivery.bytes > maxBytes ? { arrived: false, because: 'too large', tookMs: 0 } : within(0)
  }
}

/** The reply as one HTTP/1.1 message: for faults that must count its bytes. */
export function httpMessage({ status, headers, body }: Answer): Buffer {
  const head = [
    `HTTP/1.1 ${status} -`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    'Connection: keep-alive',
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}
