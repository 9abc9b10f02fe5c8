import { plainConsole } from './log.ts'

/** Of one metric, a line holds no more values (AWS: "Specification: Embedded metric format"). */
const MAX_VALUES = 100

export interface MetricsOptions {
  namespace: string
  service: string
  areMetricsOff?: boolean
  now?: () => number
}

export type MetricUnit = 'Count' | 'Seconds'

/**
 * CloudWatch metrics as lines of the log, in CloudWatch's embedded metric format: no call is made, and a line lost is a line
 * of the log lost. They are gathered and written together.
 */
export function createMetrics({ namespace, service, areMetricsOff = false, now = Date.now }: MetricsOptions) {
  const stored = new Map<string, { unit: MetricUnit; values: number[] }>()

  function write() {
    if (stored.size === 0) return
    const metrics = [...stored]
    stored.clear()
    const line = JSON.stringify({
      _aws: {
        Timestamp: now(),
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: [['service']],
            Metrics: metrics.map(([Name, { unit: Unit }]) => ({ Name, Unit })),
          },
        ],
      },
      service,
      ...Object.fromEntries(metrics.map(([name, { values }]) => [name, values.length === 1 ? values[0] : values])),
    })
    plainConsole.log(line)
  }

  return {
    add(name: string, unit: MetricUnit, value: number) {
      if (areMetricsOff) return
      const { values } = stored.get(name) ?? stored.set(name, { unit, values: [] }).get(name)!
      values.push(value)
      if (values.length === MAX_VALUES) write()
    },
    write,
  }
}
