import { dirname } from 'node:path'
import { SQSClient } from '@aws-sdk/client-sqs'
import { type AwsApi, type Fault, startAwsApi } from './aws-api.ts'
import type { Json, Resource, Template } from './cloudformation.ts'
import { rightsToPoll, startEventSource } from './event-source.ts'
import { type BusEvent, createEventBridge, type EventBridge } from './eventbridge.ts'
import { type HttpApi, startHttpApi } from './http-api.ts'
import { type Access, createIam } from './iam.ts'
import { createLambda, type Lambda } from './lambda.ts'
import { createLambdaApi } from './lambda-api.ts'
import type { Statement } from './policy.ts'
import { createSchedules } from './schedules.ts'
import { createSecretsManager, type SecretsManager } from './secrets-manager.ts'
import type { SharedClock } from './shared-clock.ts'
import type { Credentials } from './sigv4.ts'
import { createSqs, type QueuedMessage, type Sqs } from './sqs.ts'
import type { Execution, Seconds } from './state-machine.ts'
import { createStepFunctions, type StepFunctions } from './step-functions.ts'
import { createTasks } from './tasks.ts'
import { resolveTemplate } from './template.ts'
import { createClock } from './wechatpay/clock.ts'
import { assumeRoles, toFunction, toMappings, toRoutes } from './wiring.ts'

export interface LocalStackOptions {
  /** The compiled CloudFormation template. */
  template: Template
  parameters?: Record<string, string>
  /** Secret values by name or logical id, as if somebody had put them in after the deploy. */
  secrets?: Record<string, Json>
  /** Merchants of the deployment, each the JSON of its secret, as `npm run secret` would have put them in. */
  merchants?: { mchid: string }[]
  /** The WeChat Pay addresses the functions use instead of the real ones, the preferred one first. */
  wechatPayEndpoints?: string[]
  /** Environment variables that every function gets over what the template says. */
  environment?: Record<string, string>
  /** How long the state machine's Wait states, and the retries of its states, wait, whatever it says. */
  waitSeconds?: Seconds
  retrySeconds?: Seconds
  region?: string
  stackName?: string
  /** Where the functions' handlers are found: the project. */
  taskRoot?: string
  /** What everything here lives by; without one, the machine's clock, and no schedule runs by itself. */
  clock?: SharedClock
  /** Told every line a function writes. */
  onLog?: (line: string) => void
}

export interface LocalStack {
  /** Where the HTTP API answers. */
  apiUrl: string
  /** Where every AWS service of the stack answers: the endpoint to give to the SDK. */
  awsUrl: string
  region: string
  /** Of a user who may do anything in this account: for the HTTP API, and for the services through the SDK. */
  credentials: Credentials
  /** Another user, with these rights alone. */
  addCaller(name: string, statements: Statement[]): Credentials
  /** Who has called what so far, and what IAM said to it. */
  access(): Access[]
  /** The queue with an event source, and where its dead letters go. */
  queueUrl: string
  deadLetterQueueUrl: string
  resources: Resource[]
  /** The template's outputs, as CloudFormation would tell them. */
  outputs: Record<string, string>
  lambda: Lambda
  secrets: SecretsManager
  eventBridge: EventBridge
  sqs: Sqs
  stepFunctions: StepFunctions
  /** Calls a function, named by its name or logical id, with an event. */
  invoke(id: string, event: Json): Promise<{ result?: Json; error?: { errorType: string; errorMessage: string } }>
  /** Sends a message to the queue. Returns its message id. */
  sendMessage(body: Json, delaySeconds?: number): Promise<string>
  /** Lets every schedule come due now. What its target returned, by the schedule's logical id. */
  runSchedules(): Promise<Record<string, Json>>
  messages(): Promise<QueuedMessage[]>
  deadLetters(): Promise<QueuedMessage[]>
  events(): BusEvent[]
  startExecution(input: Json, name?: string): Execution
  /** What a function wrote, line by line. */
  logs(id: string): string[]
  /** `kill -9` for every environment, or those of one function. Returns how many there were. */
  killEnvironments(id?: string): number
  /** Disturbs `secretsmanager`, `sqs`, `events`, `lambda` or `states` until the function it returns is called. */
  fail(service: string, fault: Fault): () => void
  close(): Promise<void>
}

const MACHINE_CLOCK = createClock()

/** fauxqs knows no other account. */
const ACCOUNT_ID = '000000000000'
const projectRoot = dirname(dirname(import.meta.dirname))

