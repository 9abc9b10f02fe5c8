import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { requestHandler } from '../aws.ts'
import { type Checklist, failed, ok, skipped } from '../checks/checklist.ts'
import { orFailed } from './order.ts'

const AT = 'EventBridge'

/**
 * Is the bus still there that the queue tells outcomes to? EventBridge takes events for a bus that does not exist, answers
 * 200 without a failed entry, and drops them: nothing else would show it.
 */
export async function smokeEvents(list: Checklist, eventBusName: string | undefined) {
  await list.make(AT, 'bus', async () => {
    if (eventBusName === undefined) return skipped('no name given')
    const client = new EventBridgeClient({ maxAttempts: 2, requestHandler })
    const describe = async () => {
      const { Name } = await client.send(new DescribeEventBusCommand({ Name: eventBusName }))
      return ok(`${Name} is there`)
    }
    return orFailed(() =>
      describe().catch((error: Error) => {
        if (error.name !== 'ResourceNotFoundException') throw error
        return failed(
          `there is no bus ${eventBusName}: what became of the queue's orders is told to nobody`,
          'Make it again (runbook, "A deleted event bus"); then redo what its listeners have missed.',
        )
      }),
    ).finally(() => client.destroy())
  })
}
