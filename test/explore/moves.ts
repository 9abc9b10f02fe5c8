import { type Order as BookedOrder, createOrder, next, type OrderEvent } from '../../infra/local/wechatpay/order.ts'
import { type Attempted, fatesOf } from '../../lib/queue/fate.ts'
import { backoffSeconds } from '../../lib/reversal/backoff.ts'
import { toError, toPending, toReversal } from '../../lib/reversal/conclude.ts'
import { decide } from '../../lib/reversal/decision/decide.ts'
import type { DecisionTable } from '../../lib/reversal/decision/rows.ts'
import { afterQuery, afterReverse, begin, type Findings } from '../../lib/reversal/findings.ts'
import { readHistory, writeHistory } from '../../lib/reversal/history.ts'
import { type Order, type OrderMessage, parseOrder } from '../../lib/reversal/order.ts'
import { type CallResult, resultOfTries } from '../../lib/wechatpay/answer.ts'
import {
  AFTER_EFFECT,
  answersToQuery,
  type Heard,
  NAMES,
  OF_FINAL_ORDER,
  OF_UNKNOWN_ORDER,
  REFUSED_AFTER_EFFECT,
  WITHOUT_EFFECT,
} from './answers.ts'
import {
  nowMsOf,
  PAYMENT_ARRIVES_S,
  type QueuedMessage,
  REVERSE_LANDS_S,
  type RunningAttempt,
  type Situation,
  START_MS,
} from './situation.ts'

/** One thing that can happen next. */
export interface Move {
  says: string
  /** Something went wrong that needs not have: the order must reach its end without any. */
  isFault: boolean
  to: Situation
  /** What was told by this move, for the laws. */
  tells?: string
  /** The attempt that did it, as it was before. */
  by?: RunningAttempt
  /** It sent a reverse. */
  isReverse?: true
  /** The attempt ended without a decision. */
  isWait?: true
  /** It leads out of what is looked through. */
  isBeyond?: true
}

export interface Bounds {
  table: DecisionTable
  instants: readonly number[]
  /** Only answers that are true, and no answers. */
  isHonest: boolean
  attemptsAtOnce: number
  messagesAtOnce: number
  /** SQS delivers each message once at a time. */
  isDeliveredOnce: boolean
}

/** How long a message is hidden while somebody works on it (serverless.yml). */
const VISIBILITY_S = 180

/** What was paid, in fen: two parts, so that one of them can be refunded alone. */
const TOTAL = 2

const orders = new WeakMap<OrderMessage, Order>()

/** `parseOrder`, once for each message. */
function parsed(body: OrderMessage, nowMs: number): Order {
  const known = orders.get(body)
  if (known !== undefined) return known
  const order = parseOrder(body, nowMs)
  orders.set(body, order)
  return order
}

export function movesFrom(situation: Situation, bounds: Bounds): Move[] {
  return [
    ...timePasses(situation, bounds),
    ...wechatPayMoves(situation),
    ...reverseLands(situation),
    ...attemptBegins(situation, bounds),
    ...situation.attempts.flatMap((attempt) => attemptGoesOn(situation, attempt, bounds)),
  ]
}

/** How long a caller who has no answer goes on asking, at the least. */
const CALLER_ASKS_S = 90

/**
 * An attempt is over within seconds: the clock stands still meanwhile, and everything else may happen. The queue may be
 * late by any time; a state machine is not, and a caller asks again soon.
 */
function timePasses(situation: Situation, { instants }: Bounds): Move[] {
  const { attempts, machine, isCallerWaiting } = situation
  const now = instants.find((instant) => instant > situation.now)
  if (now === undefined || attempts.length > 0) return []
  if (machine !== undefined && machine.visibleAt <= situation.now) return []
  if (isCallerWaiting && now > CALLER_ASKS_S) return []
  const onTheWire = situation.onTheWire.filter((sentAt) => now - sentAt < REVERSE_LANDS_S)
  const isArriving = situation.isArriving && now < PAYMENT_ARRIVES_S
  return [{ says: `${now} s have passed`, isFault: false, to: { ...situation, now, onTheWire, isArriving } }]
}

const LIFE: Readonly<Partial<Record<OrderEvent, string>>> = {
  prompt: 'the password box opens',
  leave: 'the customer leaves the password box',
  pay: 'the customer pays',
  fail: 'the payment fails',
  charge: 'the customer is charged although the payment failed',
  expire: 'WeChat Pay revokes the unpaid order by itself',
  close: 'somebody closes the order',
  refund: 'somebody refunds the order',
}

