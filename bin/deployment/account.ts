// What of the account would make a deploy fail halfway, looked at before it begins.
import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Template } from '../../infra/local/cloudformation.ts'
import { requestHandler } from '../operator/aws.ts'
import type { Finding } from './limits.ts'
import { text as texts } from './text.ts'

const text = texts.account

type Client<T extends { send: unknown }> = Pick<T, 'send'>

/** The services that are asked. */
export interface Clients {
  cloudFormation: Client<CloudFormationClient>
  lambda: Client<LambdaClient>
  sqs: Client<SQSClient>
  events: Client<EventBridgeClient>
  secrets: Client<SecretsManagerClient>
}

export function accountClients(region: string, cloudFormation: CloudFormationClient): Clients {
  const options = { region, maxAttempts: 2, requestHandler }
  return {
    cloudFormation,
    lambda: new LambdaClient(options),
    sqs: new SQSClient(options),
    events: new EventBridgeClient(options),
    secrets: new SecretsManagerClient(options),
  }
}

/** AWS keeps so much concurrency for functions that reserve none. */
const STAYS_UNRESERVED = 100

/** What to do about a stack that cannot be deployed to as it is. */
const STACK_STATES: readonly [pattern: RegExp, next: (stack: string) => string][] = [
  [/_IN_PROGRESS$/, () => text.inProgress],
  [
    /^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED)$/,
    (stack) => text.neverThere(`aws cloudformation delete-stack --stack-name ${stack}`),
  ],
  [
    /^UPDATE_ROLLBACK_FAILED$/,
    (stack) => text.notBack(`aws cloudformation continue-update-rollback --stack-name ${stack}`),
  ],
]

/** Looks at the account a template is to be deployed to. A look that is refused is a finding, and stops nothing. */
export async function lookAtAccount(clients: Clients, stackName: string, template: Template): Promise<Finding[]> {
  const status = await stackStatus(clients.cloudFormation, stackName)
  const looks: Record<string, () => Promise<Finding[]>> = {
    [text.quota]: () => checkConcurrency(clients.lambda, template),
    [text.leftovers]: async () => (status === undefined ? checkLeftovers(clients, stackName, template) : []),
  }
  const found = await Promise.all(
    Object.entries(looks).map(([what, look]) =>
      look().catch((error: Error): Finding[] => [
        {
          isBlocking: false,
          what: text.notLooked(what, error.name),
          next: text.lookThere,
        },
      ]),
    ),
  )
  return [...checkStatus(stackName, status), ...found.flat()]
}

/** Undefined when there is no such stack. */
async function stackStatus(client: Clients['cloudFormation'], StackName: string): Promise<string | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }))
    return Stacks?.[0]?.StackStatus
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined
    throw error
  }
}

function checkStatus(stackName: string, status = ''): Finding[] {
  const state = STACK_STATES.find(([pattern]) => pattern.test(status))
  if (!state) return []
  return [{ isBlocking: true, what: text.state(stackName, status), next: state[1](stackName) }]
}

async function checkConcurrency(client: Clients['lambda'], template: Template): Promise<Finding[]> {
  if (template.Parameters?.ReserveConcurrency?.Default !== 'yes') return []
  const functions = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function')
  const wanted = functions.reduce((sum, { Properties }) => sum + reservedOf(Properties.ReservedConcurrentExecutions), 0)
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}))
  const { ConcurrentExecutions = 0, UnreservedConcurrentExecutions = 0 } = AccountLimit ?? {}
  const held = await Promise.all(functions.map(({ Properties }) => reservedNow(client, Properties.FunctionName)))
  const free = UnreservedConcurrentExecutions + held.reduce((sum, one) => sum + one, 0) - STAYS_UNRESERVED
  if (free >= wanted) return []
  return [
    {
      isBlocking: true,
      what: text.concurrency(wanted, Math.max(0, free), ConcurrentExecutions, STAYS_UNRESERVED),
      next: text.moreConcurrency,
    },
  ]
}

/** Of a template's `!If [ReserveConcurrency, n, …]`, the n. */
const reservedOf = (value: { 'Fn::If'?: [string, number] } | number | undefined): number =>
  typeof value === 'object' ? Number(value['Fn::If']?.[1] ?? 0) : Number(value ?? 0)

async function reservedNow(client: Clients['lambda'], FunctionName: string): Promise<number> {
  try {
    const { ReservedConcurrentExecutions = 0 } = await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))
    return ReservedConcurrentExecutions
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return 0
    throw error
  }
}

/** Names that the stack will want, and secrets that it will find. */
async function checkLeftovers(clients: Clients, stackName: string, template: Template): Promise<Finding[]> {
  const namesOf = (type: string, property: string): string[] =>
    Object.values(template.Resources)
      .filter(({ Type }) => Type === type)
      .map(({ Properties }) => Properties[property])
  const asks: [inWords: (name: string) => string, names: string[], ask: (name: string) => Promise<unknown>][] = [
    [
      text.queue,
      namesOf('AWS::SQS::Queue', 'QueueName'),
      (QueueName) => clients.sqs.send(new GetQueueUrlCommand({ QueueName })),
    ],
    [
      text.eventBus,
      namesOf('AWS::Events::EventBus', 'Name'),
      (Name) => clients.events.send(new DescribeEventBusCommand({ Name })),
    ],
    [
      text.function,
      namesOf('AWS::Lambda::Function', 'FunctionName'),
      (FunctionName) => clients.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    ],
  ]
  const taken = await Promise.all(
    asks.flatMap(([inWords, names, ask]) =>
      names.map(async (name) => ((await isThere(() => ask(name))) ? [inWords(name)] : [])),
    ),
  )
  const blocking = taken.flat().map((what) => ({
    isBlocking: true,
    what: text.taken(what, stackName),
    next: text.untaken,
  }))
  const prefix = `${stackName}/merchants/`
  const { SecretList = [] } = await clients.secrets.send(
    new ListSecretsCommand({ Filters: [{ Key: 'name', Values: [prefix] }], MaxResults: 1 }),
  )
  if (SecretList.length === 0) return blocking
  return [
    ...blocking,
    {
      isBlocking: false,
      what: text.oldSecrets(prefix),
      next: text.protectThem,
    },
  ]
}

async function isThere(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask()
    return true
  } catch (error) {
    if (/NotFound|NonExistent|DoesNotExist/.test((error as Error).name)) return false
    throw error
  }
}
