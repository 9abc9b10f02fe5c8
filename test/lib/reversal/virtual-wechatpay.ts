import { arrival } from '../../../infra/local/wechatpay/delivery.ts'
import { createKeys, generatePrivateKey } from '../../../infra/local/wechatpay/keys.ts'
import type { Simulator } from '../../../infra/local/wechatpay/simulator.ts'
import type { RawHeaders, WireRequest as SimulatorRequest } from '../../../infra/local/wechatpay/wire.ts'
import { type Endpoint, parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import type { Exchange, WireRequest } from '../../../lib/wechatpay/exchange.ts'
import { wireAnswer } from '../wechatpay/wire-answer.ts'
import type { VirtualTime } from './virtual-time.ts'

/** The main domain and the backup. No socket ever opens: the exchange below stands between. */
export const ENDPOINTS = parseEndpoints('https://main.example,https://backup.example')

/** Pairs for tests in virtual time, where a signature of 2048 bits would cost most of it. */
export const SMALL_KEYS = createKeys(1024)
export const SMALL_MERCHANT_KEY = generatePrivateKey(1024)

const MAX_BODY_BYTES = 64 * 1024

/** Milliseconds a request takes to WeChat Pay, and an answer back. */
const ONE_WAY_MS = 20

export interface VirtualExchangeOptions {
  time: VirtualTime
  simulator: Simulator
  /** Milliseconds a request takes to WeChat Pay: beyond our patience it lands when we no longer wait. */
  requestMs?: (request: WireRequest) => number
}

/** The wire in virtual time: what the simulator answers arrives, or doesn't, as it would over a socket. */
export function createVirtualExchange({
  time,
  simulator,
  requestMs = () => ONE_WAY_MS,
}: VirtualExchangeOptions): Exchange {
  return {
    send(endpoint, request, timeoutMs) {
      return new Promise((resolve) => {
        time.after(timeoutMs, () => resolve({ kind: 'none', reason: 'timeout', sent: true }))
        time.after(requestMs(request), () => {
          const reply = simulator.handle(asReceived(endpoint, request), time.now())
          const { tookMs, ...arrived } = arrival(reply, Number.POSITIVE_INFINITY, MAX_BODY_BYTES)
          if (!Number.isFinite(tookMs)) return
          time.after(ONE_WAY_MS + tookMs, () => {
            if (arrived.arrived) resolve(wireAnswer(arrived.answer))
            else if (arrived.because === 'too large') resolve({ kind: 'none', reason: 'too long', sent: true })
            else resolve({ kind: 'none', reason: 'connection', cause: 'ECONNRESET', sent: true })
          })
        })
      })
    },
    close() {},
  }
}

function asReceived({ origin }: Endpoint, { method, target, headers, body }: WireRequest): SimulatorRequest {
  return {
    host: origin === ENDPOINTS[0]!.origin ? 'main' : 'backup',
    method,
    target,
    headers: Object.entries(headers).map(([name, value]) => [name, String(value)] as const) satisfies RawHeaders,
    body: Buffer.from(body),
  }
}
