import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { startLocalStack } from '../../../infra/local/stack.ts'
import { fixture, taskRoot } from './fixtures/template.ts'

const stack = await startLocalStack({ template: fixture(), taskRoot })
after(() => stack.close())
const options = { endpoint: stack.awsUrl, region: stack.region, credentials: stack.credentials, maxAttempts: 1 }
const secrets = new SecretsManagerClient(options)
const events = new EventBridgeClient(options)

async function read(SecretId: string, VersionStage?: string) {
  const { SecretString } = await secrets.send(
    new GetSecretValueCommand({ SecretId, ...(VersionStage && { VersionStage }) }),
  )
  return SecretString
}

test('a secret of the template has no value until one is put', async () => {
  await assert.rejects(read('merchant/one'), { name: 'ResourceNotFoundException' })
  stack.secrets.put('merchant/one', { mchid: '1' })
  assert.equal(await read('merchant/one'), '{"mchid":"1"}')
  assert.equal(await read(stack.secrets.arn('merchant/one')), '{"mchid":"1"}')
})

test('a new value pushes the old one to AWSPREVIOUS', async () => {
  await secrets.send(new CreateSecretCommand({ Name: 'merchant/two', SecretString: 'old' }))
  await assert.rejects(read('merchant/two', 'AWSPREVIOUS'), { name: 'ResourceNotFoundException' })
  await secrets.send(new PutSecretValueCommand({ SecretId: 'merchant/two', SecretString: 'new' }))
  assert.deepEqual([await read('merchant/two'), await read('merchant/two', 'AWSPREVIOUS')], ['new', 'old'])
  await assert.rejects(secrets.send(new CreateSecretCommand({ Name: 'merchant/two' })), {
    name: 'ResourceExistsException',
  })
})

test('a service can be disturbed for some of its calls', async () => {
  stack.secrets.put('merchant/one', 'value')
  stack.fail('secretsmanager', { error: 'ThrottlingException', times: 1 })
  await assert.rejects(read('merchant/one'), { name: 'ThrottlingException' })
  assert.equal(await read('merchant/one'), 'value')

  const stop = stack.fail('secretsmanager', { reset: true, matching: ({ SecretId }) => SecretId === 'merchant/one' })
  await assert.rejects(read('merchant/one'), { code: 'ECONNRESET' })
  assert.equal(await read('merchant/two'), 'new')
  stop()
  assert.equal(await read('merchant/one'), 'value')
})

test('events are kept, and entries can be refused inside a 200', async () => {
  const entry = (id: number) => ({
    EventBusName: 'reversals',
    Source: 'wechatpay.reversal',
    DetailType: 'Reversal Completed',
    Detail: JSON.stringify({ id }),
  })
  stack.eventBridge.refuseEntries(1)
  const { FailedEntryCount, Entries } = await events.send(new PutEventsCommand({ Entries: [entry(1), entry(2)] }))
  assert.equal(FailedEntryCount, 1)
  assert.equal(Entries![0]!.ErrorCode, 'InternalFailure')
  assert.deepEqual(
    stack.events().map(({ bus, detailType, detail }) => ({ bus, detailType, detail })),
    [{ bus: 'reversals', detailType: 'Reversal Completed', detail: { id: 2 } }],
  )
  const nowhere = await events.send(new PutEventsCommand({ Entries: [{ ...entry(3), EventBusName: 'nowhere' }] }))
  assert.equal(nowhere.FailedEntryCount, 0, 'AWS takes it and drops it')
  assert.match(nowhere.Entries![0]!.EventId!, /^[0-9a-f-]{36}$/)
  assert.equal(stack.events().length, 1)
})
