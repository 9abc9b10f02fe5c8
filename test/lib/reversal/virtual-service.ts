import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import type { SimulatorOptions } from '../../../infra/local/wechatpay/options.ts'
import { createSimulator, type Simulator } from '../../../infra/local/wechatpay/simulator.ts'
import { type AttemptContext, createAttempt, type Ending, resultOf } from '../../../lib/reversal/attempt.ts'
import type { ReversalEvent } from '../../../lib/reversal/events.ts'
import type { Merchants } from '../../../lib/reversal/merchants.ts'
import { type OrderMessage, parseOrder } from '../../../lib/reversal/order.ts'
import type { Pending, Reversal } from '../../../lib/reversal/result.ts'
import type { Evidence } from '../../../lib/wechatpay/answer.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { createVirtualTime } from './virtual-time.ts'
import { createVirtualExchange, ENDPOINTS, SMALL_KEYS, SMALL_MERCHANT_KEY } from './virtual-wechatpay.ts'

export const START = Date.parse('2026-01-31T12:00:00Z')

/** The order every test is about. */
export const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A_1-2*b' }

/** WeChat Pay in small, a merchant of it, and our attempts, all in virtual time. */
export function openService({
  options = {},
  merchants,
}: {
  options?: Partial<SimulatorOptions>
  merchants?: Partial<Merchants>
} = {}) {
  const time = createVirtualTime(START)
  const simulator = createSimulator({ now: time.now, keys: SMALL_KEYS, options })
  const { secret } = simulator.openMerchant({ ...NAMES, privateKey: SMALL_MERCHANT_KEY })
  const { merchant } = parseMerchant(JSON.stringify(secret))
  const events: ReversalEvent[] = []
  const exchange = createVirtualExchange({ time, simulator })
  const attempt = createAttempt({
    wechatPay: createWechatPay({ endpoints: ENDPOINTS, timeoutMs: 5_000, now: time.now, exchange }),
    merchants: { find: async () => merchant, renew: async () => undefined, ...merchants },
    observe: (event) => events.push(event),
    now: time.now,
    random: () => 0.5,
  })

  return {
    time,
    simulator,
    secret,
    merchant,
    /** What the attempts had to tell. */
    events,
    /** Which calls reached WeChat Pay, oldest first. */
    calls: () => simulator.log().map(({ endpoint }) => endpoint),
    /** The order as it stands in WeChat Pay's books. */
    book: () => simulator.books.find(NAMES.mchid, NAMES.out_trade_no, time.now()),

    /** One attempt, on the order as it would come out of JSON; a minute old unless told. */
    async attempt(
      fields: Partial<OrderMessage> = {},
      when: { seenAtMs?: number; msLeft?: number } = {},
    ): Promise<Reversal | Pending> {
      return resultOf(await this.ending(fields, when))
    },

    /** The same, with the history it ended with. */
    async ending(
      fields: Partial<OrderMessage> = {},
      { seenAtMs = time.now() - 60_000, msLeft = 25_500 }: { seenAtMs?: number; msLeft?: number } = {},
    ): Promise<Ending> {
      const order = parseOrder(JSON.parse(JSON.stringify({ ...NAMES, ...fields })), time.now())
      const endsAt = time.now() + msLeft
      const context: AttemptContext = { seenAtMs, msLeft: () => endsAt - time.now() }
      return time.until(attempt(order, context))
    },
  }
}

/** The result of an attempt that must have ended the order. */
export function final(result: Reversal | Pending): Reversal {
  assert.ok(result.outcome !== 'PENDING', `still pending: ${'reason' in result && result.reason}`)
  return result
}

/** The result of an attempt that must not have ended the order. */
export function unfinished(result: Reversal | Pending): Pending {
  assert.ok(result.outcome === 'PENDING', `ended as ${result.outcome}`)
  return result
}

/** Checks a signed answer with nothing of ours: the signature over its bytes, with the key it names. Returns what it says. */
export function verified(simulator: Simulator, evidence: Evidence): Record<string, unknown> {
  const { body, timestamp, nonce, signature, serial } = evidence
  const key = createPublicKey(simulator.keys.find(serial).pem)
  const message = Buffer.from(`${timestamp}\n${nonce}\n${body}\n`)
  assert.ok(verify('sha256', message, key, Buffer.from(signature, 'base64')), 'evidence that does not verify')
  return JSON.parse(body.replace(/^\uFEFF/, ''))
}
