// What an alarm counts, and the limit at which it wakes somebody, held against what it warns of: before it is too late, and
// not at what is usual. What goes off when, in usual and in bad nights, is in alarms.test.ts.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BACKOFF } from '../../../../lib/reversal/backoff.ts'
import { TIMES } from '../../../../lib/reversal/decision/times.ts'
import { GIVE_UP_MS } from '../../../../lib/settlement/decide.ts'
import { compiledTemplate, type Json, resourcesOf } from '../compiled-template.ts'
import { refersTo } from '../rule.ts'

const template = await compiledTemplate()
const alarms = new Map<string, Json>(
  resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => [
    Properties.AlarmName.replace('wechatpay-reversal-dev-', ''),
    Properties,
  ]),
)
const functions = resourcesOf(template, 'AWS::Lambda::Function')
const variablesOf = ({ Properties }: Json): Json => Properties.Environment.Variables

const DAY = 86_400 // seconds
/** Messages in flight beyond which SQS hands out no more: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html. */
const MOST_IN_FLIGHT = 120_000

/** What an alarm watches: the metric, how its values become one, and of which resource. */
const WATCHES: [alarm: string, metric: string, statistic: string, of?: string][] = [
  ['dead-letters', 'ApproximateNumberOfMessagesVisible', 'Maximum', 'DeadLetterQueue'],
  ['in-flight', 'ApproximateNumberOfMessagesNotVisible', 'Maximum', 'ReversalQueue'],
  ['oldest-pending', 'PendingAgeSeconds', 'Maximum'],
  ['pending-near-end', 'ReversibleSecondsLeft', 'Minimum'],
  ['oldest-settlement', 'SettlementAgeSeconds', 'Maximum'],
  ['http-errors', 'Errors', 'Sum', 'HttpLambdaFunction'],
  ['queue-errors', 'Errors', 'Sum', 'QueueLambdaFunction'],
  ['settle-errors', 'Errors', 'Sum', 'SettleLambdaFunction'],
  ['http-slow', 'Duration', 'p99', 'HttpLambdaFunction'],
  ['queue-slow', 'Duration', 'p99', 'QueueLambdaFunction'],
  ['step-slow', 'Duration', 'p99', 'StepLambdaFunction'],
  ['dropped-recursions', 'RecursiveInvocationsDropped', 'Sum', 'QueueLambdaFunction'],
  ['failed-executions', 'ExecutionsFailed', 'Sum', 'ReversalStateMachine'],
  ['timed-out-executions', 'ExecutionsTimedOut', 'Sum', 'ReversalStateMachine'],
  ['aborted-executions', 'ExecutionsAborted', 'Sum', 'ReversalStateMachine'],
]

describe('an alarm watches what it is called after', () => {
  for (const [name, metric, statistic, of] of WATCHES) {
    test(`${name}: ${statistic} of ${metric}`, () => {
      const { MetricName, Statistic, ExtendedStatistic, Dimensions } = alarms.get(name)
      assert.equal(MetricName, metric, `${name} watches ${MetricName}, and not ${metric}`)
      const is = Statistic ?? ExtendedStatistic
      assert.equal(is, statistic, `${name} takes the ${is} of ${metric}: it would not see a single one among many`)
      if (of !== undefined)
        assert.ok(refersTo(Dimensions, of), `${name} watches ${JSON.stringify(Dimensions)}, not ${of}`)
    })
  }

  test('whatever is left to a person, and is one queue for all', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue')
    for (const [id, { Properties }] of queues) {
      const target = Properties.RedrivePolicy?.deadLetterTargetArn
      const isSeen = target === undefined || refersTo(target, 'DeadLetterQueue')
      assert.ok(isSeen, `what ${id} gives up goes to ${JSON.stringify(target)}, which no alarm watches`)
    }
  })
})

const timeoutMs = (id: string) => template.Resources[id]!.Properties.Timeout * 1000
const shortestTimeoutMs = Math.min(...['Http', 'Queue', 'Step'].map((name) => timeoutMs(`${name}LambdaFunction`)))

