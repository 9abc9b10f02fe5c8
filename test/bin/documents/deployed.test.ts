import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HANDLER_ACTIONS } from '../../../bin/deployment/handler-actions.ts'
import { packagedTemplate } from '../../../bin/deployment/packaged.ts'
import { deployPolicy, PLACEHOLDERS } from '../../../bin/documents/deploy-policy.ts'
import { ENGLISH, renderDeployed } from '../../../bin/documents/deployed.ts'
import * as chinese from '../../../bin/documents/deployed.zh-CN.ts'
import * as english from '../../../bin/documents/deployed-reasons.ts'
import type { Template } from '../../../infra/local/cloudformation.ts'
import { createIam } from '../../../infra/local/iam.ts'
import type { Statement } from '../../../infra/local/policy.ts'
import { resolveTemplate } from '../../../infra/local/template.ts'

const template = await packagedTemplate()
function changed(change: (all: Template['Resources']) => void) {
  const copy = structuredClone(template)
  change(copy.Resources)
  return copy
}

const LANGUAGES = [
  { language: 'English', words: ENGLISH, ...english },
  { language: 'Chinese', words: chinese.CHINESE, ...chinese },
]

for (const { language, words, RESOURCES, RIGHTS } of LANGUAGES) {
  describe(`the page of what a deploy makes, in ${language}`, () => {
    const parts = renderDeployed(template, words)
    const draw = (change: (all: Template['Resources']) => void) => () => renderDeployed(changed(change), words)

    test('names every alarm, and every other resource once', () => {
      const types = Object.values(template.Resources).map(({ Type }) => Type)
      const alarms = types.filter((type) => type === 'AWS::CloudWatch::Alarm').length
      assert.equal(parts.alarms!.split('\n').length - 2, alarms)
      assert.equal(parts.resources!.split('\n').length - 2, types.length - alarms)
    })

    test('cannot be drawn without the reason of a resource, or of a right', () => {
      const addQueue = draw((all) => Object.assign(all, { Another: { Type: 'AWS::SQS::Queue' } }))
      assert.throws(addQueue, RegExp(`^Error: ${words.source} does not say why there is Another$`))
      const addRight = draw(({ HttpRole }) => {
        HttpRole!.Properties.Policies[0].PolicyDocument.Statement.push({ Action: 'sqs:PurgeQueue', Resource: '*' })
      })
      assert.throws(addRight, /why a role may sqs:PurgeQueue/)
    })

    test('gives no reason for what is not there', () => {
      assert.deepEqual(
        Object.keys(RESOURCES).filter((id) => !(id in template.Resources)),
        [],
      )
      for (const [right, why] of Object.entries(RIGHTS)) assert.ok(parts.roles!.includes(why), right)
    })

    test('every number of an alarm is the one of the template', () => {
      const redrawn = renderDeployed(
        changed(({ InFlightAlarm, StaleSecretsAlarm }) => {
          Object.assign(InFlightAlarm!.Properties, { Threshold: 12_345, Period: 420 })
          Object.assign(StaleSecretsAlarm!.Properties, { EvaluationPeriods: 7, DatapointsToAlarm: 6 })
          StaleSecretsAlarm!.Properties.Metrics[0].Label = 'at least 43 % of the attempts'
        }),
        words,
      ).alarms!
      assert.match(redrawn, /in-flight\).* 12,345\b/)
      assert.match(redrawn, /in-flight\).*\b7 (min|分钟)/)
      assert.match(redrawn, /stale-secrets\).*\b43 ?%.*\b(6 times within 35 min|35 分钟内出现 6 次)/)
    })
  })
}

test('an alarm, or the label of its expression, that has no Chinese is named', () => {
  const drawChinese = (change: (all: Template['Resources']) => void) => () =>
    renderDeployed(changed(change), chinese.CHINESE)
  const renamed = drawChinese(({ InFlightAlarm }) => {
    InFlightAlarm!.Properties.AlarmName = 'wechatpay-reversal-dev-another'
  })
  assert.throws(renamed, /what the alarm another means/)
  const relabelled = drawChinese(({ StaleSecretsAlarm }) => {
    StaleSecretsAlarm!.Properties.Metrics[0].Label = 'at least 5 % of the merchants'
  })
  assert.throws(relabelled, /no translation of: at least 5 % of the merchants/)
})

test('every alarm of the Chinese words is in the template', () => {
  const drawn = renderDeployed(template, chinese.CHINESE).alarms!
  for (const name of Object.keys(chinese.ALARMS)) assert.ok(drawn.includes(`[\`${name}\`]`), name)
})

