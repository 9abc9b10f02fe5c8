import type { Order as BookedOrder } from '../../infra/local/wechatpay/order.ts'
import type { Findings } from '../../lib/reversal/findings.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'

/** When the story begins: we see the order for the first time. */
export const START_MS = Date.UTC(2026, 0, 1)

const DAY = 24 * 60 * 60

/**
 * The moments of a story, in seconds after its start: both sides of every time the decision table distinguishes, and of
 * every time at which what began at one of them ends. What happens between two of them happens at the earlier.
 */
export const INSTANTS: readonly number[] = [
  0,
  15,
  45,
  90,
  105,
  135,
  180,
  390,
  480,
  DAY,
  7 * DAY,
  7 * DAY + 1,
  7 * DAY + 91,
  8 * DAY,
]

/** A reverse on the wire takes effect within this time, or never (inferred, as in the decision table). */
export const REVERSE_LANDS_S = 90

/** A payment on its way reaches WeChat Pay within this time, or never (inferred, as in the decision table). */
export const PAYMENT_ARRIVES_S = 90

export interface QueuedMessage {
  id: number
  body: OrderMessage
  /** Seconds after the start. */
  sentAt: number
  visibleAt: number
  isInFlight: boolean
}

/** Where an order waits to be attempted: on the queue, with a caller who has no answer yet, or in the state machine. */
export type Source = { kind: 'message'; id: number } | { kind: 'caller' } | { kind: 'machine' }

export interface RunningAttempt {
  source: Source
  body: OrderMessage
  /** When the order reached us, in seconds after the start. */
  seenAt: number
  findings: Findings
  /** Of this attempt's queries, the last verified answer said that nothing is paid. For the laws alone. */
  hasSeenUnpaid: boolean
}

/** One order everywhere it can be: at WeChat Pay, on the wire, on the queue, in our hands, and told. */
export interface Situation {
  /** The order as its caller sends it: with no history. */
  body: OrderMessage
  /** Seconds after the start: one of the moments. */
  now: number
  order: BookedOrder | undefined
  /** The payment is on its way and may still reach WeChat Pay. */
  isArriving: boolean
  /** Reverses nobody waits for any more, that may still take effect: when they were sent, in seconds after the start. */
  onTheWire: readonly number[]
  messages: readonly QueuedMessage[]
  attempts: readonly RunningAttempt[]
  /** A caller over HTTP has no answer yet. */
  isCallerWaiting: boolean
  /** The state machine's own copy of the order, and when it goes on. */
  machine: { body: OrderMessage; visibleAt: number } | undefined
  /** Outcomes that must stay true after they were told. */
  wasToldKept: boolean
  wasToldNotFound: boolean
}

export const nowMsOf = ({ now }: Situation): number => START_MS + now * 1000

/** Two situations with one key go on in the same ways: what no rule and no law can tell apart is written alike. */
export function keyOf(situation: Situation, instants: readonly number[]): string {
  const { now, order, isArriving, onTheWire, messages, attempts, isCallerWaiting, machine, body } = situation
  const { wasToldKept, wasToldNotFound } = situation
  const nowMs = nowMsOf(situation)
  // When a reverse was sent matters to what is to be kept, and only while it may still take effect.
  const isAgeKnown = body.if_paid === 'keep'
  const reverseKey = (atMs: number | undefined) =>
    atMs === undefined ? '' : isAgeKnown ? Math.min((nowMs - atMs) / 1000, REVERSE_LANDS_S) : 1
  const historyKey = (message: OrderMessage) => {
    const { reverseSentAtMs, rest } = historyOf(message)
    return `${rest},${reverseKey(reverseSentAtMs)}`
  }
  // A story looks at its moments alone: what waits until between two of them waits until the later.
  const waiting = (at: number) => (at <= now ? 0 : instants.findIndex((instant) => instant >= at))
  const messageKey = ({ body, sentAt, visibleAt, isInFlight }: QueuedMessage) =>
    `${historyKey(body)};${body.history ? '' : sentAt};${waiting(visibleAt)};${bit(isInFlight && visibleAt > now)}`
  const messageKeys = new Map(messages.map((message) => [message.id, messageKey(message)]))
  const findingsKey = ({ facts, past }: Findings) =>
    [
      facts.firstSeenAtMs,
      reverseKey(facts.reverseSentAtMs),
      reverseKey(past.reverseSentAtMs),
      bit(facts.reverseAnsweredAtMs !== undefined) +
        bit(past.reverseAnsweredAtMs !== undefined) +
        bit(past.paid !== undefined) +
        bit(facts.reverseMayHaveActed) +
        bit(facts.wasSeenPaid) +
        bit(facts.wasSeenToExist) +
        bit(facts.namesPayment),
      facts.seen,
      facts.reversed,
    ].join()
  const attemptKey = ({ source, body, seenAt, findings, hasSeenUnpaid }: RunningAttempt) =>
    [
      source.kind === 'message' ? (messageKeys.get(source.id) ?? 'gone') : source.kind,
      historyKey(body),
      body.history ? '' : seenAt,
      findingsKey(findings),
      bit(hasSeenUnpaid && isAgeKnown),
    ].join()
  return [
    now,
    order === undefined ? bit(isArriving) : orderKey(order),
    onTheWire.join(),
    [...messageKeys.values()].sort().join('|'),
    attempts.map(attemptKey).sort().join('|'),
    bit(isCallerWaiting),
    machine === undefined ? '' : `${historyKey(machine.body)};${waiting(machine.visibleAt)}`,
    bit(wasToldKept) + bit(wasToldNotFound),
  ].join('/')
}

const histories = new WeakMap<OrderMessage, { reverseSentAtMs: number | undefined; rest: string }>()

/** What of a message's history tells two situations apart, read once for each message. */
function historyOf(message: OrderMessage) {
  const known = histories.get(message)
  if (known !== undefined) return known
  const { first_seen_at = '', reverse_sent_at, reverse_answered_at, paid } = message.history ?? {}
  const history = {
    reverseSentAtMs: reverse_sent_at === undefined ? undefined : Date.parse(reverse_sent_at),
    rest: [first_seen_at, bit(reverse_answered_at !== undefined), bit(paid !== undefined)].join(),
  }
  histories.set(message, history)
  return history
}

const bit = (yes: boolean) => (yes ? '1' : '0')

const orderKey = ({ trade_state, charged, refunded, reversed_at }: BookedOrder) =>
  [trade_state, charged.amount, refunded.amount, bit(reversed_at !== null)].join()