/** The limit of an alarm, between what is usual and what it warns of. */
const LIMITS: [alarm: string, least: number, most: number, because: string][] = [
  ['dead-letters', 1, 1, 'each letter is an order that needs a person'],
  ['http-errors', 1, 1, 'a crash is never usual'],
  ['queue-errors', 1, 1, 'a crash is never usual'],
  ['failed-executions', 1, 1, 'each one is an order that needs a person'],
  ['timed-out-executions', 1, 1, 'each one is an order that needs a person'],
  ['failed-reversals', 1, 1, 'each one is an order that was refused for good'],
  ['disagreeing-books', 1, 1, 'each one is money that is not where it was said to be'],
  ['failed-hand-overs', 1, 1, 'nobody but its sender knows of the order'],
  ['unknown-states', 1, 1, 'the decision table lacks what was said'],
  ['unavailable-credentials', 1, 1, 'a merchant without keys cannot reverse at all'],
  [
    'in-flight',
    MOST_IN_FLIGHT / 2,
    MOST_IN_FLIGHT * 0.8,
    'beyond 120,000 in flight nothing is received, and a person needs time',
  ],
  ['oldest-pending', 900, 4 * 3600, 'seconds are usual, and a customer waits for the money'],
  [
    'pending-near-end',
    DAY,
    2 * DAY,
    'a person needs a day to have an order reversed, and most orders must not seem near their end',
  ],
  [
    'oldest-settlement',
    4 * DAY,
    GIVE_UP_MS / 1000 - 2 * DAY,
    'three days for a refund are usual, and a person needs two before an outcome is given up',
  ],
  ...['http-slow', 'queue-slow', 'step-slow'].map((name): [string, number, number, string] => [
    name,
    shortestTimeoutMs / 2,
    shortestTimeoutMs - 3_000,
    'it tells before the time-out ends an attempt, and a slow WeChat Pay is no reason',
  ]),
  ['settle-errors', 3, 3, 'Lambda runs what failed twice more by itself, and three are one that never worked'],
]

describe('an alarm goes off before it is too late, and not at what is usual', () => {
  for (const [name, least, most, because] of LIMITS) {
    test(name, () => {
      const { Threshold } = alarms.get(name)
      const right = least === most ? `${least}` : `${least} to ${most}`
      assert.ok(
        Threshold >= least && Threshold <= most,
        `${name} goes off at ${Threshold}, and must at ${right}: ${because}`,
      )
    })
  }

  test('pending-near-end alone when a number falls: all others when it rises', () => {
    for (const [name, { ComparisonOperator }] of alarms) {
      const right = name === 'pending-near-end' ? /^LessThan/ : /^GreaterThan/
      assert.match(ComparisonOperator, right, `${name} goes off ${ComparisonOperator}: the other way round`)
    }
  })

  for (const name of ['oldest-pending', 'pending-near-end']) {
    test(`${name} between two looks at an old order, an hour apart, too`, () => {
      const { Period, EvaluationPeriods, DatapointsToAlarm } = alarms.get(name)
      const seesSeconds = Period * EvaluationPeriods
      const least = 2 * BACKOFF.laterMaxSeconds
      assert.ok(seesSeconds >= least, `${name} looks back ${seesSeconds} s, and would end and begin anew at every look`)
      assert.equal(
        DatapointsToAlarm,
        1,
        `${name} waits for ${DatapointsToAlarm} looks, and an old order has one an hour`,
      )
    })
  }

  test('pending-near-end while the order can still be reversed', () => {
    const { Threshold } = alarms.get('pending-near-end')
    assert.ok(Threshold < TIMES.reversible, `it goes off ${Threshold} s before the end, from the first attempt on`)
  })
})

describe('what alarms read is what the functions write', () => {
  const OURS = /^WechatPayReversal/
  const metricsOf = ({ Namespace, Dimensions, Metrics }: Json): { Namespace: string; Dimensions: Json }[] =>
    Metrics === undefined
      ? [{ Namespace, Dimensions }]
      : Metrics.flatMap(({ MetricStat }: Json) => MetricStat?.Metric ?? [])
  const read = [...alarms].flatMap(([name, alarm]) =>
    metricsOf(alarm)
      .filter(({ Namespace }) => OURS.test(Namespace))
      .map((metric) => ({ name, ...metric })),
  )

  for (const [id, resource] of functions) {
    test(`${id}: under one namespace and one service`, () => {
      const { POWERTOOLS_METRICS_NAMESPACE: namespace, POWERTOOLS_SERVICE_NAME: service } = variablesOf(resource)
      for (const { name, Namespace, Dimensions } of read) {
        assert.equal(
          Namespace,
          namespace,
          `${name} reads ${Namespace}, and ${id} writes ${namespace}: it would never go off`,
        )
        const told = Dimensions[0].Value
        assert.equal(
          told,
          service,
          `${name} reads the service ${told}, and ${id} writes ${service}: it would never go off`,
        )
      }
      assert.ok(read.length > 20)
    })

    test(`${id}: under a namespace of its stage alone`, () => {
      const { POWERTOOLS_METRICS_NAMESPACE: namespace } = variablesOf(resource)
      assert.match(namespace, /\/dev$/, `${namespace} is that of every stage: one would wake the person of the other`)
    })
  }
})
