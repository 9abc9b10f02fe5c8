import type { BusEvent } from '../../infra/local/eventbridge.ts'
import type { QueuedMessage } from '../../infra/local/sqs.ts'
import type { Order as BookedOrder } from '../../infra/local/wechatpay/order.ts'
import { ERRORS } from '../../lib/reversal/errors.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import type { Outcome } from '../../lib/reversal/result.ts'
import { isOpen } from '../../lib/settlement/open-outcome.ts'
import type { SettlementName } from '../../lib/settlement/table.ts'
import { signerOf } from '../../lib/wechatpay/order-id.ts'
import type { Player } from './cast.ts'
import { isCharged, isRefundedTwice, isRight, isSettledRight } from './verdict.ts'

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
  /** By what the bills said in the end. */
  settled: Record<string, number>
  /** Outcomes that left the money open, and that no bill has settled: must be none once a night has passed. */
  unsettled: string[]
  /** Settled otherwise than the books say: must be none. */
  settledWrong: string[]
  /** Given up, paid, and not returned: must be none. */
  charged: string[]
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
  const settlements = new Map<string, Set<SettlementName>>()
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
        if (detailType === 'Reversal Settled') {
          const before = settlements.get(detail.out_trade_no) ?? new Set()
          settlements.set(detail.out_trade_no, before.add(detail.settlement))
        }
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
        settled: {},
        unsettled: [],
        settledWrong: [],
        charged: [],
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
        const settled = settlements.get(order.out_trade_no) ?? new Set()
        for (const settlement of settled) {
          findings.settled[settlement] = (findings.settled[settlement] ?? 0) + 1
          if (!isSettledRight(settlement, inTheBooks))
            findings.settledWrong.push(`${label}: settled as ${settlement}, but ${describe(inTheBooks)}`)
        }
        if (settled.size === 0 && [...outcomes].some((outcome) => isOpen({ outcome }))) findings.unsettled.push(label)
        if (order.if_paid !== 'keep' && refusals.size === 0 && isCharged(inTheBooks)) findings.charged.push(label)
        for (const error of refusals) findings.refused[error] = (findings.refused[error] ?? 0) + 1
        if (isRefundedTwice(inTheBooks)) findings.refundedTwice.push(label)
        if (outcomes.size > 0 || refusals.size > 0) continue
        findings.unfinished += 1
        if (!onQueue.has(order.out_trade_no)) findings.lost += 1
      }
      const { lost, unfinished, wrong, refundedTwice, unsettled, settledWrong, charged } = findings
      const bad = [wrong, refundedTwice, unsettled, settledWrong, charged].flat()
      findings.isSound = lost + unfinished + bad.length === 0
      return findings
    },
  }
}

const describe = (booked: BookedOrder | undefined) =>
  booked === undefined
    ? 'there is no such order'
    : `it is ${booked.trade_state}, charged ${booked.charged.count}×, refunded ${booked.refunded.count}×`
