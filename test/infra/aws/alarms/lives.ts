// What one order makes our functions count, from its arrival on the queue to its end: the queue's own work, the decisions and
// the telemetry, beside WeChat Pay's stand-in, in virtual time. A night of many orders is many of these lives together.
import { createRandom, type FaultPlan } from '../../../../infra/local/wechatpay/fault-plans.ts'
import type { SimulatorOptions } from '../../../../infra/local/wechatpay/options.ts'
import { createSimulator, type Simulator } from '../../../../infra/local/wechatpay/simulator.ts'
import { createWork, type Message } from '../../../../lib/queue/work.ts'
import { createAttempt } from '../../../../lib/reversal/attempt.ts'
import type { OrderMessage } from '../../../../lib/reversal/order.ts'
import { createWechatPay } from '../../../../lib/wechatpay/client.ts'
import { parseMerchant } from '../../../../lib/wechatpay/merchant.ts'
import { keepLogLines } from '../../../functions/log-lines.ts'
import { createVirtualTime } from '../../../lib/reversal/virtual-time.ts'
import {
  createVirtualExchange,
  ENDPOINTS,
  SMALL_KEYS,
  SMALL_MERCHANT_KEY,
} from '../../../lib/reversal/virtual-wechatpay.ts'
import { addPoint, type Metrics } from './series.ts'

const START = Date.parse('2026-01-31T12:00:00Z')
const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }

export interface Life {
  state?: 'SUCCESS' | 'NOTPAY' | 'USERPAYING'
  faults?: readonly FaultPlan[]
  options?: Partial<SimulatorOptions>
  /** What else is wrong. */
  begin?: (simulator: Simulator, mchid: string) => void
  /** When all that is over; never unless told. */
  healsAfterMinutes?: number
  /** How long it is watched. */
  minutes: number
  /** Of the back-off's jitter. */
  seed?: number
}

const log = keepLogLines()
const telemetry = await import('../../../../lib/aws/telemetry.ts')

/** The metrics of one order, by minutes since it arrived. */
export async function live({ state = 'SUCCESS', faults = [], options = {}, begin, ...life }: Life): Promise<Metrics> {
  const { healsAfterMinutes = Number.POSITIVE_INFINITY, minutes, seed = 1 } = life
  const time = createVirtualTime(START)
  const simulator = createSimulator({ now: time.now, keys: SMALL_KEYS, options })
  const { secret } = simulator.openMerchant({ ...NAMES, privateKey: SMALL_MERCHANT_KEY })
  const { merchant } = parseMerchant(JSON.stringify(secret))
  simulator.placeOrder(NAMES, state)
  for (const fault of faults) simulator.faults.add(fault)
  begin?.(simulator, NAMES.mchid)

  const exchange = createVirtualExchange({ time, simulator })
  const wechatPay = createWechatPay({
    endpoints: ENDPOINTS,
    timeoutMs: 5_000,
    now: time.now,
    exchange,
    observe: telemetry.observe,
  })
  const merchants = { find: async () => merchant, renew: async () => undefined }
  const observe = telemetry.observe
  const attempt = createAttempt({ wechatPay, merchants, observe, now: time.now, random: createRandom(seed) })

  const metrics: Metrics = new Map()
  let waiting: { message: Message; seconds: number } | undefined
  const { handleBatch } = createWork<Message & { messageId: string }>({
    attempt(order, context) {
      telemetry.attempted(order.ref)
      return attempt(order, context)
    },
    queue: {
      async put(order, seconds) {
        waiting = { message: messageOf(order, time.now()), seconds }
      },
      async postpone(message, seconds) {
        waiting = { message, seconds }
      },
    },
    deadLetters: { async bury() {} },
    events: { async completed() {}, async failed() {} },
    report: telemetry.workReport,
    now: time.now,
    random: createRandom(seed),
  })

  const attempted_at = new Date(START - 30_000).toISOString()
  waiting = { message: messageOf({ ...NAMES, attempted_at }, START), seconds: 0 }
  const minute = () => Math.floor((time.now() - START) / 60_000)
  while (waiting !== undefined) {
    const { message, seconds }: typeof waiting = waiting
    waiting = undefined
    await time.pass(seconds * 1000)
    if (minute() >= minutes) break
    if (minute() >= healsAfterMinutes) simulator.faults.clear()
    const endsAt = time.now() + 25_000
    await time.until(handleBatch([{ ...message, messageId: 'm' }], () => endsAt - time.now()))
    keepWhatWasTold(metrics, minute())
  }
  return metrics
}

const messageOf = (order: OrderMessage, sentAtMs: number): Message => ({ body: JSON.stringify(order), sentAtMs })

/** The lines of metrics of one invocation. */
function keepWhatWasTold(metrics: Metrics, minute: number) {
  telemetry.endInvocation()
  for (const { _aws, ...line } of log.all()) {
    if (_aws === undefined) continue
    const [{ Metrics }] = (_aws as { CloudWatchMetrics: [{ Metrics: { Name: string }[] }] }).CloudWatchMetrics
    for (const { Name } of Metrics) {
      const values = [line[Name]].flat() as number[]
      const [sum, least, greatest] = [values.reduce((a, b) => a + b), Math.min(...values), Math.max(...values)]
      addPoint(metrics, Name, minute, { sum, count: values.length, least, greatest })
    }
  }
  log.forget()
}
