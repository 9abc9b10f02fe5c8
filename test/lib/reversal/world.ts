import { createPublicKey } from 'node:crypto'
import { appliesTo, faults } from '../../../infra/local/wechatpay/faults.ts'
import { createSimulator } from '../../../infra/local/wechatpay/simulator.ts'
import { RESERVED_MS } from '../../../lib/aws/patience.ts'
import { createHandOver } from '../../../lib/queue/hand-over.ts'
import { createWork } from '../../../lib/queue/work.ts'
import { type Attempt, createAttempt } from '../../../lib/reversal/attempt.ts'
import { isFinal, ReversalError } from '../../../lib/reversal/errors.ts'
import { type OrderMessage, parseOrder } from '../../../lib/reversal/order.ts'
import type { Reversal } from '../../../lib/reversal/result.ts'
import { createLeaveOpen } from '../../../lib/settlement/leave-open.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import type { Exchange } from '../../../lib/wechatpay/exchange.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'
import { createCrossings } from '../crash.ts'
import { QUERY_LIES, type Story } from './story.ts'
import { createVirtualQueue, type Message } from './virtual-queue.ts'
import { NAMES, START } from './virtual-service.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'
import { createVirtualExchange, ENDPOINTS, SMALL_KEYS, SMALL_MERCHANT_KEY } from './virtual-wechatpay.ts'
import { createWitness, WECHATPAY_KEYS } from './witness.ts'

const MERCHANT: Merchant = {
  mchid: NAMES.mchid,
  certificateSerialNo: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
  privateKey: SMALL_MERCHANT_KEY,
  wechatpayPublicKeyId: SMALL_KEYS.publicKey.id,
  wechatpayKeys: WECHATPAY_KEYS,
}

/** What a function gives an attempt of its 30 s. */
const ATTEMPT_MS = 30_000 - RESERVED_MS.queue

const random = () => 0.5

/** When a caller whose request came to nothing sends it again. */
const CALLER_REPEATS_MS = 40_000

/** More things than this never happen to one order in its 7 days. */
const MAX_STEPS = 50_000

/** Lives through a story, to the end: what was told about the order, and what WeChat Pay's books say. */
export async function live(story: Story) {
  const time = createVirtualTime(START)
  const { simulator, met } = openWechatPay(story, time)
  const now = clockOf(story, time)
  const witness = createWitness(now)
  const delays = [...story.delays]
  const wire = createVirtualExchange({ time, simulator, requestMs: () => delays.shift() ?? 20 })
  const deaths = [...story.deaths]

  const ended: { at: number; result: Reversal }[] = []
  const refused: ReversalError[] = []
  const queue = createVirtualQueue(time, (message) => void handle(message))
  const awsFailures = [...(story.awsFailures ?? [])]

  const { cross, calls } = createCrossings(story.crashes)
  /** A call to SQS or EventBridge. */
  const toAws = (call: () => void) => {
    const refuse = () => {
      throw new Error('AWS failed')
    }
    return awsFailures.shift() ? cross(refuse, refuse) : cross(call, refuse)
  }
  const merchants = {
    find: () =>
      cross(
        () => MERCHANT,
        () => {
          throw new ReversalError('CredentialsUnavailable', 'Secrets Manager failed')
        },
      ),
    renew: async () => undefined,
  }
  const overWire: Exchange = {
    send: (...request) =>
      cross(
        () => wire.send(...request),
        () => ({ kind: 'none', reason: 'timeout', sent: true }),
      ),
    close() {},
  }
  /** A message that could not be put takes what was learned with it. */
  let hasForgotten = false
  const put = (order: OrderMessage, delaySeconds: number) =>
    toAws(() => queue.put(JSON.stringify(order), delaySeconds)).catch((error: unknown) => {
      hasForgotten = true
      throw error
    })

  /** One attempt in a function of its own, which may die on the way: then it never ends. */
  const attempt: Attempt = (order, context) => {
    const wechatPay = createWechatPay({
      endpoints: ENDPOINTS,
      timeoutMs: 5_000,
      now,
      exchange: witness.watch(mortal(overWire, deaths.shift() ?? null)),
    })
    return createAttempt({ wechatPay, merchants, now, random })(order, context)
  }

  /** The time a function has from now on. */
  function msLeft() {
    const endsAt = time.now() + ATTEMPT_MS
    return () => endsAt - time.now()
  }

  const leftOpen: string[] = []
  const leaveOpen = createLeaveOpen({
    put: ({ outcome }) => toAws(() => void leftOpen.push(outcome)),
    failed: ({ outcome }) => void leftOpen.push(`${outcome}, which could not be queued`),
  })

  const { handleBatch } = createWork<Message>({
    attempt,
    leaveOpen,
    queue: { put, postpone: (message, seconds) => toAws(() => queue.postpone(message, seconds)) },
    deadLetters: { bury: () => toAws(() => {}) },
    events: {
      completed: (result) => toAws(() => void ended.push({ at: time.now(), result })),
      failed: (_, error) => toAws(() => void refused.push(error)),
    },
    report: { result() {}, failure() {}, unfinished() {}, notPostponed() {}, batchFailed() {} },
    now,
    random,
  })

  /** The queue's function. */
  async function handle(message: Message) {
    const staying = await handleBatch([message], msLeft())
    if (staying.length > 0) return
    const comesAgain = () => {}
    await cross(() => {
      message.isDeleted = true
    }, comesAgain)
  }

  const { reverse } = createHandOver({
    attempt,
    merchants,
    queue: { put },
    leaveOpen,
    report: { result() {}, handOverFailed() {} },
  })

  /** The HTTP function, and a caller that repeats until it has an answer. */
  async function post(body: string) {
    let isAnswered = false
    time.after(CALLER_REPEATS_MS, () => isAnswered || void post(body))
    try {
      const result = await reverse(parseOrder(JSON.parse(body), now()), { seenAtMs: now(), msLeft: msLeft() })
      if (result.outcome !== 'PENDING') ended.push({ at: time.now(), result })
      isAnswered = true
    } catch (error) {
      if (!isFinal(error)) return
      refused.push(error)
      isAnswered = true
    }
  }

  const body = JSON.stringify({
    ...NAMES,
    if_paid: story.ifPaid,
    ...(story.attemptedAt !== null && { attempted_at: new Date(START + story.attemptedAt).toISOString() }),
  })
  if (story.from === 'HTTP') void post(body)
  else queue.put(body, 0)
  for (const at of story.duplicates) time.after(at, queue.deliverTwice)

  const isQuiet = await time.untilQuiet(MAX_STEPS)
  return {
    ended,
    refused,
    hasForgotten,
    /** How many calls were made to others. */
    calls: calls(),
    /** The outcomes whose bill will be looked at, or of which it is said that none will. */
    leftOpen,
    /** The faults that were met, and by what. */
    met,
    told: witness.told,
    blindReverses: witness.blindReverses,
    lost: isQuiet ? queue.lost : [...queue.lost, 'it never ended'],
    receives: queue.receives(),
    messages: queue.sent(),
    simulator,
    order: simulator.books.find(NAMES.mchid, NAMES.out_trade_no, time.now()),
  }
}

