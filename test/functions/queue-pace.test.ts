import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SQSRecord } from 'aws-lambda'
import { keepLogLines } from './log-lines.ts'
import { ago, lambdaContext, openSurroundings } from './surroundings.ts'

const { simulator, newNames } = await openSurroundings()
keepLogLines()
process.env.ATTEMPTS_PER_SECOND = '20'
const { handler } = await import('../../functions/queue.ts')

/** When WeChat Pay was asked about each of so many closed orders in one batch. */
async function deliver(count: number): Promise<number[]> {
  const before = simulator.log().length
  const records = Array.from({ length: count }, (_, index) => {
    const names = newNames()
    simulator.placeOrder(names, 'CLOSED')
    return {
      messageId: String(index),
      receiptHandle: String(index),
      body: JSON.stringify({ ...names, attempted_at: ago(60) }),
      attributes: { SentTimestamp: String(Date.now()) },
      messageAttributes: {},
    }
  })
  const { batchItemFailures } = await handler({ Records: records as unknown as SQSRecord[] }, lambdaContext())
  assert.deepEqual(batchItemFailures, [])
  return simulator
    .log()
    .slice(before)
    .map(({ at }) => at)
}

test('of a full batch four begin at once, and the rest at the pace that is set', async () => {
  // The first attempt reads the secrets.
  await deliver(1)
  const begun = await deliver(10)
  assert.equal(begun.length, 10)
  // Six more begin 50 ms apart; the clock of the log is cut to milliseconds.
  assert.ok(begun.at(-1)! - begun[0]! >= 6 * 50 - 20, `within ${begun.at(-1)! - begun[0]!} ms`)
})
