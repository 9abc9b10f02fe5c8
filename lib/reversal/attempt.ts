import type { WechatPay } from '../wechatpay/client.ts'
import { idOf } from '../wechatpay/order-id.ts'
import { backoffSeconds } from './backoff.ts'
import { createCalls } from './calls.ts'
import { toError, toPending, toReversal } from './conclude.ts'
import { decide } from './decision/decide.ts'
import { eventsOfQuery, eventsOfReverse, type ReversalEvent } from './events.ts'
import { afterQuery, afterReverse, begin } from './findings.ts'
import { readHistory, writeHistory } from './history.ts'
import type { Merchants } from './merchants.ts'
import type { Order } from './order.ts'
import type { History, Pending, Reversal } from './result.ts'

export interface AttemptOptions {
  wechatPay: WechatPay
  merchants: Merchants
  observe?: (event: ReversalEvent) => void
  now?: () => number
  /** From 0 to 1. */
  random?: () => number
}

/** When the order reached us (milliseconds since the epoch), and how long this attempt may take. */
export interface AttemptContext {
  seenAtMs: number
  msLeft: () => number
}

/** What an attempt came to. Its history is there for every end, because a result may fail to be passed on. */
export type Ending = ({ result: Reversal | Pending } | { error: unknown }) & { history: History }

/** @throws ReversalError with one of the names of the contract, when the attempt ended so */
export function resultOf(ending: Ending): Reversal | Pending {
  if ('error' in ending) throw ending.error
  return ending.result
}

export type Attempt = ReturnType<typeof createAttempt>

/**
 * One attempt to find out, and bring about, how an order ends. It never sleeps: its callers wait. It may be repeated, and
 * run twice at once: WeChat Pay's reverse is re-entrant, and nothing is stored here.
 */
export function createAttempt({
  wechatPay,
  merchants,
  observe = () => {},
  now = Date.now,
  random = Math.random,
}: AttemptOptions) {
  /** Never rejects. */
  return async function attempt(order: Order, { seenAtMs, msLeft }: AttemptContext): Promise<Ending> {
    const past = readHistory(order.message.history, seenAtMs, now())
    let findings = begin(order, past, false)

    async function findOut(): Promise<Reversal | Pending> {
      const calls = await createCalls(wechatPay, merchants, order.ref, msLeft)
      if (past.paid !== undefined) {
        const isPaidProved = await calls.provesPaid(past.paid)
        if (!isPaidProved) observe({ name: 'PaidHistoryIgnored', serial: past.paid.serial, ...idOf(order.ref) })
        findings = begin(order, past, isPaidProved)
      }

      for (;;) {
        const step = decide(findings.facts, now())
        switch (step.do) {
          case 'query': {
            const result = await calls.query(step.onOwnConnection)
            findings = afterQuery(findings, result)
            for (const event of eventsOfQuery(idOf(order.ref), result.best)) observe(event)
            break
          }
          case 'reverse': {
            const sentAtMs = now()
            const result = await calls.reverse(order.ref)
            findings = afterReverse(findings, result, { sentAtMs, receivedAtMs: now() })
            for (const event of eventsOfReverse(idOf(order.ref), result.best)) observe(event)
            break
          }
          case 'finish':
            return toReversal(order, step.outcome, findings, now())
          case 'wait': {
            calls.assertAccepted()
            const ageSeconds = (now() - past.firstSeenAtMs) / 1000
            return toPending(order.ref, step.reason, step.seconds ?? backoffSeconds(ageSeconds, random()), findings)
          }
          case 'refuse':
            // Wrong credentials can be corrected, and say nothing about the order.
            calls.assertAccepted()
            throw toError(step, findings)
        }
      }
    }

    try {
      const result = await findOut()
      return { result, history: writeHistory(findings.past) }
    } catch (error) {
      return { error, history: writeHistory(findings.past) }
    }
  }
}
