import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { foreign } from '../wechatpay/foreign.ts'

/** Why a request is not answered; undefined when it is from the page itself. */
export interface Refused {
  status: 400 | 403 | 404 | 415
  because: string
}

/**
 * Another website open in the same browser must neither read this page nor click on it: what it asks is seen to be foreign, and
 * it does not know the token in the address.
 * @param host what this server is called, `127.0.0.1:<port>`
 */
export function refuse(
  { method = '', headers, url = '' }: IncomingMessage,
  host: string,
  token: string,
): Refused | undefined {
  const because = foreign(headers, `http://${host}`)
  if (because !== undefined) return { status: 403, because }
  if (!isSame(url.split('/')[1] ?? '', token)) return { status: 404, because: 'not here' }
  if (method === 'POST') {
    if (headers.origin === undefined) return { status: 403, because: 'asked by no page' }
    if (headers['content-type'] !== 'application/json') return { status: 415, because: 'JSON only' }
  } else if (method !== 'GET') return { status: 400, because: 'GET or POST' }
  return undefined
}

const digest = (text: string) => createHash('sha256').update(text).digest()
const isSame = (one: string, other: string) => timingSafeEqual(digest(one), digest(other))

/** Nothing but what this server itself serves is loaded, run, asked or framed. */
export const SECURITY_HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
}
