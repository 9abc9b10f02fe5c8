import { type ConversionConfig, toJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { ERRORS } from '../../lib/reversal/errors.ts'
import type { OrderState } from '../../lib/reversal/look-up.ts'
import { ORDER_SCHEMAS } from '../../lib/reversal/order.ts'
import { OUTCOMES, type Pending, type Reversal } from '../../lib/reversal/result.ts'
import type { OrderKind } from '../../lib/wechatpay/order-id.ts'

/** What the service takes and gives, in one place, for the JSON Schemas and for `openapi.yml`. */

const { direct, partner } = ORDER_SCHEMAS
const { mchid, appid, out_trade_no } = direct.entries
const { sp_mchid, sub_mchid, sp_appid, sub_appid } = partner.entries
const time = v.pipe(v.string(), v.isoTimestamp())
const refunded = v.nullable(v.boolean())
const history = direct.entries.history.wrapped
const evidence = history.entries.paid.wrapped

/** What is said of an order, under the names it was given: a merchant's own, or a service provider's. */
const ofOrder = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.union([
    v.strictObject({ mchid, appid, out_trade_no, ...entries }),
    v.strictObject({ sp_mchid, sub_mchid, sp_appid, sub_appid, out_trade_no, ...entries }),
  ])

const order = v.union([direct, partner])

export const reversal = ofOrder({
  attempted_at: direct.entries.attempted_at.wrapped,
  outcome: v.picklist(OUTCOMES),
  trade_state: v.nullable(v.string()),
  refunded,
  confirmed_at: time,
  request_id: v.string(),
  evidence: v.array(evidence),
}) satisfies v.GenericSchema<unknown, Reversal>

export const pending = ofOrder({
  outcome: v.literal('PENDING'),
  reason: v.string(),
  retry_after: v.pipe(v.number(), v.integer(), v.minValue(1)),
  history,
}) satisfies v.GenericSchema<unknown, Pending>

const stateEntries = {
  trade_state: v.string(),
  transaction_id: v.optional(v.string()),
  success_time: v.optional(v.string()),
  request_id: v.string(),
  evidence: v.array(evidence),
}

export const state = v.union([
  v.strictObject({ mchid, appid: v.optional(appid), out_trade_no, ...stateEntries }),
  v.strictObject({ sp_mchid, sub_mchid, sp_appid, sub_appid, out_trade_no, ...stateEntries }),
]) satisfies v.GenericSchema<unknown, OrderState>

/** The names of the contract, and those only HTTP knows. */
export const PROBLEM_TITLES = [
  ...Object.keys(ERRORS),
  'OrderNotFound',
  'NothingVerified',
  'MethodNotAllowed',
  'InternalError',
]

export const problem = v.object({
  type: v.string(),
  title: v.picklist(PROBLEM_TITLES),
  status: v.pipe(v.number(), v.integer()),
  detail: v.string(),
  code: v.optional(v.string()),
  request_id: v.optional(v.string()),
})

const named = { mchid, appid, sp_mchid, sub_mchid, sp_appid, sub_appid, out_trade_no }

/** Detail of the event `Reversal Failed`. What could not be read of an order is left out. */
const reversalFailed = v.object({
  ...v.partial(v.object({ ...named, attempted_at: v.string(), if_paid: v.string() })).entries,
  error: v.picklist(Object.keys(ERRORS)),
  detail: v.string(),
  code: v.optional(v.string()),
  request_id: v.optional(v.string()),
})

const event = <Detail extends v.GenericSchema>(detailType: string, detail: Detail) =>
  v.object({ source: v.literal('wechatpay.reversal'), 'detail-type': v.literal(detailType), detail })

/** Every interface by the name of its file. */
export const SCHEMAS = {
  order: { title: 'An order to reverse', schema: order },
  reversal: { title: 'The proved end of an order', schema: reversal },
  pending: { title: 'Not known yet', schema: pending },
  state: { title: 'The verified state of an order', schema: state },
  problem: { title: 'A problem (RFC 9457)', schema: problem },
  'reversal-completed': { title: 'Event: Reversal Completed', schema: event('Reversal Completed', reversal) },
  'reversal-failed': { title: 'Event: Reversal Failed', schema: event('Reversal Failed', reversalFailed) },
} as const

export type InterfaceName = keyof typeof SCHEMAS

/** Checks of ours that JSON Schema cannot hold are times; it knows them as a format. */
const conversion: ConversionConfig = {
  errorMode: 'ignore',
  overrideAction: ({ valibotAction, jsonSchema }) =>
    valibotAction.type === 'check' ? { ...jsonSchema, format: 'date-time' } : undefined,
}

/** One interface as JSON Schema (draft 7, as EventBridge and most tools read it). */
export function jsonSchemaOf(name: InterfaceName): Record<string, unknown> {
  const { title, schema } = SCHEMAS[name]
  const { $schema, ...rest } = toJsonSchema(schema, conversion)
  return { $schema, title, ...rest }
}

/** An order of one kind alone. */
export function orderJsonSchema(kind: OrderKind): Record<string, unknown> & { required: string[] } {
  const { $schema, ...rest } = toJsonSchema(ORDER_SCHEMAS[kind], conversion)
  return { ...rest, required: rest.required ?? [] }
}
