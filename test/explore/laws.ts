import type { Order as BookedOrder } from '../../infra/local/wechatpay/order.ts'
import type { OrderFacts } from '../../lib/reversal/decision/facts.ts'
import type { Move } from './moves.ts'
import { nowMsOf, type RunningAttempt, type Situation } from './situation.ts'

/** What no story may break, as words that say how it was broken. */
export type Law = string

const isCharged = (order: BookedOrder | undefined) => order !== undefined && order.charged.count > 0
/** A reverse of ours has taken effect. */
const isReversed = (order: BookedOrder | undefined) => order !== undefined && order.reversed_at !== null
const isReturned = (order: BookedOrder | undefined) =>
  order !== undefined && order.refunded.amount === order.charged.amount

/** What the ledger must say when a result is told, and what the attempt that tells it must know. */
const WHEN_TOLD: Readonly<Record<string, (situation: Situation, by: RunningAttempt) => Law | undefined | false>> = {
  REFUNDED: ({ order }, { findings: { facts } }) =>
    (facts.seen === 'REFUND' && !facts.reverseMayHaveActed && 'REFUNDED without a reverse of ours') ||
    (!isCharged(order) && 'REFUNDED although nobody was charged') ||
    (!isReturned(order) && 'REFUNDED although the money is not, or not all, returned') ||
    (order?.trade_state === 'REFUND' && !isReversed(order) && 'REFUNDED although it was a refund of somebody else'),
  REVERSED: ({ order }, { findings: { facts } }) =>
    (order?.trade_state !== 'REVOKED' && 'REVERSED although the order is not') ||
    (isCharged(order) && !isReturned(order) && 'REVERSED although somebody is charged') ||
    ((facts.wasSeenPaid || facts.namesPayment) && 'REVERSED although a payment is proved'),
  CLOSED: ({ order }) => order?.trade_state !== 'CLOSED' && 'CLOSED although the order is not',
  // Somebody may have refunded it since we asked: that is not our doing.
  KEPT: ({ order }, { findings }) =>
    (findings.facts.ifPaid !== 'keep' && 'KEPT although it was to be refunded') ||
    ((!isCharged(order) || isReversed(order)) && 'KEPT although the order is not paid any more'),
  NOT_FOUND: ({ order, isArriving }, { findings }) =>
    ((order !== undefined || isArriving) && 'NOT_FOUND although the order is there, or may still arrive') ||
    (findings.facts.reverseAnsweredAtMs === undefined && 'NOT_FOUND without an answer to a reverse'),
  RefundedElsewhere: ({ order }, { findings: { facts } }) =>
    (facts.reverseMayHaveActed && 'RefundedElsewhere although a reverse of ours may have done it') ||
    (order?.trade_state !== 'REFUND' && 'RefundedElsewhere although nothing is refunded') ||
    (isReversed(order) && 'RefundedElsewhere although it was our reverse'),
  ReversalRejected: (_, { findings: { facts } }) =>
    (facts.reversed !== 'refused for good' && 'ReversalRejected without a refusal') ||
    (facts.seen === 'NOTHING' && 'ReversalRejected although nobody knows where the order stands'),
  ReversalExpired: (situation, { findings: { facts } }) =>
    (nowMsOf(situation) - Math.min(facts.attemptedAtMs ?? facts.firstSeenAtMs, facts.firstSeenAtMs) <= WEEK_MS &&
      'ReversalExpired within the 7 days') ||
    (facts.seen === 'NOTHING' &&
      !isKnownTooLong(situation, facts) &&
      'ReversalExpired although nobody knows where the order stands'),
}

const isKnownTooLong = (situation: Situation, { firstSeenAtMs }: OrderFacts) =>
  nowMsOf(situation) - firstSeenAtMs > WEEK_MS

const WEEK_MS = 7 * 24 * 60 * 60 * 1000

/** What must be so when a reverse is sent. */
function whenReversing(situation: Situation, { findings: { facts }, hasSeenUnpaid }: RunningAttempt): Law | undefined {
  const ageS = (nowMsOf(situation) - (facts.attemptedAtMs ?? facts.firstSeenAtMs)) / 1000
  if (facts.reversed !== undefined) return 'reversed twice in one attempt'
  if (facts.seen === 'UNKNOWN') return 'reversed although WeChat Pay said something nobody knows'
  if (ageS < 15) return 'reversed within 15 s of the payment'
  if (ageS > WEEK_MS / 1000) return 'reversed after more than 7 days'
  if (facts.seen === 'USERPAYING' && ageS < 45) return 'reversed while the customer is given time to pay'
  if (facts.ifPaid !== 'keep') return undefined
  if (facts.wasSeenPaid) return 'reversed what is to be kept and was seen paid'
  return hasSeenUnpaid ? undefined : 'reversed blind what may be kept'
}

/** Where an order waits for an attempt. */
const placesOf = ({ messages, isCallerWaiting, machine }: Situation): unknown[] => [
  ...messages.map(({ id }) => id),
  ...(isCallerWaiting ? ['caller'] : []),
  ...(machine === undefined ? [] : ['machine']),
]

/** A place was left, nothing was told, and the order went on to no other. */
function isLost(from: Situation, to: Situation): boolean {
  const [before, after] = [placesOf(from), placesOf(to)]
  return before.some((place) => !after.includes(place)) && after.every((place) => before.includes(place))
}

/** The laws that a move breaks. */
export function brokenBy({ to, tells, by, isReverse, isWait }: Move, from: Situation): Law[] {
  const broken: (Law | undefined | false)[] = []
  if (tells !== undefined) broken.push(WHEN_TOLD[tells]!(from, by!))
  if (isWait && isKnownTooLong(from, by!.findings.facts))
    broken.push('waits although we have known the order for 7 days')
  if (isReverse) broken.push(whenReversing(from, by!))
  const isReversedNow = isReversed(to.order) && !isReversed(from.order)
  broken.push(isReversedNow && to.wasToldKept && 'reversed after KEPT was told')
  broken.push(
    isReversedNow &&
      from.body.if_paid === 'keep' &&
      isCharged(from.order) &&
      'a payment that was to be kept is reversed',
  )
  broken.push(
    to.order !== undefined &&
      from.order === undefined &&
      to.wasToldNotFound &&
      'the order appears after NOT_FOUND was told',
  )
  broken.push((to.order?.refunded.amount ?? 0) > (to.order?.charged.amount ?? 0) && 'more is returned than was paid')
  broken.push(tells === undefined && isLost(from, to) && 'the order waits nowhere')
  return broken.filter((law) => typeof law === 'string')
}
