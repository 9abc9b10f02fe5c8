import type { buildApp } from 'fauxqs'
import type { Json } from './cloudformation.ts'
import type { Clock } from './wechatpay/clock.ts'

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>
type Store = Stores['sqsStore']
type Queue = NonNullable<ReturnType<Store['getQueueByName']>>
type Message = Queue['messages'][number]

/** What fauxqs keeps its queues in. It does not export it, and takes one all the same. */
const { SqsStore } = (await import(new URL('sqs/sqsStore.js', import.meta.resolve('fauxqs')).href)) as {
  SqsStore: new () => Store
}

/** When a message came to the queue and was first received, as SQS tells it. */
const TIMES = ['SentTimestamp', 'ApproximateFirstReceiveTimestamp']

/**
 * Lets a store live by a clock. fauxqs knows the machine's time alone: at each leap of the clock, everything in the store
 * becomes older by as much, and what comes out of it is told in the clock's time. What is past its retention then is gone.
 */
export function createTimedStore(clock: Clock | undefined) {
  const store = new SqsStore()
  const stop = clock?.onLeap((ms) => {
    for (const queue of store.allQueues()) age(queue, ms)
  })
  const aheadMs = () => clock?.aheadMs() ?? 0
  return {
    stores: { sqsStore: store } as Stores,
    /** A time of the store's, on the clock. */
    onClock: (storeMs: number) => storeMs + aheadMs(),
    /** Puts the times of a received message on the clock. */
    tell: ({ Attributes = {} }: Json) => {
      for (const name of TIMES) if (Attributes[name]) Attributes[name] = String(Number(Attributes[name]) + aheadMs())
    },
    close: () => stop?.(),
  }
}

function age(queue: Queue, ms: number) {
  const older = (message: Message) => {
    message.sentTimestamp -= ms
    if (message.approximateFirstReceiveTimestamp) message.approximateFirstReceiveTimestamp -= ms
    if (message.delayUntil) message.delayUntil -= ms
  }
  const keptSince = Date.now() - Number(queue.attributes.MessageRetentionPeriod) * 1000
  const isKept = ({ sentTimestamp }: Message) => sentTimestamp > keptSince
  queue.messages.forEach(older)
  queue.delayedMessages.forEach(older)
  queue.messages = queue.messages.filter(isKept)
  queue.delayedMessages = queue.delayedMessages.filter(isKept)
  for (const [handle, entry] of queue.inflightMessages) {
    entry.visibilityDeadline -= ms
    older(entry.message)
    if (!isKept(entry.message)) queue.inflightMessages.delete(handle)
  }
  queue.processTimers()
}
