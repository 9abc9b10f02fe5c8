import type { Entry } from '../../infra/local/page/parts.ts'
import type { Order } from '../../infra/local/wechatpay/order.ts'
import type { OrderMessage } from '../../lib/reversal/order.ts'
import type { Reversal } from '../../lib/reversal/result.ts'
import type { WechatPayKeys } from '../../lib/wechatpay/merchant.ts'
import { signerOf } from '../../lib/wechatpay/order-id.ts'
import { isSignedBy } from '../../lib/wechatpay/verify.ts'
import type { Control } from '../operator/control.ts'
import { lookFor } from '../operator/look-for.ts'
import { text } from '../texts/start.ts'
import type { Story } from './stories.ts'
import type { Doors, Way } from './ways.ts'

/** One call as WeChat Pay saw it, and what became of its answer. */
export type Step = Extract<Entry, { kind: 'call' }>

/** One order through one way in, and how it ended. */
export interface Run {
  story: Story
  way: Way
  asked: string
  steps: Step[]
  reversal?: Reversal
  tookMs: number
  /** What is not as it should be; empty when all is well. */
  problems: string[]
}

/** A stack and its WeChat Pay, in this process or another. */
export interface Stage {
  doors: Doors
  control: Control
  merchant: { mchid: string; appid: string }
  keys: WechatPayKeys
  /** What happened to an order so far, as the page knows it. */
  timeline(order: { mchid: string; out_trade_no: string }): readonly Entry[]
  /** The time there, in ms since 1970. */
  now(): number
}

/** Older than the 15 s for which a reverse waits after a payment. */
export const attemptedAt = ({ now }: Pick<Stage, 'now'>) => new Date(now() - 60_000).toISOString()

export async function runStory(on: Stage, story: Story, way: Way): Promise<Run> {
  const out_trade_no = `${story.name}-${way.name}`
  const { mchid, appid } = on.merchant
  const order = { mchid, appid, out_trade_no, attempted_at: attemptedAt(on) }
  const { state, faults = [] } = story
  await on.control('PUT', `/orders/${mchid}/${out_trade_no}`, { state, faults })
  const startedAt = performance.now()
  const ended = await way.run(on.doors, order).then(
    async (reversal) => ({ reversal, problems: await problemsOf(on, story.outcome, reversal) }),
    (error: Error) => ({ problems: [error.message] }),
  )
  const tookMs = performance.now() - startedAt
  const steps = await stepsOf(on, order, 'reversal' in ended ? ended.reversal.request_id : undefined)
  return { story, way, asked: way.asks(order), steps, tookMs, ...ended }
}

/** The page learns of a call within so long. */
const KNOWN_MS = 3_000

/** @param last the call that everything ended with; it is waited for */
async function stepsOf(on: Stage, order: OrderMessage & { mchid: string }, last: string | undefined): Promise<Step[]> {
  const stepsNow = () => on.timeline(order).filter((entry): entry is Step => entry.kind === 'call')
  const isLast = ({ answer }: Step) => answer.request_id === last
  if (last !== undefined) await lookFor(() => stepsNow().find(isLast), { forMs: KNOWN_MS, everyMs: 20 })
  return stepsNow()
}

/** Is the outcome the right one, does its evidence prove it, and do WeChat Pay's own books say the same? */
export async function problemsOf({ keys, control }: Stage, wanted: string, reversal: Reversal): Promise<string[]> {
  const { out_trade_no, outcome, evidence, request_id } = reversal
  const problems: string[] = []
  if (outcome !== wanted) problems.push(text.problems.outcome(wanted, outcome))
  if (evidence.length === 0) problems.push(text.problems.noEvidence)
  if (evidence.at(-1)?.request_id !== request_id) problems.push(text.problems.notTheLast)
  if (!evidence.every((answer) => isSignedBy(keys, answer, answer.body))) {
    problems.push(text.problems.unverified)
  }
  const { charged, refunded } = await inBooks(control, { mchid: signerOf(reversal), out_trade_no })
  const isRight = refunded.count === charged.count && refunded.amount === charged.amount
  if (!isRight) problems.push(text.problems.books(charged.count, refunded.count))
  return problems
}

/** The order as WeChat Pay's books have it. */
export async function inBooks(control: Control, order: { mchid: string; out_trade_no: string }): Promise<Order> {
  const { orders } = await control<{ orders: Order[] }>('GET', `/books?${new URLSearchParams(order)}`)
  if (orders[0] === undefined) throw new Error(text.problems.notInBooks(order.out_trade_no))
  return orders[0]
}
