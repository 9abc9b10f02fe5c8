// Rules: what keeps an order on the queue until it is proved or a person has it.
import { isDeepStrictEqual } from 'node:util'
import { resourcesOf } from './compiled-template.ts'
import { every, list, one, type Rules, refersTo } from './rule.ts'

const DAY = 86_400 // seconds

export const QUEUE_RULES: Rules = {
  'queues are encrypted': every(
    'AWS::SQS::Queue',
    ({ Properties }) => Properties.SqsManagedSseEnabled !== true && !Properties.KmsMasterKeyId,
  ),
  'queues speak TLS only': every('AWS::SQS::Queue', (_, id, template) => {
    const denying = resourcesOf(template, 'AWS::SQS::QueuePolicy')
      .filter(([, { Properties }]) => refersTo(Properties.Queues, id))
      .flatMap(([, { Properties }]) => list(Properties.PolicyDocument.Statement))
      .filter(
        ({ Effect, Principal, Action, Resource, Condition }) =>
          Effect === 'Deny' &&
          Principal === '*' &&
          Action === 'sqs:*' &&
          refersTo(Resource, id) &&
          Condition?.Bool?.['aws:SecureTransport'] === 'false',
      )
    return denying.length === 0
  }),
  'orders are kept 9 days and dead letters 14': (template) => [
    ...(one(template, 'ReversalQueue').MessageRetentionPeriod === 9 * DAY ? [] : ['ReversalQueue']),
    ...(one(template, 'DeadLetterQueue').MessageRetentionPeriod === 14 * DAY ? [] : ['DeadLetterQueue']),
  ],
  'SQS gives an order up only after 1,000 receives': (template) => {
    const { deadLetterTargetArn, maxReceiveCount } = one(template, 'ReversalQueue').RedrivePolicy ?? {}
    return maxReceiveCount === 1000 && refersTo(deadLetterTargetArn, 'DeadLetterQueue') ? [] : ['ReversalQueue']
  },
  'only the queues of orders and of outcomes have these dead letters': (template) => {
    const { redrivePermission, sourceQueueArns } = one(template, 'DeadLetterQueue').RedriveAllowPolicy ?? {}
    const sources = ['ReversalQueue', 'SettlementQueue'].map((id) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${one(template, id).QueueName}`,
    }))
    return redrivePermission === 'byQueue' && isDeepStrictEqual(sourceQueueArns, sources) ? [] : ['DeadLetterQueue']
  },
  "nobody's dead letters come to the queues of orders and of outcomes": (template) =>
    ['ReversalQueue', 'SettlementQueue'].filter(
      (id) => one(template, id).RedriveAllowPolicy?.redrivePermission !== 'denyAll',
    ),
  'whoever looks into a queue asks all of its servers': (template) => {
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
    const { ReceiveMessageWaitTimeSeconds = 0 } = one(template, 'ReversalQueue')
    return ReceiveMessageWaitTimeSeconds > 0 ? [] : ['ReversalQueue: short polling says "empty" of a queue that is not']
  },
  'a message stays hidden for 6 time-outs of its function, and the window': every(
    'AWS::Lambda::EventSourceMapping',
    ({ Properties: { EventSourceArn, FunctionName, MaximumBatchingWindowInSeconds = 0 } }, _, template) => {
      const { VisibilityTimeout = 30 } = one(template, EventSourceArn['Fn::GetAtt'][0])
      const { Timeout = 3 } = one(template, FunctionName['Fn::GetAtt'][0])
      return VisibilityTimeout < 6 * Timeout + MaximumBatchingWindowInSeconds
    },
  ),
  'messages of a batch succeed and fail on their own': every(
    'AWS::Lambda::EventSourceMapping',
    ({ Properties }) => !isDeepStrictEqual(Properties.FunctionResponseTypes, ['ReportBatchItemFailures']),
  ),
  'the queue asks for no more concurrency than its function has': every(
    'AWS::Lambda::EventSourceMapping',
    ({ Properties: { ScalingConfig, FunctionName } }, _, template) => {
      const { ReservedConcurrentExecutions } = one(template, FunctionName['Fn::GetAtt'][0])
      const reserved = ReservedConcurrentExecutions?.['Fn::If']?.[1] ?? ReservedConcurrentExecutions
      return !(ScalingConfig?.MaximumConcurrency <= reserved)
    },
  ),
  'all environments together begin just under 150 attempts a second, what WeChat Pay takes of reverses': every(
    'AWS::Lambda::EventSourceMapping',
    ({ Properties: { ScalingConfig, FunctionName } }, _, template) => {
      const { ATTEMPTS_PER_SECOND } = one(template, FunctionName['Fn::GetAtt'][0]).Environment.Variables
      const together = ScalingConfig?.MaximumConcurrency * ATTEMPTS_PER_SECOND
      return !(together >= 135 && together <= 150)
    },
  ),
}