/** WeChat Pay with the story's life of the order, and its faults. */
function openWechatPay({ habits, arrivesAt, life, ...story }: Story, time: VirtualTime) {
  const simulator = createSimulator({ now: time.now, keys: SMALL_KEYS, options: habits })
  const { certificateSerialNo: certificate_serial_no, privateKey } = MERCHANT
  simulator.addMerchant({ ...NAMES, certificate_serial_no, public_key: createPublicKey(privateKey) })

  function arrive() {
    simulator.books.create(NAMES, time.now())
    let at = time.now()
    for (const { after, event } of life) {
      at += after
      simulator.books.schedule(at, NAMES.mchid, NAMES.out_trade_no, event)
    }
  }
  if (arrivesAt !== null && arrivesAt <= 0) arrive()
  else if (arrivesAt !== null) time.after(arrivesAt, arrive)

  const trouble = [...story.faults]
  const met: string[] = []
  simulator.faults.choosing.choose = ({ endpoint }) => {
    const fault =
      trouble.shift() ?? (endpoint === 'query' || endpoint === 'reverse' ? story.always?.[endpoint] : undefined)
    if (fault === undefined || !appliesTo(faults[fault]!, endpoint)) return undefined
    if (endpoint === 'query' && QUERY_LIES.test(fault)) return undefined
    met.push(`${endpoint} ${fault}`)
    return fault
  }
  return { simulator, met }
}

/** The clock of our functions. */
function clockOf({ clock }: Story, time: VirtualTime): () => number {
  return () => {
    const sinceStart = time.now() - START
    const isWrong = clock !== null && sinceStart >= clock.from && sinceStart < clock.to
    return time.now() + (isWrong ? clock.by : 0)
  }
}

/** The wire of a function that dies after so many calls: the last of them reaches WeChat Pay, and nobody hears its answer. */
function mortal(wire: Exchange, calls: number | null): Exchange {
  let left = calls ?? Number.POSITIVE_INFINITY
  return {
    ...wire,
    async send(...request) {
      const answer = await wire.send(...request)
      left -= 1
      return left > 0 ? answer : new Promise(() => {})
    },
  }
}