/** Everything that may happen to the order without us. */
function wechatPayMoves(situation: Situation): Move[] {
  const { order, isArriving } = situation
  const nowMs = nowMsOf(situation)
  const to = (changed: BookedOrder): Situation => ({ ...situation, order: changed, isArriving: false })
  if (order === undefined) {
    if (!isArriving) return []
    const created = createOrder({ ...NAMES, total: TOTAL }, nowMs)
    return [{ says: 'the payment reaches WeChat Pay', isFault: false, to: to(created) }]
  }
  const events = (Object.keys(LIFE) as OrderEvent[]).flatMap((event) => {
    const changed = next(order, event, nowMs)
    return changed === null || changed === order ? [] : [{ says: LIFE[event]!, isFault: true, to: to(changed) }]
  })
  const partly = next(order, 'refund', nowMs, { amount: 1 })
  if (partly === null || partly.refunded.amount === TOTAL || partly.refunded.count > 1) return events
  return [...events, { says: 'somebody refunds a part', isFault: true, to: to(partly) }]
}

function reverseLands(situation: Situation): Move[] {
  return situation.onTheWire.map((sentAt, index) => ({
    says: `the reverse sent at ${sentAt} s takes effect now`,
    isFault: false,
    to: {
      ...reversed(situation, 'REVOKED'),
      onTheWire: situation.onTheWire.filter((_, other) => other !== index),
    },
  }))
}

/** The order after a reverse took effect on it. */
function reversed(situation: Situation, reversedPaidState: 'REVOKED' | 'REFUND'): Situation {
  const { order } = situation
  const changed = order && next(order, 'reverse', nowMsOf(situation), { reversedPaidState })
  if (!changed || changed === order) return situation
  return { ...situation, order: changed }
}

/** What waits may be attempted: by a delivery (or a second one of the same message), by a caller, by the machine. */
function attemptBegins(situation: Situation, { attemptsAtOnce, isDeliveredOnce }: Bounds): Move[] {
  const { attempts, messages, machine, isCallerWaiting } = situation
  if (attempts.length >= attemptsAtOnce) return []
  const { now } = situation
  const started = (attempt: Omit<RunningAttempt, 'findings' | 'hasSeenUnpaid'>): Situation => {
    const nowMs = nowMsOf(situation)
    const order = parsed(attempt.body, nowMs)
    const past = readHistory(attempt.body.history, START_MS + attempt.seenAt * 1000, nowMs)
    const findings = begin(order, past, past.paid !== undefined)
    return { ...situation, attempts: [...attempts, { ...attempt, findings, hasSeenUnpaid: false }] }
  }
  const isAttempted = (kind: 'caller' | 'machine') => attempts.some(({ source }) => source.kind === kind)
  return [
    ...messages
      .filter(({ visibleAt }) => visibleAt <= now)
      .map((message) => {
        const begun = started({
          source: { kind: 'message', id: message.id },
          body: message.body,
          seenAt: message.sentAt,
        })
        const hidden = { ...message, visibleAt: now + VISIBILITY_S, isInFlight: true }
        return { says: 'the queue delivers', isFault: false, to: withMessage(begun, hidden) }
      }),
    ...messages
      .filter(({ isInFlight, visibleAt }) => !isDeliveredOnce && isInFlight && visibleAt > now)
      .map((message) => ({
        says: 'the queue delivers a second time',
        isFault: true,
        to: started({ source: { kind: 'message', id: message.id }, body: message.body, seenAt: message.sentAt }),
      })),
    ...(isCallerWaiting && !isAttempted('caller')
      ? [
          {
            says: 'the caller asks',
            isFault: false,
            to: started({ source: { kind: 'caller' }, body: situation.body, seenAt: now }),
          },
        ]
      : []),
    ...(machine !== undefined && machine.visibleAt <= now && !isAttempted('machine')
      ? [
          {
            says: 'the state machine asks',
            isFault: false,
            to: started({ source: { kind: 'machine' }, body: machine.body, seenAt: now }),
          },
        ]
      : []),
  ]
}

function withMessage(situation: Situation, message: QueuedMessage): Situation {
  const messages = situation.messages.map((other) => (other.id === message.id ? message : other))
  return { ...situation, messages }
}

