import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'
import type { Json } from '../../../infra/local/cloudformation.ts'
import { DEFAULT_CONCURRENCY } from '../../../infra/local/event-source.ts'
import { type LocalStack, startLocalStack } from '../../../infra/local/stack.ts'
import { fixture, taskRoot } from './fixtures/template.ts'
import { until } from './fixtures/until.ts'

const stack = await startLocalStack({ template: fixture(), taskRoot })
const single = fixture()
single.Resources.Mapping!.Properties.BatchSize = 1
const oneByOne = await startLocalStack({ template: single, taskRoot })
after(() => Promise.all([stack.close(), oneByOne.close()]))
// Warm, the function is done long before the visibility time-out of a second.
before(() =>
  Promise.all([stack, ...Array(DEFAULT_CONCURRENCY).fill(oneByOne)].map((on) => on.invoke('Handler', { Records: [] }))),
)
const client = new SQSClient({ endpoint: stack.awsUrl, region: stack.region, credentials: stack.credentials })

/** The batches the function saw, as the ids of their messages. */
const batches = ({ logs }: LocalStack): string[][] =>
  logs('Handler')
    .filter((line) => line.includes('batch ['))
    .map((line) => JSON.parse(line.slice(line.indexOf('batch [') + 6)).map(({ messageId }: Json) => messageId))
const receives = (id: string, on = stack) => batches(on).filter((batch) => batch.includes(id)).length
const isGone = async (id: string, on = stack) => !(await on.messages()).some(({ messageId }) => messageId === id)

test('a message the function has done is deleted', async () => {
  const id = await stack.sendMessage({ do: 'ok' })
  await until(() => isGone(id))
  assert.equal(receives(id), 1)
})

test('a message the function reports as failed comes again and ends as a dead letter; its neighbour does not', async () => {
  const [failing, done] = await Promise.all([stack.sendMessage({ do: 'fail' }), stack.sendMessage({ do: 'ok' })])
  const isDead = async () => (await stack.deadLetters()).some(({ messageId }) => messageId === failing)
  await until(isDead)
  assert.equal(receives(failing), 2, 'as often as maxReceiveCount says')
  assert.equal(receives(done), 1)
})

describe('what the function answers decides about its batch', { concurrency: true }, () => {
  const shapes: [string, Json, boolean][] = [
    ['nothing at all', { do: 'shape', shape: null }, true],
    ['no list of failures', { do: 'shape', shape: {} }, true],
    ['an unknown message', { do: 'shape', shape: { batchItemFailures: [{ itemIdentifier: 'another' }] } }, false],
    ['an empty identifier', { do: 'shape', shape: { batchItemFailures: [{ itemIdentifier: '' }] } }, false],
    ['a misspelt identifier', { do: 'shape', shape: { batchItemFailures: [{ itemIdentifer: 'x' }] } }, false],
    ['an error', { do: 'throw' }, false],
  ]
  for (const [what, body, isDone] of shapes) {
    test(`${what}: ${isDone ? 'done' : 'not done, it comes again as a whole'}`, async () => {
      const id = await oneByOne.sendMessage(body)
      if (isDone) await until(async () => receives(id, oneByOne) > 0 && (await isGone(id, oneByOne)))
      else await until(() => receives(id, oneByOne) === 2)
    })
  }
})

test('a delayed message is not seen before its time', async () => {
  const id = await stack.sendMessage({ do: 'ok' }, 1)
  const sentAt = Date.now()
  await until(() => receives(id) === 1)
  assert.ok(Date.now() - sentAt > 800)
})

test('message attributes that SQS would refuse are refused', async () => {
  const send = (MessageAttributes: Json) =>
    client.send(new SendMessageCommand({ QueueUrl: stack.deadLetterQueueUrl, MessageBody: '{}', MessageAttributes }))
  const text = (StringValue: string) => ({ DataType: 'String', StringValue })
  const eleven = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`name${index}`, text('x')]))
  await assert.rejects(send(eleven), /exceeds the allowed maximum \[10\]/)
  await assert.rejects(send({ empty: text('') }), /must contain a non-empty value/)
  await assert.rejects(send({ bad: text('\u0001') }), /invalid characters/)
})

test('a move task sends dead letters back to where they came from, or where it is told', async () => {
  const arnOf = (url: string) => stack.resources.find(({ ref }) => ref === url)!.arn
  const SourceArn = arnOf(stack.deadLetterQueueUrl)
  const finish = async () => {
    const list = () => client.send(new ListMessageMoveTasksCommand({ SourceArn }))
    await until(async () => (await list()).Results![0]!.Status !== 'RUNNING')
    return (await list()).Results![0]!
  }
  await until(async () => (await stack.messages()).length === 0)
  await client.send(new StartMessageMoveTaskCommand({ SourceArn }))
  const moved = await finish()
  assert.equal(moved.Status, 'COMPLETED')
  assert.ok(moved.ApproximateNumberOfMessagesMoved! > 0)

  await until(async () => (await stack.messages()).length === 0)
  const letter = { QueueUrl: stack.deadLetterQueueUrl, MessageBody: '{"do":"ok","by":"hand"}' }
  await client.send(new SendMessageCommand(letter))
  await client.send(new StartMessageMoveTaskCommand({ SourceArn }))
  assert.equal((await finish()).FailureReason, 'CouldNotDetermineMessageSource')
  await client.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn: arnOf(stack.queueUrl) }))
  assert.equal((await finish()).Status, 'COMPLETED')
  await until(() => stack.logs('Handler').some((line) => line.includes('hand')))
})

test('one move task at a time', async () => {
  const SourceArn = stack.resources.find(({ ref }) => ref === stack.deadLetterQueueUrl)!.arn
  const letter = { QueueUrl: stack.deadLetterQueueUrl, MessageBody: '{"do":"ok"}' }
  await client.send(new SendMessageCommand(letter))
  const DestinationArn = stack.resources.find(({ ref }) => ref === stack.queueUrl)!.arn
  const start = () =>
    client.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: 1 }))
  await start()
  await assert.rejects(start(), { name: 'InvalidParameterValue', message: /already a task running/ })
})

test('only a dead-letter queue can be redriven', async () => {
  const SourceArn = stack.resources.find(({ ref }) => ref === stack.queueUrl)!.arn
  await assert.rejects(client.send(new StartMessageMoveTaskCommand({ SourceArn })), /configured as a Dead Letter Queue/)
})

test('an unknown queue is SQS’s own error', async () => {
  const receive = new ReceiveMessageCommand({ QueueUrl: `${stack.awsUrl}/000000000000/nowhere` })
  await assert.rejects(client.send(receive), { name: 'QueueDoesNotExist' })
})
