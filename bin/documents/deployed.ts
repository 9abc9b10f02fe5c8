// What stands in docs/what-you-deploy.md of the compiled template: every resource, right and alarm, and what they cost at rest.
import type { Json, Template } from '../../infra/local/cloudformation.ts'
import { RESOURCES, RIGHTS } from './deployed-reasons.ts'
import { replacePart } from './parts.ts'

type Resource = Template['Resources'][string]

/** When an alarm goes off, and for how long. */
export interface AlarmCondition {
  /** A name in backticks, or what the label of an expression says. */
  metric: string
  /** As CloudWatch names it, where it is not the sum. */
  statistic?: string | undefined
  sign: string
  threshold: string
  periodSeconds: number
  /** The share of what happened that it must make up, too: the label of that expression. */
  share?: string | undefined
  /** So many periods above the threshold, of so many. */
  times: number
  of: number
}

/** The words of one language for what is drawn from the template. Undefined where it has none: drawing then fails. */
export interface DeployedWords {
  /** Where they stand. */
  source: string
  heads: Readonly<Record<'resources' | 'roles' | 'alarms' | 'atRest' | 'concurrency', string[]>>
  /** Where the page of this language finds the runbook. */
  runbook: string
  whyResource: (id: string, description?: string) => string | undefined
  whyRight: (right: string) => string | undefined
  everything: string
  yourPayFunction: string
  conditionOf: (condition: AlarmCondition) => string
  alarmMeans: (name: string, description: string) => string | undefined
  alarmsOn: (alarms: number, metrics: number) => string
  dashboards: (count: number) => string
  keys: (count: number) => string
  polling: string
  merchantSecret: string
  withOneMerchant: string
  together: string
}

export const ENGLISH: DeployedWords = {
  source: 'bin/documents/deployed-reasons.ts',
  heads: {
    resources: ['name', 'type', 'why'],
    roles: ['role', 'may', 'on', 'why'],
    alarms: ['alarm', 'goes off when', 'which means'],
    atRest: ['at rest', 'a month'],
    concurrency: ['function', 'reserves'],
  },
  runbook: 'runbook.md',
  whyResource: (id, description) => description ?? RESOURCES[id],
  whyRight: (right) => RIGHTS[right],
  everything: 'everything',
  yourPayFunction: 'your `payFunction`',
  conditionOf,
  alarmMeans: (_, description) => description,
  alarmsOn: (alarms, metrics) => `${alarms} alarms on ${metrics} metrics`,
  dashboards: (count) => `${count} dashboard`,
  keys: (count) => `${count} KMS keys`,
  polling: 'Lambda asking an empty queue',
  merchantSecret: 'each merchant’s secret',
  withOneMerchant: 'with one merchant',
  together: 'together',
}

/** Drawn for this stage, shown for any. */
const STAGE = 'dev'

const ofType = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type)

const ofAnyStage = (name: string) => name.replaceAll(`wechatpay-reversal-${STAGE}`, 'wechatpay-reversal-<stage>')

const list = (value: Json): Json[] => (value === undefined ? [] : [value].flat())

const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** The page with everything in it that the template tells. */
export function drawDeployed(text: string, template: Template, words = ENGLISH): string {
  return Object.entries(renderDeployed(template, words)).reduce(
    (drawn, [name, part]) => replacePart(drawn, name, part),
    text,
  )
}

/** The parts of the page by their names. @throws Error that names what these words lack */
export function renderDeployed(template: Template, words = ENGLISH): Record<string, string> {
  return {
    resources: renderResources(template, words),
    roles: renderRoles(template, words),
    alarms: renderAlarms(template, words),
    'cost-at-rest': renderCostAtRest(template, words),
    concurrency: renderConcurrency(template, words),
  }
}

function found(text: string | undefined, { source }: DeployedWords, missing: string): string {
  if (!text) throw new Error(`${source} does not say ${missing}`)
  return text
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

function renderResources(template: Template, words: DeployedWords): string {
  const rows = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type !== 'AWS::CloudWatch::Alarm')
    .map(([id, resource]) => {
      const isFunction = resource.Type === 'AWS::Lambda::Function'
      const why = words.whyResource(id, isFunction ? resource.Properties.Description : undefined)
      return [
        `\`${nameOf(id, resource)}\``,
        resource.Type.replace('AWS::', '').replace('::', ' '),
        found(why, words, `why there is ${id}`),
      ]
    })
  return table(words.heads.resources, rows.sort(byTypeThenName))
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

function renderRoles(template: Template, words: DeployedWords): string {
  const shown = (name: string) => {
    if (name === 'MerchantSecrets') return 'secret `wechatpay-reversal-<stage>/merchants/*`'
    if (name === '*') return words.everything
    if (name === 'PayFunctionArn') return words.yourPayFunction
    return `\`${nameOf(name, template.Resources[name]!)}\``
  }
  const rows = ofType(template, 'AWS::IAM::Role').flatMap(([role, { Properties }]) =>
    list(Properties.Policies)
      .flatMap(({ PolicyDocument }) => list(PolicyDocument.Statement))
      .map((statement, index) => {
        const actions = list(statement.Action)
        const subjects = list(statement.Resource).flatMap(subject)
        const key = `${actions.join(', ')} ${subjects.join(', ')}`
        const why = found(words.whyRight(key), words, `why a role may ${key}`)
        const may = actions.map((action) => `\`${action}\``).join(', ')
        return [index === 0 ? `\`${role}\`` : '', may, subjects.map(shown).join(', '), why]
      }),
  )
  return table(words.heads.roles, rows)
}

function renderAlarms(template: Template, words: DeployedWords): string {
  const rows = ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => {
    const name = Properties.AlarmName.slice(`wechatpay-reversal-${STAGE}-`.length)
    const means = words.alarmMeans(name, Properties.AlarmDescription.replace(/\. Runbook, .*$/, ''))
    const condition = words.conditionOf(readCondition(Properties))
    return [`[\`${name}\`](${words.runbook}#${name})`, condition, found(means, words, `what the alarm ${name} means`)]
  })
  return table(words.heads.alarms, rows.sort(byName))
}

