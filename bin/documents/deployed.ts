// What stands in docs/what-you-deploy.md of the compiled template: every resource, right and alarm, and what they cost at rest.
import type { Json, Template } from '../../infra/local/cloudformation.ts'
import { RESOURCES, RIGHTS } from './deployed-reasons.ts'

type Resource = Template['Resources'][string]

/** Drawn for this stage, shown for any. */
const STAGE = 'dev'

const ofType = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type)

const ofAnyStage = (name: string) => name.replaceAll(`wechatpay-reversal-${STAGE}`, 'wechatpay-reversal-<stage>')

const list = (value: Json): Json[] => (value === undefined ? [] : [value].flat())

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** The parts of the page by their names. @throws Error that names what has no reason */
export function renderDeployed(template: Template): Record<string, string> {
  return {
    resources: renderResources(template),
    roles: renderRoles(template),
    alarms: renderAlarms(template),
    'cost-at-rest': renderCostAtRest(template),
    concurrency: renderConcurrency(template),
  }
}

/** Properties that give a resource the name people know it by. */
const NAMES = [
  'FunctionName',
  'QueueName',
  'LogGroupName',
  'StateMachineName',
  'DashboardName',
  'TopicName',
  'RouteKey',
  'Name',
]

function nameOf(id: string, { Properties = {} }: Resource): string {
  const property = NAMES.find((name) => typeof Properties[name] === 'string')
  return property === undefined ? id : ofAnyStage(Properties[property])
}

function renderResources(template: Template): string {
  const rows = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type !== 'AWS::CloudWatch::Alarm')
    .map(([id, resource]) => {
      const isFunction = resource.Type === 'AWS::Lambda::Function'
      const why = isFunction ? resource.Properties.Description : RESOURCES[id]
      if (!why) throw new Error(`bin/documents/deployed-reasons.ts does not say why there is ${id}`)
      return [`\`${nameOf(id, resource)}\``, resource.Type.replace('AWS::', '').replace('::', ' '), why]
    })
  return table(['name', 'type', 'why'], rows.sort(byTypeThenName))
}

const byTypeThenName = ([a = '', b = '']: string[], [c = '', d = '']: string[]) =>
  b.localeCompare(d) || a.localeCompare(c)

/** What a statement's resource is called: a logical id, a parameter, or the merchants' secrets. */
function subject(value: Json): string[] {
  if (value === '*') return ['*']
  if (value?.Ref === 'AWS::NoValue') return []
  if (value?.Ref) return [value.Ref]
  if (value?.['Fn::GetAtt']) return [value['Fn::GetAtt'][0]]
  if (value?.['Fn::If']) return value['Fn::If'].slice(1).flatMap(subject)
  if (/\/merchants\/\*$/.test(value?.['Fn::Sub'])) return ['MerchantSecrets']
  throw new Error(`bin/documents/deployed.ts cannot name ${JSON.stringify(value)}`)
}

function renderRoles(template: Template): string {
  const shown = (name: string) => {
    if (name === 'MerchantSecrets') return 'secret `wechatpay-reversal-<stage>/merchants/*`'
    if (name === '*') return 'everything'
    if (name === 'PayFunctionArn') return 'your `payFunction`'
    return `\`${nameOf(name, template.Resources[name]!)}\``
  }
  const rows = ofType(template, 'AWS::IAM::Role').flatMap(([role, { Properties }]) =>
    list(Properties.Policies)
      .flatMap(({ PolicyDocument }) => list(PolicyDocument.Statement))
      .map((statement, index) => {
        const actions = list(statement.Action)
        const subjects = list(statement.Resource).flatMap(subject)
        const key = `${actions.join(', ')} ${subjects.join(', ')}`
        const why = RIGHTS[key]
        if (!why) throw new Error(`bin/documents/deployed-reasons.ts does not say why a role may ${key}`)
        const may = actions.map((action) => `\`${action}\``).join(', ')
        return [index === 0 ? `\`${role}\`` : '', may, subjects.map(shown).join(', '), why]
      }),
  )
  return table(['role', 'may', 'on', 'why'], rows)
}

