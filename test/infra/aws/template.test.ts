import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readSettings } from '../../../lib/aws/settings.ts'
import { checkReferences } from './check-references.ts'
import { checkSchema } from './check-schema.ts'
import { compiledTemplate, type Json, resourcesOf, type Template, walk } from './compiled-template.ts'
import { check } from './rule.ts'
import { OPERATION_RULES } from './rules-operation.ts'
import { QUEUE_RULES } from './rules-queues.ts'
import { RIGHTS_RULES } from './rules-rights.ts'

const RULES = { ...QUEUE_RULES, ...RIGHTS_RULES, ...OPERATION_RULES }

const template = await compiledTemplate()

test('the template is what AWS says its resources look like', () => {
  assert.deepEqual(checkSchema(template), [])
})

test('everything the template refers to is there when it is referred to', () => {
  assert.deepEqual(checkReferences(template), [])
})

test('packaging leaves the state machine as it is written', async () => {
  const written = await readFile(new URL('../../../infra/aws/reversal.asl.json', import.meta.url), 'utf8')
  assert.deepEqual(template.Resources.ReversalStateMachine!.Properties.Definition, JSON.parse(written))
})

for (const [rule, broken] of Object.entries(RULES)) {
  test(rule, () => {
    const found = broken(template)
    assert.equal(found.length, 0, `${rule}; but not so: ${found.join('; ')}`)
  })
}

/** A copy of the template in which a change was made. */
function changed(change: (resources: Record<string, Json>, template: Template) => void): Template {
  const copy = structuredClone(template)
  change(copy.Resources, copy)
  return copy
}

test('a template that AWS would refuse is caught', () => {
  const refused: [string, (resources: Record<string, Json>) => void][] = [
    ['ReversalQueue.Visibility: AWS knows no such property', (all) => (all.ReversalQueue.Properties.Visibility = 1)],
    ['ReversalQueue: AWS has no AWS::SQS::Cue', (all) => (all.ReversalQueue.Type = 'AWS::SQS::Cue')],
    [
      'HttpRole.AssumeRolePolicyDocument: is required',
      (all) => delete all.HttpRole.Properties.AssumeRolePolicyDocument,
    ],
    [
      'QueueLambdaFunction.Timeout: must be integer, not "half a minute"',
      (all) => (all.QueueLambdaFunction.Properties.Timeout = 'half a minute'),
    ],
    [
      'ReversalStateMachine.StateMachineType: must be one of STANDARD, EXPRESS, not "FAST"',
      (all) => (all.ReversalStateMachine.Properties.StateMachineType = 'FAST'),
    ],
    [
      'HttpLambdaFunction.TracingConfig.Modus: AWS knows no such property',
      (all) => (all.HttpLambdaFunction.Properties.TracingConfig.Modus = 'Active'),
    ],
    [
      'HttpApiStage.DefaultRouteSettings: an intrinsic function cannot give ref',
      (all) => (all.HttpApiStage.Properties.DefaultRouteSettings = { Ref: 'Architecture' }),
    ],
  ]
  for (const [problem, change] of refused) assert.ok(checkSchema(changed(change)).includes(problem), problem)
})

test('a reference that leads nowhere is caught', () => {
  const lost: [string, (resources: Record<string, Json>) => void][] = [
    ['QueueRole: there is no EventBus', (all) => delete all.EventBus],
    [
      'HttpRole: MerchantKey has no attribute Name',
      (all) => (all.HttpRole.Properties.RoleName = { 'Fn::GetAtt': ['MerchantKey', 'Name'] }),
    ],
    [
      'Dashboard: there is no HttpAPI',
      (all) => (all.Dashboard.Properties.DashboardBody = { 'Fn::Sub': `\${HttpAPI}` }),
    ],
    [
      'EventBus: AlarmTopic is there only if MakesAlarmTopic',
      (all) => (all.EventBus.Properties.Description = { Ref: 'AlarmTopic' }),
    ],
    ['EventBus: there is no condition Sometimes', (all) => (all.EventBus.Condition = 'Sometimes')],
    [
      'ReversalQueue → DeadLetterQueue → ReversalQueue: neither can be made first',
      (all) => (all.DeadLetterQueue.DependsOn = 'ReversalQueue'),
    ],
  ]
  for (const [problem, change] of lost) assert.ok(checkReferences(changed(change)).includes(problem), problem)
})

