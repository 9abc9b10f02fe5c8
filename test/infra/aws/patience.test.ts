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

function assertAtLeast(ms: number, leastMs: number, what: string) {
  assert.ok(ms >= leastMs, `${what} has ${ms} ms, and needs ${leastMs} ms`)
}

/** SQS: "Message visibility timeout … maximum is 12 hours". */
const MAX_VISIBILITY_SECONDS = 43_200

for (const name of (Object.keys(RESERVED_MS) as FunctionName[]).filter((name) => name !== 'settle')) {
  describe(`the time of function ${name}`, () => {
    const attemptMs = timeoutMs(name) - RESERVED_MS[name]

    test('is enough for a secret to be read, and for four tries at WeChat Pay that bring no answer', () => {
      assertAtLeast(attemptMs - SECRET_READ_MS, 4 * tryMs(name), 'an attempt that has read its secret')
    })

    test('leaves room for all calls that may follow an attempt, and for our own work', () => {
      const forOwnWorkMs = RESERVED_MS[name] - LAST_CALLS[name] * CALL_MS
      assertAtLeast(forOwnWorkMs, 300, 'our own work after an attempt')
    })
  })
}

describe('the time of the queue', () => {
  test('leaves the last message of a batch, however slow the pace, three tries: query, reverse, query', () => {
    const leftMs = timeoutMs('queue') - RESERVED_MS.queue - MAX_WAIT_MS
    assertAtLeast(leftMs, 3 * tryMs('queue'), 'the last message of a batch')
  })

  test('hides a message until the function has ended and a reverse that it sent has landed', () => {
    // KEPT depends on it: nothing else records a reverse of an attempt that was cut off.
    const hiddenMs = queue.VisibilityTimeout * 1000 - timeoutMs('queue')
    assertAtLeast(hiddenMs, TIMES.reverseLands * 1000, 'after the function has ended, a message is hidden and')
  })

  test('lets SQS hide a message for the longest back-off', () => {
    const longestMs = timeoutMs('queue') + BACKOFF.laterMaxSeconds * 1000
    assertAtLeast(
      MAX_VISIBILITY_SECONDS * 1000,
      longestMs,
      'what SQS hides a message for, against the longest back-off,',
    )
  })

  test('keeps a message beyond the last look at its order', () => {
    const lastLookSeconds = TIMES.lookedAtAgain + BACKOFF.laterMaxSeconds + queue.VisibilityTimeout
    assertAtLeast(queue.MessageRetentionPeriod * 1000, lastLookSeconds * 1000, 'a message on the queue')
  })
})
