import type { BusEvent } from '../../infra/local/eventbridge.ts'
import type { QueuedMessage } from '../../infra/local/sqs.ts'
import type { Order as BookedOrder } from '../../infra/local/wechatpay/order.ts'
import { ERRORS } from '../../lib/reversal/errors.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import type { Outcome } from '../../lib/reversal/result.ts'
import { signerOf } from '../../lib/wechatpay/order-id.ts'
import type { Player } from './cast.ts'
import { isRefundedTwice, isRight } from './verdict.ts'

export interface Findings {
  sent: number
  proved: Record<string, number>
  refused: Record<string, number>
  /** Neither final nor anywhere: must be 0. */
  lost: number
  /** Still on the queue or in an execution. */
  unfinished: number
  /** Ended otherwise than the books say: must be none. */
  wrong: string[]
  /** Must be none. */
  refundedTwice: string[]
  isSound: boolean
}

export interface Evidence {
  events: readonly BusEvent[]
  deadLetters: readonly QueuedMessage[]
  onQueue: ReadonlySet<string>
  booked: (mchid: string, out_trade_no: string) => BookedOrder | undefined
}

/** What the service said of each order, on whichever way it came in. */
export function createLedger(players: readonly Player[]) {
  const direct = new Map<string, { outcomes: Set<Outcome>; refusals: Set<string> }>()
  const entry = (out_trade_no: string) => {
    const found = direct.get(out_trade_no) ?? { outcomes: new Set(), refusals: new Set() }
    direct.set(out_trade_no, found)
    return found
  }

  return {
    isRefusal: (error: string | undefined) => error !== undefined && ERRORS[error as keyof typeof ERRORS] === 'final',
    ended: (out_trade_no: string, outcome: string) => void entry(out_trade_no).outcomes.add(outcome as Outcome),
    refused: (out_trade_no: string, error: string) => void entry(out_trade_no).refusals.add(error),

    compare({ events, deadLetters, onQueue, booked }: Evidence): Findings {
      for (const { detailType, detail } of events) {
        if (detailType === 'Reversal Completed') entry(detail.out_trade_no).outcomes.add(detail.outcome)
      }
      for (const { body, attributes } of deadLetters) {
        const { out_trade_no } = JSON.parse(body) as OrderMessage
        entry(out_trade_no).refusals.add(attributes.error ?? 'never finished')
      }
      const findings: Findings = {
        sent: players.length,
        proved: {},
        refused: {},
        lost: 0,
        unfinished: 0,
        wrong: [],
        refundedTwice: [],
        isSound: false,
      }
      for (const { order, what } of players) {
        const { outcomes, refusals } = entry(order.out_trade_no)
        const inTheBooks = booked(signerOf(order), order.out_trade_no)
        const label = `${order.out_trade_no} (${what})`
        for (const outcome of outcomes) {
          findings.proved[outcome] = (findings.proved[outcome] ?? 0) + 1
          if (!isRight(outcome, inTheBooks)) findings.wrong.push(`${label}: ${outcome}, but ${describe(inTheBooks)}`)
        }
        for (const error of refusals) findings.refused[error] = (findings.refused[error] ?? 0) + 1
        if (isRefundedTwice(inTheBooks)) findings.refundedTwice.push(label)
        if (outcomes.size > 0 || refusals.size > 0) continue
        findings.unfinished += 1
        if (!onQueue.has(order.out_trade_no)) findings.lost += 1
      }
      const { lost, unfinished, wrong, refundedTwice } = findings
      findings.isSound = lost + unfinished + wrong.length + refundedTwice.length === 0
      return findings
    },
  }
}

const describe = (booked: BookedOrder | undefined) =>
  booked === undefined
    ? 'there is no such order'
    : `it is ${booked.trade_state}, charged ${booked.charged.count}×, refunded ${booked.refunded.count}×`