function renderAlarms(template: Template): string {
  const rows = ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
    const name = Properties.AlarmName.slice(`wechatpay-reversal-${STAGE}-`.length)
    const means = Properties.AlarmDescription.replace(/\. Runbook, .*$/, '')
    return [`[\`${name}\`](runbook.md#${name})`, condition(Properties), means]
  })
  return table(['alarm', 'goes off when', 'which means'], rows.sort(byName))
}

const byName = ([a = '']: string[], [b = '']: string[]) => a.localeCompare(b)

const SIGNS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: '≥',
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
}

function condition({ Metrics, ...alarm }: Json): string {
  const { Period = Metrics?.[1].MetricStat.Period, Threshold, ComparisonOperator } = alarm
  // Of a share, the metric that is counted; of any other expression, what its label says.
  const counted = Metrics?.find(({ Id }: Json) => Id === 'counted')
  const { MetricName = counted?.MetricStat.Metric.MetricName } = alarm
  const metric = MetricName === undefined ? Metrics[0].Label : `\`${MetricName}\``
  const share = counted === undefined ? '' : `, ${Metrics[0].Label}`
  const statistic = { Maximum: ', the greatest', Minimum: ', the least' }[alarm.Statistic as string] ?? ''
  const of = alarm.ExtendedStatistic === undefined ? statistic : `, ${alarm.ExtendedStatistic}`
  const span = Period === 3600 ? 'an hour' : spanText(Period)
  return `${metric}${of} ${SIGNS[ComparisonOperator]} ${Threshold.toLocaleString('en')} in ${span}${share}${howLong(alarm, Period)}`
}

const spanText = (seconds: number) => (seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`)

function howLong({ EvaluationPeriods: of, DatapointsToAlarm: times = of }: Json, period: number): string {
  if (of === 1) return ''
  if (times === of) return `, ${of} times in a row`
  if (times === 1) return `; stays on for ${spanText(of * period)}`
  return `, ${times} times within ${spanText(of * period)}`
}

/** us-east-1, US dollars a month, without free tiers, as published in November 2026. */
const MONTHLY = { alarmMetric: 0.1, dashboard: 3, key: 1, secret: 0.4, sqsRequest: 0.4 / 1e6 } as const

/** Lambda asks an empty queue so often: five pollers, each waiting 20 s. */
const POLLS_PER_MONTH = (5 * 30 * 24 * 60 * 60) / 20

function renderCostAtRest(template: Template): string {
  const alarms = ofType(template, 'AWS::CloudWatch::Alarm')
  const metrics = alarms.flatMap(([, { Properties }]) =>
    Properties.Metrics ? Properties.Metrics.filter(({ MetricStat }: Json) => MetricStat) : [1],
  ).length
  const count = (type: string) => ofType(template, type).length
  const [keys, dashboards] = [count('AWS::KMS::Key'), count('AWS::CloudWatch::Dashboard')]
  const rows: [what: string, dollars: number][] = [
    [`${alarms.length} alarms on ${metrics} metrics`, metrics * MONTHLY.alarmMetric],
    [`${dashboards} dashboard`, dashboards * MONTHLY.dashboard],
    [`${keys} KMS keys`, keys * MONTHLY.key],
    ['Lambda asking an empty queue', POLLS_PER_MONTH * MONTHLY.sqsRequest],
    ['each merchant’s secret', MONTHLY.secret],
  ]
  const sum = rows.reduce((all, [, dollars]) => all + dollars, 0)
  const dollars = (amount: number) => `$ ${amount.toFixed(2)}`
  return table(
    ['at rest', 'a month'],
    [...rows.map(([what, amount]) => [what, dollars(amount)]), ['**with one merchant**', `**${dollars(sum)}**`]],
  )
}

function renderConcurrency(template: Template): string {
  const reserved = ofType(template, 'AWS::Lambda::Function').map(
    ([id, { Properties }]) =>
      [nameOf(id, template.Resources[id]!), Number(Properties.ReservedConcurrentExecutions['Fn::If'][1])] as const,
  )
  const sum = reserved.reduce((all, [, one]) => all + one, 0)
  return table(
    ['function', 'reserves'],
    [...reserved.map(([name, one]) => [`\`${name}\``, String(one)]), ['**together**', `**${sum}**`]],
  )
}
