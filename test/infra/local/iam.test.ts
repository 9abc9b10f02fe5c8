import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AwsClient } from 'aws4fetch'
import type { Json, Template } from '../../../infra/local/cloudformation.ts'
import { type LocalStack, startLocalStack } from '../../../infra/local/stack.ts'
import { fixture, taskRoot } from './fixtures/template.ts'

const secrets = { Secret: 'value' }
const stack = await startLocalStack({ template: fixture(), taskRoot, secrets, retrySeconds: 0 })
after(() => stack.close())

/** A stack whose template was changed first. */
async function changed(change: (resources: Template['Resources']) => void, use: (stack: LocalStack) => Promise<void>) {
  const template = fixture()
  change(template.Resources)
  const other = await startLocalStack({ template, taskRoot, secrets, retrySeconds: 0 })
  try {
    await use(other)
  } finally {
    await other.close()
  }
}
const statements = (resources: Template['Resources'], role: string): Json[] =>
  resources[role]!.Properties.Policies[0].PolicyDocument.Statement
const without = (role: string, action: string) => (resources: Template['Resources']) => {
  const list = statements(resources, role)
  for (const one of list) one.Action = [one.Action].flat().filter((name) => name !== action)
}

const entry = { EventBusName: 'reversals', Source: 'a', DetailType: 'b', Detail: '{}' }
const calls: [string, string, (on: LocalStack) => Json][] = [
  ['sqs:SendMessage', 'sqs', ({ queueUrl }) => ({ QueueUrl: queueUrl, MessageBody: '{"do":"ok"}' })],
  ['secretsmanager:GetSecretValue', 'secretsmanager', () => ({ SecretId: 'merchant/one' })],
  ['kms:Decrypt', 'secretsmanager', () => ({ SecretId: 'merchant/one' })],
  ['events:PutEvents', 'events', () => ({ Entries: [entry] })],
]
describe('a function may call a service only if its role says so', () => {
  for (const [action, service, input] of calls) {
    test(action, async () => {
      const call = async (on: LocalStack) =>
        (await on.invoke('Step', { do: 'call', service, input: input(on) })).result as Json
      assert.equal((await call(stack)).error, undefined)
      await changed(without('StepRole', action), async (poorer) => {
        const { error, message } = await call(poorer)
        assert.equal(error, 'AccessDeniedException', message)
        assert.match(message, action === 'kms:Decrypt' ? /KMS is not allowed/ : /local-step.* is not authorized/)
      })
    })
  }
})

test('a function has the rights of its own role, not those of another', async () => {
  const { result } = await stack.invoke('Step', {
    do: 'call',
    service: 'sqs',
    input: { QueueUrl: stack.deadLetterQueueUrl, MessageBody: 'x' },
  })
  assert.equal(result.error, 'AccessDeniedException')
  assert.match(result.message, /sqs:SendMessage on resource: arn:aws:sqs:us-east-1:000000000000:dead-letters/)
})

for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
  test(`without ${action} the queue is not polled: the stack does not start, as a deploy would fail`, () =>
    assert.rejects(
      changed(without('QueueRole', action), async () => undefined),
      new RegExp(action),
    ))
}

test('without lambda:InvokeFunction the state machine calls nobody', () =>
  changed(without('MachineRole', 'lambda:InvokeFunction'), async (poorer) => {
    const { status, error, cause } = await poorer.startExecution({ do: 'count', count: 2 }).ended
    assert.deepEqual([status, error], ['FAILED', 'Lambda.AWSLambdaException'])
    assert.match(cause!, /lambda:InvokeFunction/)
  }))

test('a role must trust the service that works under it', () =>
  assert.rejects(
    changed(
      (resources) => {
        resources.StepRole!.Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service = 'ec2.amazonaws.com'
      },
      async () => undefined,
    ),
    /lambda.amazonaws.com is not able to assume the role/,
  ))

test('a key that leaves nothing to IAM keeps everybody out, whatever their role says', () =>
  changed(
    (resources) => {
      resources.Key!.Properties.KeyPolicy.Statement = []
    },
    async (locked) => {
      const { result } = await locked.invoke('Step', {
        do: 'call',
        service: 'secretsmanager',
        input: { SecretId: 'merchant/one' },
      })
      assert.match(result.message, /KMS is not allowed/)
    },
  ))

