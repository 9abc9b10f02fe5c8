import type { Context } from 'aws-lambda'
import type { HandOverReport } from '../queue/hand-over.ts'
import type { Message, WorkReport } from '../queue/work.ts'
import { isFinal, type ReversalError } from '../reversal/errors.ts'
import type { ReversalEvent } from '../reversal/events.ts'
import type { OrderFields } from '../reversal/order-fields.ts'
import type { Pending, Reversal } from '../reversal/result.ts'
import type { BillEvent } from '../settlement/settle-merchant.ts'
import type { SettleReport } from '../settlement/settle-queue.ts'
import { SettlementFailed } from '../settlement/settlement-failed.ts'
import type { WireEvent } from '../wechatpay/client.ts'
import { createLog } from './log.ts'
import type { SecretEvent } from './merchant-secrets.ts'
import { createMetrics, type Whose } from './metrics.ts'
import { readTelemetrySettings } from './settings.ts'

const settings = readTelemetrySettings(process.env)

const log = createLog(settings)
const metrics = createMetrics(settings)

export type MetricName =
  | (WireEvent | ReversalEvent)['name']
  | 'ReversalAttempted'
  | 'StaleSecretServed'
  | 'CredentialsUnavailable'
  | 'ReversalCompleted'
  | 'ReversalFailed'
  | 'ReversalPending'
  | 'PendingAgeSeconds'
  | 'ReversibleSecondsLeft'
  | 'BatchFailed'
  | 'HandOverFailed'
  | BillEvent['name']
  | 'SettlementNotQueued'
  | 'SettlementCompleted'
  | 'SettlementDisagrees'
  | 'SettlementPending'
  | 'SettlementFailed'
  | 'SettlementAgeSeconds'

let isCold = true

/** From now on log lines carry the invocation's id. */
export function beginInvocation({ awsRequestId, functionName }: Pick<Context, 'awsRequestId' | 'functionName'>) {
  log.setInvocation({
    cold_start: isCold,
    function_name: functionName,
    function_request_id: awsRequestId,
    xray_trace_id: /Root=([^;]+)/.exec(process.env._X_AMZN_TRACE_ID ?? '')?.[1],
  })
  isCold = false
}

/** The metrics of an invocation are written however it ends. */
export function endInvocation() {
  metrics.write()
}

function count(name: MetricName, whose?: Whose) {
  metrics.add(name, 'Count', 1, whose)
}

function measure(name: MetricName, seconds: number, whose: Whose) {
  metrics.add(name, 'Seconds', Math.max(0, seconds), whose)
}

/** An attempt begins, however it will end: what alarms take the share of. */
export function attempted(order: Whose) {
  count('ReversalAttempted', order)
}

/** Everything the layers below have to tell: a line in the log, and a metric of the same name. */
export function observe(event: WireEvent | ReversalEvent | SecretEvent | BillEvent) {
  const { name, ...fields } = event
  // A line's `message` is its name; what WeChat Pay said stands under `detail`, as in every other line.
  const { message: detail, ...rest } = { message: undefined, ...fields }
  log.warn(name, { ...rest, ...(detail !== undefined && { detail }) })
  if (event.name !== 'SecretFieldIgnored' && event.name !== 'SecretUnavailable') count(event.name, event)
}

/** The one structured line of a result. Never its evidence: that may hold personal data. */
export function logResult({ evidence: _, ...result }: Reversal | (Pending & { evidence?: never })) {
  if (result.outcome !== 'PENDING') {
    count('ReversalCompleted', result)
    log.info('reversal completed', { ...result })
    return
  }
  const { history, ...line } = result
  count('ReversalPending', result)
  log.info('reversal pending', line)
}

/** The one structured line of a refusal, or of an attempt that failed and will be repeated. */
export function logFailure(order: OrderFields, error: unknown) {
  if (isFinal(error)) count('ReversalFailed', order)
  logError(isFinal(error) ? 'reversal failed' : 'attempt failed', order, error)
}

/** A look at an order that failed: no reversal was asked for. */
export function logQueryFailure(order: OrderFields, error: unknown) {
  logError('query failed', order, error)
}

/** Of an error only what we know: its stack and its cause may hold anything. */
function logError(what: string, order: OrderFields, error: unknown) {
  const { name, message, code, request_id } = error as ReversalError
  if (name === 'CredentialsUnavailable') count('CredentialsUnavailable', order)
  log.error(what, { ...order, error: name, detail: message, code, request_id })
}

/**
 * SQS's own age of the oldest message is wrong once one was received twice. The age tells how long an order has waited; an
 * order may come to us late, so only what is left tells when it is too late.
 */
const unfinished: WorkReport<Message>['unfinished'] = (order, { sinceFirstSeen, reversibleFor }) => {
  measure('PendingAgeSeconds', sinceFirstSeen, order)
  measure('ReversibleSecondsLeft', reversibleFor, order)
}

function notPostponed({ messageId }: { messageId: string }, error: unknown) {
  const { name, message: detail } = error as Error
  log.warn('message left to its visibility time-out', { messageId, error: name, detail })
}

/** What the work of the queue has to tell. */
export const workReport = {
  result: logResult,
  failure: logFailure,
  unfinished,
  notPostponed,
  batchFailed: () => count('BatchFailed'),
} satisfies WorkReport<Message & { messageId: string }>

/** What a hand-over to the queue has to tell. */
export const handOverReport = {
  result: logResult,
  handOverFailed: (order) => count('HandOverFailed', order),
} satisfies HandOverReport

/** The outcome is told, but its bill will not be looked at. */
export function settlementNotQueued({ evidence: _, ...reversal }: Reversal, error: unknown) {
  const { name, message: detail } = error as Error
  count('SettlementNotQueued', reversal)
  log.error('settlement not queued', { ...reversal, error: name, detail })
}

/** What the settlement has to tell. Never the rows: they are the merchant's business. */
export const settleReport = {
  settled({ evidence: _, ...settlement }, says, goesBack) {
    count('SettlementCompleted', settlement)
    const line = { ...settlement, detail: says, ...(goesBack && { goes_back: true }) }
    if (settlement.settlement !== 'DISAGREES') return log.info('reversal settled', line)
    count('SettlementDisagrees', settlement)
    log.error('reversal settled', line)
  },
  waits(order, waitedSeconds, why) {
    count('SettlementPending', order)
    measure('SettlementAgeSeconds', waitedSeconds, order)
    log.info('settlement waits', { ...order, detail: why })
  },
  failed(order, error) {
    const isGivenUp = error instanceof SettlementFailed
    if (isGivenUp) count('SettlementFailed', order)
    logError(isGivenUp ? 'settlement failed' : 'settlement not finished', order, error)
  },
} satisfies SettleReport
