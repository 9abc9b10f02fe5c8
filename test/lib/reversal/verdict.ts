import assert from 'node:assert/strict'
import type { Order as BookedOrder } from '../../../infra/local/wechatpay/order.ts'
import type { Outcome, Reversal } from '../../../lib/reversal/result.ts'
import { signerOf } from '../../../lib/wechatpay/order-id.ts'
import type { Story } from './story.ts'
import { verified } from './virtual-service.ts'
import type { live } from './world.ts'

type World = Awaited<ReturnType<typeof live>>

/** What must be so in WeChat Pay's books for an outcome to be right: in the end, and for KEPT at that moment too. */
export const RIGHT: Record<
  Outcome,
  (order: BookedOrder | undefined, atThatMoment: BookedOrder | undefined) => boolean
> = {
  REFUNDED: (order) => isPaid(order) && isRefunded(order),
  REVERSED: (order) => order?.trade_state === 'REVOKED' && (!isPaid(order) || isRefunded(order)),
  CLOSED: (order) => order?.trade_state === 'CLOSED' && !isPaid(order),
  // The merchant may refund later by other means; a reverse of ours may not.
  KEPT: (order, then) => then?.trade_state === 'SUCCESS' && isPaid(then) && order?.reversed_at === null,
  NOT_FOUND: (order) => order === undefined,
}

const isPaid = (order: BookedOrder | undefined) => order !== undefined && order.charged.count === 1
const isRefunded = (order: BookedOrder | undefined) =>
  order !== undefined && order.refunded.count === 1 && order.refunded.amount === order.charged.amount

/** The state the last answer of the evidence must say; null: that there is no such order. */
const PROVES: Record<Outcome, readonly (string | undefined)[]> = {
  REFUNDED: ['REVOKED', 'REFUND'],
  REVERSED: ['REVOKED'],
  CLOSED: ['CLOSED'],
  KEPT: ['SUCCESS'],
  NOT_FOUND: [undefined],
}

/** What must be so at the end of a story. */
export function check(story: Story, world: World) {
  const { ended, refused, lost, told, blindReverses, order } = world
  assert.deepEqual(lost, [])
  if (story.ifPaid === 'keep') assert.deepEqual(blindReverses, [], 'reversed blind what may be kept')
  assert.ok(ended.length + refused.length > 0, 'nothing was ever told about the order')
  for (const { result } of ended) checkProof(result, world)
  for (const { at, result } of ended) {
    const then = world.simulator.books.asOf(signerOf(result), result.out_trade_no, at)
    assert.ok(RIGHT[result.outcome](order, then), `${result.outcome} is wrong: the books say ${JSON.stringify(order)}`)
    if (result.outcome === 'KEPT') assert.equal(story.ifPaid, 'keep')
    if (result.outcome === 'NOT_FOUND') assert.ok(told.reverseAnswered, 'NOT_FOUND without an answer to a reverse')
    if (result.outcome === 'REVERSED')
      assert.ok(!told.paid || mayHaveForgotten(story, world), 'REVERSED although seen paid')
  }
  for (const error of refused) checkReason(error.name, story, world)

  assert.ok((order?.refunded.count ?? 0) <= 1, 'refunded twice')
  if (story.ifPaid === 'refund' && isPaid(order) && refused.length === 0)
    assert.ok(isRefunded(order), 'paid, given up and not refunded')
}

function checkProof(result: Reversal, { simulator }: World) {
  assert.ok(result.evidence.length > 0, 'an outcome without evidence')
  const said = result.evidence.map((evidence) => verified(simulator, evidence))
  const last = said.at(-1)!
  assert.ok(
    PROVES[result.outcome].includes(last.trade_state as string | undefined),
    `${result.outcome} by ${last.trade_state}`,
  )
  if (result.outcome === 'NOT_FOUND') return assert.match(String(last.code), /^ORDER_?NOT_?EXIST$/)
  assert.deepEqual([last.mchid, last.out_trade_no], [result.mchid, result.out_trade_no])
  if (result.outcome === 'REFUNDED') {
    const isProved =
      said[0]!.trade_state === 'SUCCESS' || last.transaction_id !== undefined || last.trade_state === 'REFUND'
    assert.ok(isProved, 'REFUNDED without proof of a payment')
  }
}

/** An attempt that died, one beside another, or one whose message could not be put, knows less than all of them. */
const mayHaveForgotten = ({ deaths, duplicates, crashes }: Story, { hasForgotten }: World) =>
  hasForgotten || crashes !== undefined || deaths.some((death) => death !== null) || duplicates.length > 0

/** What must have gone wrong for an order to end with a person. */
function checkReason(error: string, story: Story, world: World) {
  const { met, order } = world
  const wasRefundedByOthers = story.life.some(({ event }) => event === 'refund')
  switch (error) {
    case 'ReversalRejected':
      return assert.ok(
        met.some((fault) => /^reverse (param-error|appid-mchid-not-match|mch-not-exists|no-?auth)/.test(fault)),
      )
    case 'RefundedElsewhere':
      // REFUND after a reverse that nobody remembers looks the same, and after one that was carried out although it was
      // said to be refused. (Only REVOKED was ever reported after a reverse.)
      assert.ok(
        wasRefundedByOthers ||
          mayHaveForgotten(story, world) ||
          met.some((fault) => /^reverse .*-after-effect$/.test(fault)),
      )
      return assert.equal(order?.trade_state, 'REFUND')
    case 'InvalidOrder':
    case 'ReversalExpired':
      return assert.ok(story.clock !== null, `${error} although the clock was right`)
    default:
      assert.fail(`${error} is no reason`)
  }
}
