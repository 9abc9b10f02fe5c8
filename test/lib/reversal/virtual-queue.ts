import type { VirtualTime } from './virtual-time.ts'

/** The queue as it is deployed: after these it takes a message back, drops it, or moves it without a word. */
const VISIBILITY_SECONDS = 180
const RETENTION_MS = 9 * 24 * 60 * 60 * 1000
const MAX_RECEIVES = 1000

/** The most SQS takes. */
const MAX_DELAY_SECONDS = 900
const MAX_VISIBILITY_SECONDS = 43_200

export interface Message {
  body: string
  sentAtMs: number
  visibleAt: number
  receives: number
  isDeleted: boolean
}

/** SQS in virtual time. `handle` is told of each receive, and says nothing back: it deletes, or postpones, or dies. */
export function createVirtualQueue(time: VirtualTime, handle: (message: Message) => void) {
  const messages: Message[] = []
  const lost: string[] = []

  function showAt(message: Message, ms: number) {
    message.visibleAt = time.now() + ms
    time.after(ms, () => receive(message))
  }

  function receive(message: Message) {
    if (message.isDeleted || message.visibleAt > time.now()) return
    message.receives += 1
    if (time.now() > message.sentAtMs + RETENTION_MS) lost.push('a message grew too old')
    if (message.receives > MAX_RECEIVES) lost.push('a message was received too often')
    showAt(message, VISIBILITY_SECONDS * 1000)
    handle(message)
  }

  return {
    put(body: string, delaySeconds: number) {
      const message = { body, sentAtMs: time.now(), visibleAt: 0, receives: 0, isDeleted: false }
      messages.push(message)
      showAt(message, Math.min(delaySeconds, MAX_DELAY_SECONDS) * 1000)
    },
    postpone: (message: Message, seconds: number) => showAt(message, Math.min(seconds, MAX_VISIBILITY_SECONDS) * 1000),
    /** At least once: a message that somebody is busy with is delivered again. */
    deliverTwice() {
      const message = messages.find(({ isDeleted }) => !isDeleted)
      if (message !== undefined) handle(message)
    },
    /** How many messages were put, the first one included. */
    sent: () => messages.length,
    /** What became of messages that nobody deleted. */
    lost,
    receives: () => messages.reduce((sum, { receives }) => sum + receives, 0),
  }
}