/** For each rule what breaks it, in every way that matters. */
const BREAKS: Record<string, ((resources: Record<string, Json>, template: Template) => void)[]> = {
  'queues are encrypted': [(all) => (all.DeadLetterQueue.Properties.SqsManagedSseEnabled = false)],
  'queues speak TLS only': [
    (all) => delete all.QueuesOverTlsOnly,
    (all) => all.QueuesOverTlsOnly.Properties.Queues.pop(),
    (all) => all.QueuesOverTlsOnly.Properties.PolicyDocument.Statement[0].Resource.pop(),
    (all) => delete all.QueuesOverTlsOnly.Properties.PolicyDocument.Statement[0].Condition,
    (all) => (all.QueuesOverTlsOnly.Properties.PolicyDocument.Statement[0].Effect = 'Allow'),
  ],
  'orders are kept 9 days and dead letters 14': [
    (all) => delete all.ReversalQueue.Properties.MessageRetentionPeriod,
    (all) => (all.DeadLetterQueue.Properties.MessageRetentionPeriod = 345_600),
  ],
  'SQS gives an order up only after 1,000 receives': [
    (all) => (all.ReversalQueue.Properties.RedrivePolicy.maxReceiveCount = 5),
    (all) => delete all.ReversalQueue.Properties.RedrivePolicy,
  ],
  'only the queues of orders and of outcomes have these dead letters': [
    (all) => (all.DeadLetterQueue.Properties.RedriveAllowPolicy.redrivePermission = 'allowAll'),
    (all) => (all.ReversalQueue.Properties.QueueName = 'another'),
  ],
  'a message stays hidden for 6 time-outs of its function, and the window': [
    (all) => (all.QueueLambdaFunction.Properties.Timeout = 31),
    (all) => (all.ReversalQueue.Properties.VisibilityTimeout = 179),
    (all) => (all.QueueEventSourceMappingSQSReversalQueue.Properties.MaximumBatchingWindowInSeconds = 1),
  ],
  "nobody's dead letters come to the queues of orders and of outcomes": [
    (all) => (all.ReversalQueue.Properties.RedriveAllowPolicy.redrivePermission = 'allowAll'),
    (all) => delete all.SettlementQueue.Properties.RedriveAllowPolicy,
  ],
  'whoever looks into a queue asks all of its servers': [
    (all) => delete all.ReversalQueue.Properties.ReceiveMessageWaitTimeSeconds,
  ],
  'messages of a batch succeed and fail on their own': [
    (all) => delete all.QueueEventSourceMappingSQSReversalQueue.Properties.FunctionResponseTypes,
  ],
  'the queue asks for no more concurrency than its function has': [
    (all) => delete all.QueueEventSourceMappingSQSReversalQueue.Properties.ScalingConfig,
    (all) => (all.QueueEventSourceMappingSQSReversalQueue.Properties.ScalingConfig.MaximumConcurrency = 1000),
  ],
  'all environments together begin just under 150 attempts a second, what WeChat Pay takes of reverses': [
    (all) => (all.QueueEventSourceMappingSQSReversalQueue.Properties.ScalingConfig.MaximumConcurrency = 20),
    (all) => delete all.QueueLambdaFunction.Properties.Environment.Variables.ATTEMPTS_PER_SECOND,
  ],
  'each function has a role of its own': [
    (all) => (all.StepLambdaFunction.Properties.Role = all.HttpLambdaFunction.Properties.Role),
  ],
  'each role may do what its function calls': [
    (all) => (all.QueueRole.Properties.Policies[4].PolicyDocument.Statement[1].Action = 'sqs:SendMessage'),
    (all) => (all.QueueRole.Properties.Policies[4].PolicyDocument.Statement[2].Resource = { Ref: 'SettlementQueue' }),
    (all) => all.HttpRole.Properties.Policies.pop(),
    (all) => (all.SettleRole.Properties.Policies[3].PolicyDocument.Statement[0].Effect = 'Deny'),
  ],
  'a role decrypts secrets for Secrets Manager alone, and no other key': [
    (all) => delete all.StepRole.Properties.Policies[0].PolicyDocument.Statement[1].Condition,
    (all) => all.SettleRole.Properties.Policies[0].PolicyDocument.Statement.pop(),
    (all) => (all.HttpRole.Properties.Policies[0].PolicyDocument.Statement[1].Resource = { Ref: 'AlarmTopicKey' }),
  ],
  'a service that others can use, too, acts on our things for this account alone': [
    (all) => delete all.SettlementScheduleRole.Properties.AssumeRolePolicyDocument.Statement[0].Condition,
    (all) => delete all.AlarmTopicPolicy.Properties.PolicyDocument.Statement[0].Condition,
    (all) => delete all.AlarmTopicKey.Properties.KeyPolicy.Statement[1].Condition,
  ],
  'no role may do everything, or something to everything': [
    (all) => (all.HttpRole.Properties.Policies[3].PolicyDocument.Statement[0].Action = 'sqs:*'),
    (all) => (all.HttpRole.Properties.Policies[3].PolicyDocument.Statement[0].Resource = '*'),
    (all) =>
      (all.HttpRole.Properties.Policies[3].PolicyDocument.Statement[0].Resource = { 'Fn::Sub': 'arn:x:sqs:*:y' }),
    (all) => (all.HttpRole.Properties.Policies[3].PolicyDocument.Statement[0].NotAction = 'sqs:SendMessage'),
  ],
  'roles are assumed by one service each, and hold no managed policies': [
    (all) => (all.StepRole.Properties.ManagedPolicyArns = ['arn:x:iam::aws:policy/AdministratorAccess']),
    (all) => (all.StepRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal = '*'),
  ],
  'no merchant is in the template: a shop is added without a deploy': [
    (all) => (all.One = { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'x' } }),
  ],
  'a command finds where merchants are, their key, and who alone may read them': [
    (_, template) => delete template.Outputs.MerchantKeyArn,
    (_, template) => (template.Outputs.MerchantSecretPrefix!.Value = 'merchants'),
    ...[0, 1, 2, 3, 4].map(
      (index) => (_: unknown, template: Template) =>
        template.Outputs.MerchantSecretReaders!.Value['Fn::Join'][1].splice(index, 1),
    ),
  ],
  'keys rotate': [(all) => (all.MerchantKey.Properties.EnableKeyRotation = false)],
  'the key of the secrets outlives the stack': [(all) => delete all.MerchantKey.DeletionPolicy],
  'what outlives the stack is not left behind by a first deploy that fails': [
    (all) => (all.MerchantKey.DeletionPolicy = 'Retain'),
    (all) => (all.ReversalQueue.DeletionPolicy = 'Snapshot'),
  ],
  'keys are used by services on our behalf only': [
    (all) => delete all.MerchantKey.Properties.KeyPolicy.Statement[1].Condition,
    (all) => (all.AlarmTopicKey.Properties.KeyPolicy.Statement[0].Action = 'kms:*'),
  ],
  'alarms travel encrypted': [(all) => delete all.AlarmTopic.Properties.KmsMasterKeyId],
  'no bucket is public, and none is in clear text': [
    (all) => delete all.ServerlessDeploymentBucket.Properties.PublicAccessBlockConfiguration,
    (all) => delete all.ServerlessDeploymentBucket.Properties.BucketEncryption,
  ],
  'every route asks IAM': resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(
    ([id]) =>
      (all) =>
        delete all[id].Properties.AuthorizationType,
  ),
  'no key stands in the template': [
    (all) => (all.HttpLambdaFunction.Properties.Environment.Variables.KEY = `-----BEGIN ${'PRIVATE'} KEY-----`),
  ],
  'every function protects the rest of the account from itself': [
    (all) => delete all.HttpLambdaFunction.Properties.ReservedConcurrentExecutions,
  ],
  'functions run on nodejs24.x, on arm64 unless asked otherwise, and are traced': [
    (all) => (all.HttpLambdaFunction.Properties.Runtime = 'nodejs18.x'),
    (all) => delete all.StepLambdaFunction.Properties.Architectures,
    (all) => delete all.QueueLambdaFunction.Properties.TracingConfig,
    (_, { Parameters }) => (Parameters.Architecture!.Default = 'x86_64'),
  ],
  'a function behind the HTTP API ends before the API does': [
    (all) => (all.HttpLambdaFunction.Properties.Timeout = 30),
  ],
  'log groups are declared for all who log, and end': [
    (all) => delete all.StepLogGroup,
    (all) => delete all.WorkflowLogGroup.Properties.RetentionInDays,
  ],
  'the HTTP API is throttled': [(all) => delete all.HttpApiStage.Properties.DefaultRouteSettings],
  'the HTTP API counts each route by itself': [
    (all) => (all.HttpApiStage.Properties.DefaultRouteSettings.DetailedMetricsEnabled = false),
  ],
  'the HTTP API logs who called, and never what': [
    (all) => (all.HttpApiStage.Properties.AccessLogSettings.Format = '{"requestId":"$context.requestId"}'),
    (all) => delete all.HttpApiStage.Properties.AccessLogSettings,
    (all) => (all.HttpApiStage.Properties.AccessLogSettings.Format = '{"body":"$context.authorizer.body"}'),
  ],
  'the state machine runs for days, is traced, and logs no data': [
    (all) => (all.ReversalStateMachine.Properties.StateMachineType = 'EXPRESS'),
    (all) => (all.ReversalStateMachine.Properties.LoggingConfiguration.IncludeExecutionData = true),
    (all) => delete all.ReversalStateMachine.Properties.LoggingConfiguration,
    (all) => delete all.ReversalStateMachine.Properties.TracingConfiguration,
  ],
  'every task has a time-out': [
    (all) => delete all.ReversalStateMachine.Properties.Definition.States.Reverse.TimeoutSeconds,
    (all) => delete all.ReversalStateMachine.Properties.Definition.States.Sale.Branches[0].States.Pay.TimeoutSeconds,
  ],
  'a task waits longer than its function runs': [(all) => (all.StepLambdaFunction.Properties.Timeout = 35)],
  'retries spread out, grow to a bound and end': ['JitterStrategy', 'MaxDelaySeconds', 'MaxAttempts'].map(
    (field) => (all) => delete all.ReversalStateMachine.Properties.Definition.States.Reverse.Retry[1][field],
  ),
  'alarms reach somebody, going off and coming back': [
    (all) => delete all.DeadLettersAlarm.Properties.AlarmActions,
    (all) => delete all.HttpSlowAlarm.Properties.OKActions,
  ],
  'silence is no alarm': [(all) => (all.DeadLettersAlarm.Properties.TreatMissingData = 'breaching')],
  'nothing is bound to one partition': [
    (all) => (all.HttpRole.Properties.Policies[3].PolicyDocument.Statement[0].Resource = 'arn:aws:sqs:eu-west-1:1:a'),
    (_, { Outputs }) => (Outputs.HttpApiUrl!.Value = { 'Fn::Sub': `https://\${HttpApi}.execute-api.x.amazonaws.com` }),
  ],
}

