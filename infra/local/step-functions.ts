import { randomUUID } from 'node:crypto'
import { AwsError, type AwsService } from './aws-api.ts'
import type { Json, Resource } from './cloudformation.ts'
import { definitionOf, type Execution, run, type StepFunctionsOptions } from './state-machine.ts'

export type StepFunctions = AwsService & {
  /** @param input what the execution starts with. @throws AwsError when there is no such machine or the name is not one */
  start(input: Json, name?: string, machine?: string): Execution
  /** Every execution so far, oldest first. */
  list(): Execution[]
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
    const execution = run({ arn, name, machine: machine!, definition, input }, options)
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
      const { arn, history } = start(parseInput(input), name, stateMachineArn)
      return { executionArn: arn, startDate: (history[0]?.timestamp ?? options.clock.now()) / 1000 }
    },
    StopExecution: ({ executionArn }) => {
      find(executionArn).abort()
      return { stopDate: options.clock.now() / 1000 }
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
    list: () => [...executions.values()],
    close: () => {
      for (const { status, abort } of executions.values()) if (status === 'RUNNING') abort()
    },
  }
}

function parseInput(text: string): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${(error as Error).message}'`)
  }
}
