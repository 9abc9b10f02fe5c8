import { dirname } from 'node:path'
import { SQSClient } from '@aws-sdk/client-sqs'
import { type Fault, startAwsApi } from './aws-api.ts'
import type { FunctionConfig } from './environment.ts'
import { defaultConcurrency, type EventSourceMapping, startEventSource } from './event-source.ts'
import { type BusEvent, createEventBridge, type EventBridge } from './eventbridge.ts'
import { type Route, startHttpApi } from './http-api.ts'
import { createLambda, type Lambda } from './lambda.ts'
import { createLambdaApi } from './lambda-api.ts'
import { createSecretsManager, type SecretsManager } from './secrets-manager.ts'
import { createSqs, type QueuedMessage, type Sqs } from './sqs.ts'
import { createStepFunctions, type Execution, type StepFunctions } from './step-functions.ts'
import { type Json, type Resource, resolveTemplate, type Template } from './template.ts'

export type LocalStackOptions = {
  /** The compiled CloudFormation template. */
  template: Template
  parameters?: Record<string, string>
  /** Secret values by name; each is set as if somebody had put it after the deploy. */
  secrets?: Record<string, Json>
  /** The WeChat Pay addresses the functions use instead of the real ones, the preferred one first. */
  wechatPayEndpoints?: string[]
  /** Environment variables that every function gets over what the template says. */
  environment?: Record<string, string>
  /** How long the state machine's Wait states and its retries wait, whatever it says. */
  waitSeconds?: number
  retrySeconds?: number
  region?: string
  stackName?: string
  /** Where the functions' handlers are found: the project. */
  taskRoot?: string
}

/** fauxqs knows no other account. */
const accountId = '000000000000'

const projectRoot = dirname(dirname(import.meta.dirname))

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string }

const anyone: Credentials = { accessKeyId: 'local', secretAccessKey: 'local' }

export type LocalStack = {
  /** Where the HTTP API answers. */
  apiUrl: string
  /** Where every AWS service of the stack answers: the endpoint to give to the SDK. */
  awsUrl: string
  region: string
  /** Whose requests the HTTP API and the services take. */
  credentials: Credentials
  /** The queue with an event source, and where its dead letters go. */
  queueUrl: string
  deadLetterQueueUrl: string
  resources: Resource[]
  lambda: Lambda
  secrets: SecretsManager
  eventBridge: EventBridge
  sqs: Sqs
  stepFunctions: StepFunctions
  /** Calls a function, named by its name or logical id, with an event. */
  invoke(id: string, event: Json): Promise<{ result?: Json; error?: { errorType: string; errorMessage: string } }>
  /** Sends a message to the queue. Returns its message id. */
  sendMessage(body: Json, delaySeconds?: number): Promise<string>
  messages(): Promise<QueuedMessage[]>
  deadLetters(): Promise<QueuedMessage[]>
  events(): BusEvent[]
  startExecution(input: Json, name?: string): Execution
  /** What a function wrote, line by line. */
  logs(id: string): string[]
  /** `kill -9` for every environment, or those of one function. Returns how many there were. */
  killEnvironments(id?: string): number
  /** Disturbs one of the services (`secretsmanager`, `sqs`, `events`, `lambda`, `states`) until the function it returns is called. */
  fail(service: string, fault: Fault): () => void
  close(): Promise<void>
}

