import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions'
import type { Json } from './cloudformation.ts'
import { reached } from './shared-clock.ts'
import type { Clock } from './wechatpay/clock.ts'

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
  /** The clock Wait states live by. */
  clock: Clock
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
  { invoke, waitSeconds, retrySeconds, clock }: StepFunctionsOptions,
): Execution {
  const closing = new AbortController()
  const { observed, state } = observeStates(waitingByTasks(definition), clock)
  const states = statesOf(definition)
  const execution = new StateMachine(observed, { validationOptions: { noValidate: true } }).run(input, {
    overrides: {
      taskResourceLocalHandlers: {
        ...tasks(states, (resource, payload) => invoke(machine, resource, payload)),
        ...waits(states, waitSeconds, clock, closing.signal),
      },
      retryIntervalOverrides: milliseconds(states, ({ Retry }) => Retry !== undefined, retrySeconds),
    },
    context: { Execution: { Id: arn, Name: name }, StateMachine: { Id: machine }, State: state },
  })
  const { promise: ended, resolve } = Promise.withResolvers<Execution>()
  const abort = () => {
    execution.abort()
    closing.abort()
  }
  const result: Execution = { arn, name, status: 'RUNNING', input, history: [], abort, ended }

  const record = async () => {
    for await (const event of execution.eventLogs) {
      result.history.push({ ...event, timestamp: event.timestamp + clock.aheadMs() })
    }
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

function milliseconds(
  states: State[],
  isMeant: (state: Json) => boolean,
  seconds: Seconds | undefined,
): Record<string, number> {
  if (seconds === undefined) return {}
  const names = typeof seconds === 'number' ? states.filter(([, one]) => isMeant(one)).map(([name]) => name) : undefined
  return Object.fromEntries(
    (names ?? Object.keys(seconds)).map((name) => [
      name,
      1000 * (typeof seconds === 'number' ? seconds : seconds[name]!),
    ]),
  )
}

/**
 * The library waits by the machine's clock. Here each Wait state becomes a task that waits by ours: its parameters say for how
 * long, and its input goes on unchanged.
 */
function waitingByTasks(definition: Json): Json {
  const one = ({ Seconds, SecondsPath, Timestamp, TimestampPath, ...state }: Json): Json => {
    const within = {
      ...(state.Branches && { Branches: state.Branches.map(waitingByTasks) }),
      ...(state.ItemProcessor && { ItemProcessor: waitingByTasks(state.ItemProcessor) }),
      ...(state.Iterator && { Iterator: waitingByTasks(state.Iterator) }),
    }
    if (state.Type !== 'Wait') return { ...state, ...within }
    const said = { seconds: Seconds, 'seconds.$': SecondsPath, timestamp: Timestamp, 'timestamp.$': TimestampPath }
    const Parameters = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
    return { ...state, Type: 'Task', Resource: 'wait', Parameters, ResultPath: null }
  }
  return {
    ...definition,
    States: Object.fromEntries(Object.entries(definition.States).map(([name, state]) => [name, one(state as Json)])),
  }
}

function waits(states: State[], waitSeconds: Seconds | undefined, clock: Clock, signal: AbortSignal) {
  const told = milliseconds(states, ({ Type }) => Type === 'Wait', waitSeconds)
  const wait = async (name: string, { seconds = 0, timestamp }: Json) => {
    const until = timestamp === undefined ? clock.now() + seconds * 1000 : Date.parse(timestamp)
    const toldMs = told[name]
    await reached(clock, toldMs === undefined ? until : clock.now() + toldMs, signal)
    return null
  }
  return Object.fromEntries(
    states.filter(([, { Type }]) => Type === 'Wait').map(([name]) => [name, (input: Json) => wait(name, input)]),
  )
}

/** The library's context object knows nothing of the state it is in; `$$.State` comes from watching it look states up. */
function observeStates(definition: StateMachineDefinition, clock: Clock) {
  const state = { Name: '', EnteredTime: '' }
  const States = new Proxy(definition.States, {
    get: (states, name: string) => {
      if (name in states) Object.assign(state, { Name: name, EnteredTime: new Date(clock.now()).toISOString() })
      return states[name]
    },
  })
  return { observed: { ...definition, States }, state }
}
