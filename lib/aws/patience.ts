/**
 * How long everything may take, in milliseconds. What is waited for is stated once; every other time is derived from it,
 * and `test/infra/aws/patience.test.ts` holds the sums against the timeouts of `serverless.yml`, as `test/lib/aws/patience.test.ts`
 * holds each against what it is there for.
 */

/**
 * One call to SQS or EventBridge: as often as `tries`, with the SDK's longest pause between two of them. A healthy call
 * takes about 10 ms.
 */
const CALL = { tries: 2, connectMs: 600, answerMs: 650, pauseMs: 100 } as const

/** The longest that one call to SQS or EventBridge takes, whatever the service does. */
export const CALL_MS = CALL.tries * CALL.answerMs + (CALL.tries - 1) * CALL.pauseMs

/** The SDK options of the clients whose calls end within `CALL_MS`. */
export const CALL_OPTIONS = {
  maxAttempts: CALL.tries,
  requestHandler: { connectionTimeout: CALL.connectMs, requestTimeout: CALL.answerMs, throwOnRequestTimeout: true },
} as const

/** What one operation of ours on SQS or EventBridge may take, however many calls it makes. */
export const withinCall = () => ({ abortSignal: AbortSignal.timeout(CALL_MS) })

/** How many operations may follow an attempt, one after another, before the invocation ends. */
export const LAST_CALLS = {
  /** The order is put on the queue, or its outcome on the settlement queue. */
  http: 1,
  /** The longest of the ways in `lib/queue/fate.ts`: letter, event, and putting the message off when the event fails. */
  queue: 3,
  /** An open outcome is put on the settlement queue. */
  step: 1,
  /** Nothing: the settlement keeps time for its last batches itself. */
  settle: 0,
} as const

/** For our own work after the attempt: parsing, logging, writing the answer. */
const OWN_WORK_MS = 500

export type FunctionName = keyof typeof LAST_CALLS

/** What each function keeps of its time for what must come after the attempt. */
export const RESERVED_MS: Readonly<Record<FunctionName, number>> = {
  http: LAST_CALLS.http * CALL_MS + OWN_WORK_MS,
  queue: LAST_CALLS.queue * CALL_MS + OWN_WORK_MS,
  step: LAST_CALLS.step * CALL_MS + OWN_WORK_MS,
  settle: LAST_CALLS.settle * CALL_MS + OWN_WORK_MS,
}

/** One read of a secret, both tries and the pause included; an order waits for it. */
export const SECRET_READ_MS = 3_000

/** The SDK options of the client that reads secrets. A read may take longer than a call: its key is decrypted, too. */
export const SECRET_OPTIONS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
} as const

/** The SDK options of the settlement's own clients: nobody waits for it, and a batch is dearer than a call. */
export const BATCH_OPTIONS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const