const byName = ([a = '']: string[], [b = '']: string[]) => a.localeCompare(b)

const SIGNS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: '≥',
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
}

function readCondition({ Metrics, ...alarm }: Json): AlarmCondition {
  // Of a share, the metric that is counted; of any other expression, what its label says.
  const counted = Metrics?.find(({ Id }: Json) => Id === 'counted')
  const { MetricName = counted?.MetricStat.Metric.MetricName } = alarm
  const { Period = Metrics?.[1].MetricStat.Period, EvaluationPeriods: of, DatapointsToAlarm: times = of } = alarm
  return {
    metric: MetricName === undefined ? Metrics[0].Label : `\`${MetricName}\``,
    statistic: alarm.ExtendedStatistic ?? (alarm.Statistic === 'Sum' ? undefined : alarm.Statistic),
    sign: SIGNS[alarm.ComparisonOperator]!,
    threshold: alarm.Threshold.toLocaleString('en'),
    periodSeconds: Period,
    share: counted === undefined ? undefined : Metrics[0].Label,
    times,
    of,
  }
}

function conditionOf({ metric, sign, threshold, periodSeconds, share, ...condition }: AlarmCondition): string {
  const { statistic, times, of } = condition
  const statistics: Readonly<Record<string, string>> = { Maximum: 'the greatest', Minimum: 'the least' }
  const ofWhat = statistic === undefined ? metric : `${metric}, ${statistics[statistic] ?? statistic}`
  const span = periodSeconds === 3600 ? 'an hour' : spanText(periodSeconds)
  const when = `${ofWhat} ${sign} ${threshold} in ${span}${share === undefined ? '' : `, ${share}`}`
  if (of === 1) return when
  if (times === of) return `${when}, ${of} times in a row`
  if (times === 1) return `${when}; stays on for ${spanText(of * periodSeconds)}`
  return `${when}, ${times} times within ${spanText(of * periodSeconds)}`
}

const spanText = (seconds: number) => (seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`)

/** us-east-1, US dollars a month, without free tiers, as published in November 2026. */
const MONTHLY = { alarmMetric: 0.1, dashboard: 3, key: 1, secret: 0.4, sqsRequest: 0.4 / 1e6 } as const

/** Lambda asks an empty queue so often: five pollers, each waiting 20 s. */
const POLLS_PER_MONTH = (5 * 30 * 24 * 60 * 60) / 20

function renderCostAtRest(template: Template, words: DeployedWords): string {
  const alarms = ofType(template, 'AWS::CloudWatch::Alarm')
  const metrics = alarms.flatMap(([, { Properties }]) =>
    Properties.Metrics ? Properties.Metrics.filter(({ MetricStat }: Json) => MetricStat) : [1],
  ).length
  const count = (type: string) => ofType(template, type).length
  const [keys, dashboards] = [count('AWS::KMS::Key'), count('AWS::CloudWatch::Dashboard')]
  const rows: [what: string, dollars: number][] = [
    [words.alarmsOn(alarms.length, metrics), metrics * MONTHLY.alarmMetric],
    [words.dashboards(dashboards), dashboards * MONTHLY.dashboard],
    [words.keys(keys), keys * MONTHLY.key],
    [words.polling, POLLS_PER_MONTH * MONTHLY.sqsRequest],
    [words.merchantSecret, MONTHLY.secret],
  ]
  const sum = rows.reduce((all, [, dollars]) => all + dollars, 0)
  const dollars = (amount: number) => `$ ${amount.toFixed(2)}`
  return table(words.heads.atRest, [
    ...rows.map(([what, amount]) => [what, dollars(amount)]),
    [`**${words.withOneMerchant}**`, `**${dollars(sum)}**`],
  ])
}

function renderConcurrency(template: Template, words: DeployedWords): string {
  const reserved = ofType(template, 'AWS::Lambda::Function').map(
    ([id, { Properties }]) =>
      [nameOf(id, template.Resources[id]!), Number(Properties.ReservedConcurrentExecutions['Fn::If'][1])] as const,
  )
  const sum = reserved.reduce((all, [, one]) => all + one, 0)
  return table(words.heads.concurrency, [
    ...reserved.map(([name, one]) => [`\`${name}\``, String(one)]),
    [`**${words.together}**`, `**${sum}**`],
  ])
}