function attemptGoesOn(situation: Situation, attempt: RunningAttempt, bounds: Bounds): Move[] {
  const { findings, body } = attempt
  const nowMs = nowMsOf(situation)
  const order = parsed(body, nowMs)
  const died: Move = {
    says: 'the attempt dies',
    isFault: true,
    to: without(situation, attempt),
  }
  const history = () => writeHistory(findings.past)
  const step = decide(findings.facts, nowMs, bounds.table)
  switch (step.do) {
    case 'query':
      return [died, ...queried(situation, attempt, bounds)]
    case 'reverse':
      return [died, ...reverseSent(situation, attempt, bounds)]
    case 'finish': {
      const result = toReversal(order, step.outcome, findings, nowMs)
      return [died, ...ended(situation, attempt, { order, result, history: history() }, bounds)]
    }
    case 'wait': {
      const age = (nowMs - findings.facts.firstSeenAtMs) / 1000
      const result = toPending(order.ref, step.reason, step.seconds ?? backoffSeconds(age, 0), findings)
      const moves = ended(situation, attempt, { order, result, history: history() }, bounds)
      return [died, ...moves.map((move) => ({ ...move, isWait: true as const }))]
    }
    case 'refuse':
      return [died, ...ended(situation, attempt, { order, error: toError(step, findings), history: history() }, bounds)]
  }
}

const without = (situation: Situation, attempt: RunningAttempt): Situation => ({
  ...situation,
  attempts: situation.attempts.filter((other) => other !== attempt),
})

const withFindings = (situation: Situation, attempt: RunningAttempt, changed: RunningAttempt): Situation => ({
  ...situation,
  attempts: situation.attempts.map((other) => (other === attempt ? changed : other)),
})

const usable = (isHonest: boolean) => (heard: Heard) => !isHonest || !heard.isFault || heard.answer.kind === 'none'

const oneTry = ({ answer }: Heard): CallResult => resultOfTries([answer])

const UNPAID = new Set(['NOTPAY', 'USERPAYING', 'PAYERROR', 'ORDER_NOT_EXIST'])

function queried(situation: Situation, attempt: RunningAttempt, { isHonest }: Bounds): Move[] {
  const { wasSeenToExist, wasSeenPaid } = attempt.findings.facts
  const heardOnes = answersToQuery(situation.order, wasSeenToExist || wasSeenPaid).filter(usable(isHonest))
  return withoutTwins(
    heardOnes.map((heard) => {
      const findings = afterQuery(attempt.findings, oneTry(heard))
      const hasSeenUnpaid = UNPAID.has(findings.facts.seen ?? '')
      return {
        says: `query: ${heard.says}`,
        isFault: heard.isFault === true,
        findings,
        to: withFindings(situation, attempt, { ...attempt, findings, hasSeenUnpaid }),
      }
    }),
  )
}

/** Of answers after which the same is known, the first: the others lead to the same situation. */
function withoutTwins<M extends Move & { findings: Findings }>(moves: M[]): M[] {
  const twins = new Map<string, M>()
  for (const move of moves) {
    const { facts, past } = move.findings
    const { seen, namesPayment, reversed, reverseMayHaveActed, reverseAnsweredAtMs } = facts
    const { order, onTheWire } = move.to
    const known = [seen, namesPayment, reversed, reverseMayHaveActed, reverseAnsweredAtMs, past.reverseSentAtMs]
    const key = [...known, order?.trade_state, onTheWire.length, move.isFault && 'fault'].join()
    if (!twins.has(key)) twins.set(key, move)
  }
  return [...twins.values()]
}

function reverseSent(situation: Situation, attempt: RunningAttempt, { isHonest }: Bounds): Move[] {
  const nowMs = nowMsOf(situation)
  const heardAfter = (before: Situation, heard: Heard, how: string, isFault = heard.isFault === true) => {
    const findings = afterReverse(attempt.findings, oneTry(heard), { sentAtMs: nowMs, receivedAtMs: nowMs })
    return {
      says: `reverse ${how}: ${heard.says}`,
      isFault,
      by: attempt,
      isReverse: true as const,
      findings,
      to: withFindings(before, attempt, { ...attempt, hasSeenUnpaid: false, findings }),
    }
  }
  const late: Situation = { ...situation, onTheWire: [...situation.onTheWire, situation.now] }
  const { order } = situation
  const lost = [
    ...WITHOUT_EFFECT.filter(usable(isHonest)).map((heard) => heardAfter(situation, heard, 'without effect')),
    ...(situation.onTheWire.length === 0 ? [heardAfter(late, WITHOUT_EFFECT[0]!, 'that stays on its way', true)] : []),
  ]
  if (order === undefined) {
    return withoutTwins([...OF_UNKNOWN_ORDER.map((heard) => heardAfter(situation, heard, 'of no order')), ...lost])
  }
  const canAct = next(order, 'reverse', nowMs) !== null
  if (!canAct) {
    return withoutTwins([heardAfter(situation, OF_FINAL_ORDER, 'of an order that is final'), ...lost])
  }
  const states =
    order.charged.count > 0 && order.reversed_at === null ? (['REVOKED', 'REFUND'] as const) : (['REVOKED'] as const)
  return withoutTwins([
    ...states.flatMap((state) =>
      [...AFTER_EFFECT, ...REFUSED_AFTER_EFFECT]
        .filter(usable(isHonest))
        .map((heard) => heardAfter(reversed(situation, state), heard, `which leaves ${state}`)),
    ),
    ...lost,
  ])
}

