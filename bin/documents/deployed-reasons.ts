// Why each resource, and each right of a role, is there. Whoever adds one says why: drawing the page fails without.

/** By logical id. Functions are left out: each has its description. */
export const RESOURCES: Readonly<Record<string, string>> = {
  ServerlessDeploymentBucket: 'holds the archive of the functions; private and encrypted',
  ServerlessDeploymentBucketPolicy: 'refuses whoever does not use TLS',
  HttpLogGroup: 'one line for each result and each fault on the wire; kept for 180 days',
  QueueLogGroup: 'the same, of the queue’s function',
  StepLogGroup: 'the same, of the state machine’s function',
  SettleLogGroup: 'the same, of the settlement',
  QueueEventSourceMappingSQSReversalQueue: 'hands the queue’s messages to its function, at most 40 batches at once',
  HttpApi: 'the way in over HTTP',
  HttpApiLogGroup: 'one line for each request: who called and what came back, no body',
  HttpApiStage: 'throttles at 75 requests a second, and writes the access log',
  HttpLambdaPermissionHttpApi: 'lets this API alone invoke the HTTP function',
  HttpApiIntegrationHttp: 'connects the routes with the function',
  HttpApiRoutePostV3PayTransactionsOutDashtradeDashnoOuttradenoVarReverse:
    'reverses an order of a direct merchant; signed by AWS IAM',
  HttpApiRouteGetV3PayTransactionsOutDashtradeDashnoOuttradenoVar: 'tells the state of one; signed by AWS IAM',
  HttpApiRoutePostV3PayPartnerTransactionsOutDashtradeDashnoOuttradenoVarReverse:
    'reverses an order of a service provider; signed by AWS IAM',
  HttpApiRouteGetV3PayPartnerTransactionsOutDashtradeDashnoOuttradenoVar: 'tells the state of one; signed by AWS IAM',
  ReversalQueue: 'the way in over SQS, and where unfinished orders wait: 9 days at most',
  DeadLetterQueue: 'orders that need a person, each with its reason: kept for 14 days',
  QueuesOverTlsOnly: 'refuses whoever does not use TLS',
  HttpRole: 'what the HTTP function may do',
  QueueRole: 'what the queue’s function may do',
  StepRole: 'what the state machine’s function may do',
  SettleRole: 'what the settlement may do',
  MerchantKey: 'encrypts the merchants’ secrets; stays when the stack is removed, for without it no secret can be read',
  ReversalStateMachine: 'makes a sale and reverses it when it is given up, or only reverses; waits for days at no cost',
  WorkflowLogGroup: 'what the state machine did, without the orders’ data',
  WorkflowRole: 'what the state machine may do',
  EventBus: 'tells listeners what became of orders; a bus of its own, because evidence may name a customer',
  EventBusLatch: 'a rule without a target: AWS deletes no bus that has a rule',
  SettlementQueue: 'outcomes that wait for the trade bill: 10 days at most',
  SettlementsOverTlsOnly: 'refuses whoever does not use TLS',
  SettlementSchedule: 'starts the settlement each hour from 10:15 to 23:15, Beijing time',
  SettlementScheduleRole: 'what the schedule may do',
  AlarmTopic: 'where alarms go; not made when `alarmTopic` names yours',
  AlarmTopicKey: 'encrypts the topic: CloudWatch cannot use AWS’s own SNS key',
  AlarmTopicPolicy: 'takes CloudWatch’s alarms of this account, over TLS only',
  AlarmMail: 'mails the alarms to `alarmEmail`; not made without one',
  Dashboard: 'what to look at first: open alarms, queue, WeChat Pay, state machine',
}

/** By the actions of a statement and what it is about. */
export const RIGHTS: Readonly<Record<string, string>> = {
  'secretsmanager:GetSecretValue MerchantSecrets': 'the keys of the merchant in an order',
  'kms:Decrypt MerchantKey': 'those keys are encrypted; through Secrets Manager only',
  'xray:PutTraceSegments, xray:PutTelemetryRecords *': 'traces; X-Ray has no resources to name',
  'logs:CreateLogStream, logs:PutLogEvents HttpLogGroup': 'its own log',
  'logs:CreateLogStream, logs:PutLogEvents QueueLogGroup': 'its own log',
  'logs:CreateLogStream, logs:PutLogEvents StepLogGroup': 'its own log',
  'logs:CreateLogStream, logs:PutLogEvents SettleLogGroup': 'its own log',
  'sqs:SendMessage ReversalQueue': 'queues an order that is not finished',
  'sqs:SendMessage SettlementQueue': 'an outcome that the trade bill shall settle',
  'sqs:SendMessage DeadLetterQueue': 'an order that needs a person, with the reason',
  'sqs:SendMessage ReversalQueue, DeadLetterQueue':
    'reverses again what the bill shows paid and not returned; gives up what no bill settles',
  'sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes ReversalQueue': 'Lambda reads the queue in its name',
  'sqs:ChangeMessageVisibility, sqs:SendMessage ReversalQueue': 'waits longer each time; sends on what it learned',
  'sqs:ReceiveMessage, sqs:ChangeMessageVisibility, sqs:DeleteMessage SettlementQueue': 'takes what waits for a bill',
  'events:PutEvents EventBus': 'tells the result',
  'lambda:InvokeFunction HttpLambdaFunction, StepLambdaFunction, PayFunctionArn':
    'queries and reverses; makes the payment with your function, where `payFunction` names one',
  'lambda:InvokeFunction SettleLambdaFunction': 'starts the settlement',
  'logs:CreateLogDelivery, logs:DeleteLogDelivery, logs:DescribeLogGroups, logs:DescribeResourcePolicies, logs:GetLogDelivery, logs:ListLogDeliveries, logs:PutResourcePolicy, logs:UpdateLogDelivery, xray:GetSamplingRules, xray:GetSamplingTargets, xray:PutTelemetryRecords, xray:PutTraceSegments *':
    'its log and traces; AWS grants these on everything or not at all',
}
