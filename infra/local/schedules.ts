import { Cron } from 'croner'
import type { Json, Resource } from './cloudformation.ts'
import { reached } from './shared-clock.ts'
import type { InvokeTask } from './state-machine.ts'
import type { Clock } from './wechatpay/clock.ts'

export interface Schedules {
  /** Lets every schedule come due now. What its target returned, by the schedule's logical id. */
  run(): Promise<Record<string, Json>>
  close(): void
}

/**
 * EventBridge Scheduler's `cron(…)` schedules, whose targets are functions. With a clock each runs when the clock comes to its
 * time; a leap over several of its times runs it once. Without one nothing runs by itself. A run that fails is not repeated.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function createSchedules(resources: Resource[], invoke: InvokeTask, clock: Clock | undefined): Schedules {
  const closing = new AbortController()
  let last: Promise<unknown> = Promise.resolve()
  /** One after the other: an invocation that the reserved concurrency throttles waits in Lambda until its turn comes. */
  const runOne = ({ arn, properties }: Resource): Promise<Json> => {
    const call = () => invoke(arn, properties.Target.Arn, JSON.parse(properties.Target.Input ?? '{}'))
    const run = last.then(call, call)
    last = run
    return run
  }

  const follow = async (schedule: Resource, on: Clock) => {
    const cron = cronOf(schedule)
    for (;;) {
      const next = cron.nextRun(new Date(on.now()))
      if (!next) return
      await reached(on, next.getTime(), closing.signal)
      // What went wrong is in the function's log; the next time comes all the same.
      await runOne(schedule).catch(() => undefined)
    }
  }
  if (clock) for (const schedule of resources) follow(schedule, clock).catch(() => undefined)

  return {
    run: async () => {
      const results: Record<string, Json> = {}
      for (const schedule of resources) results[schedule.logicalId] = await runOne(schedule)
      return results
    },
    close: () => closing.abort(),
  }
}

/** @throws when the schedule is none that is understood here */
function cronOf({ logicalId, properties }: Resource): Cron {
  const { ScheduleExpression = '', ScheduleExpressionTimezone: timezone = 'UTC' } = properties
  const [, fields] = /^cron\((.+)\)$/.exec(ScheduleExpression) ?? []
  if (!fields) throw new Error(`${logicalId}: ${ScheduleExpression} is no cron(…)`)
  // Scheduler has no seconds; its six fields are the last six here.
  return new Cron(`0 ${fields}`, { timezone, paused: true })
}
