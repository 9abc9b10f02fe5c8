import type { Evidence, VerifiedAnswer } from '../wechatpay/answer.ts'
import type { WechatPay } from '../wechatpay/client.ts'
import { readEvidence } from '../wechatpay/read-answer.ts'
import { backoffSeconds } from './backoff.ts'
import { createCalls } from './calls.ts'
import { decide, type Known, type Step, TIMES } from './decide.ts'
import { ReversalError } from './errors.ts'
import type { Merchants } from './merchants.ts'
import type { Order } from './order.ts'
import { namesPayment, readReversed, readState } from './read-state.ts'
import { type History, type Pending, REFUNDED, type Reversal } from './result.ts'
import { formatTime, parseTime } from './time.ts'

/** What happened in an attempt and somebody may want to count. */
export type ReversalEvent =
  | {
      name: 'UnknownState'
      status: number
      trade_state: unknown
      code?: string | undefined
      request_id?: string | undefined
    }
  | {
      name: 'ReverseRefused'
      status: number
      code?: string | undefined
      message?: string | undefined
      request_id?: string | undefined
    }
  | { name: 'PaidHistoryIgnored'; serial: string }

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
    const firstSeenAt = Math.min(timeOf(order.message.history?.first_seen_at) ?? seenAt, now())
    try {
      return await attemptKnownSince(firstSeenAt, order, msLeft)
    } catch (error) {
      // What passes may keep an order waiting for 7 days, not for ever: the queue would drop it silently in the end.
      const isPassing = !(error instanceof ReversalError) || error.name === 'CredentialsUnavailable'
      if (!isPassing || now() - firstSeenAt <= TIMES.reversible * 1000) throw error
      const { message, code, request_id } = error as ReversalError
      const detail = `more than 7 days have passed; last reason: ${message}; last verified state: none`
      throw new ReversalError('ReversalExpired', detail, { code, request_id }, { cause: error })
    }
  }

  async function attemptKnownSince(
    firstSeenAt: number,
    order: Order,
    msLeft: () => number,
  ): Promise<Reversal | Pending> {
    const { mchid, appid, out_trade_no } = order
    const asked = { mchid, appid, out_trade_no }
    const calls = await createCalls(wechatPay, merchants, asked, msLeft)
    const given = order.message.history ?? {}
    let paid = given.paid && readPaid(given.paid)
    const known: Known = {
      ifPaid: order.ifPaid,
      attemptedAt: order.attemptedAt,
      firstSeenAt,
      reverseSentAt: timeOf(given.reverse_sent_at),
      reverseAnsweredAt: timeOf(given.reverse_answered_at),
      paymentProved: paid !== undefined,
    }
    let seen: VerifiedAnswer | undefined
    let refusal: VerifiedAnswer | undefined

    for (;;) {
      const step = decide(known, now())
      if (step.do === 'query') await query()
      else if (step.do === 'reverse') await reverse()
      else return conclude(step)
    }

    async function query() {
      const answer = await calls.query()
      known.seen = readState(answer)
      if (answer.kind !== 'verified') return
      seen = answer
      if (known.seen === 'SUCCESS') paid ??= answer.evidence
      if (known.seen === 'UNKNOWN') {
        const { status, code, request_id, body } = answer
        observe({ name: 'UnknownState', status, trade_state: body.trade_state, code, request_id })
      }
      known.paymentProved = paid !== undefined || namesPayment(answer.body)
    }

    async function reverse() {
      const sentAt = now()
      const answer = await calls.reverse(appid)
      if (answer.kind !== 'none' || answer.sent) known.reverseSentAt = sentAt
      const { reversed, isUnknown } = readReversed(answer)
      known.reversed = reversed
      known.seen = undefined
      if (answer.kind !== 'verified') return
      known.reverseAnsweredAt ??= now()
      if (reversed === 'answered') return
      refusal = answer
      const { status, code, message, request_id, body } = answer
      observe({ name: 'ReverseRefused', status, code, message, request_id })
      if (isUnknown) observe({ name: 'UnknownState', status, trade_state: body.trade_state, code, request_id })
    }

    function conclude(step: Exclude<Step, { do: 'query' | 'reverse' }>): Reversal | Pending {
      if (step.do === 'finish') return finish(step.outcome)
      if (step.do === 'refuse') throw refused(step)
      calls.assertAccepted()
      const retry_after = step.seconds ?? backoffSeconds((now() - firstSeenAt) / 1000, random())
      return { mchid, appid, out_trade_no, outcome: 'PENDING', reason: step.reason, retry_after, history: history() }
    }

    function refused({ error, detail }: Extract<Step, { do: 'refuse' }>): ReversalError {
      if (error === 'ReversalRejected') {
        return new ReversalError(error, `${detail}: ${refusal?.code} ${refusal?.message ?? ''}`.trim(), refusal)
      }
      if (error !== 'ReversalExpired') return new ReversalError(error, detail, seen)
      // Wrong credentials can be mended, and say nothing about the order.
      calls.assertAccepted()
      const state = seen === undefined ? 'none' : String(seen.body.trade_state ?? seen.code)
      return new ReversalError(error, `${detail}; last verified state: ${state}`, seen)
    }

    function finish(outcome: Reversal['outcome']): Reversal {
      const final = seen!
      const proof = outcome === 'REFUNDED' && paid !== undefined ? [paid, final.evidence] : [final.evidence]
      return {
        mchid,
        appid,
        out_trade_no,
        outcome,
        trade_state: outcome === 'NOT_FOUND' ? null : (final.body.trade_state as string),
        refunded: REFUNDED[outcome],
        confirmed_at: formatTime(now()),
        request_id: final.evidence.request_id,
        evidence: proof,
      }
    }

    /** The signed SUCCESS of an earlier attempt, if it still verifies; its age doesn't matter. */
    function readPaid(evidence: Evidence): Evidence | undefined {
      if (readEvidence(evidence, calls.keys, asked)?.trade_state === 'SUCCESS') return evidence
      observe({ name: 'PaidHistoryIgnored', serial: evidence.serial })
      return undefined
    }

    function history(): History {
      const { reverseSentAt, reverseAnsweredAt } = known
      const kept = paid ?? given.paid
      return {
        first_seen_at: formatTime(firstSeenAt),
        ...(reverseSentAt !== undefined && { reverse_sent_at: formatTime(reverseSentAt) }),
        ...(reverseAnsweredAt !== undefined && { reverse_answered_at: formatTime(reverseAnsweredAt) }),
        ...(kept !== undefined && { paid: kept }),
      }
    }
  }
}

/** True when what was learned must not be lost: then the order travels on in a new message, not only later. */
export function hasLearned(order: Order, { history }: Pending): boolean {
  const before = order.message.history ?? {}
  const hasMoved = order.ifPaid === 'keep' && history.reverse_sent_at !== before.reverse_sent_at
  return (
    // When a reverse was sent last matters to KEPT alone; that one was sent matters to all.
    hasMoved ||
    (history.reverse_sent_at !== undefined && before.reverse_sent_at === undefined) ||
    (history.reverse_answered_at !== undefined && before.reverse_answered_at === undefined) ||
    history.paid?.signature !== before.paid?.signature
  )
}

const timeOf = (text: string | undefined) => (text === undefined ? undefined : parseTime(text))
