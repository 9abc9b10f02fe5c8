import type { LocalStack } from '../../infra/local/stack.ts'
import type { Simulator } from '../../infra/local/wechatpay/simulator.ts'
import type { Reversal } from '../../lib/reversal/result.ts'
import type { WechatPayKeys } from '../../lib/wechatpay/merchant.ts'
import { signerOf } from '../../lib/wechatpay/order-id.ts'
import { isSignedBy } from '../../lib/wechatpay/verify.ts'
import { type Story, stage } from './stories.ts'
import type { Way } from './ways.ts'
import type { Step } from './wire.ts'

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

export interface Stage {
  stack: LocalStack
  simulator: Simulator
  merchant: { mchid: string; appid: string }
  keys: WechatPayKeys
  /** Every call WeChat Pay has seen so far. */
  steps: Step[]
}

/** Older than the 15 s for which a reverse waits after a payment. */
const attemptedAt = () => new Date(Date.now() - 60_000).toISOString()

export async function runStory(on: Stage, story: Story, way: Way): Promise<Run> {
  const out_trade_no = `${story.name}-${way.name}`
  const order = { mchid: on.merchant.mchid, appid: on.merchant.appid, out_trade_no, attempted_at: attemptedAt() }
  stage(on.simulator, { mchid: order.mchid, appid: order.appid, out_trade_no }, story)
  const startedAt = performance.now()
  const ended = await way.run(on.stack, order).then(
    (reversal) => ({ reversal, problems: problemsOf(on, story, reversal) }),
    (error: Error) => ({ problems: [error.message] }),
  )
  return {
    story,
    way,
    asked: way.asks(order),
    steps: on.steps.filter((step) => step.out_trade_no === out_trade_no),
    tookMs: performance.now() - startedAt,
    ...ended,
  }
}

/** Is the outcome the right one, does its evidence prove it, and do WeChat Pay's own books say the same? */
function problemsOf({ keys, simulator }: Stage, story: Story, reversal: Reversal): string[] {
  const { out_trade_no, outcome, evidence, request_id } = reversal
  const problems: string[] = []
  if (outcome !== story.outcome) problems.push(`the outcome should be ${story.outcome}, not ${outcome}`)
  if (evidence.length === 0) problems.push('there is no evidence')
  if (evidence.at(-1)?.request_id !== request_id) problems.push('the last answer kept is not the one that proves it')
  if (!evidence.every((answer) => isSignedBy(keys, answer, answer.body))) {
    problems.push('an answer kept as evidence does not verify')
  }
  const { charged, refunded } = simulator.books.find(signerOf(reversal), out_trade_no, simulator.now())!
  const isRight = refunded.count === charged.count && refunded.amount === charged.amount
  if (!isRight) problems.push(`WeChat Pay's books say charged ${charged.count} times, refunded ${refunded.count} times`)
  return problems
}
