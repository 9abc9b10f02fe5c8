import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { Context } from 'aws-lambda'
import { lambdaFunction } from '../../../lib/aws/lambda-function.ts'
import { RESERVED_MS } from '../../../lib/aws/patience.ts'
import { attempted, logQueryFailure } from '../../../lib/aws/telemetry.ts'
import { keepLogLines } from '../../functions/log-lines.ts'

const log = keepLogLines()
beforeEach(() => log.forget())

/** Begins an attempt, writes a line, and ends as the event says. */
const handler = lambdaFunction('queue', async ({ fails }: { fails: boolean }, msLeft) => {
  attempted({ mchid: '1900000001' })
  logQueryFailure({}, new Error('x'))
  if (fails) throw new Error('failed')
  return msLeft()
})

const invoke = (event: { fails: boolean }, awsRequestId = 'r-1') =>
  handler(event, { awsRequestId, functionName: 'f', getRemainingTimeInMillis: () => 60_000 } as Context)

const aboutInvocation = () =>
  log.saying('query failed').map(({ cold_start, function_name, function_request_id, xray_trace_id }) => {
    return { cold_start, function_name, function_request_id, xray_trace_id }
  })

test('every line says which invocation wrote it, and whether it was the first of its environment', async () => {
  process.env._X_AMZN_TRACE_ID = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
  await invoke({ fails: false })
  delete process.env._X_AMZN_TRACE_ID
  await invoke({ fails: false }, 'r-2')
  const xray_trace_id = '1-5759e988-bd862e3fe1be46a994272793'
  assert.deepEqual(aboutInvocation(), [
    { cold_start: true, function_name: 'f', function_request_id: 'r-1', xray_trace_id },
    { cold_start: false, function_name: 'f', function_request_id: 'r-2', xray_trace_id: undefined },
  ])
})

for (const fails of [false, true]) {
  test(`the metrics of an invocation that ${fails ? 'fails' : 'succeeds'} are written by its end`, async () => {
    await invoke({ fails }).catch(() => {})
    assert.deepEqual(log.metric('ReversalAttempted'), [1])
  })
}

test('the attempt has all the time but what is kept for what must follow it', async () => {
  assert.equal(await invoke({ fails: false }), 60_000 - RESERVED_MS.queue)
})

test('a failure is thrown as it is: Lambda makes its name the errorType', async () => {
  await assert.rejects(invoke({ fails: true }), { name: 'Error', message: 'failed' })
})
