import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { MetricName } from '../../../lib/aws/telemetry.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { compiledTemplate, type Json, resourcesOf, walk } from './compiled-template.ts'
import { logFields } from './log-fields.ts'

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const template = await compiledTemplate()
const STACK = 'wechatpay-reversal-dev'
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)
const names: string[] = alarms.map(({ AlarmName }) => AlarmName.slice(STACK.length + 1))

const runbook = read('docs/runbook.md')
const chapter = runbook.slice(runbook.indexOf('\n## The alarms'), runbook.indexOf('\n## Changing keys'))
const sections = new Map(
  chapter
    .split('\n### ')
    .slice(1)
    .map((text) => [text.split('\n')[0]!, text]),
)
const queries = [...runbook.matchAll(/```\n(fields [\s\S]*?)```/g)].map(([, query]) => query!)

test('every alarm has a section of its name in the runbook, and every section an alarm', () => {
  assert.deepEqual([...sections.keys()].sort(), [...names].sort())
})

test('every alarm says which section to open', () => {
  for (const { AlarmName, AlarmDescription } of alarms) {
    assert.ok(AlarmDescription.endsWith(`Runbook, ${AlarmName.slice(STACK.length + 1)}`), AlarmName)
  }
})

test('every section says what it means for the money, how to look, what to do, and when it is over', () => {
  for (const [name, text] of sections) {
    for (const part of ['**Money.**', '**Look.**', '**Do.**', '**Over when**']) {
      assert.equal(text.split(part).length, 2, `${name}: ${part}`)
    }
    assert.match(text, /```\nfields /, `${name}: a query`)
  }
})

test('every link in the runbook leads to one of its sections', () => {
  const anchors = [...runbook.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!.toLowerCase().replaceAll(' ', '-'))
  for (const [, target] of runbook.matchAll(/\]\(#([\w-]+)\)/g)) assert.ok(anchors.includes(target!), target)
})

test('the log lines that the queries look for are written by the code', () => {
  const sources = globSync('{lib,functions}/**/*.ts', { cwd: root }).map(read).join('\n')
  const sought = queries.flatMap((query) =>
    [...query.matchAll(/(?:message|error) (?:=|in) (\[.*?\]|'.*?')/g)].flatMap(
      ([, values]) => values!.match(/'[^']+'/g)!,
    ),
  )
  assert.ok(sought.length > 20)
  for (const literal of sought) assert.ok(sources.includes(literal), literal)
})

const ofOurLines = logFields()

test('the fields that the queries show are fields of the lines that they look for', () => {
  const { Format } = resourcesOf(template, 'AWS::ApiGatewayV2::Stage')[0]![1].Properties.AccessLogSettings
  const ofOthers = ['function_request_id', 'message', 'execution_arn', 'type', 'details.error', 'details.cause']
  for (const query of queries) {
    const messages = [...query.matchAll(/message (?:=|in) (\[.*?\]|'.*?')/g)].flatMap(
      ([, values]) => values!.match(/[^'[\], ][^']*(?=')/g)!,
    )
    // A query by another field, such as `error`, may find any line.
    const sought = messages.length > 0 ? messages : [...ofOurLines.keys()]
    const ours = new Set(sought.flatMap((message) => [...(ofOurLines.get(message) ?? [])]))
    for (const field of query.split('\n')[0]!.replace('fields ', '').split(', ')) {
      const isKnown =
        /^@(timestamp|log|message|duration)$/.test(field) ||
        ofOthers.includes(field) ||
        Format.includes(`"${field}":`) ||
        ours.has(field)
      assert.ok(isKnown, `${field} in: ${query}`)
    }
  }
})

test('the log groups that the runbook names are those of the stack', () => {
  const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties.LogGroupName)
  const named = runbook.matchAll(/\/aws\/[\w/-]+<stage>[\w-]*/g)
  for (const [group] of named) assert.ok(groups.includes(group.replace('<stage>', 'dev')), group)
})

/** The alarms that watch each of our metrics. A metric that is missing here does not compile. */
const WATCHED_BY: Readonly<Record<MetricName, readonly string[] | 'no alarm'>> = {
  BatchFailed: ['failed-batches'],
  BillRefused: ['refused-bills'],
  CredentialsUnavailable: ['unavailable-credentials'],
  FailOver: ['fail-overs'],
  HandOverFailed: ['failed-hand-overs'],
  NoAnswer: ['missing-answers'],
  PaidHistoryIgnored: ['ignored-paid-history'],
  PendingAgeSeconds: ['oldest-pending'],
  QueryRefused: ['refused-queries'],
  ReversalAttempted: 'no alarm',
  ReversalCompleted: 'no alarm',
  ReversalFailed: ['failed-reversals'],
  ReversalPending: 'no alarm',
  ReversibleSecondsLeft: ['pending-near-end'],
  ReverseRefused: ['refused-reversals'],
  SettlementAgeSeconds: ['oldest-settlement'],
  SettlementCompleted: 'no alarm',
  SettlementDisagrees: ['disagreeing-books'],
  SettlementFailed: ['failed-settlements'],
  SettlementNotQueued: ['unqueued-settlements'],
  SettlementPending: 'no alarm',
  SignTestProbe: ['sign-test-probes'],
  StaleSecretServed: ['stale-secrets'],
  UnknownState: ['unknown-states'],
  UnverifiedAnswer: ['unverified-answers'],
  UnverifiedInARow: ['unverified-in-a-row'],
}

test('every metric of ours is watched by its alarms, and no alarm watches a metric that nobody writes', () => {
  const ours = Object.keys(WATCHED_BY)
  const spec = loadAwsServiceSpecSync()
  // Names that AWS's specification lacks: those of HTTP APIs (it knows those of REST APIs alone; metrics of HTTP APIs,
  // developer guide), and https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html.
  const known = new Set(['AWS/ApiGateway 4xx', 'AWS/ApiGateway 5xx', 'AWS/Lambda RecursiveInvocationsDropped'])
  for (const { namespace, name } of spec.all('metric')) known.add(`${namespace} ${name}`)
  for (const name of ours) known.add(`WechatPayReversal/dev ${name}`)

  const watched = alarms
    .flatMap((alarm) => [alarm, ...walk(alarm.Metrics).map(({ value }) => value?.MetricStat?.Metric)])
    .filter((metric: Json) => metric?.MetricName)
  for (const { Namespace, MetricName } of watched) {
    assert.ok(known.has(`${Namespace} ${MetricName}`), `${Namespace} ${MetricName}`)
  }
  for (const [metric, expected] of Object.entries(WATCHED_BY)) {
    const watching = alarms.filter(({ MetricName }) => MetricName === metric).map(({ AlarmName }) => AlarmName)
    const named = expected === 'no alarm' ? [] : expected.map((name) => `${STACK}-${name}`)
    assert.deepEqual(watching, named, metric)
  }
})

test('the dashboard is what CloudWatch reads: its widgets fit on it side by side', () => {
  const [, { Properties }] = resourcesOf(template, 'AWS::CloudWatch::Dashboard')[0]!
  const { widgets } = JSON.parse(Properties.DashboardBody['Fn::Sub'])
  const cells = widgets.flatMap(({ x, y, width, height }: Json) => {
    assert.ok(x + width <= 24)
    return Array.from({ length: width * height }, (_, n) => `${x + (n % width)},${y + Math.floor(n / width)}`)
  })
  assert.equal(new Set(cells).size, cells.length)
})

test('the secret that the runbook shows is one the functions read, field by field', () => {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = () => pair().publicKey.export({ type: 'spki', format: 'pem' })
  const shown = JSON.parse(/```json\n([\s\S]*?)```/.exec(runbook)![1]!)
  const filled = {
    ...shown,
    certificate_serial_no: '5157F09EFDC096DE15EBE81A47057A7232F1B8E1',
    private_key: pair().privateKey.export({ type: 'pkcs8', format: 'pem' }),
    wechatpay_public_key: publicKey(),
    other_wechatpay_keys: { PUB_KEY_ID_1: publicKey() },
  }
  assert.deepEqual(parseMerchant(JSON.stringify(filled)).ignoredFields, [])
})
