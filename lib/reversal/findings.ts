import type { Answer, Evidence, VerifiedAnswer } from '../wechatpay/answer.ts'
import type { OrderNames } from '../wechatpay/client.ts'
import { isTradeState } from '../wechatpay/trade-state.ts'
import type { OrderFacts } from './decision/facts.ts'
import { type Learned, writeHistory } from './history.ts'
import type { Order } from './order.ts'
import { mayHaveActed, namesPayment, readReversed, readState } from './read-state.ts'

/** What happened in an attempt and somebody may want to count. */
export type ReversalEvent =
  | ({ name: 'UnknownState'; trade_state: unknown } & Told)
  | ({ name: 'ReverseRefused'; message?: string | undefined } & Told)
  | ({ name: 'PaidHistoryIgnored'; serial: string } & OrderNames)

interface Told extends OrderNames {
  status: number
  code?: string | undefined
  request_id?: string | undefined
}

export interface FindingsOptions {
  order: Order
  /** What earlier attempts learned. */
  given: Learned
  /** The `paid` of the history was checked and says SUCCESS. */
  isPaidProved: boolean
  observe: (event: ReversalEvent) => void
}

export type Findings = ReturnType<typeof createFindings>

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What one attempt knows about its order, and the answers that prove it. Every answer adds to it. */
export function createFindings({ order, given, isPaidProved, observe }: FindingsOptions) {
  const { firstSeenAt, reverseSentAt, reverseAnsweredAt } = given
  const known: Mutable<OrderFacts> = {
    ifPaid: order.ifPaid,
    attemptedAtMs: order.attemptedAt,
    firstSeenAtMs: firstSeenAt,
    reverseSentAtMs: reverseSentAt,
    reverseAnsweredAtMs: reverseAnsweredAt,
    reverseMayHaveActed: reverseSentAt !== undefined,
    wasSeenPaid: isPaidProved,
    wasSeenToExist: false,
    namesPayment: false,
  }
  let paid: Evidence | undefined = isPaidProved ? given.paid : undefined
  let seen: VerifiedAnswer | undefined
  let refusal: VerifiedAnswer | undefined
  const names = { mchid: order.mchid, out_trade_no: order.out_trade_no }
  if (given.paid !== undefined && !isPaidProved) {
    observe({ name: 'PaidHistoryIgnored', serial: given.paid.serial, ...names })
  }

  const told = ({ status, body, code, request_id }: VerifiedAnswer): Told & { trade_state: unknown } => ({
    status,
    trade_state: toldState(body.trade_state),
    code,
    request_id,
    ...names,
  })

  return {
    /** What `decide` goes by. */
    known: known as OrderFacts,

    addQuery(answer: Answer) {
      known.seen = readState(answer)
      if (answer.kind !== 'verified') return
      seen = answer
      known.namesPayment = namesPayment(answer.body)
      if (isTradeState(known.seen)) known.wasSeenToExist = true
      if (known.seen === 'SUCCESS') {
        paid ??= answer.evidence
        known.wasSeenPaid = true
      }
      if (known.seen === 'UNKNOWN') observe({ name: 'UnknownState', ...told(answer) })
    },

    /** @param sentAt, receivedAt milliseconds since the epoch */
    addReverse(answer: Answer, sentAt: number, receivedAt: number) {
      const { reversed, isUnknown } = readReversed(answer)
      known.reversed = reversed
      known.seen = undefined
      known.reverseMayHaveActed ||= [answer, ...(answer.otherTries ?? [])].some(mayHaveActed)
      if (reversed !== 'not sent') known.reverseSentAtMs = sentAt
      if (answer.kind !== 'verified') return
      known.reverseAnsweredAtMs ??= receivedAt
      if (reversed === 'answered') return
      refusal = answer
      observe({ name: 'ReverseRefused', message: answer.message, ...told(answer) })
      if (isUnknown) observe({ name: 'UnknownState', ...told(answer) })
    },

    /** The last verified answer to a query. */
    seen: () => seen,
    /** The signed SUCCESS, from this attempt or an earlier one. */
    paid: () => paid,
    /** The verified answer that refused our reverse. */
    refusal: () => refusal,
    /** For the next attempt. A `paid` that didn't verify is kept: keys come and go. */
    history: () =>
      writeHistory({
        firstSeenAt,
        reverseSentAt: known.reverseSentAtMs,
        reverseAnsweredAt: known.reverseAnsweredAtMs,
        paid: paid ?? given.paid,
      }),
  }
}

/** A state nobody knows yet looks like those we know; anything else may be anything, and is not repeated. */
const toldState = (state: unknown) =>
  typeof state === 'string' && /^[A-Z_]{1,32}$/.test(state) ? state : state && '[no state]'
