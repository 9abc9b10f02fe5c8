import type { WechatPay } from '../wechatpay/client.ts'
import { backoffSeconds } from './backoff.ts'
import { createCalls } from './calls.ts'
import { pending, refusal, reversal } from './conclude.ts'
import { decide } from './decision/decide.ts'
import { createFindings, type ReversalEvent } from './findings.ts'
import { readHistory } from './history.ts'
import type { Merchants } from './merchants.ts'
import type { Order } from './order.ts'
import type { Pending, Reversal } from './result.ts'

export interface AttemptOptions {
  wechatPay: WechatPay
  merchants: Merchants
  observe?: (event: ReversalEvent) => void
  /** Milliseconds since the epoch. */
  now?: () => number
  /** From 0 to 1. */
  random?: () => number
}

/** When the order reached us (milliseconds since the epoch), and how long this attempt may take. */
export interface AttemptContext {
  seenAt: number
  msLeft: () => number
}

export type Attempt = ReturnType<typeof createAttempt>

/**
 * One attempt to find out, and bring about, how an order ends. It asks `decide` for the next step, performs it,
 * adds what came back to what is known, and asks again. It never sleeps: waiting belongs to its callers.
 * May be repeated, and run twice at once: WeChat Pay's reverse is re-entrant, and nothing is stored here.
 */
export function createAttempt({
  wechatPay,
  merchants,
  observe = () => {},
  now = Date.now,
  random = Math.random,
}: AttemptOptions) {
  /** @throws ReversalError with one of the names of the contract */
  return async function attempt(order: Order, { seenAt, msLeft }: AttemptContext): Promise<Reversal | Pending> {
    const given = readHistory(order, seenAt, now())
    const { mchid, appid, out_trade_no } = order
    const calls = await createCalls(wechatPay, merchants, { mchid, appid, out_trade_no }, msLeft)
    const isPaidProved = given.paid !== undefined && (await calls.provesPaid(given.paid))
    const findings = createFindings({ order, given, isPaidProved, observe })

    for (;;) {
      const step = decide(findings.known, now())
      switch (step.do) {
        case 'query':
          findings.addQuery(await calls.query(step.onOwnConnection))
          break
        case 'reverse': {
          const sentAt = now()
          findings.addReverse(await calls.reverse(appid), sentAt, now())
          break
        }
        case 'finish':
          return reversal(order, step.outcome, findings, now())
        case 'wait':
          calls.assertAccepted()
          return pending(
            order,
            step.reason,
            step.seconds ?? backoffSeconds(secondsSince(given.firstSeenAt), random()),
            findings,
          )
        case 'refuse':
          // Wrong credentials can be mended, and say nothing about the order.
          calls.assertAccepted()
          throw refusal(step, findings)
      }
    }
  }

  function secondsSince(at: number) {
    return (now() - at) / 1000
  }
}
