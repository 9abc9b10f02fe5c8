import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { AwsClient } from 'aws4fetch'
import type { Json } from '../../../infra/local/cloudformation.ts'
import { startLocalStack } from '../../../infra/local/stack.ts'
import { fixture, taskRoot } from './fixtures/template.ts'

const stack = await startLocalStack({ template: fixture(), taskRoot })
after(() => stack.close())

const QueueUrl = stack.queueUrl
const arnOf = (id: string) => stack.resources.find(({ logicalId, ref }) => logicalId === id || ref === id)!.arn
const from = arnOf(stack.deadLetterQueueUrl)
const machine = stack.resources.find(({ type }) => type === 'AWS::StepFunctions::StateMachine')!.arn
const missing = (arn: string) => arn.replace(/[^:]+$/, 'nobody')
const entry = { EventBusName: 'reversals', Source: 's', DetailType: 'd', Detail: '{}' }
const batch = (length: number, more: Json = {}) =>
  Array.from({ length }, (_, index) => ({ Id: `n${index}`, MessageBody: 'b', ...more }))

/** What AWS answers to the calls that we make, where it was recorded on AWS or its reference says so. */
interface Fact {
  call: string
  input: Json
  status: number
  /** The error's type, and of SQS's older clients its code. */
  error?: string
  queryError?: string
  says?: RegExp
  source: string
}

/** Recordings of AWS, public under Apache-2.0, at commit 8b9a79f: the test and the answer it kept. */
const recorded = (file: string, name: string) =>
  `https://github.com/localstack/localstack/blob/8b9a79f/tests/aws/services/${file} ${name}`
const reference = (page: string) => `https://docs.aws.amazon.com/${page}`
const SQS = 'sqs/test_sqs.snapshot.json'
const MOVE = 'sqs/test_sqs_move_task.snapshot.json'
const EVENTS = 'events/test_events.snapshot.json'
const SECRETS = 'secretsmanager/test_secretsmanager.snapshot.json'
const SFN = 'stepfunctions/v2/test_sfn_api.snapshot.json'

