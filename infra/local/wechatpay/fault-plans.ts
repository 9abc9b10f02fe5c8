import * as v from 'valibot'
import { appliesTo, type Fault, faults } from './faults.ts'
import { ENDPOINTS } from './operation.ts'
import type { Call } from './request.ts'

const faultName = v.pipe(
  v.string(),
  v.check((name) => Object.hasOwn(faults, name), 'is no fault of the table'),
)
const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** A plan as JSON: which fault, for which calls, how often. Whatever is left out matches everything. */
export const faultPlanSchema = v.strictObject({
  fault: faultName,
  endpoint: v.optional(v.picklist(ENDPOINTS)),
  mode: v.optional(v.picklist(['direct', 'partner'])),
  mchid: v.optional(v.string()),
  sub_mchid: v.optional(v.string()),
  out_trade_no: v.optional(v.string()),
  host: v.optional(v.picklist(['main', 'backup'])),
  /** How many calls get it: 1 unless told. */
  times: v.optional(v.union([v.pipe(count, v.minValue(1)), v.literal('always')]), 1),
  /** Let so many matching calls pass first. */
  after: v.optional(count, 0),
  /** 0 to 1; drawn from `seed`, so that a run can be repeated. */
  probability: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
  seed: v.optional(count, 1),
  /** Overrides whether WeChat Pay carries out what was asked. */
  effect: v.optional(v.boolean()),
  /** Milliseconds of `slow` (in all) and `drip` (for each byte). */
  ms: v.optional(count),
  /** Where a reset cuts the HTTP message. */
  at_byte: v.optional(count),
})

export type FaultPlan = v.InferInput<typeof faultPlanSchema>
type FullPlan = v.InferOutput<typeof faultPlanSchema>

/** A fault picked for one call: its row, and what the plan says on top. */
export interface Chosen {
  name: string
  fault: Fault
  effect: boolean
  ms?: number | undefined
  atByte?: number | undefined
}

/** The same numbers from the same seed, from 0 up to 1 (mulberry32, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What a function may answer for a call: a plan's name and additions, or nothing. */
export type ChooseFault = (call: Call) => string | Pick<FaultPlan, 'fault' | 'effect' | 'ms' | 'at_byte'> | undefined

/** A fault of the table, by its name. */
export function chosen({
  fault: name,
  effect,
  ms,
  at_byte,
}: Pick<FaultPlan, 'fault' | 'effect' | 'ms' | 'at_byte'>): Chosen {
  const fault = faults[name]
  if (!fault) throw new Error(`no such fault: ${name}`)
  return { name, fault, effect: effect ?? fault.effect, ms, atByte: at_byte }
}

/** What a plan and a call must agree on, where the plan says it. */
const MATCHED = ['endpoint', 'mode', 'mchid', 'sub_mchid', 'out_trade_no', 'host'] as const

/** The plans of one simulator. The first that matches a call is used; a function, where given, is asked before them. */
export function createFaultPlans(choose?: ChooseFault) {
  let plans: { plan: FullPlan; left: number; skip: number; random: () => number }[] = []
  const choosing = { choose }

  const matches = (plan: FullPlan, call: Call) =>
    MATCHED.every((name) => (plan[name] ?? call[name]) === call[name]) &&
    appliesTo(faults[plan.fault]!, call.endpoint, call.mode)

  return {
    /** Asked before the plans; may be changed while running. */
    choosing,

    /** Adds a plan. Throws naming the field that is wrong. */
    add(input: FaultPlan | unknown): FullPlan {
      const read = v.safeParse(faultPlanSchema, input)
      if (!read.success) {
        const [issue] = read.issues
        throw new TypeError(`fault plan: ${v.getDotPath(issue) ?? 'plan'}: ${issue.message}`)
      }
      const plan = read.output
      const left = plan.times === 'always' ? Number.POSITIVE_INFINITY : plan.times
      plans.push({ plan, left, skip: plan.after, random: createRandom(plan.seed) })
      return plan
    },

    /** Drops every plan, or those of an order. */
    clear(out_trade_no?: string) {
      plans = plans.filter(({ plan }) => out_trade_no !== undefined && plan.out_trade_no !== out_trade_no)
    },

    /** The plans still to be used. */
    list: () => plans.map(({ plan, left }) => ({ ...plan, left: Number.isFinite(left) ? left : ('always' as const) })),

    /** The fault for this call, if any; counts it as used. */
    take(call: Call): Chosen | null {
      const own = choosing.choose?.(call)
      if (own !== undefined) return chosen(typeof own === 'string' ? { fault: own } : own)
      for (const entry of plans) {
        if (!matches(entry.plan, call)) continue
        if (entry.skip > 0) {
          entry.skip -= 1
          continue
        }
        if (entry.random() >= entry.plan.probability) continue
        entry.left -= 1
        if (entry.left === 0) plans = plans.filter((other) => other !== entry)
        return chosen(entry.plan)
      }
      return null
    },
  }
}

export type FaultPlans = ReturnType<typeof createFaultPlans>
