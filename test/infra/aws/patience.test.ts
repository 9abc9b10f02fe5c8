import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CALL_MS, type FunctionName, LAST_CALLS, RESERVED_MS, SECRET_READ_MS } from '../../../lib/aws/patience.ts'
import { MAX_WAIT_MS } from '../../../lib/queue/pace.ts'
import { BACKOFF } from '../../../lib/reversal/backoff.ts'
import { TIMES } from '../../../lib/reversal/decision/times.ts'
import { compiledTemplate } from './compiled-template.ts'

const { Resources } = await compiledTemplate()
const functionOf = (name: FunctionName) =>
  Resources[`${name[0]!.toUpperCase()}${name.slice(1)}LambdaFunction`]!.Properties
const timeoutMs = (name: FunctionName) => functionOf(name).Timeout * 1000
const tryMs = (name: FunctionName) => Number(functionOf(name).Environment.Variables.WECHATPAY_TIMEOUT_MS)
const queue = Resources.ReversalQueue!.Properties

/** SQS: "Message visibility timeout … maximum is 12 hours". */
const MAX_VISIBILITY_SECONDS = 43_200

for (const name of (Object.keys(RESERVED_MS) as FunctionName[]).filter((name) => name !== 'settle')) {
  describe(`the time of function ${name}`, () => {
    const attemptMs = timeoutMs(name) - RESERVED_MS[name]

    test('is enough for a secret to be read, and for four tries at WeChat Pay that bring no answer', () => {
      assert.ok(attemptMs - SECRET_READ_MS >= 4 * tryMs(name), `${attemptMs} ms`)
    })

    test('leaves room for all calls that may follow an attempt, and for our own work', () => {
      const forOwnWorkMs = RESERVED_MS[name] - LAST_CALLS[name] * CALL_MS
      assert.ok(forOwnWorkMs >= 300, `${forOwnWorkMs} ms`)
    })
  })
}

describe('the time of the queue', () => {
  test('leaves the last message of a batch, however slow the pace, three tries: query, reverse, query', () => {
    assert.ok(timeoutMs('queue') - RESERVED_MS.queue - MAX_WAIT_MS >= 3 * tryMs('queue'))
  })

  test('hides a message until the function has ended and a reverse that it sent has landed', () => {
    // KEPT depends on it: nothing else records a reverse of an attempt that was cut off.
    assert.ok(queue.VisibilityTimeout - timeoutMs('queue') / 1000 >= TIMES.reverseLands)
  })

  test('lets SQS hide a message for the longest back-off', () => {
    assert.ok(timeoutMs('queue') / 1000 + BACKOFF.laterMaxSeconds <= MAX_VISIBILITY_SECONDS)
  })

  test('keeps a message beyond the last look at its order', () => {
    assert.ok(queue.MessageRetentionPeriod >= TIMES.lookedAtAgain + BACKOFF.laterMaxSeconds + queue.VisibilityTimeout)
  })
})
