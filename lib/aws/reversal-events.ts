import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { ReversalError } from '../reversal/errors.ts'
import type { Reversal } from '../reversal/result.ts'
import { CALL_OPTIONS, withinCall } from './patience.ts'

const SOURCE = 'wechatpay.reversal'

/** The final results of the queue, for whoever wants to hear of them. At least once each. */
export function createReversalEvents({
  eventBusName,
  client = new EventBridgeClient(CALL_OPTIONS),
}: {
  eventBusName: string
  client?: Pick<EventBridgeClient, 'send'>
}) {
  async function put(DetailType: 'Reversal Completed' | 'Reversal Failed', detail: unknown) {
    const entry = { Source: SOURCE, DetailType, Detail: JSON.stringify(detail), EventBusName: eventBusName }
    const command = new PutEventsCommand({ Entries: [entry] })
    const { FailedEntryCount, Entries } = await client.send(command, withinCall())
    // EventBridge answers 200 for entries it did not take.
    if (FailedEntryCount) throw new Error(`EventBridge did not take the event: ${Entries?.[0]?.ErrorCode}`)
  }

  return {
    completed: (reversal: Reversal) => put('Reversal Completed', reversal),
    failed: (order: object, { name, message, code, request_id }: ReversalError) =>
      put('Reversal Failed', { ...order, error: name, detail: message, code, request_id }),
  }
}
