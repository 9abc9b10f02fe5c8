import { randomUUID } from 'node:crypto'
import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions'
import { AwsError, type AwsService } from './aws-api.ts'
import type { Json, Resource } from './template.ts'

/** One run of the state machine. */
export type Execution = {
  arn: string
  name: string
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'
  input: Json
  output?: Json
  error?: string
  cause?: string
  /** What happened, in the order it happened. */
  history: { type: string; timestamp: number; state?: { name: string; type: string; input: Json; output?: Json } }[]
  abort(): void
  /** Resolves to this execution when it has ended. */
  ended: Promise<Execution>
}

/** Calls a Lambda function for a machine. Rejects with the error name that `Retry` and `Catch` will see. */
export type InvokeTask = (machineArn: string, functionNameOrArn: string, payload: Json) => Promise<Json>

export type StepFunctionsOptions = {
  invoke: InvokeTask
  /** How long Wait states wait, whatever the machine says: all of them, or those named. */
  waitSeconds?: number | Record<string, number>
  /** How long a Retry waits, whatever the machine says. */
  retrySeconds?: number
}

export type StepFunctions = AwsService & {
  /** @param input what the execution starts with. @throws AwsError when there is no such machine or the name is not one */
  start(input: Json, name?: string, machine?: string): Execution
  /** Aborts what is running. */
  close(): void
}

/**
 * Step Functions by aws-local-stepfunctions: Standard state machines in JSONPath, whose tasks are Lambda functions, named
 * directly or through `arn:aws:states:::lambda:invoke`. Logging and tracing are not simulated.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export function createStepFunctions(machines: Resource[], options: StepFunctionsOptions): StepFunctions {
  const definitions = new Map(machines.map(({ ref, properties }) => [ref, definitionOf(properties)]))
  const executions = new Map<string, Execution>()

  const start = (input: Json, name: string = randomUUID(), machine = machines[0]?.ref): Execution => {
    const definition = definitions.get(machine ?? '')
    if (!definition) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machine}'`)
    if (!/^[\w-]{1,80}$/.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`)
    const arn = `${machine!.replace(':stateMachine:', ':execution:')}:${name}`
    const known = executions.get(arn)
    if (known) {
      if (JSON.stringify(known.input) === JSON.stringify(input) && known.status === 'RUNNING') return known
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`)
    }
    const execution = run(arn, name, machine!, definition, input, options)
    executions.set(arn, execution)
    return execution
  }

  const find = (arn: string) => {
    const execution = executions.get(arn)
    if (!execution) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`)
    return execution
  }

  const operations: Record<string, (input: Json) => Json> = {
    StartExecution: ({ stateMachineArn, name, input = '{}' }) => {
      const { arn, history } = start(JSON.parse(input), name, stateMachineArn)
      return { executionArn: arn, startDate: (history[0]?.timestamp ?? Date.now()) / 1000 }
    },
    StopExecution: ({ executionArn }) => {
      find(executionArn).abort()
      return { stopDate: Date.now() / 1000 }
    },
    DescribeExecution: ({ executionArn }) => {
      const { arn, name, status, input, output, error, cause } = find(executionArn)
      return {
        executionArn: arn,
        stateMachineArn: arn.replace(':execution:', ':stateMachine:').slice(0, -name.length - 1),
        name,
        status,
        input: JSON.stringify(input),
        ...(output !== undefined && { output: JSON.stringify(output) }),
        ...(error && { error, cause }),
      }
    },
  }

  return {
    name: 'states',
    target: 'AWSStepFunctions',
    contentType: 'application/x-amz-json-1.0',
    rights: (operation, { stateMachineArn, executionArn }) => [
      { action: `states:${operation}`, resource: stateMachineArn ?? executionArn },
    ],
    call: (operation, input) => {
      const call = operations[operation]
      if (!call) throw new AwsError('UnknownOperationException', `${operation} is not here`)
      return call(input)
    },
    start,
    close: () => {
      for (const { status, abort } of executions.values()) if (status === 'RUNNING') abort()
    },
  }
}

function definitionOf({ DefinitionString, Definition, DefinitionSubstitutions = {} }: Json): StateMachineDefinition {
  const text = (DefinitionString ?? JSON.stringify(Definition)) as string
  const filled = text.replace(/\$\{(\w+)\}/g, (whole, name) => DefinitionSubstitutions[name] ?? whole)
  const definition = JSON.parse(filled)
  // Says what is wrong with a definition once, at boot. ARNs are checked by whoever is called.
  new StateMachine(definition, { validationOptions: { checkArn: false } })
  return definition
}

function run(
  arn: string,
  name: string,
  machine: string,
  definition: StateMachineDefinition,
  input: Json,
  options: StepFunctionsOptions,
): Execution {
  const { handlers, waits, retries } = overrides(machine, definition, options)
  const { observed, state } = observeStates(definition)
  const execution = new StateMachine(observed, { validationOptions: { noValidate: true } }).run(input, {
    overrides: { taskResourceLocalHandlers: handlers, waitTimeOverrides: waits, retryIntervalOverrides: retries },
    context: { Execution: { Id: arn, Name: name }, StateMachine: { Id: machine }, State: state },
  })
  const result: Execution = {
    arn,
    name,
    status: 'RUNNING',
    input,
    history: [],
    abort: execution.abort,
    ended: Promise.resolve() as never,
  }
  const record = async () => {
    for await (const event of execution.eventLogs) result.history.push(event)
  }
  const end = async () => {
    const recorded = record()
    try {
      result.output = await execution.result
      result.status = 'SUCCEEDED'
    } catch (error) {
      const { name, message } = ((error as Error).cause ?? error) as Error
      result.status = endings[(error as Error).name] ?? 'FAILED'
      result.error = result.status === 'TIMED_OUT' ? 'States.Timeout' : name
      result.cause = message
    }
    await recorded
    return result
  }
  result.ended = end()
  return result
}

const endings: Record<string, Execution['status']> = {
  ExecutionAbortedError: 'ABORTED',
  ExecutionTimeoutError: 'TIMED_OUT',
}

/** Every state of a machine, those inside Parallel and Map included. */
function statesOf(definition: Json): [string, Json][] {
  return Object.entries(definition.States).flatMap(([name, state]: [string, Json]) => [
    [name, state] as [string, Json],
    ...[...(state.Branches ?? []), state.ItemProcessor, state.Iterator].filter(Boolean).flatMap(statesOf),
  ])
}

