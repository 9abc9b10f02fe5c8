import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SQSRecord } from 'aws-lambda'
import { keepLogLines } from './log-lines.ts'
import { ago, lambdaContext, openSurroundings } from './surroundings.ts'

const { simulator, secrets, newNames, calls } = await openSurroundings()
keepLogLines()
const other = simulator.openMerchant({ mchid: '1900000003' })
secrets.put('merchant/three', other.secret)
process.env.MERCHANT_SECRETS += ',merchant/three'
// On a busy machine, too, an answer comes in time: this is about the pace alone.
process.env.WECHATPAY_TIMEOUT_MS = '5000'
const FUNCTION_MS = 60_000
type Handler = typeof import('../../functions/queue.ts').handler

/** The function of a new environment, at this pace. */
async function handlerAt(perSecond: string): Promise<Handler> {
  process.env.ATTEMPTS_PER_SECOND = perSecond
  return ((await import(`../../functions/queue.ts?${perSecond}`)) as { handler: Handler }).handler
}

const { mchid, appid } = other
const recordsOf = (orders: ReturnType<typeof newNames>[]) =>
  orders.map((names, index) => {
    simulator.placeOrder(names, 'CLOSED')
    return {
      messageId: String(index),
      receiptHandle: String(index),
      body: JSON.stringify({ ...names, attempted_at: ago(60) }),
      attributes: { SentTimestamp: String(Date.now()) },
      messageAttributes: {},
    } as unknown as SQSRecord
  })

/** How long after the start WeChat Pay was asked about each of so many closed orders of a batch, and one of another merchant behind them. */
async function deliver(handler: Handler, count: number) {
  const before = simulator.log().length
  const all = [...Array.from({ length: count }, newNames), { ...newNames(), mchid, appid }]
  const Records = recordsOf(all)
  const startedAt = Date.now()
  const { batchItemFailures } = await handler({ Records }, lambdaContext(FUNCTION_MS))
  assert.deepEqual(batchItemFailures, [])
  const calls = simulator.log().slice(before)
  const begun = (of: (mchid: string | null) => boolean) =>
    calls.filter((call) => of(call.mchid)).map(({ at }) => at - startedAt)
  return { begun: begun((one) => one !== mchid), others: begun((one) => one === mchid) }
}

test('of a merchant’s orders four begin at once and the rest at its pace; another’s behind them need not wait', async () => {
  // The first attempt reads the secrets.
  const handler = await handlerAt('5')
  await deliver(handler, 1)
  const { begun, others } = await deliver(handler, 9)
  assert.deepEqual([begun.length, others.length], [9, 1])
  // Five more begin 200 ms apart; the clock of the log is cut to milliseconds.
  assert.ok(
    begun.at(-1)! >= 5 * 200 - 2,
    `nine began within ${begun.at(-1)} ms, where five must wait 200 ms for each other`,
  )
  assert.ok(
    others[0]! < begun.at(-1)!,
    `another merchant's order waited ${others[0]} ms, for the turns of the one before it`,
  )
})

test('an order whose turn is later than a batch may last stays on the queue at once, and WeChat Pay is not asked', async () => {
  const handler = await handlerAt('0.05')
  const orders = Array.from({ length: 5 }, newNames)
  const startedAt = Date.now()
  const { batchItemFailures } = await handler({ Records: recordsOf(orders) }, lambdaContext(FUNCTION_MS))
  assert.deepEqual(batchItemFailures, [{ itemIdentifier: '4' }])
  assert.deepEqual(
    orders.map(({ out_trade_no }) => calls(out_trade_no).length > 0),
    [true, true, true, true, false],
  )
  assert.ok(Date.now() - startedAt < 10_000, 'nobody waited for it')
})
