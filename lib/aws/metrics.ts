import { plainConsole } from './log.ts'

/** Of one metric, a line holds no more values (AWS: "Specification: Embedded metric format"). */
const MAX_VALUES = 100

export interface MetricsOptions {
  namespace: string
  service: string
  areMetricsOff: boolean
  now?: () => number
}

export type MetricUnit = 'Count' | 'Seconds'

/** Whose orders a metric is about, as the orders name it. */
export interface Whose {
  mchid?: string | undefined
  sp_mchid?: string | undefined
  sub_mchid?: string | undefined
}

/** What is gathered for one merchant. */
interface Gathered {
  whose: Whose
  metrics: Map<string, { unit: MetricUnit; values: number[] }>
}

/**
 * CloudWatch metrics as lines of the log, in CloudWatch's embedded metric format: no call is made, and a line lost is a line
 * of the log lost. They are gathered and written together, a line for each merchant. Its names are properties and no
 * dimensions: one can search by them, and CloudWatch asks no money for another metric.
 */
export function createMetrics({ namespace, service, areMetricsOff, now = Date.now }: MetricsOptions) {
  const gathered = new Map<string, Gathered>()

  function write() {
    for (const one of gathered.values()) writeLine(one)
    gathered.clear()
  }

  function writeLine({ whose, metrics }: Gathered) {
    const line = JSON.stringify({
      _aws: {
        Timestamp: now(),
        CloudWatchMetrics: [
          {
            Namespace: namespace,
            Dimensions: [['service']],
            Metrics: [...metrics].map(([Name, { unit: Unit }]) => ({ Name, Unit })),
          },
        ],
      },
      service,
      ...whose,
      ...Object.fromEntries([...metrics].map(([name, { values }]) => [name, values.length === 1 ? values[0] : values])),
    })
    plainConsole.log(line)
  }

  return {
    /** Counts are added up; of anything else each value counts. */
    add(name: string, unit: MetricUnit, value: number, { mchid, sp_mchid, sub_mchid }: Whose = {}) {
      if (areMetricsOff) return
      const whose = { mchid, sp_mchid, sub_mchid }
      const key = JSON.stringify(whose)
      const one = gathered.get(key) ?? { whose, metrics: new Map() }
      gathered.set(key, one)
      const metric = one.metrics.get(name)
      if (metric === undefined) one.metrics.set(name, { unit, values: [value] })
      else if (unit === 'Count') metric.values[0]! += value
      else if (metric.values.push(value) === MAX_VALUES) {
        writeLine(one)
        gathered.delete(key)
      }
    },
    write,
  }
}