test('a policy on the secret can keep out whom IAM lets in', () =>
  changed(
    (resources) => {
      resources.SecretPolicy = {
        Type: 'AWS::SecretsManager::ResourcePolicy',
        Properties: {
          SecretId: { Ref: 'Secret' },
          ResourcePolicy: {
            Statement: [
              {
                Effect: 'Deny',
                Principal: '*',
                Action: 'secretsmanager:GetSecretValue',
                Resource: '*',
                Condition: { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': ['StepRole', 'Arn'] } } },
              },
            ],
          },
        },
      }
    },
    async (guarded) => {
      const event = { do: 'call', service: 'secretsmanager', input: { SecretId: 'merchant/one' } }
      assert.equal((await guarded.invoke('Step', event)).result.SecretString, 'value')
      const client = new SecretsManagerClient({ ...clientOptions(guarded), credentials: guarded.credentials })
      await assert.rejects(client.send(new GetSecretValueCommand(event.input)), { name: 'AccessDeniedException' })
    },
  ))

const clientOptions = ({ awsUrl, region }: LocalStack) => ({ endpoint: awsUrl, region, maxAttempts: 1 })

describe('a service knows who is asking', () => {
  const options = clientOptions(stack)
  const strangers: [string, Json, RegExp][] = [
    ['with an unknown key', { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' }, /security token .* is invalid/],
    ['with a wrong secret', { ...stack.credentials, secretAccessKey: 'x' }, /signature we calculated does not match/],
    ['with a token that is not theirs', { ...stack.credentials, sessionToken: 'x' }, /security token .* is invalid/],
  ]
  const asks: [string, (credentials: Json) => Promise<unknown>][] = [
    [
      'SQS',
      (credentials) =>
        new SQSClient({ ...options, credentials }).send(
          new SendMessageCommand({ QueueUrl: stack.queueUrl, MessageBody: '{"do":"ok"}' }),
        ),
    ],
    [
      'Secrets Manager',
      (credentials) =>
        new SecretsManagerClient({ ...options, credentials }).send(
          new GetSecretValueCommand({ SecretId: 'merchant/one' }),
        ),
    ],
    [
      'EventBridge',
      (credentials) =>
        new EventBridgeClient({ ...options, credentials }).send(
          new PutEventsCommand({ Entries: [{ Source: 'a', DetailType: 'b', Detail: '{}' }] }),
        ),
    ],
    [
      'Lambda',
      (credentials) =>
        new LambdaClient({ ...options, credentials }).send(
          new InvokeCommand({ FunctionName: 'local-step', Payload: '{}' }),
        ),
    ],
  ]
  for (const [service, ask] of asks) {
    test(`${service} answers its account and refuses strangers`, async () => {
      await ask(stack.credentials)
      for (const [, credentials, message] of strangers) await assert.rejects(ask(credentials), message)
    })
    test(`${service} refuses a user without rights`, async () => {
      await assert.rejects(ask(stack.addCaller('nobody', [])), /user\/nobody is not authorized/)
    })
  }
})

describe('the HTTP API asks for a signature of execute-api', () => {
  // A cold start on a busy machine takes longer than the API waits; until it ends, the one environment is taken.
  before(() => stack.invoke('Http', { body: '{}' }))

  const url = `${stack.apiUrl}/orders/A*1/reverse?a=b`
  const post = (options: object, service = 'execute-api', region = stack.region) =>
    new AwsClient({ ...stack.credentials, ...options, service, region, retries: 0 }).fetch(url, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
  const refused = async (answer: Promise<Response>) => {
    const { status, body } = await answer.then(async (one) => ({ status: one.status, body: await one.json() }))
    assert.deepEqual({ status, body }, { status: 403, body: { message: 'Forbidden' } })
  }

  test('signed, it goes through, and the function is told who asked', async () => {
    const answer = await post({})
    assert.equal(answer.status, 200)
    const { requestContext } = (await answer.json()) as Json
    assert.equal(requestContext.authorizer.iam.userArn, 'arn:aws:iam::000000000000:user/local')
    assert.equal(requestContext.authorizer.iam.accessKey, stack.credentials.accessKeyId)
  })
  test('unsigned, it does not', () => refused(fetch(url, { method: 'POST', body: '{}' })))
  test('nor signed for another service, another region, or with another secret', async () => {
    await refused(post({}, 'lambda'))
    await refused(post({}, 'execute-api', 'eu-west-1'))
    await refused(post({ secretAccessKey: 'x' }))
  })
  test('nor with another body, path, query or host than was signed', async () => {
    const client = new AwsClient({ ...stack.credentials, service: 'execute-api', region: stack.region })
    const signed = async (to = url, body = '{}') => {
      const { headers } = await client.sign(url, { method: 'POST', body: '{}' })
      return fetch(to, { method: 'POST', body, headers })
    }
    assert.equal((await signed()).status, 200)
    await refused(signed(url, '{"x":1}'))
    await refused(signed(url.replace('A*1', 'B')))
    await refused(signed(url.replace('a=b', 'a=c')))
    await refused(signed(url.replace('127.0.0.1', 'localhost')))
  })
  test('nor with a signature of ten minutes ago', async () => {
    const client = new AwsClient({ ...stack.credentials, service: 'execute-api', region: stack.region })
    const datetime = new Date(Date.now() - 600_000).toISOString().replace(/[:-]|\.\d{3}/g, '')
    const { headers } = await client.sign(url, { method: 'POST', body: '{}', aws: { datetime } })
    await refused(fetch(url, { method: 'POST', body: '{}', headers }))
  })
  test('a user needs execute-api:Invoke for the route', async () => {
    const api = stack.resources.find(({ logicalId }) => logicalId === 'Api')!.ref
    const may = (path: string) => [
      {
        Effect: 'Allow' as const,
        Action: 'execute-api:Invoke',
        Resource: `arn:aws:execute-api:us-east-1:000000000000:${api}/$default/${path}`,
      },
    ]
    assert.equal((await post(stack.addCaller('till', may('POST/orders/*/reverse')))).status, 200)
    await refused(post(stack.addCaller('reader', may('GET/*'))))
  })
  test('without the function\u2019s permission for the API there is only an error', () =>
    changed(
      (resources) => {
        delete resources.Permission
      },
      async (closed) => {
        const client = new AwsClient({
          ...closed.credentials,
          service: 'execute-api',
          region: closed.region,
          retries: 0,
        })
        const answer = await client.fetch(`${closed.apiUrl}/orders/1/reverse`, { method: 'POST', body: '{}' })
        assert.equal(answer.status, 500)
      },
    ))
})
