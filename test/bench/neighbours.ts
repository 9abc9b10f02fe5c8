// One merchant's backlog beside the orders of others, who should not notice it: the queue's own work (lib/queue/work.ts) with
// the real pace, back-off and settings of the template, on a virtual clock. What is modelled of SQS stands in fair-queue.ts.
// Of Lambda: as many environments as the template allows are there from the beginning, and each takes its next batch as soon as
// it has answered. They begin in the same moment and stay in step, which is the worst for who comes between two batches. Of WeChat Pay: how long a call takes, and each merchant's limit.

import { createPace } from '../../lib/queue/pace.ts'
import { createWork, type Message } from '../../lib/queue/work.ts'
import type { Ending } from '../../lib/reversal/attempt.ts'
import { backoffSeconds } from '../../lib/reversal/backoff.ts'
import { ReversalError } from '../../lib/reversal/errors.ts'
import type { Order, OrderMessage } from '../../lib/reversal/order.ts'
import { formatTime } from '../../lib/reversal/time.ts'
import { signerOf } from '../../lib/wechatpay/order-id.ts'
import { createFairQueue, type Queued } from './fair-queue.ts'
import type { QueueSettings } from './queue-settings.ts'
import { createVirtualTime } from './virtual-time.ts'

export interface Neighbours {
  /** How many orders of the noisy merchant wait at the beginning. */
  backlog: number
  quietMerchants: number
  /** Between two orders of a quiet merchant. */
  quietEverySeconds: number
  /** Messages carry their MessageGroupId. */
  isGrouped: boolean
  /** A receive that found quiet messages is filled up with noisy ones. */
  mixes: boolean
  /** All are merchants of one service provider: its keys sign, and it has one limit. */
  haveProvider?: boolean
  /** WeChat Pay refuses the noisy merchant's signature, and none of its orders ever ends. */
  isRevoked?: boolean
}

export interface WechatPay {
  /** Of one merchant; more in one second are answered 429. */
  reversesPerSecond: number
  /** How long one call takes, on average; each takes between 0.6 and 1.4 times that. */
  callSeconds: number
}

export interface Fairness {
  /** Seconds from arrival to the first attempt, of every order of a quiet merchant that came while the backlog lasted. */
  quietSeconds: number[]
  /** Orders of the noisy merchant ended in a second, until the last of its backlog had; tried, where none ever ends. */
  noisyPerSecond: number
  /** Share of the noisy merchant's reverses that were answered 429. */
  refusedShare: number
  mostInFlight: number
}

/** A message; `isTried` once an attempt of its order was begun. */
type M = Message & Queued & { isTried: boolean }

/** Between two invocations of one environment: the answer, the deletion, the next receive. */
const BETWEEN_BATCHES_SECONDS = 0.03
/** An environment's time for the attempts of a batch. */
const ATTEMPT_SECONDS = 25
const EPOCH_MS = Date.UTC(2026, 0, 31)
const PROVIDER = '1800000000'
const NOISY = '1900000000'

