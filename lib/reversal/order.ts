import * as v from 'valibot'
import { MERCHANT_NUMBER, type OrderKind, type OrderRef } from '../wechatpay/order-id.ts'
import { OUT_TRADE_NO } from '../wechatpay/order-number.ts'
import { ReversalError } from './errors.ts'
import { MAX_TIME_LENGTH, parseTime } from './time.ts'

/** A payment's clock may run ahead of ours by this much, as WeChat Pay allows for signatures. */
const CLOCK_SKEW_MS = 5 * 60_000

const shortText = v.pipe(
  v.string('must be a string'),
  v.minLength(1, 'must not be empty'),
  v.maxLength(32, 'must have at most 32 characters'),
)

const time = v.pipe(
  v.string('must be a string'),
  v.maxLength(MAX_TIME_LENGTH, 'is too long'),
  v.check((text) => parseTime(text) !== undefined, 'must be an RFC 3339 time, for example 2026-01-31T19:00:00+08:00'),
)

const text = (maxLength: number) => v.pipe(v.string('must be a string'), v.maxLength(maxLength, 'is too long'))

/** Its bounds are those of what we read from the wire. */
const evidence = v.strictObject(
  {
    body: text(65_536),
    timestamp: text(64),
    nonce: text(1024),
    signature: text(4096),
    serial: text(256),
    request_id: text(1024),
  },
  'must be an object',
)

const history = v.strictObject(
  {
    first_seen_at: v.optional(time),
    reverse_sent_at: v.optional(time),
    reverse_answered_at: v.optional(time),
    paid: v.optional(evidence),
  },
  'must be an object',
)

const merchantNumber = v.pipe(
  v.string('must be a string'),
  v.regex(MERCHANT_NUMBER, 'must be 1 to 32 digits or letters'),
)

const NAMES = {
  direct: { mchid: merchantNumber, appid: shortText },
  partner: {
    sp_mchid: merchantNumber,
    sub_mchid: merchantNumber,
    sp_appid: v.optional(shortText),
    sub_appid: v.optional(shortText),
  },
} as const satisfies Record<OrderKind, v.ObjectEntries>

const COMMON = {
  out_trade_no: v.pipe(
    v.string('must be a string'),
    v.regex(OUT_TRADE_NO, 'must be 1 to 32 digits, letters, "_", "-" or "*"'),
  ),
  attempted_at: v.optional(time),
  if_paid: v.optional(v.picklist(['refund', 'keep'], 'must be "refund" or "keep"')),
  history: v.optional(history),
} as const

const NO_OBJECT = 'the order must be a JSON object'

/** An order to reverse, the same on all three ways in. Unknown fields are refused: a misspelt `if_paid` must not refund. */
export const ORDER_SCHEMAS = {
  direct: v.strictObject({ ...NAMES.direct, ...COMMON }, NO_OBJECT),
  partner: v.strictObject({ ...NAMES.partner, ...COMMON }, NO_OBJECT),
} as const satisfies Record<OrderKind, v.GenericSchema<unknown, OrderMessage>>

type Common = v.InferOutput<v.StrictObjectSchema<typeof COMMON, undefined>>

/** An order as it comes in, and as it goes out to the queue. */
export type OrderMessage = OrderRef & Common

export interface Order {
  ref: OrderRef
  attemptedAtMs: number | undefined
  ifPaid: 'refund' | 'keep'
  message: OrderMessage
}

/**
 * Checks an order from outside.
 *
 * @param kind what the order must be; as its fields say, unless the way in says it
 * @throws ReversalError InvalidOrder that names the field
 */
export function parseOrder(input: unknown, nowMs: number, kind: OrderKind = kindOf(input)): Order {
  refuseArrays(input)
  refuseOtherKind(input, kind)
  const result = v.safeParse<v.GenericSchema<unknown, OrderMessage>>(ORDER_SCHEMAS[kind], input, { abortEarly: true })
  if (!result.success) throw new ReversalError('InvalidOrder', explainIssue(result.issues[0]))
  const message = result.output
  const attemptedAtMs = message.attempted_at === undefined ? undefined : parseTime(message.attempted_at)
  if (attemptedAtMs !== undefined && attemptedAtMs > nowMs + CLOCK_SKEW_MS) {
    throw new ReversalError('InvalidOrder', 'attempted_at: must not be more than 5 minutes in the future')
  }
  const { attempted_at, if_paid, history, ...ref } = message
  return { ref, attemptedAtMs, ifPaid: if_paid ?? 'refund', message }
}

const hasName = (input: unknown, name: string) =>
  typeof input === 'object' && input !== null && Object.hasOwn(input, name)

function kindOf(input: unknown): OrderKind {
  if (hasName(input, 'sp_mchid')) return 'partner'
  const isPartner = !hasName(input, 'mchid') && Object.keys(NAMES.partner).some((name) => hasName(input, name))
  return isPartner ? 'partner' : 'direct'
}

const OTHER_KIND = {
  direct: {
    other: 'partner',
    why: "is of a service provider's order, which names sp_mchid and sub_mchid instead of mchid",
  },
  partner: { other: 'direct', why: "is of a merchant's own order; a service provider's names sp_mchid and sub_mchid" },
} as const satisfies Record<OrderKind, { other: OrderKind; why: string }>

function refuseOtherKind(input: unknown, kind: OrderKind) {
  const { other, why } = OTHER_KIND[kind]
  const name = Object.keys(NAMES[other]).find((name) => hasName(input, name))
  if (name !== undefined) throw new ReversalError('InvalidOrder', `${name}: ${why}`)
}

/** To valibot, an empty array is an object without fields. */
function refuseArrays(input: unknown) {
  if (Array.isArray(input)) throw new ReversalError('InvalidOrder', 'the order must be a JSON object')
  const { history } = (input ?? {}) as { history?: unknown }
  if (Array.isArray(history)) throw new ReversalError('InvalidOrder', 'history: must be an object')
}

/** Names the field, and never the value: it may be anything. */
export function explainIssue(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue)
  if (issue.type === 'strict_object' && field !== null && issue.expected === 'never') {
    return `${field.slice(0, 100)}: unknown field`
  }
  if (field === null) return issue.message
  return issue.input === undefined ? `${field}: is missing` : `${field}: ${issue.message}`
}
