// The evaluation of an alarm, held against the examples that AWS prints of it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goesOffAt } from './alarm.ts'
import { evaluate } from './metric-math.ts'
import { addPoint, counted, type Metrics } from './series.ts'

const ALARM = {
  AlarmName: 'example',
  Namespace: 'N',
  MetricName: 'M',
  Dimensions: [{ Value: 'd' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
}

// X breaches, 0 does not, - is missing; the latest comes last. Official:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
const EXAMPLES: [of: number, points: string, isInAlarm: boolean][] = [
  [3, '0 - X - X', false],
  [3, '0 - - - -', false],
  [3, '- - - - -', false],
  [3, '0 X X - X', true],
  [3, '- - X - -', false],
  [2, '0 - X - X', true],
  [2, '0 0 X 0 X', true],
  [2, '0 - X - -', false],
  [2, '- - - - 0', false],
  [2, '- - - X -', false],
]

test('missing points change an alarm as in AWS’s examples', () => {
  for (const [DatapointsToAlarm, points, isInAlarm] of EXAMPLES) {
    const metrics: Metrics = new Map()
    for (const [minute, point] of points.split(' ').entries()) {
      if (point !== '-') addPoint(metrics, 'M', minute, counted(point === 'X' ? 1 : 0))
    }
    const wentOff = goesOffAt({ ...ALARM, DatapointsToAlarm }, metrics, 5)
    assert.equal(wentOff.includes(5) || (isInAlarm && wentOff.length > 0), isInAlarm, `${DatapointsToAlarm}: ${points}`)
  }
})

test('an alarm looks at the time before each minute, not at full hours, and tells once while it lasts', () => {
  const metrics: Metrics = new Map()
  for (const minute of [58, 61]) addPoint(metrics, 'M', minute, counted(1))
  const alarm = { ...ALARM, Period: 3600, EvaluationPeriods: 1, Threshold: 2 }
  assert.deepEqual(goesOffAt(alarm, metrics, 100), [62])
})

test('metric math: what is made of a missing value is missing, unless it is filled', () => {
  const values: Record<string, number> = { a: 4, b: 0 }
  const value = (expression: string) => evaluate(expression, (id) => values[id])
  assert.equal(value('IF(a >= 0.5 * FILL(missing, 0), a, 0)'), 4)
  assert.equal(value('IF(a > 1 AND b == 0, a - 1, 7)'), 3)
  assert.equal(value('IF(b, 1, 2 + a / 2)'), 4)
  assert.equal(value('a + missing'), undefined)
  assert.equal(value('IF(missing > 1, 1, 0)'), undefined)
  assert.throws(() => value('SUM(METRICS())'), /not known here/)
})
