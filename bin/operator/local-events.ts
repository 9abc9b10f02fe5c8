import { setTimeout as sleep } from 'node:timers/promises'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'

const text = inLanguage({
  en: { noAnswer: 'the local stack does not answer', isItRunning: 'Look whether it is still running.' },
  'zh-CN': { noAnswer: '本机的服务没有应答', isItRunning: '请看看它是否还在运行。' },
})

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
  const lines = await asking
    .then((response) => response.text())
    .catch((error: Error) => {
      throw new Failure(text.noAnswer, text.isItRunning, { cause: error })
    })
  return lines
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