export async function runNeighbours(
  { maximumConcurrency, batchSize, attemptsPerSecond }: QueueSettings,
  neighbours: Neighbours,
  wechatPay: WechatPay,
  random: () => number,
): Promise<Fairness> {
  const { backlog, quietMerchants, quietEverySeconds, isGrouped, haveProvider, isRevoked } = neighbours
  const time = createVirtualTime()
  const queue = createFairQueue<M>(neighbours.mixes)
  const idle: (() => void)[] = []
  const limits = new Map<string, { second: number; reverses: number }>()
  const seen = { quietSeconds: [] as number[], mostInFlight: 0 }
  const noisy = { untried: backlog, ended: 0, reverses: 0, refused: 0 }
  const quiet = { untried: 0 }

  const nowMs = () => EPOCH_MS + time.now() * 1000
  const calls = (count: number) => time.sleep(wechatPay.callSeconds * count * (0.6 + 0.8 * random()))
  const isBacklogOver = () => (isRevoked ? noisy.untried : backlog - noisy.ended) === 0

  /** An order of the merchant becomes a message, or the message that was one goes on as another. */
  function send(order: OrderMessage, sentAtMs: number, isTried = false) {
    const group = isGrouped ? (order.sub_mchid ?? order.mchid) : undefined
    show({ body: JSON.stringify(order), sentAtMs, group, isTried })
  }

  function show(message: M) {
    queue.show(message)
    idle.pop()?.()
  }

  function newOrder(mchid: string, number: number): OrderMessage {
    const out_trade_no = `${mchid}-${number}`
    return haveProvider ? { sp_mchid: PROVIDER, sub_mchid: mchid, out_trade_no } : { mchid, appid: 'wx1', out_trade_no }
  }

  /** A quiet merchant sends an order, and the next one after a while, as long as the noisy one's backlog lasts. */
  function sendQuiet(mchid: string, number: number) {
    if (isBacklogOver()) return
    quiet.untried += 1
    send(newOrder(mchid, number), nowMs())
    time.after(quietEverySeconds, () => sendQuiet(mchid, number + 1))
  }

  /** WeChat Pay's answers to one attempt: final after its reverse, or refused because there were too many in that second. */
  async function attempt({ ref, message }: Order): Promise<Ending> {
    const signer = signerOf(ref)
    const isNoisy = (ref.sub_mchid ?? ref.mchid) === NOISY
    await calls(1)
    if (isNoisy && isRevoked) {
      await calls(1)
      return { error: new ReversalError('CredentialsUnavailable', 'the signature is refused'), history: {} }
    }
    const limit = limits.get(signer) ?? { second: -1, reverses: 0 }
    limits.set(signer, limit)
    if (Math.floor(time.now()) !== limit.second) Object.assign(limit, { second: Math.floor(time.now()), reverses: 0 })
    limit.reverses += 1
    const isRefused = limit.reverses > wechatPay.reversesPerSecond
    if (isNoisy) noisy.reverses += 1
    if (isNoisy && isRefused) noisy.refused += 1
    await calls(2)
    const at = formatTime(nowMs())
    if (isRefused) {
      const history = { first_seen_at: message.history?.first_seen_at ?? at, reverse_sent_at: at }
      const retry_after = backoffSeconds(0, random())
      return { result: { ...ref, outcome: 'PENDING', reason: '429', retry_after, history }, history }
    }
    if (isNoisy) noisy.ended += 1
    const proved = { trade_state: 'REVOKED', refunded: null, request_id: '', evidence: [] }
    return { result: { ...ref, outcome: 'REVERSED', attempted_at: at, confirmed_at: at, ...proved }, history: {} }
  }

  /** Of one merchant's order the first attempt ends the waiting. */
  function begins(message: M) {
    if (message.isTried) return
    message.isTried = true
    if (message.body.includes(NOISY)) noisy.untried -= 1
    else {
      quiet.untried -= 1
      seen.quietSeconds.push((nowMs() - message.sentAtMs!) / 1000)
    }
  }

  /** An execution environment, batch after batch. */
  async function work() {
    const pace = createPace({ perSecond: attemptsPerSecond, now: () => time.now() * 1000 })
    let batch: M[] = []
    const { handleBatch } = createWork<M>({
      attempt(order) {
        begins(batch.find(({ body }) => body.includes(`"${order.ref.out_trade_no}"`))!)
        return attempt(order)
      },
      async turn(mchid) {
        const waitMs = pace(mchid)
        if (waitMs) await time.sleep(waitMs / 1000)
        return waitMs !== undefined
      },
      queue: {
        put: async (order, seconds) => time.after(seconds, () => send(order, nowMs(), true)),
        async postpone(message, seconds) {
          time.after(seconds, () => {
            queue.land(message)
            show(message)
          })
        },
      },
      deadLetters: { async bury() {} },
      events: { async completed() {}, async failed() {} },
      report: { result() {}, failure() {}, unfinished() {}, notPostponed() {}, batchFailed() {} },
      now: nowMs,
      random,
    })
    for (;;) {
      batch = queue.receive(batchSize)
      seen.mostInFlight = Math.max(seen.mostInFlight, queue.inFlight)
      if (batch.length === 0) await new Promise<void>((resolve) => idle.push(resolve))
      else {
        const endsAt = time.now() + ATTEMPT_SECONDS
        const staying = new Set(await handleBatch(batch, () => (endsAt - time.now()) * 1000))
        for (const message of batch) if (!staying.has(message)) queue.land(message)
        await time.sleep(BETWEEN_BATCHES_SECONDS)
      }
    }
  }

  for (let number = 0; number < backlog; number++) send(newOrder(NOISY, number), nowMs())
  for (let index = 1; index <= quietMerchants; index++) {
    const mchid = String(Number(NOISY) + index)
    time.after(quietEverySeconds * random(), () => sendQuiet(mchid, 0))
  }
  for (let index = 0; index < maximumConcurrency; index++) void work()
  await time.runUntil(isBacklogOver)
  const noisyPerSecond = backlog / time.now()
  await time.runUntil(() => quiet.untried === 0)
  return { ...seen, noisyPerSecond, refusedShare: noisy.refused / noisy.reverses }
}
