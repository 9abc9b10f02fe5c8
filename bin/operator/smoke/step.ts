import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn'
import { requestHandler } from '../aws.ts'
import { type Checklist, type Finding, failed } from '../checks/checklist.ts'
import { lookFor } from '../look-for.ts'
import { judge, orFailed, type Said, type SmokeMerchant, type SmokeOrder, smokeOrder } from './order.ts'
import { text } from './text.ts'

const AT = 'Step Functions'
const ENDED_MS = 90_000
const POLL_MS = 500

/** The way in through the state machine. */
export async function smokeWorkflow(list: Checklist, stateMachineArn: string, merchant: SmokeMerchant) {
  const client = new SFNClient({ maxAttempts: 2, requestHandler })
  await list.make(AT, text.checks.execution, () =>
    orFailed(() => execute(client, stateMachineArn, smokeOrder(merchant))),
  )
  client.destroy()
}

async function execute(client: SFNClient, stateMachineArn: string, order: SmokeOrder): Promise<Finding> {
  const input = { stateMachineArn, input: JSON.stringify(order) }
  const { executionArn } = await client.send(new StartExecutionCommand(input))
  const ended = await lookFor(
    async () => {
      const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }))
      if (status === 'RUNNING') return undefined
      const said: Said = status === 'SUCCEEDED' ? JSON.parse(output ?? '{}') : failure(error ?? status, cause)
      return judge(said, text.execution(String(status)))
    },
    { forMs: ENDED_MS, everyMs: POLL_MS },
  )
  if (ended !== undefined) return ended
  // It would go on for 7 days.
  await client.send(new StopExecutionCommand({ executionArn, cause: 'smoke test' })).catch(() => {})
  return failed(text.stillRunning(ENDED_MS / 1000), text.lookAtExecution(String(executionArn)))
}

/** The step function alone, where there is no state machine. */
export async function smokeStep(list: Checklist, FunctionName: string, merchant: SmokeMerchant) {
  const client = new LambdaClient({ maxAttempts: 2, requestHandler: { ...requestHandler, requestTimeout: 40_000 } })
  await list.make(AT, text.checks.function, () =>
    orFailed(async () => {
      const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(smokeOrder(merchant)) })
      const { FunctionError, Payload } = await client.send(command)
      const said = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || '{}')
      return judge(FunctionError === undefined ? said : failure(said.errorType, said.errorMessage), text.invoked)
    }),
  )
  client.destroy()
}

/** Step Functions' cause is the error that Lambda gave, as JSON. */
function failure(error: string | undefined, cause = ''): Said {
  try {
    return { error: error ?? 'unknown', detail: (JSON.parse(cause) as { errorMessage: string }).errorMessage }
  } catch {
    return { error: error ?? 'unknown', detail: cause }
  }
}
