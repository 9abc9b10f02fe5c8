// What happens to 100,000 waiting orders when WeChat Pay comes back: the queue, its function and WeChat Pay's limit on a
// virtual clock, with the real back-off, the real pace and the settings of the template.

import { createPace } from '../../lib/queue/pace.ts'
import { backoffSeconds } from '../../lib/reversal/backoff.ts'
import type { QueueSettings } from './queue-settings.ts'
import { createTimeline } from './timeline.ts'

export interface Outage {
  orders: number
  /** The orders come evenly over the first part of the outage. */
  arriveWithinSeconds: number
  seconds: number
  /** How long an attempt lasts in it: a fraction of a second when it is refused, half a minute when nobody answers. */
  attemptSeconds: number
}

export interface WechatPayAfterwards {
  /** More in one second are answered 429. */
  reversesPerSecond: number
  /** How long one call takes, on average; each takes between 0.6 and 1.4 times that. */
  callSeconds: number
}

export interface Drained {
  /** Orders ended in a second, from the end of the outage until this share of all had ended. */
  perSecondUntil(share: number): number
  /** Share of all reverses that were answered 429. */
  refusedShare: number
  mostInFlight: number
  /** Attempts in a second, during the outage. */
  attemptsPerSecondInOutage: number
}

/** Between two invocations of one environment: the answer, the deletion, the next receive. */
const BETWEEN_BATCHES_SECONDS = 0.03

/** As many calls of an attempt come after its reverse was sent: the reverse's own answer, and the query. */
const CALLS_AFTER_REVERSE = 2

interface Environment {
  isBusy: boolean
  unfinished: number
  turn: ReturnType<typeof createPace>
}

/**
 * The orders' way through the outage and after it.
 *
 * @param random from 0 to 1
 */
export function drain(
  { maximumConcurrency, batchSize, attemptsPerSecond, inFlightLimit }: Omit<QueueSettings, 'memoryMb'>,
  outage: Outage,
  wechatPay: WechatPayAfterwards,
  random: () => number,
): Drained {
  const { orders } = outage
  const timeline = createTimeline()
  const happenings = [becomesVisible, isReversed, isDone, isFree] as const
  const later = (seconds: number, happening: (index: number) => void, index: number) =>
    timeline.add(now + seconds, index * happenings.length + happenings.indexOf(happening as never))

  let now = 0
  const visible: number[] = []
  let inFlight = 0
  const arrivedAt = new Float64Array(orders)
  const takenBy = new Int32Array(orders)
  const isFinal = new Uint8Array(orders)
  const environments = Array.from(
    { length: maximumConcurrency },
    (): Environment => ({
      isBusy: false,
      unfinished: 0,
      turn: createPace({ perSecond: attemptsPerSecond, now: () => now * 1000 }),
    }),
  )
  const endedAt: number[] = []
  const second = { begunAt: 0, reverses: 0 }
  const seen = { reverses: 0, refused: 0, mostInFlight: 0, attemptsInOutage: 0 }

  function becomesVisible(order: number) {
    if (now > arrivedAt[order]!) inFlight -= 1
    visible.push(order)
  }

  /** Every free environment receives what there is. */
  function receive() {
    for (const [index, environment] of environments.entries()) {
      const count = Math.min(batchSize, visible.length, inFlightLimit - inFlight)
      if (environment.isBusy || count <= 0) continue
      environment.isBusy = true
      environment.unfinished = count
      inFlight += count
      seen.mostInFlight = Math.max(seen.mostInFlight, inFlight)
      for (const order of visible.splice(0, count)) {
        takenBy[order] = index
        // All orders are one merchant's, and each batch leaves it turns for the next.
        attempt(order, environment.turn('1900000001')! / 1000)
      }
    }
  }

  function attempt(order: number, waitSeconds: number) {
    if (now + waitSeconds >= outage.seconds) return later(waitSeconds + callsSeconds(1), isReversed, order)
    seen.attemptsInOutage += 1
    later(waitSeconds + outage.attemptSeconds * between(0.7, 1), isDone, order)
  }

  function isReversed(order: number) {
    if (Math.floor(now) !== second.begunAt) Object.assign(second, { begunAt: Math.floor(now), reverses: 0 })
    second.reverses += 1
    seen.reverses += 1
    isFinal[order] = second.reverses <= wechatPay.reversesPerSecond ? 1 : 0
    if (!isFinal[order]) seen.refused += 1
    later(callsSeconds(CALLS_AFTER_REVERSE), isDone, order)
  }

  function isDone(order: number) {
    if (isFinal[order]) {
      inFlight -= 1
      endedAt.push(now)
    } else later(backoffSeconds(now - arrivedAt[order]!, random()), becomesVisible, order)
    const environment = environments[takenBy[order]!]!
    environment.unfinished -= 1
    if (environment.unfinished === 0) later(BETWEEN_BATCHES_SECONDS, isFree, takenBy[order]!)
  }

  function isFree(index: number) {
    environments[index]!.isBusy = false
  }

  const between = (least: number, most: number) => least + (most - least) * random()
  const callsSeconds = (calls: number) => wechatPay.callSeconds * calls * between(0.6, 1.4)

  for (let order = 0; order < orders; order++) {
    arrivedAt[order] = (outage.arriveWithinSeconds * order) / orders
    later(arrivedAt[order]!, becomesVisible, order)
  }
  while (endedAt.length < orders) {
    const { time, what } = timeline.next()
    now = time
    happenings[what % happenings.length]!(Math.floor(what / happenings.length))
    receive()
  }
  return {
    perSecondUntil: (share) => (orders * share) / (endedAt[Math.ceil(orders * share) - 1]! - outage.seconds),
    refusedShare: seen.refused / seen.reverses,
    mostInFlight: seen.mostInFlight,
    attemptsPerSecondInOutage: seen.attemptsInOutage / outage.seconds,
  }
}