/**
 * Boots what the template describes, on this machine: functions in processes of their own, queue, poller, HTTP API,
 * state machine, secrets and event bus, each reached over HTTP on the loopback interface, each call checked by IAM.
 * @throws when the template can't be resolved, refers to what is not in it, or lacks a right that a deploy would ask for
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const servers = { httpApi: await startHttpApi(), awsApi: await startAwsApi() }
  try {
    return await boot(options, servers)
  } catch (error) {
    await Promise.all([servers.httpApi.close(), servers.awsApi.close()])
    throw error
  }
}

interface Servers {
  httpApi: HttpApi
  awsApi: AwsApi
}

async function boot(options: LocalStackOptions, { httpApi, awsApi }: Servers): Promise<LocalStack> {
  const { region = 'us-east-1', stackName = 'local', parameters = {}, taskRoot = projectRoot } = options
  const account = { accountId: ACCOUNT_ID, region, partition: 'aws', stackName }
  const urls = { awsUrl: awsApi.url, apiUrl: httpApi.url }
  const template = resolveTemplate(options.template, { ...account, ...urls, parameters })
  const { resources, ofType } = template
  const nameOf = (id: string) => resources.find(({ logicalId }) => logicalId === id)?.ref ?? id

  const { clock } = options
  const { now } = clock ?? MACHINE_CLOCK
  const iam = createIam(account, resources, clock)
  const roles = assumeRoles(iam, template)
  const caller = iam.addUser('local', [{ Effect: 'Allow', Action: '*', Resource: '*' }])

  const endpoints = options.wechatPayEndpoints && { WECHATPAY_ENDPOINTS: options.wechatPayEndpoints.join(',') }
  const environment = { ...endpoints, ...options.environment }
  const setting = { region, taskRoot, awsUrl: awsApi.url, environment, clock }
  const lambda = createLambda(
    ofType('AWS::Lambda::Function').map((resource) => toFunction(resource, roles.get(resource.arn)!, setting)),
    options.onLog,
  )
  const secrets = createSecretsManager(account, ofType('AWS::SecretsManager::Secret'), iam.guard)
  const { MerchantSecretPrefix: prefix, MerchantKeyArn: keyArn } = template.outputs
  for (const merchant of options.merchants ?? []) secrets.put(`${prefix}/${merchant.mchid}`, merchant, keyArn)
  for (const [id, value] of Object.entries(options.secrets ?? {})) secrets.put(nameOf(id), value)
  const eventBridge = createEventBridge(account, ofType('AWS::Events::EventBus'), now)
  const sqs = await createSqs(account, ofType('AWS::SQS::Queue'), clock)
  const invoke = createTasks(lambda, iam, roles)
  const stepFunctions = createStepFunctions(ofType('AWS::StepFunctions::StateMachine'), {
    ...options,
    invoke,
    clock: clock ?? MACHINE_CLOCK,
  })

  awsApi.open([secrets, eventBridge, sqs, stepFunctions], createLambdaApi(lambda), async (request, service, rights) =>
    iam.require(await iam.authenticate(request, service), rights),
  )
  const apiId = ofType('AWS::ApiGatewayV2::Api')[0]?.ref ?? ''
  httpApi.open(toRoutes(template, lambda.functions), { ...account, apiId, lambda, iam, now })

  const mappings = toMappings(template, lambda.functions)
  const sources = mappings.map((mapping) => {
    const role = roles.get(mapping.functionArn)!
    iam.require(role, rightsToPoll(mapping.queueArn))
    return startEventSource(
      mapping,
      new SQSClient({ endpoint: awsApi.url, region, credentials: role.credentials }),
      lambda,
    )
  })

  const schedules = createSchedules(ofType('AWS::Scheduler::Schedule'), invoke, clock)

  const queueUrl = mappings[0]?.queueUrl ?? ''
  const queue = ofType('AWS::SQS::Queue').find(({ ref }) => ref === queueUrl)
  const deadLetterArn = queue?.properties.RedrivePolicy?.deadLetterTargetArn
  const deadLetterQueueUrl = ofType('AWS::SQS::Queue').find(({ arn }) => arn === deadLetterArn)?.ref ?? ''

  return {
    ...urls,
    region,
    credentials: caller.credentials,
    addCaller: (name, statements) => iam.addUser(name, statements).credentials,
    access: iam.access,
    queueUrl,
    deadLetterQueueUrl,
    resources,
    outputs: template.outputs,
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
      const delay = delaySeconds === undefined ? {} : { DelaySeconds: delaySeconds }
      return (await sqs.call('SendMessage', { QueueUrl: queueUrl, MessageBody, ...delay })).MessageId
    },
    runSchedules: schedules.run,
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
      schedules.close()
      const polling = Promise.all(sources.map((source) => source.close()))
      stepFunctions.close()
      lambda.close()
      await polling
      await Promise.all([httpApi.close(), awsApi.close(), sqs.close()])
    },
  }
}
