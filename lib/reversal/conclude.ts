import type { Step } from './decision/decide.ts'
import { ReversalError } from './errors.ts'
import type { Findings } from './findings.ts'
import type { Order } from './order.ts'
import { type Outcome, type Pending, REFUNDED, type Reversal } from './result.ts'
import { formatTime } from './time.ts'

type Named = Pick<Order, 'mchid' | 'appid' | 'out_trade_no'>

/** The proved end: the outcome, and the answers that prove it. @param now milliseconds since the epoch */
export function reversal(
  { mchid, appid, out_trade_no }: Named,
  outcome: Outcome,
  findings: Findings,
  now: number,
): Reversal {
  const { body, evidence: final } = findings.seen()!
  const paid = findings.paid()
  return {
    mchid,
    appid,
    out_trade_no,
    outcome,
    trade_state: outcome === 'NOT_FOUND' ? null : (body.trade_state as string),
    refunded: REFUNDED[outcome],
    confirmed_at: formatTime(now),
    request_id: final.request_id,
    evidence: outcome === 'REFUNDED' && paid !== undefined ? [paid, final] : [final],
  }
}

/** Not known yet, with all the next attempt should know. */
export function pending(
  { mchid, appid, out_trade_no }: Named,
  reason: string,
  retry_after: number,
  findings: Findings,
): Pending {
  return { mchid, appid, out_trade_no, outcome: 'PENDING', reason, retry_after, history: findings.history() }
}

/** A refusal under its name, with the last verified state and what WeChat Pay said. */
export function refusal({ error, detail }: Extract<Step, { do: 'refuse' }>, findings: Findings): ReversalError {
  const seen = findings.seen()
  const said = error === 'ReversalRejected' ? findings.refusal() : seen
  const words = error === 'ReversalRejected' ? ` (${[said?.code, said?.message].filter(Boolean).join(' ')})` : ''
  const state = seen === undefined ? 'none' : String(seen.body.trade_state ?? seen.code)
  return new ReversalError(error, `${detail}${words}; last verified state: ${state}`, said)
}
