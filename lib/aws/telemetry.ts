import { Logger } from '@aws-lambda-powertools/logger'
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics'
import { isFinal, ReversalError } from '../reversal/errors.ts'
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
  logger.warn(name, { ...fields })
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

/** The one structured line of a refusal, or of an attempt that failed and will be repeated. Of an error only what we know. */
export function logFailure(order: OrderFields, error: unknown) {
  const { name, message, code, request_id } = error as Error & { code?: string; request_id?: string }
  if (isFinal(error)) count('ReversalFailed')
  if (error instanceof ReversalError && error.name === 'CredentialsUnavailable') count('CredentialsUnavailable')
  const { mchid, appid, out_trade_no } = order
  const fields = { mchid, appid, out_trade_no, error: name, detail: message, code, request_id }
  logger.error(isFinal(error) ? 'reversal failed' : 'attempt failed', fields)
}

/** How long an unfinished order has been known: SQS's own age of the oldest message is wrong once one was received twice. */
export function pendingAge(firstSeenAt: number) {
  const seconds = Math.max(0, (Date.now() - firstSeenAt) / 1000)
  metrics.addMetric('PendingAgeSeconds' satisfies MetricName, MetricUnit.Seconds, seconds)
}