const FACTS: readonly Fact[] = [
  {
    call: 'AmazonSQS.SendMessage',
    input: { QueueUrl: `${QueueUrl}-nobody`, MessageBody: 'b' },
    status: 400,
    error: 'QueueDoesNotExist',
    queryError: 'AWS.SimpleQueueService.NonExistentQueue;Sender',
    says: /^The specified queue does not exist\.$/,
    source: recorded(SQS, 'test_non_existent_queue'),
  },
  {
    call: 'AmazonSQS.SendMessage',
    input: { QueueUrl, MessageBody: 'b'.repeat(1_048_577) },
    status: 400,
    error: 'InvalidParameterValue',
    says: /shorter than 1048576 bytes/,
    source: recorded(SQS, 'test_send_oversized_message'),
  },
  {
    call: 'AmazonSQS.SendMessage',
    input: { QueueUrl, MessageBody: 'b', DelaySeconds: 901 },
    status: 400,
    error: 'InvalidParameterValue',
    source: reference('AWSSimpleQueueService/latest/APIReference/API_SendMessage.html'),
  },
  {
    call: 'AmazonSQS.SendMessage',
    input: { QueueUrl, MessageBody: 'b', MessageGroupId: 'group 123' },
    status: 400,
    error: 'InvalidParameterValue',
    says: /MessageGroupId can only include alphanumeric and punctuation characters\. 1 to 128 in length\./,
    source: recorded(SQS, 'test_send_message_to_standard_queue_with_invalid_message_group_id'),
  },
  {
    call: 'AmazonSQS.SendMessage',
    input: { QueueUrl, MessageBody: 'b', MessageAttributes: { detail: { DataType: 'String', StringValue: '' } } },
    status: 400,
    error: 'InvalidParameterValue',
    says: /must contain (a )?non-empty .*String/,
    source: recorded(SQS, 'test_send_message_with_empty_string_attribute'),
  },
  {
    call: 'AmazonSQS.SendMessageBatch',
    input: { QueueUrl, Entries: batch(11) },
    status: 400,
    error: 'TooManyEntriesInBatchRequest',
    queryError: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest;Sender',
    says: /Maximum number of entries per request are 10/,
    source: recorded(SQS, 'test_too_many_entries_in_batch_request'),
  },
  {
    call: 'AmazonSQS.SendMessageBatch',
    input: { QueueUrl, Entries: batch(2, { MessageBody: 'b'.repeat(600_000) }) },
    status: 400,
    error: 'BatchRequestTooLong',
    says: /cannot be longer than 1048576 bytes/,
    source: recorded(SQS, 'test_send_message_batch_with_oversized_contents'),
  },
  {
    call: 'AmazonSQS.ReceiveMessage',
    input: { QueueUrl, MaxNumberOfMessages: 11 },
    status: 400,
    error: 'InvalidParameterValue',
    says: /Must be between 1 and 10/,
    source: recorded(SQS, 'test_send_receive_max_number_of_messages'),
  },
  {
    call: 'AmazonSQS.ReceiveMessage',
    input: { QueueUrl, WaitTimeSeconds: 21 },
    status: 400,
    error: 'InvalidParameterValue',
    says: /Must be >= 0 and <= 20, if provided/,
    source: recorded(SQS, 'test_send_receive_wait_time_seconds'),
  },
  {
    call: 'AmazonSQS.ChangeMessageVisibility',
    input: { QueueUrl, ReceiptHandle: 'none of ours', VisibilityTimeout: 5 },
    status: 400,
    error: 'ReceiptHandleIsInvalid',
    source: reference('AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html'),
  },
  {
    call: 'AmazonSQS.StartMessageMoveTask',
    input: { SourceArn: arnOf(QueueUrl) },
    status: 400,
    error: 'InvalidParameterValue',
    says: /Source queue must be configured as a Dead Letter Queue/,
    source: recorded(MOVE, 'test_source_needs_redrive_policy'),
  },
  {
    call: 'AmazonSQS.StartMessageMoveTask',
    input: { SourceArn: from, DestinationArn: missing(from) },
    status: 404,
    error: 'ResourceNotFoundException',
    says: /The resource that you specified for the DestinationArn parameter doesn't exist\./,
    source: recorded(MOVE, 'test_destination_needs_to_exist'),
  },
  {
    call: 'AWSEvents.PutEvents',
    input: { Entries: Array(11).fill(entry) },
    status: 400,
    error: 'ValidationException',
    source: recorded(EVENTS, 'test_put_events_exceed_limit_ten_entries'),
  },
  {
    call: 'AWSEvents.PutEvents',
    input: { Entries: [{ ...entry, Detail: JSON.stringify({ a: 'a'.repeat(1_100_000) }) }] },
    status: 400,
    error: 'ValidationException',
    says: /Total size of the entries in the request is over the limit\./,
    source: recorded(EVENTS, 'test_put_event_with_too_big_detail'),
  },
  {
    call: 'AWSEvents.PutEvents',
    input: { Entries: [{ ...entry, EventBusName: 'nobody' }] },
    status: 200,
    source: recorded(EVENTS, 'test_put_events_nonexistent_event_bus'),
  },
  {
    call: 'AWSEvents.DescribeEventBus',
    input: { Name: 'nobody' },
    status: 400,
    error: 'ResourceNotFoundException',
    says: /^Event bus nobody does not exist\.$/,
    source: recorded(EVENTS, 'test_describe_delete_not_existing_event_bus'),
  },
  {
    call: 'secretsmanager.GetSecretValue',
    input: { SecretId: 'nobody' },
    status: 400,
    error: 'ResourceNotFoundException',
    says: /^Secrets Manager can't find the specified secret\.$/,
    source: recorded(SECRETS, 'test_create_and_update_secret'),
  },
  {
    call: 'secretsmanager.GetSecretValue',
    input: { SecretId: 'merchant/one', VersionStage: 'AWSPREVIOUS' },
    status: 400,
    error: 'ResourceNotFoundException',
    says: /^Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS$/,
    source: recorded(SECRETS, 'test_get_secret_value_errors'),
  },
  {
    call: 'secretsmanager.CreateSecret',
    input: { Name: 'merchant/one', SecretString: 's' },
    status: 400,
    error: 'ResourceExistsException',
    says: /^The operation failed because the secret merchant\/one already exists\.$/,
    source: recorded(SECRETS, 'test_secret_exists_snapshots'),
  },
  {
    call: 'AWSStepFunctions.StartExecution',
    input: { stateMachineArn: missing(machine), input: '{}' },
    status: 400,
    error: 'StateMachineDoesNotExist',
    says: /^State Machine Does Not Exist: 'arn:/,
    source: recorded(SFN, 'test_invalid_start_execution_arn'),
  },
  {
    call: 'AWSStepFunctions.StartExecution',
    input: { stateMachineArn: machine, input: 'not json' },
    status: 400,
    error: 'InvalidExecutionInput',
    says: /^Invalid State Machine Execution Input: '/,
    source: recorded(SFN, 'test_invalid_start_execution_input'),
  },
]

const client = new AwsClient({ ...stack.credentials, region: stack.region, retries: 0 })
const SERVICES: Record<string, string> = {
  AmazonSQS: 'sqs',
  AWSEvents: 'events',
  secretsmanager: 'secretsmanager',
  AWSStepFunctions: 'states',
}

async function ask({ call, input }: Pick<Fact, 'call' | 'input'>) {
  const response = await client.fetch(stack.awsUrl, {
    method: 'POST',
    body: JSON.stringify(input),
    headers: { 'x-amz-target': call, 'content-type': 'application/x-amz-json-1.0' },
    aws: { service: SERVICES[call.split('.')[0]!]! },
  })
  const body = (await response.json()) as Json
  return {
    status: response.status,
    error: body.__type?.split('#').at(-1),
    queryError: response.headers.get('x-amzn-query-error') ?? undefined,
    message: String(body.message ?? body.Message ?? ''),
    body,
  }
}

stack.secrets.put('merchant/one', 'value')

describe('the local stack answers as AWS was recorded, or is documented, to answer', () => {
  for (const { call, input, source, status, error, queryError, says } of FACTS) {
    const named = `${call} ${JSON.stringify(input).slice(0, 70)}`
    test(`${error ?? 'taken'}: ${named}`, async () => {
      const answer = await ask({ call, input })
      assert.deepEqual([answer.status, answer.error], [status, error], `${answer.message} — ${source}`)
      if (queryError !== undefined) assert.equal(answer.queryError, queryError, source)
      if (says !== undefined) assert.match(answer.message, says, source)
      if (status === 200) assert.equal(answer.body.FailedEntryCount, 0, source)
    })
  }
})
