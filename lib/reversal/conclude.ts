import type { OrderRef } from '../wechatpay/order-id.ts'
import { wordsOf } from '../wechatpay/words.ts'
import type { Step } from './decision/decide.ts'
import type { Seen } from './decision/facts.ts'
import { ReversalError } from './errors.ts'
import { type Findings, proofOfPayment } from './findings.ts'
import { writeHistory } from './history.ts'
import type { Order } from './order.ts'
import { readReversed, readState } from './read-state.ts'
import { type Outcome, type Pending, REFUNDED, type Reversal } from './result.ts'
import { formatTime } from './time.ts'

export function toReversal({ ref, message }: Order, outcome: Outcome, findings: Findings, nowMs: number): Reversal {
  const { body, evidence: final } = findings.lastVerified!
  const paid = proofOfPayment(findings)
  return {
    ...ref,
    attempted_at: message.attempted_at ?? formatTime(findings.past.firstSeenAtMs),
    outcome,
    trade_state: outcome === 'NOT_FOUND' ? null : (body.trade_state as string),
    refunded: REFUNDED[outcome],
    confirmed_at: formatTime(nowMs),
    request_id: final.request_id,
    evidence: outcome === 'REFUNDED' && paid !== undefined ? [paid, final] : [final],
  }
}

export function toPending(order: OrderRef, reason: string, retry_after: number, findings: Findings): Pending {
  return {
    ...order,
    outcome: 'PENDING',
    reason: reason + saidOf(findings),
    retry_after,
    history: writeHistory(findings.past),
  }
}

/** A refusal under its name, with the last verified state and WeChat Pay's own words. */
export function toError({ error, detail }: Extract<Step, { do: 'refuse' }>, findings: Findings): ReversalError {
  const { lastVerified, refusing } = findings
  const answer = error === 'ReversalRejected' ? refusing : lastVerified
  const state = lastVerified === undefined ? 'none' : String(lastVerified.body.trade_state ?? lastVerified.code)
  return new ReversalError(error, `${detail}${saidOf(findings)}; last verified state: ${state}`, answer)
}

/** What was said instead of a state and instead of "received", in its own words. */
function saidOf({ answers: { query, reverse } }: Findings): string {
  const ofReverse = reverse && readReversed(reverse).reversed !== 'answered' && wordsOf(reverse)
  const ofQuery = query && isNoState(readState(query)) && wordsOf(query)
  const words = [ofReverse && `to the reverse ${ofReverse}`, ofQuery && `to the query ${ofQuery}`].filter(Boolean)
  return words.length > 0 ? ` (answered ${words.join('; ')})` : ''
}

const isNoState = (seen: Seen) => seen === 'NOTHING' || seen === 'UNKNOWN'
