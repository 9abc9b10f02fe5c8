// The policies that stand with the resources themselves, held against whoever must get past them: CloudFormation in the
// name of an administrator, that administrator's own commands, AWS's services. And against whom they are there to stop.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HANDLER_ACTIONS } from '../../../bin/deployment/handler-actions.ts'
import { readersOnly } from '../../../bin/operator/merchant-secret.ts'
import { createIam } from '../../../infra/local/iam.ts'
import { resolveTemplate } from '../../../infra/local/template.ts'
import { compiledTemplate, type Json, resourcesOf, type Template } from './compiled-template.ts'

const account = { accountId: '000000000000', region: 'us-east-1', partition: 'aws', stackName: 'local' }
const READER = `arn:aws:iam::${account.accountId}:user/reader`
const template = await compiledTemplate()

const THROUGH_SECRETS_MANAGER = { 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' }
const IN_CLEAR_TEXT = { 'aws:SecureTransport': 'false' }

/** A merchant's secret, as `npm run secret` makes it. */
const MERCHANT =
  'arn:aws:secretsmanager:us-east-1:000000000000:secret:wechatpay-reversal-dev/merchants/1900000001-AbCdEf'

function accountWith(from: Template) {
  const urls = { awsUrl: 'http://127.0.0.1', apiUrl: 'http://127.0.0.1' }
  const { resources, ofType, outputs } = resolveTemplate(from, {
    ...account,
    ...urls,
    parameters: { SecretReaderArns: READER },
  })
  const iam = createIam(account, resources)
  iam.guard(MERCHANT, readersOnly(outputs.MerchantSecretReaders!.split(',')).Statement)
  const mayDoAnything = [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }]
  const who = {
    administrator: iam.addUser('administrator', mayDoAnything),
    reader: iam.addUser('reader', mayDoAnything),
  }
  return {
    resources,
    ofType,
    arnOf: (id: string) => resources.find(({ logicalId }) => logicalId === id)?.arn ?? id,
    roleMay(id: string, action: string, resource: string, context = {}) {
      const arn = resources.find(({ logicalId }) => logicalId === id)!.arn
      const role = iam.assume(arn, 'lambda.amazonaws.com', id)
      try {
        iam.require(role, [{ action, resource, context }])
        return true
      } catch {
        return false
      }
    },
    may(name: keyof typeof who, action: string, resource: string, context = {}) {
      try {
        iam.require(who[name], [{ action, resource, context }])
        return true
      } catch {
        return false
      }
    },
    serviceMay: (service: string, action: string, resource: string) => iam.serviceMay(service, { action, resource }),
  }
}
const { resources, arnOf, may, roleMay, serviceMay } = accountWith(template)

/** Which services' resources hold a policy of their own, by resource type. */
const GUARDED: Record<string, string> = {
  'AWS::KMS::Key': 'kms',
  'AWS::SQS::Queue': 'sqs',
  'AWS::SNS::Topic': 'sns',
  'AWS::S3::Bucket': 's3',
}

/** Makes the key: there is none yet whose policy could refuse. */
const BEFORE_ANY_POLICY = 'kms:CreateKey'

/** Every call of CloudFormation that the policies of a template's resources refuse to an administrator. */
function refusals(from: Template): string[] {
  const { resources, ofType, may } = accountWith(from)
  const types = new Set(resources.map(({ type }) => type))
  return Object.entries(GUARDED).flatMap(([guarded, service]) =>
    ofType(guarded).flatMap(({ logicalId, arn }) =>
      [...types].flatMap((type) =>
        Object.entries(HANDLER_ACTIONS[type] ?? {}).flatMap(([handler, actions]) =>
          actions
            .filter((action) => action.startsWith(`${service}:`) && action !== BEFORE_ANY_POLICY)
            .filter((action) => !may('administrator', action, arn))
            .map((action) => `${handler} of ${type}: ${action} on ${logicalId}`),
        ),
      ),
    ),
  )
}

test('CloudFormation may create, read, update and delete every resource that has a policy of its own', () => {
  assert.deepEqual(refusals(template), [])
})

test('the calls of every type that has or gives such a policy are known', () => {
  const services = new Set(Object.values(GUARDED))
  const types = [...new Set(resources.map(({ type }) => type))]
  const unknown = types.filter((type) => services.has(type.split('::')[1]!.toLowerCase()) && !HANDLER_ACTIONS[type])
  assert.deepEqual(unknown, [])
})