test('a template that breaks a rule is caught by that rule', () => {
  assert.deepEqual(Object.keys(BREAKS).sort(), Object.keys(RULES).sort())
  for (const [rule, changes] of Object.entries(BREAKS)) {
    for (const change of changes) {
      const found = check(RULES, changed(change)).filter((problem) => problem.startsWith(`${rule}: `))
      assert.notDeepEqual(found, [], `${rule}: not seen after ${change}`)
    }
  }
})

test('two stages live side by side: no physical name of one is a name of the other', async () => {
  const names = ({ Resources }: Template) =>
    Object.values(Resources).flatMap(({ Type, Properties }) =>
      walk(Properties)
        .filter(({ value, path }) => path.length === 1 && /Name$/.test(path[0]!) && typeof value === 'string')
        // A route's stage is `$default` in every API.
        .filter(({ path }) => !(Type === 'AWS::ApiGatewayV2::Stage' && path[0] === 'StageName'))
        .filter(({ path }) => !['MetricName'].includes(path[0]!))
        .map(({ value }) => value),
    )
  const other = await compiledTemplate('--stage', 'prod')
  const shared = names(template).filter((name) => names(other).includes(name))
  assert.deepEqual(shared, [])
  assert.ok(names(template).length > 20)
})

test('merchants are found by convention, and those that are named are read at cold start', async () => {
  const two = await compiledTemplate('--param', 'merchants=1900000001, 1900000002,1900000001')
  const prefix = 'wechatpay-reversal-dev/merchants'
  for (const [, { Properties }] of resourcesOf(two, 'AWS::Lambda::Function')) {
    const { MERCHANT_SECRETS } = Properties.Environment.Variables
    assert.equal(MERCHANT_SECRETS, `${prefix}/1900000001,${prefix}/1900000002,${prefix}/*`)
    assert.deepEqual(readSettings({ MERCHANT_SECRETS }).secretPrefix, prefix)
  }
  assert.deepEqual(check(RIGHTS_RULES, two), [])
  await assert.rejects(compiledTemplate('--param', 'merchants=a b'), /letters and digits only, not 'a b'/)
  const many = Array.from({ length: 100 }, (_, index) => `19000000${index}`).join()
  await assert.rejects(compiledTemplate('--param', `merchants=${many}`), /too many names/)
})
