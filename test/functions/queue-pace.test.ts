import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SQSRecord } from 'aws-lambda'
import { keepLogLines } from './log-lines.ts'
import { ago, lambdaContext, openSurroundings } from './surroundings.ts'

const { simulator, secrets, newNames } = await openSurroundings()
keepLogLines()
const other = simulator.openMerchant({ mchid: '1900000003' })
secrets.put('merchant/three', other.secret)
process.env.MERCHANT_SECRETS += ',merchant/three'
process.env.ATTEMPTS_PER_SECOND = '5'
const { handler } = await import('../../functions/queue.ts')

const { mchid, appid } = other

/** How long after the start WeChat Pay was asked about each of so many closed orders of a batch, and one of another merchant behind them. */
async function deliver(count: number) {
  const before = simulator.log().length
  const all = [...Array.from({ length: count }, newNames), { ...newNames(), mchid, appid }]
  const records = all.map((names, index) => {
    simulator.placeOrder(names, 'CLOSED')
    return {
      messageId: String(index),
      receiptHandle: String(index),
      body: JSON.stringify({ ...names, attempted_at: ago(60) }),
      attributes: { SentTimestamp: String(Date.now()) },
      messageAttributes: {},
    }
  })
  const startedAt = Date.now()
  const { batchItemFailures } = await handler({ Records: records as unknown as SQSRecord[] }, lambdaContext())
  assert.deepEqual(batchItemFailures, [])
  const calls = simulator.log().slice(before)
  const begun = (of: (mchid: string | null) => boolean) =>
    calls.filter((call) => of(call.mchid)).map(({ at }) => at - startedAt)
  return { begun: begun((one) => one !== mchid), others: begun((one) => one === mchid) }
}

test('of a merchant’s orders four begin at once and the rest at its pace; another’s behind them need not wait', async () => {
  // The first attempt reads the secrets.
  await deliver(1)
  const { begun, others } = await deliver(9)
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
