import * as v from 'valibot'

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))

const DIRECT_NAMES = { appid: text(32), mchid: text(32) }
/** That `sub_mchid` is there is checked apart: its absence has a number of its own. */
const PARTNER_IDS = { sp_mchid: text(32), sub_mchid: v.optional(text(32)) }
const PARTNER_NAMES = { sp_appid: v.optional(text(32)), ...PARTNER_IDS, sub_appid: v.optional(text(32)) }

const REVERSE_BODY = v.strictObject(DIRECT_NAMES)
const PARTNER_REVERSE_BODY = v.strictObject(PARTNER_NAMES)

/** A pay code is 18 digits that start with 10 to 15. */
const PAYMENT = {
  description: text(127),
  out_trade_no: v.pipe(v.string(), v.regex(/^[0-9A-Za-z_\-*]{1,32}$/)),
  attach: v.optional(text(128)),
  goods_tag: v.optional(text(32)),
  support_fapiao: v.optional(v.boolean()),
  payer: v.strictObject({ auth_code: v.pipe(v.string(), v.regex(/^1[0-5]\d{16}$/)) }),
  amount: v.strictObject({
    total: v.pipe(v.number(), v.integer(), v.minValue(1)),
    currency: v.optional(v.literal('CNY')),
  }),
  scene_info: v.looseObject({
    store_info: v.pipe(
      v.looseObject({ id: v.optional(text(32)), out_id: v.optional(text(32)) }),
      v.check(({ id, out_id }) => id !== undefined || out_id !== undefined, 'id or out_id is required'),
    ),
  }),
  detail: v.optional(v.looseObject({})),
  settle_info: v.optional(v.strictObject({ profit_sharing: v.optional(v.boolean()) })),
}

const { mchid } = DIRECT_NAMES
const CLOSE_BODY = v.strictObject({ mchid })
const PARTNER_CLOSE_BODY = v.strictObject(PARTNER_IDS)

const CODEPAY_BODY = v.strictObject({ ...DIRECT_NAMES, ...PAYMENT })
const PARTNER_CODEPAY_BODY = v.strictObject({ ...PARTNER_NAMES, ...PAYMENT })
const PAYMENT_ALONE = v.object(PAYMENT)
export type Payment = v.InferOutput<typeof PAYMENT_ALONE>

/**
 * The fields of the official pages, and nothing else.
 * Direct: https://pay.weixin.qq.com/doc/v3/merchant/4012382161 (reverse), 4012382150 (codepay);
 * partner: https://pay.weixin.qq.com/doc/v3/partner/4012382181 (reverse), 4012382179 (codepay);
 * close: https://pay.weixin.qq.com/doc/v3/merchant/4012556398.
 */
export const BODIES = {
  direct: { reverse: REVERSE_BODY, close: CLOSE_BODY, codepay: CODEPAY_BODY },
  partner: { reverse: PARTNER_REVERSE_BODY, close: PARTNER_CLOSE_BODY, codepay: PARTNER_CODEPAY_BODY },
}

const bytes = (max: number) => v.pipe(text(max), v.maxBytes(max))

/**
 * Of both modes: a provider names its sub-merchant. Official: https://pay.weixin.qq.com/doc/v3/partner/4012886219 and
 * https://pay.weixin.qq.com/docs/merchant/products/refund/apilist.html.
 */
export const REFUND_BODY = v.pipe(
  v.strictObject({
    sub_mchid: v.optional(text(32)),
    transaction_id: v.optional(text(32)),
    out_trade_no: v.optional(text(32)),
    out_refund_no: v.pipe(v.string(), v.regex(/^[0-9A-Za-z_\-|*@]{1,64}$/)),
    reason: v.optional(bytes(80)),
    notify_url: v.optional(text(256)),
    funds_account: v.optional(v.picklist(['AVAILABLE', 'UNSETTLED'])),
    amount: v.strictObject({
      refund: v.pipe(v.number(), v.integer(), v.minValue(1)),
      from: v.optional(v.array(v.strictObject({ account: text(32), amount: v.number() }))),
      total: v.pipe(v.number(), v.integer(), v.minValue(1)),
      currency: v.literal('CNY'),
    }),
    goods_detail: v.optional(v.array(v.looseObject({}))),
  }),
  v.check(
    ({ transaction_id, out_trade_no }) => transaction_id !== undefined || out_trade_no !== undefined,
    'transaction_id or out_trade_no is required',
  ),
)
export type RefundAsked = v.InferOutput<typeof REFUND_BODY>

/** The parameter of a refund query: a provider must send it. */
export const REFUND_QUERY = v.strictObject({ sub_mchid: v.optional(text(32)) })

/** The parameters of a query, each exactly once. */
export const QUERIES = {
  direct: v.strictObject({ mchid: text(32) }),
  partner: v.strictObject(PARTNER_IDS),
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type ReadBody<T> = { body: T } | { field: string; value: unknown; issue: string }

/** A request body, or what is wrong with it and where. */
export function readBody<T>(schema: v.GenericSchema<unknown, T>, bytes: Buffer): ReadBody<T> {
  let json: unknown
  try {
    json = JSON.parse(utf8.decode(bytes))
  } catch {
    return { field: 'body', value: null, issue: 'must be JSON in UTF-8' }
  }
  return check(schema, json, 'body')
}

/** The parameters of a request target, or what is wrong with them. */
export function readQuery<T>(schema: v.GenericSchema<unknown, T>, query: string | undefined): ReadBody<T> {
  const parameters = [...new URLSearchParams(query)]
  const twice = parameters.find(([name], index) => parameters.findIndex(([other]) => other === name) !== index)
  if (twice) return { field: twice[0], value: twice[1], issue: 'must stand once' }
  return check(schema, Object.fromEntries(parameters), 'query')
}

function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown, whole: string): ReadBody<T> {
  const read = v.safeParse(schema, value, { abortEarly: true })
  if (read.success) return { body: read.output }
  const [first] = read.issues
  return { field: v.getDotPath(first) ?? whole, value: first.input ?? null, issue: first.message }
}
