import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn'
import { startLocalStack } from '../../../infra/local/stack.ts'
import { fixture, taskRoot } from './fixtures/template.ts'
import { until } from './fixtures/until.ts'

const stack = await startLocalStack({ template: fixture(), taskRoot, waitSeconds: 0, retrySeconds: 0.2 })
after(() => stack.close())
const client = new SFNClient({ endpoint: stack.awsUrl, region: stack.region, credentials: stack.credentials })

test('a machine waits, loops and ends with its output; every step stands in its history', async () => {
  const { status, output, history } = await stack.startExecution({ do: 'count', count: 0 }).ended
  assert.deepEqual([status, output], ['SUCCEEDED', { outcome: 'DONE', count: 3 }])
  const entered = history.filter(({ type }) => type === 'StateEntered').map(({ state }) => state!.name)
  const round = ['Step', 'Done?', 'Wait', 'Again']
  assert.deepEqual(entered, [...round, ...round, 'Step', 'Done?', 'Done'])
})

test('a state knows when it was entered', async () => {
  const { history } = await stack.startExecution({ do: 'count', count: 0 }).ended
  const again = history.find(({ type, state }) => type === 'StateExited' && state?.name === 'Again')!
  assert.ok(Math.abs(Date.parse(again.state!.output.since) - again.timestamp) < 1000, again.state!.output.since)
})

test('an error of a function can be caught by its name, with its words as the cause', async () => {
  const { status, error, cause } = await stack.startExecution({ do: 'throw', name: 'InvalidOrder', message: 'mchid' })
    .ended
  assert.deepEqual([status, error], ['FAILED', 'InvalidOrder'])
  assert.equal(JSON.parse(cause!).errorMessage, 'mchid')
  const uncaught = await stack.startExecution({ do: 'throw', name: 'Other', message: 'x' }).ended
  assert.deepEqual([uncaught.status, uncaught.error], ['FAILED', 'Other'])
})

test('a throttled function is tried again', async () => {
  const busy = [stack.invoke('Step', { do: 'wait', waitMs: 100 }), stack.invoke('Step', { do: 'wait', waitMs: 100 })]
  const { status, history } = await stack.startExecution({ do: 'count', count: 2 }).ended
  await Promise.all(busy)
  assert.equal(status, 'SUCCEEDED')
  assert.ok(history.some(({ type }) => type === 'StateRetried'))
})

test('the SDK starts and watches an execution', async () => {
  const stateMachineArn = stack.resources.find(({ logicalId }) => logicalId === 'Machine')!.ref
  const start = (name: string) =>
    client.send(new StartExecutionCommand({ stateMachineArn, name, input: '{"do":"count","count":2}' }))
  const { executionArn } = await start('by-hand')
  const describe = () => client.send(new DescribeExecutionCommand({ executionArn }))
  await until(async () => (await describe()).status === 'SUCCEEDED')
  assert.equal((await describe()).output, '{"outcome":"DONE","count":3}')
  await assert.rejects(start('by-hand'), { name: 'ExecutionAlreadyExists' })
  await assert.rejects(start('order*1'), { name: 'InvalidName' })
})

test('the SDK stops an execution', async () => {
  const execution = stack.startExecution({ do: 'wait', waitMs: 2_000 })
  await client.send(new StopExecutionCommand({ executionArn: execution.arn }))
  assert.equal((await execution.ended).status, 'ABORTED')
})