/**
 * Boots what the template describes, on this machine: functions in processes of their own, queue, poller, HTTP API,
 * state machine, secrets and event bus, each reached over HTTP on the loopback interface.
 * @throws when the template can't be resolved, or refers to something that is not in it
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { template, region = 'us-east-1', stackName = 'local' } = options
  const account = { accountId, region, partition: 'aws', stackName }

  const httpApi = await startHttpApi()
  const awsApi = await startAwsApi()
  const { resources, ofType } = resolveTemplate(template, {
    ...account,
    ...(options.parameters && { parameters: options.parameters }),
    awsUrl: awsApi.url,
    apiUrl: httpApi.url,
  })

  const lambda = createLambda(
    ofType('AWS::Lambda::Function').map((one) => toFunction(one, options, awsApi.url, region)),
  )
  const secrets = createSecretsManager(account, ofType('AWS::SecretsManager::Secret'))
  for (const [name, value] of Object.entries(options.secrets ?? {})) secrets.put(name, value)
  const eventBridge = createEventBridge(account, ofType('AWS::Events::EventBus'))
  const sqs = await createSqs(account, ofType('AWS::SQS::Queue'))
  const stepFunctions = createStepFunctions(ofType('AWS::StepFunctions::StateMachine'), {
    ...options,
    invoke: invokeTask(lambda),
  })
  awsApi.open([secrets, eventBridge, sqs, stepFunctions], createLambdaApi(lambda), () => undefined)
  httpApi.open(toRoutes(ofType, lambda.functions), {
    apiId: ofType('AWS::ApiGatewayV2::Api')[0]?.ref ?? '',
    accountId,
    lambda,
    authorize: async () => undefined,
    mayInvoke: () => true,
  })
  const client = (credentials: Credentials) => new SQSClient({ endpoint: awsApi.url, region, credentials })
  const mappings = toMappings(ofType, lambda.functions, region)
  const sources = await Promise.all(mappings.map((mapping) => startEventSource(mapping, client(anyone), lambda)))

  const queueUrl = mappings[0]?.queueUrl ?? ''
  const queue = ofType('AWS::SQS::Queue').find(({ ref }) => ref === queueUrl)
  const deadLetterArn = queue?.properties.RedrivePolicy?.deadLetterTargetArn
  const deadLetterQueueUrl = ofType('AWS::SQS::Queue').find(({ arn }) => arn === deadLetterArn)?.ref ?? ''
  const nameOf = (id: string) => resources.find(({ logicalId }) => logicalId === id)?.ref ?? id

  return {
    apiUrl: httpApi.url,
    awsUrl: awsApi.url,
    region,
    credentials: anyone,
    queueUrl,
    deadLetterQueueUrl,
    resources,
    lambda,
    secrets,
    eventBridge,
    sqs,
    stepFunctions,
    invoke: async (id, event) => {
      const { payload, functionError } = await lambda.invoke(nameOf(id), JSON.stringify(event))
      return functionError ? { error: JSON.parse(payload) } : { result: JSON.parse(payload) }
    },
    sendMessage: async (body, delaySeconds) => {
      const MessageBody = typeof body === 'string' ? body : JSON.stringify(body)
      const input = { QueueUrl: queueUrl, MessageBody, ...(delaySeconds && { DelaySeconds: delaySeconds }) }
      return (await sqs.call('SendMessage', input)).MessageId
    },
    messages: () => sqs.messages(queueUrl),
    deadLetters: () => sqs.messages(deadLetterQueueUrl),
    events: () => eventBridge.events,
    startExecution: (input, name) => stepFunctions.start(input, name),
    logs: (id) => lambda.logs(nameOf(id)),
    killEnvironments: (id) => {
      const environments = lambda.environments(id && nameOf(id))
      for (const environment of environments) environment.kill()
      return environments.length
    },
    fail: awsApi.fail,
    close: async () => {
      const closing = Promise.all(sources.map((source) => source.close()))
      lambda.close()
      await closing
      await Promise.all([httpApi.close(), awsApi.close(), sqs.close()])
    },
  }
}

type OfType = (type: string) => Resource[]

function toFunction(
  { properties, ref, arn }: Resource,
  options: LocalStackOptions,
  awsUrl: string,
  region: string,
): FunctionConfig {
  const variables: Record<string, Json> = {
    ...properties.Environment?.Variables,
    ...(options.wechatPayEndpoints && { WECHATPAY_ENDPOINTS: options.wechatPayEndpoints.join(',') }),
    ...options.environment,
    AWS_ENDPOINT_URL_SQS: awsUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: awsUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: awsUrl,
    AWS_ACCESS_KEY_ID: anyone.accessKeyId,
    AWS_SECRET_ACCESS_KEY: anyone.secretAccessKey,
  }
  return {
    name: ref,
    arn,
    handler: properties.Handler,
    timeoutMs: Number(properties.Timeout ?? 3) * 1000,
    memoryMb: Number(properties.MemorySize ?? 128),
    ...(properties.ReservedConcurrentExecutions !== undefined && {
      reservedConcurrency: Number(properties.ReservedConcurrentExecutions),
    }),
    logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)])),
    taskRoot: options.taskRoot ?? projectRoot,
    region,
  }
}

function toRoutes(ofType: OfType, functions: FunctionConfig[]): Route[] {
  return ofType('AWS::ApiGatewayV2::Route').map(({ logicalId, properties }) => {
    const integration = ofType('AWS::ApiGatewayV2::Integration').find(
      ({ ref }) => properties.Target === `integrations/${ref}`,
    )
    const uri: string = integration?.properties.IntegrationUri ?? ''
    const target = functions.find(({ arn }) => uri === arn || uri.includes(`/${arn}/`))
    if (!target) throw new Error(`Route ${logicalId} does not lead to a function of the template`)
    return {
      routeKey: properties.RouteKey,
      functionName: target.name,
      authorizationType: properties.AuthorizationType ?? 'NONE',
      timeoutMs: Number(integration?.properties.TimeoutInMillis ?? 30_000),
    }
  })
}

function toMappings(ofType: OfType, functions: FunctionConfig[], region: string): EventSourceMapping[] {
  return ofType('AWS::Lambda::EventSourceMapping').map(({ logicalId, properties }) => {
    const { FunctionName, EventSourceArn, BatchSize, MaximumBatchingWindowInSeconds, ScalingConfig } = properties
    const target = functions.find(({ name, arn }) => FunctionName === name || FunctionName === arn)
    const queue = ofType('AWS::SQS::Queue').find(({ arn }) => arn === EventSourceArn)
    if (!target || !queue) throw new Error(`${logicalId} must join a queue and a function of the template`)
    return {
      functionName: target.name,
      queueArn: queue.arn,
      queueUrl: queue.ref,
      region,
      batchSize: Number(BatchSize ?? 10),
      batchingWindowMs: Number(MaximumBatchingWindowInSeconds ?? 0) * 1000,
      maximumConcurrency: Number(ScalingConfig?.MaximumConcurrency ?? defaultConcurrency),
      reportBatchItemFailures: properties.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    }
  })
}

/** Names a failed call as Step Functions does: the function's own `errorType`, or `Lambda.<exception>`. */
const invokeTask =
  (lambda: Lambda) =>
  async (nameOrArn: string, payload: Json): Promise<Json> => {
    const target = lambda.functions.find(({ name, arn }) => [name, arn, `${arn}:$LATEST`].includes(nameOrArn))
    if (!target) throw named('Lambda.ResourceNotFoundException', `Function not found: ${nameOrArn}`)
    const { payload: text, functionError } = await lambda
      .invoke(target.name, JSON.stringify(payload))
      .catch((error) => {
        throw named(`Lambda.${error.name}`, error.message)
      })
    if (functionError) throw named(JSON.parse(text).errorType ?? 'Lambda.Unknown', text)
    return JSON.parse(text)
  }

const named = (name: string, message: string) => Object.assign(new Error(message), { name })
