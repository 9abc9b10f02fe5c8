// What CloudWatch makes of an alarm, minute by minute.
import type { Json } from '../compiled-template.ts'
import { evaluate, type Value } from './metric-math.ts'
import { type Metrics, type Point, together } from './series.ts'

/**
 * CloudWatch reads more periods than it evaluates, so that late or missing ones can be made good. How many more it does not
 * say; its example reads five for three (official:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
 */
const MORE_PERIODS = 2

const STATISTICS: Readonly<Record<string, (point: Point) => number>> = {
  Sum: ({ sum }) => sum,
  Minimum: ({ least }) => least,
  Maximum: ({ greatest }) => greatest,
}

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
}

/** @throws Error that names the alarm, for a statistic or a comparison that none of ours should have */
function known<T>(all: Readonly<Record<string, T>>, name: string, { AlarmName }: Json): T {
  const one = all[name]
  if (one === undefined) throw new Error(`${AlarmName}: ${name} is none of ${Object.keys(all).join(', ')}`)
  return one
}

/** In which minutes an alarm goes from OK to ALARM, which is when somebody is told. */
export function goesOffAt(alarm: Json, metrics: Metrics, minutes: number): number[] {
  const periods = periodsOf(alarm, metrics)
  const inAlarm = Array.from({ length: minutes }, (_, index) => isInAlarm(alarm, periods, index + 1))
  return inAlarm.flatMap((is, index) => (is && inAlarm[index - 1] !== true ? [index + 1] : []))
}

/**
 * The periods reach back from this very minute, not from the full five minutes or hour: an alarm is evaluated every minute
 * over a sliding window (official: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html).
 */
function isInAlarm(alarm: Json, { lengthMinutes, valueUntil }: Periods, minute: number): boolean {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Threshold, TreatMissingData } = alarm
  if (TreatMissingData !== 'notBreaching') throw new Error(`${alarm.AlarmName}: only notBreaching is known here`)
  const values = Array.from({ length: EvaluationPeriods + MORE_PERIODS }, (_, ago) =>
    valueUntil(minute - ago * lengthMinutes),
  )
  // The latest that are there are evaluated, whatever is missing between them. Where fewer are there than are evaluated,
  // every one counts, and what is missing is within the threshold (official: as above).
  const latest = values.filter((value) => value !== undefined).slice(0, EvaluationPeriods)
  const breaches = known(COMPARISONS, alarm.ComparisonOperator, alarm)
  return latest.filter((value) => breaches(value, Threshold)).length >= DatapointsToAlarm
}

interface Periods {
  lengthMinutes: number
  /** The alarm's value in the period that ends with this minute. */
  valueUntil: (minute: number) => Value
}

function periodsOf(alarm: Json, metrics: Metrics): Periods {
  const queries: Json[] = alarm.Metrics ?? []
  const lengths = new Set([alarm, ...queries.map(({ MetricStat }) => MetricStat)].flatMap((stat) => stat?.Period ?? []))
  if (lengths.size !== 1) throw new Error(`${alarm.AlarmName}: one period for all metrics, not ${[...lengths]}`)
  const lengthMinutes = [...lengths][0] / 60
  const seen = new Map<number, Value>()
  const valueUntil = (minute: number) => {
    // The window slides, so every period is looked at several times.
    if (!seen.has(minute)) seen.set(minute, lookAt(minute))
    return seen.get(minute)
  }
  return { lengthMinutes, valueUntil }

  function lookAt(minute: number): Value {
    // A percentile cannot be told from what is kept here: such an alarm sees nothing.
    if (queries.length === 0) return alarm.Statistic && statistic(alarm, alarm.Statistic, minute)
    const value = (id: string): Value => {
      const { Expression, MetricStat } = queries.find(({ Id }) => Id === id)
      return Expression ? evaluate(Expression, value) : statistic(MetricStat.Metric, MetricStat.Stat, minute)
    }
    return value(queries.find(({ ReturnData = true }) => ReturnData).Id)
  }

  function statistic(metric: Json, name: string, end: number): Value {
    const series = metrics.get(nameOf(metric))
    if (series === undefined) return undefined
    const minutes = Array.from({ length: lengthMinutes }, (_, index) => series.get(end - lengthMinutes + index))
    const point = together(minutes.filter((found) => found !== undefined))
    return point && known(STATISTICS, name, alarm)(point)
  }
}

/** As in `Metrics`. */
export function nameOf({ Namespace, MetricName, Dimensions: [{ Value }] }: Json): string {
  return Namespace.startsWith('AWS/') ? `${Value.Ref ?? Value['Fn::GetAtt'][0]} ${MetricName}` : MetricName
}
