import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import type { Json } from '../../../infra/local/cloudformation.ts'
import { startLocalStack } from '../../../infra/local/stack.ts'
import { fixture, taskRoot } from './fixtures/template.ts'

const stack = await startLocalStack({ template: fixture(), taskRoot, environment: { STAGE: 'over' } })
after(() => stack.close())
const step = async (event: object) => (await stack.invoke('Step', event)) as { result?: Json; error?: Json }
const hang = () => step({ do: 'hang' })

test('a warm environment is used again, one invocation at a time', async () => {
  const first = await step({})
  const second = await step({})
  assert.equal(second.result.pid, first.result.pid)
  assert.equal(second.result.served, first.result.served + 1)
  const both = await Promise.all([step({ do: 'wait', waitMs: 100 }), step({})])
  assert.notEqual(both[1].result.pid, undefined)
  assert.equal(stack.lambda.environments('local-step').length, 2)
})

test('the handler sees what Lambda gives it and nothing of this machine', async () => {
  process.env.AWS_PROFILE = 'somebody'
  const { result } = await step({ do: 'environment' })
  assert.equal(result.AWS_LAMBDA_FUNCTION_NAME, 'local-step')
  assert.equal(result.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, '256')
  assert.equal(result.AWS_REGION, 'us-east-1')
  assert.equal(result.QUEUE_URL, stack.queueUrl)
  assert.equal(result.STAGE, 'over')
  assert.deepEqual([result.AWS_PROFILE, result.HOME, result.PATH], [undefined, undefined, undefined])
})

test('the time left starts at the time-out of the template', async () => {
  const { result } = await step({})
  assert.ok(result.remainingMs > 1000 && result.remainingMs <= 2000, `${result.remainingMs}`)
})

test('a thrown error keeps its name', async () => {
  const { error } = await step({ do: 'throw', name: 'InvalidOrder', message: 'mchid: missing' })
  assert.deepEqual([error.errorType, error.errorMessage], ['InvalidOrder', 'mchid: missing'])
})

test('at the time-out the environment is dead, and the next invocation gets a new one', async () => {
  const { error } = await hang()
  assert.equal(error.errorType, 'Sandbox.Timedout')
  assert.match(error.errorMessage, /Task timed out after 2.00 seconds/)
  assert.equal((await step({})).error, undefined)
})

test('an environment that exits or is killed fails the invocation, not the stack', async () => {
  const exited = await step({ do: 'exit' })
  assert.match(exited.error.errorMessage, /exit status 7/)
  const hanging = hang()
  await step({})
  assert.ok(stack.killEnvironments('Step') > 0)
  const killed = await hanging
  assert.equal(killed.error.errorType, 'Runtime.ExitError')
  assert.match(killed.error.errorMessage, /signal: killed/)
  assert.equal((await step({})).error, undefined)
})

test('reserved concurrency is the most that runs at once', async () => {
  const running = [step({ do: 'wait', waitMs: 200 }), step({ do: 'wait', waitMs: 200 })]
  await assert.rejects(step({}), { name: 'TooManyRequestsException' })
  await Promise.all(running)
})

test('what a function writes can be read', async () => {
  await step({ do: 'wait', waitMs: 0 })
  assert.ok(stack.logs('Step').some((line) => line.endsWith('step wait')))
  assert.ok(stack.logs('Step').some((line) => line.startsWith('REPORT RequestId: ')))
})

test('the SDK invokes a function, waiting for it or not', async () => {
  const client = new LambdaClient({ endpoint: stack.awsUrl, region: stack.region, credentials: stack.credentials })
  const Payload = JSON.stringify({ do: 'throw', name: 'UnknownMerchant', message: 'no' })
  const waited = await client.send(new InvokeCommand({ FunctionName: 'local-step', Payload }))
  assert.equal(waited.FunctionError, 'Unhandled')
  assert.equal(JSON.parse(waited.Payload!.transformToString()).errorType, 'UnknownMerchant')
  const event = await client.send(
    new InvokeCommand({ FunctionName: 'local-step', Payload: '{}', InvocationType: 'Event' }),
  )
  assert.equal(event.StatusCode, 202)
  const unknown = client.send(new InvokeCommand({ FunctionName: 'nobody', Payload: '{}' }))
  await assert.rejects(unknown, { name: 'ResourceNotFoundException' })
})

test('a stack that is closed starts no environment any more, whoever still calls', async () => {
  const other = await startLocalStack({ template: fixture(), taskRoot })
  await other.close()
  await assert.rejects(other.invoke('Step', {}), /this stack is closed/)
  assert.deepEqual(other.lambda.environments(), [])
})