describe('the policy of the role that deploys', () => {
  const account = { accountId: '123456789012', region: 'ap-southeast-1', partition: 'aws', stackName: 'stack' }
  const { resources } = resolveTemplate(template, {
    ...account,
    awsUrl: 'http://localhost',
    apiUrl: 'http://localhost',
  })
  const { partition, region, account: accountId, stage } = PLACEHOLDERS
  const policy = deployPolicy(template)
  const filled: Statement[] = JSON.parse(
    JSON.stringify(policy.Statement)
      .replaceAll(partition, account.partition)
      .replaceAll(region, account.region)
      .replaceAll(accountId, account.accountId)
      .replaceAll(stage, 'dev'),
  )

  const here = 'ap-southeast-1:123456789012'
  const stack = 'wechatpay-reversal-dev'
  type Named = (typeof resources)[number]
  /**
   * What AWS calls each thing on which CloudFormation's calls are made.
   * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
   */
  const ARNS: Readonly<Record<string, (resource: Named) => string>> = {
    'AWS::IAM::Role': ({ logicalId }) => `arn:aws:iam::123456789012:role/${stack}-${logicalId}-1A2B3C`,
    'AWS::S3::Bucket': ({ logicalId }) => `arn:aws:s3:::${stack}-${logicalId.toLowerCase()}-1a2b3c`,
    'AWS::S3::BucketPolicy': () => `arn:aws:s3:::${stack}-serverlessdeploymentbucket-1a2b3c`,
    'AWS::Lambda::Function': ({ arn }) => arn,
    'AWS::Lambda::Permission': () => `arn:aws:lambda:${here}:function:${stack}-http`,
    'AWS::Lambda::EventSourceMapping': () => `arn:aws:lambda:${here}:event-source-mapping:021f11aa`,
    'AWS::Logs::LogGroup': ({ arn }) => arn,
    'AWS::Logs::QueryDefinition': () => `arn:aws:logs:${here}:query-definition:1a2b3c`,
    'AWS::ApiGatewayV2::Api': () => 'arn:aws:apigateway:ap-southeast-1::/apis',
    'AWS::ApiGatewayV2::Stage': () => 'arn:aws:apigateway:ap-southeast-1::/apis/1a2b3c/stages',
    'AWS::ApiGatewayV2::Integration': () => 'arn:aws:apigateway:ap-southeast-1::/apis/1a2b3c/integrations/4d',
    'AWS::ApiGatewayV2::Route': () => 'arn:aws:apigateway:ap-southeast-1::/apis/1a2b3c/routes/4d',
    'AWS::SQS::Queue': ({ arn }) => arn,
    'AWS::SQS::QueuePolicy': () => `arn:aws:sqs:${here}:${stack}`,
    'AWS::KMS::Key': ({ arn }) => arn,
    'AWS::StepFunctions::StateMachine': ({ arn }) => arn,
    'AWS::Events::EventBus': ({ arn }) => arn,
    'AWS::Events::Rule': () => `arn:aws:events:${here}:rule/${stack}/${stack}-latch`,
    'AWS::Scheduler::Schedule': () => `arn:aws:scheduler:${here}:schedule/default/${stack}-settlement`,
    'AWS::CloudWatch::Alarm': ({ properties }) => `arn:aws:cloudwatch:${here}:alarm:${properties.AlarmName}`,
    'AWS::CloudWatch::Dashboard': () => `arn:aws:cloudwatch::123456789012:dashboard/${stack}`,
    'AWS::SNS::Topic': ({ arn }) => arn,
    'AWS::SNS::TopicPolicy': () => `arn:aws:sns:${here}:${stack}-alarms`,
    'AWS::SNS::Subscription': () => `arn:aws:sns:${here}:${stack}-alarms`,
  }
  const byArn = new Map(resources.map((resource) => [ARNS[resource.type]!(resource), resource.type]))
  const withArns = [...byArn].map(([arn, type]) => ({ type, arn }))

  /** A key lets the account decide by its own policy. */
  const keys = resources.filter(({ type }) => type === 'AWS::KMS::Key')

  /** What CloudFormation would be refused, of the calls on the service a resource belongs to. */
  const refused = (statements: Statement[]) => {
    const iam = createIam(account, keys)
    const role = iam.addUser('deployer', statements)
    const lambda = withArns.find(({ type }) => type === 'AWS::Lambda::Function')!.arn
    return withArns.flatMap(({ type, arn }) =>
      Object.values(HANDLER_ACTIONS[type]!)
        .flat()
        .filter((action) => action !== 'kms:CreateKey') // there is no key yet to be allowed on
        .filter((action) => arn.startsWith(`arn:aws:${action.split(':')[0]}:`))
        .filter((action) => {
          try {
            iam.require(role, [{ action, resource: arn, context: { 'lambda:FunctionArn': lambda } }])
            return false
          } catch {
            return true
          }
        })
        .map((action) => `${action} on ${arn}`),
    )
  }

  test('lets CloudFormation create, read, update and delete each resource', () => {
    assert.ok(withArns.length > 40)
    assert.deepEqual(refused(filled), [])
  })

  test('and nothing beside this stage', () => {
    const iam = createIam(account, [])
    const role = iam.addUser('deployer', filled)
    const elsewhere = [
      ['sqs:DeleteQueue', 'arn:aws:sqs:ap-southeast-1:123456789012:orders'],
      ['lambda:UpdateFunctionCode', 'arn:aws:lambda:ap-southeast-1:123456789012:function:wechatpay-reversal-prod-http'],
      ['iam:PutRolePolicy', 'arn:aws:iam::123456789012:role/Administrator'],
      ['iam:PassRole', 'arn:aws:iam::123456789012:role/Administrator'],
      [
        'secretsmanager:GetSecretValue',
        'arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:wechatpay-reversal-dev/merchants/1900000001-AbCdEf',
      ],
    ] as const
    for (const [action, resource] of elsewhere) {
      assert.throws(() => iam.require(role, [{ action, resource }]), /not authorized/i, `${action} on ${resource}`)
    }
  })

  test('lacks nothing that could go: each statement but those of the tools is needed', () => {
    const services = new Set(withArns.map(({ arn }) => arn.split(':')[2]))
    for (const statement of filled) {
      const [service] = [statement.Action].flat()[0]!.split(':')
      const isOfAll = [statement.Resource].flat().includes('*') || statement.Condition !== undefined
      if (!services.has(service) || isOfAll || service === 'cloudformation') continue
      assert.ok(refused(filled.filter((other) => other !== statement)).length > 0, String(statement.Action))
    }
  })

  test('fits into a role, and has a resource type’s calls for each type', () => {
    assert.ok(JSON.stringify(policy).length <= 10_240)
    const unknown = changed((all) => Object.assign(all, { Table: { Type: 'AWS::DynamoDB::Table' } }))
    assert.throws(() => deployPolicy(unknown), /AWS::DynamoDB::Table/)
  })
})
