import { randomInt } from 'node:crypto'
import * as v from 'valibot'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { authorize } from '../../../lib/wechatpay/sign.ts'
import type { LocalStack } from '../stack.ts'
import { orderEvent } from '../wechatpay/control-bodies.ts'
import { faultPlanSchema } from '../wechatpay/fault-plans.ts'
import type { MerchantWithKeys } from '../wechatpay/merchants.ts'
import { payCodes } from '../wechatpay/pay-codes.ts'
import type { AskedEntry } from './parts.ts'
import type { Asked, Place } from './place.ts'
import { type OrderNames, reverseBy } from './ways.ts'

/** A wish that cannot be fulfilled: said to whoever clicked. The page has words of its own for some names. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, name: 'wrong' | 'no merchant' | 'exists already' | 'cannot happen', message: string) {
    super(message)
    this.name = name
    this.status = status
  }
}

/** What a click does, and what it came to where the parts do not tell. Throws a `Refusal`. */
export type Action = (body: unknown) => unknown

const number = v.pipe(v.string(), v.regex(/^[0-9A-Za-z_\-*]{1,32}$/, 'must be 1 to 32 of 0-9A-Za-z_-*'))
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(32))
const order = { mchid: name, out_trade_no: number }

const payBody = v.strictObject({
  ...order,
  /** With it, a service provider's order. */
  sub_mchid: v.optional(name),
  total: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000_00)),
  /** The last two digits of the pay code; `none`: the request never leaves the till. */
  customer: v.picklist([...Object.keys(payCodes), 'none']),
})
const reverseBody = v.strictObject({
  ...order,
  way: v.picklist(['http', 'sqs', 'step']),
  if_paid: v.picklist(['refund', 'keep']),
  /** How long ago the payment was attempted. */
  attempted_seconds_ago: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(30 * 86_400)),
})
const happenBody = v.strictObject({ ...order, event: orderEvent })
const domainBody = v.strictObject({
  host: v.picklist(['main', 'backup']),
  state: v.picklist(['up', 'refuse', 'black-hole']),
})
/** As far as anything here waits for: the days of dead letters, and some more. */
const forwardBody = v.strictObject({ seconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(30 * 86_400)) })
const nothing = v.strictObject({})
const planBody = v.pick(faultPlanSchema, ['fault', 'endpoint', 'mchid', 'out_trade_no', 'times'])

/** The till's patience with a codepay call. */
const PATIENCE_MS = 5_000

/** The actions there are at this place. */
export function actionsOf(place: Place): Record<string, Action> {
  const { running, stack } = place
  const { simulator } = running
  const ofStack = stack && {
    reverse: reading(reverseBody, (wish) => reverse(place, stack, wish)),
    settle: reading(nothing, async () => Object.values(await stack.runSchedules())[0]),
  }
  return {
    pay: reading(payBody, (wish) => pay(place, wish)),
    happen: reading(happenBody, ({ mchid, out_trade_no, event }) => {
      if (!simulator.books.happen(mchid, out_trade_no, event, simulator.now())) {
        throw new Refusal(409, 'cannot happen', `${event} cannot happen to ${out_trade_no} now`)
      }
    }),
    plan: reading(planBody, (plan) => simulator.faults.add(plan)),
    'drop-plans': reading(nothing, () => {
      simulator.faults.clear()
    }),
    domain: reading(domainBody, async ({ host, state }) => {
      await running.domains[host].set(state)
    }),
    forward: reading(forwardBody, ({ seconds }) => simulator.clock.forward(seconds * 1000)),
    ...ofStack,
  }
}

function reading<T>(schema: v.GenericSchema<unknown, T>, act: (wish: T) => unknown): Action {
  return (body) => {
    const read = v.safeParse(schema, body)
    if (read.success) return act(read.output)
    const [issue] = read.issues
    throw new Refusal(400, 'wrong', `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`)
  }
}

/** Pays as a till does: a signed codepay call to WeChat Pay's main domain. What came back is on the order's timeline. */
async function pay({ running, merchants, asked }: Place, wish: v.InferOutput<typeof payBody>) {
  const { mchid, sub_mchid = null, out_trade_no, total, customer } = wish
  const merchant = merchants.find((one) => one.mchid === mchid)
  if (!merchant) throw new Refusal(404, 'no merchant', `no merchant ${mchid}`)
  const { simulator, endpoints } = running
  if (simulator.books.find(mchid, out_trade_no, simulator.now())) {
    throw new Refusal(409, 'exists already', `order ${out_trade_no} exists already`)
  }
  if (customer === 'none') {
    asked.push({ atMs: simulator.now(), mchid, sub_mchid, out_trade_no, entry: null })
    return
  }
  const target = `/v3/pay/${sub_mchid === null ? '' : 'partner/'}transactions/codepay`
  const body = JSON.stringify({
    ...namesOf(merchant, sub_mchid),
    description: 'made by hand',
    out_trade_no,
    payer: { auth_code: `13${randomInt(10 ** 13, 10 ** 14)}${customer}` },
    amount: { total, currency: 'CNY' },
    scene_info: { store_info: { id: '1' } },
  })
  const signer = parseMerchant(JSON.stringify(merchant.secret)).merchant
  const { header } = authorize(signer, 'POST', target, body, Math.floor(simulator.now() / 1000))
  // Whatever comes back is on the timeline; a till that hears nothing goes on, too.
  await fetch(endpoints[0] + target, {
    method: 'POST',
    headers: {
      Authorization: header,
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'User-Agent': 'till',
    },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => undefined)
}

/** Whose order it is, as WeChat Pay and the service want it named. */
function namesOf({ mchid, appid }: MerchantWithKeys, sub_mchid: string | null): OrderNames {
  return sub_mchid === null ? { mchid, appid } : { sp_mchid: mchid, sp_appid: appid, sub_mchid }
}

function reverse(place: Place, stack: LocalStack, wish: v.InferOutput<typeof reverseBody>) {
  const { mchid, out_trade_no, way, if_paid, attempted_seconds_ago } = wish
  const merchant = place.merchants.find((one) => one.mchid === mchid)
  if (!merchant) throw new Refusal(404, 'no merchant', `no merchant ${mchid}`)
  const nowMs = place.running.simulator.now()
  const attempted_at = new Date(nowMs - attempted_seconds_ago * 1000).toISOString()
  const entry: AskedEntry = { kind: 'asked', way, if_paid, attempted_at, answered: null }
  const { books } = place.running.simulator
  const isIt = (one: Asked) => one.mchid === mchid && one.out_trade_no === out_trade_no
  const known = books.find(mchid, out_trade_no, nowMs) ?? place.asked.find(isIt)
  const sub_mchid = known?.sub_mchid ?? null
  const one: Asked = { atMs: nowMs, mchid, sub_mchid, out_trade_no, entry }
  place.asked.push(one)
  const order = { ...namesOf(merchant, sub_mchid), out_trade_no, attempted_at, if_paid }
  // The click is answered at once; what comes back later is seen on the timeline.
  void reverseBy(stack, way, order).then(
    (answered) => {
      entry.answered = answered
    },
    (error: Error) => {
      entry.answered = error.message
    },
  )
}