function overrides(
  machine: string,
  definition: StateMachineDefinition,
  { invoke, waitSeconds, retrySeconds }: StepFunctionsOptions,
) {
  const states = statesOf(definition)
  const ofType = (type: string) => states.filter(([, { Type }]) => Type === type)
  const each = <T>(list: [string, Json][], value: T) => Object.fromEntries(list.map(([name]) => [name, value]))
  const task = async (resource: string, input: Json): Promise<Json> => {
    if (!/^arn:[^:]+:states:::lambda:invoke$/.test(resource)) return invoke(machine, resource, input)
    const Payload = await invoke(machine, input.FunctionName, input.Payload)
    return { ExecutedVersion: '$LATEST', StatusCode: 200, Payload }
  }
  return {
    handlers: Object.fromEntries(
      ofType('Task').map(([name, { Resource }]) => [name, (input: Json) => task(Resource, input)]),
    ),
    waits:
      typeof waitSeconds === 'object'
        ? Object.fromEntries(Object.entries(waitSeconds).map(([name, seconds]) => [name, seconds * 1000]))
        : each(waitSeconds === undefined ? [] : ofType('Wait'), (waitSeconds ?? 0) * 1000),
    retries:
      retrySeconds === undefined
        ? {}
        : each(
            states.filter(([, { Retry }]) => Retry),
            retrySeconds * 1000,
          ),
  }
}

/** The library's context object knows nothing of the state it is in; `$$.State` comes from watching it look states up. */
function observeStates(definition: StateMachineDefinition) {
  const state = { Name: '', EnteredTime: '' }
  const States = new Proxy(definition.States, {
    get: (states, name: string) => {
      if (name in states) Object.assign(state, { Name: name, EnteredTime: new Date().toISOString() })
      return states[name]
    },
  })
  return { observed: { ...definition, States }, state }
}
