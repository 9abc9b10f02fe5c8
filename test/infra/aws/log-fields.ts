import type { WorkReport } from '../../../lib/queue/work.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import { SettlementFailed } from '../../../lib/settlement/settlement-failed.ts'
import { keepLogLines, type LogLine } from '../../functions/log-lines.ts'

const telemetry = await import('../../../lib/aws/telemetry.ts')

type Event = Parameters<typeof telemetry.observe>[0]

const ORDER = { mchid: '1900000001', out_trade_no: 'A1' }
const REF = { ...ORDER, appid: 'wxd678efh567hg6787' }
const PROVIDERS_REF = {
  sp_mchid: '1900000100',
  sub_mchid: '1900000109',
  sp_appid: 'wxd678efh567hg6787',
  sub_appid: 'wxd678efh567hg6788',
  out_trade_no: 'A1',
}
const OUTCOME = {
  attempted_at: '2026-01-31T12:00:00Z',
  outcome: 'CLOSED' as const,
  trade_state: 'CLOSED',
  refunded: false,
  confirmed_at: '2026-01-31T12:00:00Z',
  request_id: '08-1',
  evidence: [],
}
const ANSWER = { status: 403, code: 'NO_AUTH', request_id: '08-1' }

/** Every event with all its fields: one that is missing here does not compile. */
const EVENTS: { [Name in Event['name']]: Extract<Event, { name: Name }> } = {
  NoAnswer: { name: 'NoAnswer', endpoint: 'https://x', reason: 'connection', cause: 'ECONNRESET', ...ORDER },
  UnverifiedAnswer: {
    name: 'UnverifiedAnswer',
    endpoint: 'https://x',
    reason: 'unsigned',
    message: 'no',
    serial: 'S',
    ...ANSWER,
    ...ORDER,
  },
  UnverifiedInARow: { name: 'UnverifiedInARow', count: 10, ...ORDER },
  SignTestProbe: { name: 'SignTestProbe', endpoint: 'https://x', ...ORDER },
  FailOver: { name: 'FailOver', from: 'https://x', to: 'https://y', ...ORDER },
  UnknownState: { name: 'UnknownState', trade_state: 'NEW', ...ANSWER, ...ORDER },
  QueryRefused: { name: 'QueryRefused', message: 'no', ...ANSWER, ...ORDER },
  ReverseRefused: { name: 'ReverseRefused', message: 'no', ...ANSWER, ...ORDER },
  PaidHistoryIgnored: { name: 'PaidHistoryIgnored', serial: 'S', ...ORDER },
  StaleSecretServed: { name: 'StaleSecretServed', secret: 's', mchid: ORDER.mchid, detail: 'd' },
  BillRefused: {
    name: 'BillRefused',
    mchid: ORDER.mchid,
    bill_date: '2026-01-31',
    reason: 'wrong hash',
    detail: 'd',
    code: 'c',
    request_id: '08-1',
  },
  SecretFieldIgnored: { name: 'SecretFieldIgnored', secret: 's', fields: ['f'] },
  SecretUnavailable: { name: 'SecretUnavailable', secret: 's', detail: 'd' },
}

/** The fields that our log lines have, from the lines themselves, by the line's message. */
export function logFields(): Map<string, ReadonlySet<string>> {
  const log = keepLogLines()
  telemetry.beginInvocation({ awsRequestId: 'r', functionName: 'f' })
  for (const event of Object.values(EVENTS)) telemetry.observe(event)
  telemetry.settlementNotQueued({ ...REF, ...OUTCOME }, new Error('why'))
  telemetry.settlementNotQueued({ ...PROVIDERS_REF, ...OUTCOME }, new Error('why'))
  for (const ref of [REF, PROVIDERS_REF]) {
    telemetry.logResult({ ...ref, ...OUTCOME })
    telemetry.logResult({ ...ref, outcome: 'PENDING', reason: 'why', retry_after: 5, history: {} })
    for (const name of ['ReversalRejected', 'CredentialsUnavailable'] as const) {
      telemetry.logFailure(ref, new ReversalError(name, 'why', ANSWER))
    }
  }
  telemetry.logQueryFailure(REF, new ReversalError('CredentialsUnavailable', 'why', ANSWER))
  const { notPostponed } = telemetry.workReport as WorkReport<never>
  notPostponed({ messageId: 'm' } as never, new Error('why'))
  const settlement = {
    outcome: 'REVERSED',
    settlement: 'DISAGREES',
    total: 1,
    bill_dates: ['2026-01-31'],
    settled_at: '2026-02-01T02:15:00Z',
    evidence: [],
  } as const
  for (const ref of [REF, PROVIDERS_REF]) {
    telemetry.settleReport.settled({ ...ref, ...settlement }, 'why', true)
    telemetry.settleReport.waits(ref, 1, 'why')
    telemetry.settleReport.failed(ref, new SettlementFailed('why'))
    telemetry.settleReport.failed(ref, new Error('why'))
  }
  const lines = log.all().filter((line) => !('_aws' in line))
  return new Map(
    [...Map.groupBy(lines, ({ message }) => String(message))].map(([message, those]) => [message, fieldsOf(those)]),
  )
}

const fieldsOf = (lines: readonly LogLine[]) => new Set(lines.flatMap((line) => Object.keys(line)))
