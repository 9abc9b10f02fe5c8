import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions'
import type { Json } from './cloudformation.ts'

/** One run of the state machine. */
export interface Execution {
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

/** The same for all states, or for those named. */
export type Seconds = number | Record<string, number>

export interface StepFunctionsOptions {
  invoke: InvokeTask
  /** How long Wait states wait, whatever the machine says. */
  waitSeconds?: Seconds
  /** How long the Retry of a state waits, whatever the machine says. */
  retrySeconds?: Seconds
}

/** The machine with its substitutions made. @throws when it is not one */
export function definitionOf({
  DefinitionString,
  Definition,
  DefinitionSubstitutions = {},
}: Json): StateMachineDefinition {
  const text = (DefinitionString ?? JSON.stringify(Definition)) as string
  const filled = text.replace(/\$\{(\w+)\}/g, (whole, name) => DefinitionSubstitutions[name] ?? whole)
  const definition = JSON.parse(filled)
  // Says what is wrong with a definition once, at boot. ARNs are checked by whoever is called.
  new StateMachine(definition, { validationOptions: { checkArn: false } })
  return definition
}

export interface ExecutionStart {
  arn: string
  name: string
  /** The machine's ARN. */
  machine: string
  definition: StateMachineDefinition
  input: Json
}

/** Runs a machine once. */
export function run(
  { arn, name, machine, definition, input }: ExecutionStart,
  { invoke, waitSeconds, retrySeconds }: StepFunctionsOptions,
): Execution {
  const { observed, state } = observeStates(definition)
  const states = statesOf(definition)
  const execution = new StateMachine(observed, { validationOptions: { noValidate: true } }).run(input, {
    overrides: {
      taskResourceLocalHandlers: tasks(states, (resource, payload) => invoke(machine, resource, payload)),
      waitTimeOverrides: milliseconds(states, ({ Type }) => Type === 'Wait', waitSeconds),
      retryIntervalOverrides: milliseconds(states, ({ Retry }) => Retry !== undefined, retrySeconds),
    },
    context: { Execution: { Id: arn, Name: name }, StateMachine: { Id: machine }, State: state },
  })
  const { promise: ended, resolve } = Promise.withResolvers<Execution>()
  const result: Execution = { arn, name, status: 'RUNNING', input, history: [], abort: execution.abort, ended }

  const record = async () => {
    for await (const event of execution.eventLogs) result.history.push(event)
  }
  const recorded = record()
  const settle = async (ending: Partial<Execution>) => {
    await recorded
    resolve(Object.assign(result, ending))
  }
  void execution.result.then(
    (output) => settle({ status: 'SUCCEEDED', output }),
    (error) => settle(failureOf(error)),
  )
  return result
}

function failureOf(error: Error): Partial<Execution> {
  if (error.name === 'ExecutionAbortedError') return { status: 'ABORTED' }
  if (error.name === 'ExecutionTimeoutError') return { status: 'TIMED_OUT', error: 'States.Timeout' }
  const { name, message } = (error.cause ?? error) as Error
  return { status: 'FAILED', error: name, cause: message }
}

type State = [name: string, definition: Json]

/** Every state of a machine, those inside Parallel and Map included. */
function statesOf(definition: Json): State[] {
  return Object.entries(definition.States).flatMap(([name, state]: State) => [
    [name, state] as State,
    ...[...(state.Branches ?? []), state.ItemProcessor, state.Iterator].filter(Boolean).flatMap(statesOf),
  ])
}

/** Both ways to name a function in a task: directly, and through Step Functions' own integration. */
function tasks(states: State[], invoke: (nameOrArn: string, payload: Json) => Promise<Json>) {
  const call = async (resource: string, input: Json): Promise<Json> => {
    if (!/^arn:[^:]+:states:::lambda:invoke$/.test(resource)) return invoke(resource, input)
    const Payload = await invoke(input.FunctionName, input.Payload)
    return { ExecutedVersion: '$LATEST', StatusCode: 200, Payload }
  }
  return Object.fromEntries(
    states
      .filter(([, { Type }]) => Type === 'Task')
      .map(([name, { Resource }]) => [name, (input: Json) => call(Resource, input)]),
  )
}

function milliseconds(states: State[], isMeant: (state: Json) => boolean, seconds: Seconds | undefined) {
  if (seconds === undefined) return {}
  const names = typeof seconds === 'number' ? states.filter(([, one]) => isMeant(one)).map(([name]) => name) : undefined
  return Object.fromEntries(
    (names ?? Object.keys(seconds)).map((name) => [
      name,
      1000 * (typeof seconds === 'number' ? seconds : seconds[name]!),
    ]),
  )
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
