import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { isFinal, type ReversalError } from '../reversal/errors.ts'
import type { ReversalEvent } from '../reversal/findings.ts'
import type { OrderFields } from '../reversal/order-fields.ts'
import type { Pending, Reversal } from '../reversal/result.ts'
import type { WireEvent } from '../wechatpay/client.ts'
import type { SecretEvent } from './merchant-secrets.ts'

const SERVICE = 'wechatpay-reversal'

export const logger = new Logger({ serviceName: process.env.POWERTOOLS_SERVICE_NAME || SERVICE })
export const metrics = new Metrics({
  serviceName: process.env.POWERTOOLS_SERVICE_NAME || SERVICE,
  namespace: process.env.POWERTOOLS_METRICS_NAMESPACE || 'WechatPayReversal',
})

export type MetricName =
  | (WireEvent | ReversalEvent)['name']
  | 'StaleSecretServed'
  | 'CredentialsUnavailable'
  | 'ReversalCompleted'
  | 'ReversalFailed'
  | 'ReversalPending'
  | 'PendingAgeSeconds'
  | 'BatchFailed'
  | 'HandOverFailed'

export function count(name: MetricName) {
  metrics.addMetric(name, MetricUnit.Count, 1)
}

/** Everything the layers below have to tell: a line in the log, and a metric of the same name. */
export function observe({ name, ...fields }: WireEvent | ReversalEvent | SecretEvent) {
  // A line's `message` is its name; what WeChat Pay said stands under `detail`, as in every other line.
  const { message: detail, ...rest } = { message: undefined, ...fields }
  logger.warn(name, { ...rest, ...(detail !== undefined && { detail }) })
  if (name !== 'SecretFieldIgnored' && name !== 'SecretUnavailable') count(name)
}

/** The one structured line of a result. Never its evidence: that may hold personal data. */
export function logResult({ evidence: _, ...result }: Reversal | (Pending & { evidence?: never })) {
  if (result.outcome !== 'PENDING') {
    count('ReversalCompleted')
    logger.info('reversal completed', { ...result })
    return
  }
  const { mchid, appid, out_trade_no, reason, retry_after } = result
  count('ReversalPending')
  logger.info('reversal pending', { mchid, appid, out_trade_no, outcome: 'PENDING', reason, retry_after })
}

/** The one structured line of a refusal, or of an attempt that failed and will be repeated. */
export function logFailure(order: OrderFields, error: unknown) {
  if (isFinal(error)) count('ReversalFailed')
  logError(isFinal(error) ? 'reversal failed' : 'attempt failed', order, error)
}

/** A look at an order that failed: no reversal was asked for. */
export function logQueryFailure(order: OrderFields, error: unknown) {
  logError('query failed', order, error)
}

/** Of an error only what we know: its stack and its cause may hold anything. */
function logError(what: string, { mchid, appid, out_trade_no }: OrderFields, error: unknown) {
  const { name, message, code, request_id } = error as ReversalError
  if (name === 'CredentialsUnavailable') count('CredentialsUnavailable')
  logger.error(what, { mchid, appid, out_trade_no, error: name, detail: message, code, request_id })
}

/** How long an unfinished order has been known: SQS's own age of the oldest message is wrong once one was received twice. */
export function pendingAge(firstSeenAt: number) {
  const seconds = Math.max(0, (Date.now() - firstSeenAt) / 1000)
  metrics.addMetric('PendingAgeSeconds' satisfies MetricName, MetricUnit.Seconds, seconds)
}
