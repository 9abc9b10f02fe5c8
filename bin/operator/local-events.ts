import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from './failure.ts'

/** An event as EventBridge hands it to a rule's target. */
export interface DeliveredEvent {
  id: string
  'detail-type': string
  source: string
  /** RFC 3339. */
  time: string
  detail: Readonly<Record<string, unknown>>
}

const PATIENCE_MS = 10_000
const LOOK_EVERY_MS = 200

/** The events of the local stack's bus, oldest first, but for the first so many. @param pageUrl of its page, token included */
export async function readEvents(pageUrl: string, after = 0): Promise<DeliveredEvent[]> {
  const asking = fetch(`${pageUrl}events?after=${after}`, { signal: AbortSignal.timeout(PATIENCE_MS) })
  const text = await asking
    .then((response) => response.text())
    .catch((error: Error) => {
      throw new Failure('the local stack does not answer', 'Look whether it is still running.', { cause: error })
    })
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** The same as they come, until the signal. */
export async function* followEvents(pageUrl: string, signal: AbortSignal): AsyncGenerator<DeliveredEvent> {
  for (let seen = 0; !signal.aborted; ) {
    const events = await readEvents(pageUrl, seen)
    seen += events.length
    yield* events
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }
}
