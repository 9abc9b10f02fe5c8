import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Context } from 'aws-lambda'
import { type FunctionName, RESERVED_MS } from '../../lib/aws/patience.ts'
import { keepLogLines } from './log-lines.ts'
import { ago, lambdaContext, openSurroundings } from './surroundings.ts'

const { simulator, fail, newNames } = await openSurroundings()
keepLogLines()

/** For the attempt. Two tries of a call fit into it, and nothing is answered in either. */
const ATTEMPT_MS = 1_500
/** What a busy machine may take of the time kept back. */
const SLACK_MS = 450

/** An order that WeChat Pay does not answer a word about. */
function silentOrder(fields: object = {}) {
  const names = newNames()
  simulator.placeOrder(names, 'SUCCESS')
  simulator.faults.add({ fault: 'silence', out_trade_no: names.out_trade_no, times: 'always' })
  return { ...names, attempted_at: ago(60), ...fields }
}

function messageOf(order: object) {
  const body = JSON.stringify(order)
  const attributes = { SentTimestamp: String(Date.now()) }
  return { messageId: body, receiptHandle: 'r', body, attributes, messageAttributes: {} }
}

/** The settlement has no attempt, and nobody waits for it. */
type Attempting = Exclude<FunctionName, 'settle'>

const EVENTS: Record<Attempting, () => object> = {
  http() {
    const { out_trade_no, ...rest } = silentOrder()
    const requestContext = { http: { method: 'POST' } }
    return { requestContext, headers: {}, pathParameters: { out_trade_no }, body: JSON.stringify(rest) }
  },
  // One that waits, and one that is refused at once.
  queue: () => ({ Records: [silentOrder(), { if_paid: 'maybe' }].map(messageOf) }),
  step: () => silentOrder(),
}

async function invoke(name: Attempting): Promise<number> {
  const { handler } = (await import(`../../functions/${name}.ts`)) as {
    handler: (event: object, context: Context) => Promise<unknown>
  }
  const context = lambdaContext(RESERVED_MS[name] + ATTEMPT_MS)
  await handler(EVENTS[name](), context).catch(() => {})
  return context.getRemainingTimeInMillis()
}

describe('on a night when nobody answers, a function ends before Lambda ends it', () => {
  for (const name of Object.keys(EVENTS) as Attempting[]) {
    test(`${name}: its attempt leaves all the time that is kept for what must follow`, async () => {
      const leftMs = await invoke(name)
      assert.ok(leftMs >= RESERVED_MS[name] - SLACK_MS, `${leftMs} ms left`)
    })

    test(`${name}: also when AWS does not answer either`, async () => {
      const slow = { delayMs: 6_000, error: 'InternalError', status: 500 }
      const stops = [fail('sqs', slow), fail('events', slow)]
      const leftMs = await invoke(name)
      for (const stop of stops) stop()
      assert.ok(leftMs > 0, `${leftMs} ms left`)
    })
  }
})