test('a policy that stops a deploy is caught', () => {
  const broken = (change: (all: Record<string, Json>) => void) => {
    const copy = structuredClone(template)
    change(copy.Resources)
    return refusals(copy)
  }
  const actionsOf = (all: Record<string, Json>) => all.MerchantKey.Properties.KeyPolicy.Statement[0].Action
  const alias = broken((all) => {
    all.Alias = { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/a', TargetKeyId: { Ref: 'MerchantKey' } } }
  })
  assert.ok(alias.includes('create of AWS::KMS::Alias: kms:CreateAlias on MerchantKey'))
  for (const [index, action] of actionsOf(template.Resources).entries()) {
    if (!Object.values(HANDLER_ACTIONS['AWS::KMS::Key']!).flat().includes(action)) continue
    const found = broken((all) => actionsOf(all).splice(index, 1))
    assert.ok(found.some((one) => one.endsWith(`${action} on MerchantKey`)) || action === 'kms:DescribeKey', action)
  }
  const denied = broken((all) => delete all.QueuesOverTlsOnly.Properties.PolicyDocument.Statement[0].Condition)
  assert.ok(denied.some((one) => one.includes('sqs:SetQueueAttributes on ReversalQueue')))
})

describe('an administrator’s commands get past the policies', () => {
  const secret = MERCHANT
  const commands: Record<string, [action: string, id: string, context?: object][]> = {
    'npm run secret': [
      ...['CreateSecret', 'DescribeSecret', 'PutSecretValue', 'PutResourcePolicy', 'UpdateSecret', 'TagResource'].map(
        (action): [string, string] => [`secretsmanager:${action}`, secret],
      ),
      ['kms:GenerateDataKey', 'MerchantKey', THROUGH_SECRETS_MANAGER],
      ['kms:Decrypt', 'MerchantKey', THROUGH_SECRETS_MANAGER],
    ],
    'npm run redrive': [
      ...['ReceiveMessage', 'ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes'].map(
        (action): [string, string] => [`sqs:${action}`, 'DeadLetterQueue'],
      ),
      ['sqs:StartMessageMoveTask', 'DeadLetterQueue'],
      ['sqs:ListMessageMoveTasks', 'DeadLetterQueue'],
      ['sqs:SendMessage', 'ReversalQueue'],
    ],
    'npm run smoke': [
      ['sqs:SendMessage', 'ReversalQueue'],
      ['sqs:GetQueueAttributes', 'DeadLetterQueue'],
    ],
    'an end to a lost stage': [
      ['kms:ScheduleKeyDeletion', 'MerchantKey'],
      ['kms:CancelKeyDeletion', 'MerchantKey'],
      ['secretsmanager:DeleteSecret', secret],
    ],
  }
  for (const [command, rights] of Object.entries(commands)) {
    for (const [action, id, context] of rights) {
      test(`${command}: ${action} on ${id}`, () => assert.ok(may('administrator', action, arnOf(id), context)))
    }
  }
  test('npm run doctor, state and reverse with a secret’s name, for a named reader', () => {
    assert.ok(may('reader', 'secretsmanager:GetSecretValue', arnOf(secret)))
    assert.ok(may('reader', 'kms:Decrypt', arnOf('MerchantKey'), THROUGH_SECRETS_MANAGER))
  })
})

describe('what the policies are there to stop', () => {
  test('an administrator does not read a merchant’s secret', () => {
    assert.equal(may('administrator', 'secretsmanager:GetSecretValue', MERCHANT), false)
  })
  for (const role of ['HttpRole', 'QueueRole', 'StepRole']) {
    test(`${role} reads every merchant of its stage, and no other secret`, () => {
      const reads = (arn: string) => roleMay(role, 'secretsmanager:GetSecretValue', arn)
      assert.equal(reads(MERCHANT), true)
      const others = [
        'wechatpay-reversal-prod/merchants/1900000001',
        'wechatpay-reversal-dev/merchants',
        'wechatpay-reversal-dev/other/1',
        'database',
      ]
      for (const name of others) {
        assert.equal(reads(`arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`), false, name)
      }
      assert.equal(reads(MERCHANT.replace('us-east-1', 'eu-west-1')), false)
      assert.equal(roleMay(role, 'secretsmanager:PutSecretValue', MERCHANT), false)
    })
  }
  for (const [id] of resourcesOf(template, 'AWS::KMS::Key')) {
    for (const action of [
      'kms:Decrypt',
      'kms:Encrypt',
      'kms:GenerateDataKey',
      'kms:CreateGrant',
      'kms:ReEncryptFrom',
    ]) {
      test(`nobody may ${action} with ${id} directly`, () => {
        assert.equal(may('administrator', action, arnOf(id)), false)
        assert.equal(may('reader', action, arnOf(id)), false)
      })
    }
  }
  test('the key of the secrets serves Secrets Manager of this region alone', () => {
    for (const service of ['s3.us-east-1.amazonaws.com', 'secretsmanager.eu-west-1.amazonaws.com']) {
      assert.equal(may('administrator', 'kms:Decrypt', arnOf('MerchantKey'), { 'kms:ViaService': service }), false)
    }
  })
  for (const [id, action] of [
    ['ReversalQueue', 'sqs:SendMessage'],
    ['DeadLetterQueue', 'sqs:ReceiveMessage'],
    ['AlarmTopic', 'sns:Publish'],
    ['ServerlessDeploymentBucket', 's3:ListBucket'],
  ] as const) {
    test(`nobody reaches ${id} in clear text`, () => {
      assert.equal(may('administrator', action, arnOf(id), IN_CLEAR_TEXT), false)
      assert.equal(may('administrator', action, arnOf(id)), true)
    })
  }
  test('alarms get through, and no other service does', () => {
    const uses: [string, string][] = [
      ['sns:Publish', 'AlarmTopic'],
      ['kms:Decrypt', 'AlarmTopicKey'],
      ['kms:GenerateDataKey', 'AlarmTopicKey'],
    ]
    for (const [action, id] of uses) {
      assert.equal(serviceMay('cloudwatch.amazonaws.com', action, arnOf(id)), true, action)
      assert.equal(serviceMay('events.amazonaws.com', action, arnOf(id)), false, action)
      assert.equal(serviceMay('cloudwatch.amazonaws.com', action, arnOf('MerchantKey')), false, action)
    }
  })
})