/** What becomes of an attempt that came to its end, each part of which may fail, or be the last before a crash. */
function ended(situation: Situation, attempt: RunningAttempt, attempted: Attempted, bounds: Bounds): Move[] {
  const over = without(situation, attempt)
  const { source } = attempt
  const moves =
    source.kind === 'message'
      ? messageEnds(over, source.id, attempt, attempted, bounds)
      : otherwiseEnds(over, source.kind, attempt, attempted, bounds)
  return moves.map((move) => ({ ...move, by: attempt }))
}

/** A caller or the state machine has the result itself. */
function otherwiseEnds(
  over: Situation,
  kind: 'caller' | 'machine',
  attempt: RunningAttempt,
  attempted: Attempted,
  bounds: Bounds,
): Move[] {
  const { now } = over
  const done: Situation = kind === 'caller' ? { ...over, isCallerWaiting: false } : { ...over, machine: undefined }
  if ('error' in attempted) return [tell(done, nameOf(attempted.error))]
  const { result } = attempted
  if (result.outcome !== 'PENDING') return [tell(done, result.outcome)]
  const body = { ...attempt.body, history: result.history }
  if (kind === 'machine') {
    const machine = { body, visibleAt: now + Math.ceil(result.retry_after) }
    return [{ says: 'the state machine waits', isFault: false, to: { ...over, machine } }]
  }
  if (over.messages.length >= bounds.messagesAtOnce) {
    return [{ says: 'more messages than are looked through', isFault: false, isBeyond: true, to: over }]
  }
  return [
    { says: 'the caller is told 202', isFault: false, to: put(done, body, result.retry_after) },
    { says: 'the hand-over fails, and the caller asks again', isFault: true, to: over },
  ]
}

function messageEnds(
  over: Situation,
  id: number,
  { seenAt }: RunningAttempt,
  attempted: Attempted,
  { messagesAtOnce }: Bounds,
): Move[] {
  const now = over.now
  const message = over.messages.find((other) => other.id === id)
  const deleted: Situation = { ...over, messages: over.messages.filter((other) => other.id !== id) }
  const moment = { sentAtMs: START_MS + seenAt * 1000, nowMs: nowMsOf(over), random: 0 }
  const moves: Move[] = []
  for (const [index, fate] of fatesOf(attempted, moment).entries()) {
    const isFault = index > 0
    const before = isFault ? 'what should be done fails, so ' : ''
    switch (fate.do) {
      case 'tell':
        moves.push({ ...tell(deleted, fate.reversal.outcome), isFault })
        moves.push({ ...tell(over, fate.reversal.outcome), isFault: true })
        break
      case 'bury':
        moves.push({ ...tell(deleted, fate.error.name), isFault })
        moves.push({ ...tell(over, fate.error.name), isFault: true })
        break
      case 'travel on': {
        if (deleted.messages.length >= messagesAtOnce) {
          moves.push({ says: 'more messages than are looked through', isFault: false, isBeyond: true, to: over })
          break
        }
        const says = `${before}the order travels on in a new message`
        moves.push({ says, isFault, to: put(deleted, fate.order, fate.seconds) })
        if (over.messages.length < messagesAtOnce) {
          moves.push({ says: `${says}, and the old one stays`, isFault: true, to: put(over, fate.order, fate.seconds) })
        }
        break
      }
      case 'come again': {
        const later = message && { ...message, visibleAt: now + Math.ceil(fate.seconds), isInFlight: false }
        moves.push({
          says: `${before}the message comes again in ${Math.ceil(fate.seconds)} s`,
          isFault,
          to: later === undefined ? over : withMessage(over, later),
        })
        break
      }
    }
  }
  return moves
}

const nameOf = (error: unknown) => (error as Error).name

function tell(situation: Situation, what: string): Move {
  const { wasToldKept, wasToldNotFound } = situation
  const to: Situation = {
    ...situation,
    wasToldKept: wasToldKept || what === 'KEPT',
    wasToldNotFound: wasToldNotFound || what === 'NOT_FOUND',
  }
  return { says: `told: ${what}`, isFault: false, tells: what, to }
}

function put(situation: Situation, body: OrderMessage, delaySeconds: number): Situation {
  const now = situation.now
  const id = Math.max(0, ...situation.messages.map((message) => message.id)) + 1
  const message = { id, body, sentAt: now, visibleAt: now + Math.min(900, Math.ceil(delaySeconds)), isInFlight: false }
  return { ...situation, messages: [...situation.messages, message] }
}
