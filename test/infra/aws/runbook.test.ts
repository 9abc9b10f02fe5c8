import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { MetricName } from '../../../lib/aws/telemetry.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { anchors, tables } from '../../documents/documents.ts'
import { compiledTemplate, type Json, resourcesOf } from './compiled-template.ts'
import { logFields } from './log-fields.ts'

const root = join(import.meta.dirname, '../../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const template = await compiledTemplate()
const STACK = 'wechatpay-reversal-dev'
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)
const names: string[] = alarms.map(({ AlarmName }) => AlarmName.slice(STACK.length + 1))

const RUNBOOKS = ['docs/runbook.md', 'docs/runbook.zh-CN.md'].map((path) => [path, read(path)] as const)

/** The saved queries by their names. */
const queries = new Map<string, string>(
  resourcesOf(template, 'AWS::Logs::QueryDefinition').map(([, { Properties }]) => [
    Properties.Name.slice(STACK.length + 1),
    Properties.QueryString,
  ]),
)

for (const [path, runbook] of RUNBOOKS) {
  describe(path, () => {
    const [alarmRows, severityRows] = tables(runbook).map(([, ...rows]) => rows) as [string[][], string[][]]
    const [chapter] = runbook.split(/^## /m).filter((text) => text.includes('\n#### dead-letters\n'))
    const sections = chapter!.split(/^### /m).flatMap((family) => {
      const [intro, ...parts] = family.split(/^#### /m)
      return parts.map((text) => ({ titles: text.split('\n')[0]!.split(/, |、/), text: `${text}\n${intro}` }))
    })
    const sectionOf = (name: string) => sections.filter(({ titles }) => titles.includes(name))

    test('the table at the top has every alarm, in the order of the alphabet, and leads to its section', () => {
      assert.deepEqual(
        alarmRows.map(([alarm]) => alarm),
        names.toSorted().map((name) => `[\`${name}\`](#${name})`),
      )
      for (const name of names) {
        assert.equal(sectionOf(name).length, 1, name)
        assert.ok(anchors(runbook).includes(name), name)
      }
    })

    test('each of its severities is explained, and no other', () => {
      const explained = severityRows.map(([severity]) => severity)
      assert.deepEqual(new Set(alarmRows.map(([, severity]) => severity)), new Set(explained))
    })

    test('a section says of its alarm what the table says: severity, money at risk, what to do first', () => {
      for (const [alarm, severity, money, first] of alarmRows) {
        const name = /`(.*)`/.exec(alarm!)![1]!
        const [{ titles, text }] = sectionOf(name) as [(typeof sections)[number]]
        const says = text.match(/^(.*(?:money at risk|资金风险).*)$/gm)!
        const line = says.length === 1 ? says[0]! : says.find((line) => line.startsWith(name))
        assert.match(line ?? '', new RegExp(`${severity} · (?:money at risk: |资金风险：)${money}`), name)
        assert.ok(says.length === 1 || says.length === titles.length, name)
        const [, command] = /`(.*)`/.exec(first!)!
        assert.ok(text.includes(command!), `${name}: ${first}`)
        const isQuery = /^(query |查询 )`/.test(first!)
        assert.ok(isQuery ? queries.has(command!) : command!.length <= 100, `${name}: ${first}`)
      }
    })

    test('every saved query that it names is there', () => {
      for (const [, name] of runbook.matchAll(/(?:[Qq]uery|queries|查询) `(\w+)`/g)) assert.ok(queries.has(name!), name)
    })

    test('its log groups are those of the stack', () => {
      const groups = resourcesOf(template, 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties.LogGroupName)
      const named = runbook.matchAll(/\/aws\/[\w/-]+<stage>[\w-]*/g)
      for (const [group] of named) assert.ok(groups.includes(group.replace('<stage>', 'dev')), group)
    })

    test('the secret that it shows is one the functions read, field by field', () => {
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
  })
}

test('every alarm says which section to open', () => {
  for (const { AlarmName, AlarmDescription } of alarms) {
    assert.ok(AlarmDescription.endsWith(`Runbook, ${AlarmName.slice(STACK.length + 1)}`), AlarmName)
  }
})

test('the log lines that the queries look for are written by the code', () => {
  const sources = globSync('{lib,functions}/**/*.ts', { cwd: root }).map(read).join('\n')
  const sought = [...queries.values()].flatMap((query) =>
    [...query.matchAll(/(?:message|settlement|level) (?:=|in) (\[.*?\]|'.*?')/g)].flatMap(
      ([, values]) => values!.match(/'[^']+'/g)!,
    ),
  )
  assert.ok(sought.length > 8)
  for (const literal of sought) assert.ok(sources.includes(literal), literal)
})

const ofOurLines = logFields()

/** Words of the language of Logs Insights itself, and fields that it finds in any line. */
const LANGUAGE =
  /^(fields|filter|stats|sort|desc|by|as|in|or|like|count|count_distinct|sum|latest|pct|max|bin|@(timestamp|log|message|duration|type))$/

test('the fields of the queries are fields of the lines that they look for', () => {
  const { Format } = resourcesOf(template, 'AWS::ApiGatewayV2::Stage')[0]![1].Properties.AccessLogSettings
  const ofWorkflow = ['type', 'execution_arn', 'details.error', 'details.cause']
  for (const [name, query] of queries) {
    const messages = [...query.matchAll(/message (?:=|in) (\[.*?\]|'.*?')/g)].flatMap(
      ([, values]) => values!.match(/[^'[\], ][^']*(?=')/g)!,
    )
    // A query by another field, such as `level` or `settlement`, may find any line.
    const isByMessage = messages.length > 0 && !/filter (?!message)/.test(query)
    const sought = isByMessage ? messages : [...ofOurLines.keys()]
    const ours = new Set(sought.flatMap((message) => [...(ofOurLines.get(message) ?? [])]))
    const bare = query.replaceAll(/'[^']*'|like \/.*\//g, '')
    const aliases = new Set([...bare.matchAll(/ as (\w+)/g)].map(([, alias]) => alias))
    for (const [word] of bare.matchAll(/(?<![\w.])@?[a-z][\w.]*/gi)) {
      const isKnown =
        LANGUAGE.test(word) ||
        aliases.has(word) ||
        (name === 'executions' && ofWorkflow.includes(word)) ||
        (name === 'metric' && word in WATCHED_BY) ||
        (name === 'callers' && Format.includes(`"${word}":`)) ||
        ours.has(word)
      assert.ok(isKnown, `${word} in the query ${name}`)
    }
  }
})

test('a query that shows orders shows whose: of a merchant, or of a provider for the one under it', () => {
  for (const [name, query] of queries) {
    if (!query.includes('out_trade_no') || name === 'order') continue
    for (const field of ['mchid', 'sp_mchid', 'sub_mchid']) assert.match(query, new RegExp(`[ ,]${field}\\b`), name)
  }
})

/** The alarms that watch each of our metrics. A metric that is missing here does not compile. */
const WATCHED_BY: Readonly<Record<MetricName, readonly string[] | 'no alarm' | 'base of shares'>> = {
  BatchFailed: ['failed-batches'],
  BillRefused: ['refused-bills'],
  CredentialsUnavailable: ['unavailable-credentials'],
  FailOver: ['fail-overs'],
  HandOverFailed: ['failed-hand-overs'],
  NoAnswer: ['missing-answers'],
  PaidHistoryIgnored: ['ignored-paid-history'],
  PendingAgeSeconds: ['oldest-pending'],
  QueryRefused: ['refused-queries'],
  ReversalAttempted: 'base of shares',
  ReversalCompleted: ['unproved-attempts'],
  ReversalFailed: ['failed-reversals'],
  ReversalPending: 'no alarm',
  ReversibleSecondsLeft: ['pending-near-end'],
  ReverseRefused: ['refused-reversals'],
  SettlementAgeSeconds: ['oldest-settlement'],
  SettlementCompleted: ['failed-settlements'],
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

/** Every metric that somebody writes, AWS or we. */
function writtenMetrics(): Set<string> {
  // Names that AWS's specification lacks: those of HTTP APIs (it knows those of REST APIs alone; metrics of HTTP APIs,
  // developer guide), and https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html.
  const known = new Set(['AWS/ApiGateway 4xx', 'AWS/ApiGateway 5xx', 'AWS/Lambda RecursiveInvocationsDropped'])
  for (const { namespace, name } of loadAwsServiceSpecSync().all('metric')) known.add(`${namespace} ${name}`)
  for (const name of Object.keys(WATCHED_BY)) known.add(`WechatPayReversal/dev ${name}`)
  return known
}

test('every metric of ours is watched by its alarms, and no alarm watches a metric that nobody writes', () => {
  const known = writtenMetrics()
  const metricsOf = (alarm: Json): Json[] =>
    alarm.MetricName ? [alarm] : alarm.Metrics.flatMap(({ MetricStat }: Json) => MetricStat?.Metric ?? [])
  for (const { Namespace, MetricName } of alarms.flatMap(metricsOf)) {
    assert.ok(known.has(`${Namespace} ${MetricName}`), `an alarm watches ${Namespace} ${MetricName}: nobody writes it`)
  }
  for (const [metric, expected] of Object.entries(WATCHED_BY)) {
    const watching = alarms
      .filter((alarm) => metricsOf(alarm).some(({ MetricName }) => MetricName === metric))
      .map(({ AlarmName }) => AlarmName)
    if (expected === 'base of shares') assert.ok(watching.length > 0, metric)
    else {
      const named = expected === 'no alarm' ? [] : expected.map((name) => `${STACK}-${name}`)
      assert.deepEqual(watching, named, metric)
    }
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

test('the dashboard shows no metric that nobody writes', () => {
  const [, { Properties }] = resourcesOf(template, 'AWS::CloudWatch::Dashboard')[0]!
  const { widgets } = JSON.parse(Properties.DashboardBody['Fn::Sub'])
  const known = writtenMetrics()
  for (const { properties } of widgets) {
    let namespace = ''
    let name = ''
    for (const metric of properties.metrics ?? []) {
      // A dot repeats what stands in the line before.
      namespace = metric[0] === '.' ? namespace : metric[0]
      name = metric[1] === '.' ? name : metric[1]
      assert.ok(known.has(`${namespace} ${name}`), `${properties.title} shows ${namespace} ${name}: nobody writes it`)
    }
  }
})
