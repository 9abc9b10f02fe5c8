import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import type { Pending, Reversal } from '../../../lib/reversal/result.ts'
import type { Settlement } from '../../../lib/settlement/settlement.ts'
import { SettlementFailed } from '../../../lib/settlement/settlement-failed.ts'
import { keepLogLines, type LogLine } from '../../functions/log-lines.ts'

Object.assign(process.env, { POWERTOOLS_SERVICE_NAME: 'tills', POWERTOOLS_METRICS_NAMESPACE: 'Tills' })
const telemetry = await import('../../../lib/aws/telemetry.ts')
const { handOverReport, observe, settleReport, workReport } = telemetry

const log = keepLogLines()
beforeEach(() => log.forget())

const ORDER = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }
const { mchid } = ORDER

const PENDING = {
  ...ORDER,
  outcome: 'PENDING',
  reason: 'too early to reverse',
  retry_after: 15,
  history: { paid: { body: 'SENTINEL' } },
} as unknown as Pending
const REVERSAL = { ...ORDER, outcome: 'REVERSED', refunded: null, evidence: ['SENTINEL'] } as unknown as Reversal
const settlement = (how: string) =>
  ({ ...ORDER, outcome: 'REVERSED', settlement: how, evidence: ['SENTINEL'] }) as unknown as Settlement

/** Everything that one thing to tell writes: its lines without what all lines have, and its metrics. */
function written(tell: () => void) {
  tell()
  telemetry.endInvocation()
  const isMetric = (line: LogLine) => '_aws' in line
  const lines = log.all().filter((line) => !isMetric(line))
  const metrics = log.all().filter(isMetric)
  for (const { service } of [...lines, ...metrics]) assert.equal(service, 'tills')
  return {
    lines: lines.map(({ timestamp: _, service: __, ...line }) => line),
    metrics: metrics.map(({ _aws, service: _, ...values }) => {
      const [{ Namespace, Metrics }] = (_aws as { CloudWatchMetrics: [{ Namespace: string; Metrics: object[] }] })
        .CloudWatchMetrics
      assert.equal(Namespace, 'Tills')
      const units = Metrics.map((metric) => (metric as { Unit: string }).Unit)
      return { ...values, units: [...new Set(units)].join() }
    }),
  }
}

const failed = (name: 'ReversalRejected' | 'CredentialsUnavailable') =>
  new ReversalError(name, 'why', { code: 'NO_AUTH', request_id: '08-1' })
const said = { detail: 'why', code: 'NO_AUTH', request_id: '08-1' }
const networkError = Object.assign(new Error('no way', { cause: 'SENTINEL' }), {
  name: 'TimeoutError',
  stack: 'SENTINEL',
})
const networkSaid = { error: 'TimeoutError', detail: 'no way' }

interface Row {
  tell: () => void
  lines?: object[]
  metrics?: object[]
}

const count = (...names: string[]) => [{ mchid, ...Object.fromEntries(names.map((name) => [name, 1])), units: 'Count' }]
const info = (message: string, fields: object) => ({ level: 'INFO', message, ...fields })
const warn = (message: string, fields: object) => ({ level: 'WARN', message, ...fields })
const error = (message: string, fields: object) => ({ level: 'ERROR', message, ...fields })
const { history: _, ...pendingLine } = PENDING
const { evidence: __, ...reversalLine } = REVERSAL
const settled = (how: string) => ({ ...ORDER, outcome: 'REVERSED', settlement: how, detail: 'what the bill says' })

