import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { requestHandler } from '../aws.ts'
import { type Checklist, failed, ok, skipped } from '../checks/checklist.ts'
import { orFailed } from './order.ts'
import { text } from './text.ts'

const AT = 'EventBridge'

/**
 * Is the bus still there that the queue tells outcomes to? EventBridge takes events for a bus that does not exist, answers
 * 200 without a failed entry, and drops them: nothing else would show it.
 */
export async function smokeEvents(list: Checklist, eventBusName: string | undefined) {
  await list.make(AT, text.checks.bus, async () => {
    if (eventBusName === undefined) return skipped(text.noBusName)
    const client = new EventBridgeClient({ maxAttempts: 2, requestHandler })
    const describe = async () => {
      const { Name } = await client.send(new DescribeEventBusCommand({ Name: eventBusName }))
      return ok(text.busThere(String(Name)))
    }
    return orFailed(() =>
      describe().catch((error: Error) => {
        if (error.name !== 'ResourceNotFoundException') throw error
        return failed(text.noBus(eventBusName), text.makeBus)
      }),
    ).finally(() => client.destroy())
  })
}
