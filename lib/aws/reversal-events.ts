import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { ReversalError } from '../reversal/errors.ts'
import type { Reversal } from '../reversal/result.ts'
import type { Settlement } from '../settlement/settlement.ts'
import { CALL_OPTIONS, withinCall } from './patience.ts'

/** EventBridge takes 256 KB a call; a character may be three bytes. */
const MAX_CALL_CHARS = 80_000

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
    const entry = { ...entryOf(DetailType), Detail: JSON.stringify(detail) }
    const command = new PutEventsCommand({ Entries: [entry] })
    const { FailedEntryCount, Entries } = await client.send(command, withinCall())
    // EventBridge answers 200 for entries it did not take.
    if (FailedEntryCount) throw new Error(`EventBridge did not take the event: ${Entries?.[0]?.ErrorCode}`)
  }

  /** Up to ten. Whether each was taken. */
  async function settled(settlements: readonly Settlement[]): Promise<boolean[]> {
    if (settlements.length === 0) return []
    const details = settlements.map((settlement) => JSON.stringify(settlement))
    const isTooMuch = details.length > 1 && details.join('').length > MAX_CALL_CHARS
    if (isTooMuch) {
      const half = Math.ceil(details.length / 2)
      return [...(await settled(settlements.slice(0, half))), ...(await settled(settlements.slice(half)))]
    }
    const Entries = details.map((Detail) => ({ ...entryOf('Reversal Settled'), Detail }))
    const { Entries: taken = [] } = await client.send(new PutEventsCommand({ Entries }))
    return details.map((_, index) => taken[index]?.EventId !== undefined && taken[index].ErrorCode === undefined)
  }

  const entryOf = (DetailType: string) => ({ Source: SOURCE, DetailType, EventBusName: eventBusName })

  return {
    settled,
    completed: (reversal: Reversal) => put('Reversal Completed', reversal),
    failed: (order: object, { name, message, code, request_id }: ReversalError) =>
      put('Reversal Failed', { ...order, error: name, detail: message, code, request_id }),
  }
}