const ROWS: Record<string, Row> = {
  'an attempt begins': { tell: () => telemetry.attempted(ORDER), metrics: count('ReversalAttempted') },
  'a call had no answer': {
    tell: () => observe({ name: 'NoAnswer', endpoint: 'query', reason: 'timeout', mchid } as never),
    lines: [warn('NoAnswer', { endpoint: 'query', reason: 'timeout', mchid })],
    metrics: count('NoAnswer'),
  },
  'WeChat Pay refused to say, in words of its own': {
    tell: () => observe({ name: 'QueryRefused', status: 403, message: 'no right', ...ORDER }),
    lines: [warn('QueryRefused', { status: 403, ...ORDER, detail: 'no right' })],
    metrics: count('QueryRefused'),
  },
  'a secret is served beyond its time': {
    tell: () => observe({ name: 'StaleSecretServed', secret: 's', mchid, detail: 'down' }),
    lines: [warn('StaleSecretServed', { secret: 's', mchid, detail: 'down' })],
    metrics: count('StaleSecretServed'),
  },
  'a secret holds fields that nobody reads': {
    tell: () => observe({ name: 'SecretFieldIgnored', secret: 's', fields: ['note'] }),
    lines: [warn('SecretFieldIgnored', { secret: 's', fields: ['note'] })],
  },
  'a secret cannot be read': {
    tell: () => observe({ name: 'SecretUnavailable', secret: 's', detail: 'down' }),
    lines: [warn('SecretUnavailable', { secret: 's', detail: 'down' })],
  },
  'an order ended': {
    tell: () => workReport.result(REVERSAL),
    lines: [info('reversal completed', reversalLine)],
    metrics: count('ReversalCompleted'),
  },
  'an order is not known yet': {
    tell: () => handOverReport.result(PENDING),
    lines: [info('reversal pending', pendingLine)],
    metrics: count('ReversalPending'),
  },
  'an order is refused for good': {
    tell: () => workReport.failure(ORDER, failed('ReversalRejected')),
    lines: [error('reversal failed', { ...ORDER, error: 'ReversalRejected', ...said })],
    metrics: count('ReversalFailed'),
  },
  'keys are missing, which may pass': {
    tell: () => workReport.failure(ORDER, failed('CredentialsUnavailable')),
    lines: [error('attempt failed', { ...ORDER, error: 'CredentialsUnavailable', ...said })],
    metrics: count('CredentialsUnavailable'),
  },
  'anything else failed, of which only name and message are told': {
    tell: () => workReport.failure(ORDER, networkError),
    lines: [error('attempt failed', { ...ORDER, ...networkSaid })],
  },
  'a look at an order failed, which is no failed reversal': {
    tell: () => telemetry.logQueryFailure(ORDER, failed('ReversalRejected')),
    lines: [error('query failed', { ...ORDER, error: 'ReversalRejected', ...said })],
  },
  'an order stays on the queue': {
    tell: () => workReport.unfinished(ORDER, { sinceFirstSeen: 12.5, reversibleFor: 600 }),
    metrics: [{ mchid, PendingAgeSeconds: 12.5, ReversibleSecondsLeft: 600, units: 'Seconds' }],
  },
  'an order stays whose time is over, seen by a clock that is behind': {
    tell: () => workReport.unfinished(ORDER, { sinceFirstSeen: -1, reversibleFor: -600 }),
    metrics: [{ mchid, PendingAgeSeconds: 0, ReversibleSecondsLeft: 0, units: 'Seconds' }],
  },
  'a message could not be put off': {
    tell: () => workReport.notPostponed({ messageId: 'm', body: 'SENTINEL' } as never, networkError),
    lines: [warn('message left to its visibility time-out', { messageId: 'm', ...networkSaid })],
  },
  'all of a batch failed': {
    tell: () => workReport.batchFailed(),
    metrics: [{ BatchFailed: 1, units: 'Count' }],
  },
  'an order could not be handed over': {
    tell: () => handOverReport.handOverFailed(ORDER),
    metrics: count('HandOverFailed'),
  },
  'an open outcome could not be queued': {
    tell: () => telemetry.settlementNotQueued(REVERSAL, networkError),
    lines: [error('settlement not queued', { ...reversalLine, ...networkSaid })],
    metrics: count('SettlementNotQueued'),
  },
  'the bill agrees': {
    tell: () => settleReport.settled(settlement('REFUNDED'), 'what the bill says', false),
    lines: [info('reversal settled', settled('REFUNDED'))],
    metrics: count('SettlementCompleted'),
  },
  'the bill contradicts what can still be healed': {
    tell: () => settleReport.settled(settlement('DISAGREES'), 'what the bill says', true),
    lines: [error('reversal settled', { ...settled('DISAGREES'), goes_back: true })],
    metrics: count('SettlementCompleted', 'SettlementDisagrees'),
  },
  'an outcome waits for its bill': {
    tell: () => settleReport.waits(ORDER, 86_400, 'the bill is not ready'),
    lines: [info('settlement waits', { ...ORDER, detail: 'the bill is not ready' })],
    metrics: [{ mchid, SettlementPending: 1, SettlementAgeSeconds: 86_400, units: 'Count,Seconds' }],
  },
  'an outcome is given up': {
    tell: () => settleReport.failed(ORDER, new SettlementFailed('ten days')),
    lines: [error('settlement failed', { ...ORDER, error: 'SettlementFailed', detail: 'ten days' })],
    metrics: count('SettlementFailed'),
  },
  'an outcome could not be settled now': {
    tell: () => settleReport.failed(ORDER, networkError),
    lines: [error('settlement not finished', { ...ORDER, ...networkSaid })],
  },
}

describe('the log and the metrics, when', () => {
  for (const [what, { tell, lines = [], metrics = [] }] of Object.entries(ROWS)) {
    test(what, () => {
      assert.deepEqual(written(tell), { lines, metrics })
      assert.doesNotMatch(log.text(), /SENTINEL/)
    })
  }
})
