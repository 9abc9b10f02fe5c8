import { randomBytes } from 'node:crypto'
import type { Answer } from '../../../lib/wechatpay/answer.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import type { Endpoint } from '../../../lib/wechatpay/endpoints.ts'
import { createExchange, type WireAnswer } from '../../../lib/wechatpay/exchange.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'
import type { OrderId, OrderRef } from '../../../lib/wechatpay/order-id.ts'
import { orderIdOf } from '../order.ts'

/** What came back from one domain, as the functions would take it and as it came over the wire. */
export interface Heard {
  answer: Answer
  wire: WireAnswer | undefined
  /** How far this machine's clock is behind the domain's `Date` (ahead: below zero); undefined without one. */
  behindSeconds: number | undefined
  ms: number
}

export interface Asking {
  endpoint: Endpoint
  signer: Merchant
  timeoutMs: number
  /** Added to this machine's clock before signing and verifying. */
  correctionMs?: number
  /** Ask as a service provider for this merchant under it. */
  subMchid?: string | undefined
  /** Reverse under this appid (a service provider's own, where one asks) instead of querying. */
  appid?: string | undefined
}

/** A number no order has: 128 random bits. Whatever is asked about it touches nobody's money. */
export const numberOfNoOrder = () => `DOCTOR_${randomBytes(16).toString('base64url').replaceAll('-', 'A')}`

/** Sends the signed query (or reverse) that the functions send, to one domain, and keeps what came back. */
export async function ask({ endpoint, signer, timeoutMs, correctionMs = 0, subMchid, appid }: Asking): Promise<Heard> {
  const now = () => Date.now() + correctionMs
  const exchange = createExchange(now)
  let wire: WireAnswer | undefined
  const wechatPay = createWechatPay({
    endpoints: [endpoint],
    timeoutMs,
    now,
    exchange: {
      ...exchange,
      send: async (...request) => {
        const received = await exchange.send(...request)
        if (received.kind === 'answered') wire = received
        return received
      },
    },
  })
  const asked = orderIdOf(signer.mchid, numberOfNoOrder(), subMchid)
  const context = { merchant: signer, msLeft: () => timeoutMs }
  const sentAt = Date.now()
  const { best: answer } = await (appid === undefined
    ? wechatPay.query({ ...context, asked })
    : wechatPay.reverse({ ...context, asked: refOf(asked, appid) }))
  const receivedAt = Date.now()
  wechatPay.close()
  return { answer, wire, ms: receivedAt - sentAt, behindSeconds: behind(wire, (sentAt + receivedAt) / 2) }
}

const refOf = (order: OrderId, appid: string): OrderRef =>
  order.sp_mchid === undefined ? { ...order, appid } : { ...order, sp_appid: appid }

function behind(wire: WireAnswer | undefined, at: number): number | undefined {
  const date = Date.parse(wire?.headers.date ?? '')
  // The header counts whole seconds: on average it stands half a second back.
  return Number.isNaN(date) ? undefined : Math.round((date + 500 - at) / 1000)
}
