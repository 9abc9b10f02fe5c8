import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions'
import type { Json } from './compiled-template.ts'

const text = readFileSync(join(import.meta.dirname, '../../../infra/aws/reversal.asl.json'), 'utf8')

/** The state machine with its substitutions made, as CloudFormation would. */
export function definition({ hasPayFunction = 'yes' } = {}): Json {
  const values: Record<string, string> = {
    HttpFunctionArn: 'arn:aws-cn:lambda:cn-north-1:123456789012:function:http',
    StepFunctionArn: 'arn:aws-cn:lambda:cn-north-1:123456789012:function:step',
    PayFunctionArn: 'arn:aws-cn:lambda:cn-north-1:123456789012:function:pay',
    HasPayFunction: hasPayFunction,
  }
  return JSON.parse(text.replace(/\$\{(\w+)\}/g, (_, name) => values[name]!))
}

/** Every state, those inside branches included. */
export const statesOf = (machine: Json): [string, Json][] =>
  Object.entries(machine.States).flatMap(([name, state]: [string, Json]) => [
    [name, state] as [string, Json],
    ...(state.Branches ?? []).flatMap(statesOf),
  ])

type Task = (input: Json) => Json

export interface Run {
  output?: Json
  error?: { name: string; message: string }
  /** The states entered, in order, with what went into them. */
  entered: { name: string; input: Json }[]
  /** What each function was called with. */
  calls: { Pay: Json[]; Query: Json[]; Reverse: Json[] }
}

/** States entered by any run so far. */
export const everEntered = new Set<string>()

/**
 * Runs the machine on this machine. Functions answer as given (the last answer over and over, an Error is thrown);
 * waits and retries take no time, but for the 45 s of polling, which take `pollingMs`.
 */
export async function run(
  input: Json,
  functions: { Pay?: Json[]; Query?: Json[]; Reverse?: Json[] } = {},
  { machine = definition(), pollingMs = 10_000 } = {},
): Promise<Run> {
  const calls: Run['calls'] = { Pay: [], Query: [], Reverse: [] }
  const task =
    (name: keyof Run['calls']): Task =>
    async (payload) => {
      const answers = functions[name] ?? [new Error(`${name} was not expected`)]
      const answer = answers[Math.min(calls[name].length, answers.length - 1)]
      calls[name].push(payload)
      if (answer instanceof Error) throw answer
      return answer
    }
  const { result, eventLogs } = new StateMachine(machine as StateMachineDefinition, {
    validationOptions: { noValidate: true },
  }).run(input, {
    // The library knows no $$.State; a getter tells the time at which it is asked.
    context: {
      Execution: { Name: 'run' },
      State: {
        get EnteredTime() {
          return new Date().toISOString()
        },
      },
    },
    overrides: {
      taskResourceLocalHandlers: { Pay: task('Pay'), Query: task('Query'), Reverse: task('Reverse') },
      waitTimeOverrides: { PollingTime: pollingMs, BeforeNextQuery: 1, BeforeNextAttempt: 0 },
      retryIntervalOverrides: { Reverse: 0 },
    },
  })
  const ended: Run = { entered: [], calls }
  const record = (async () => {
    for await (const { type, state } of eventLogs as AsyncIterable<Json>) {
      if (type !== 'StateEntered') continue
      ended.entered.push({ name: state.name, input: state.input })
      everEntered.add(state.name)
    }
  })()
  try {
    ended.output = await result
  } catch (failure) {
    const { name, message } = (failure as ExecutionError).cause as Error
    ended.error = { name, message }
  }
  await record
  return ended
}

/** An error as Lambda reports it: what Step Functions matches is its name. */
export const named = (name: string, message = `${name} it is`) => Object.assign(new Error(message), { name })

/** What the HTTP function answers to the query of a verified state. */
export const state = (trade_state: string) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ mchid: '1900000001', out_trade_no: 'A*1', trade_state, request_id: 'r', evidence: [] }),
})
