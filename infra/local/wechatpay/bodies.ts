import * as v from 'valibot'

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))

/** `appid` and `mchid`, and nothing else (official reverse page). */
export const reverseBody = v.strictObject({ appid: text(32), mchid: text(32) })

/** The fields of the official codepay page. A pay code is 18 digits that start with 10 to 15. */
export const codepayBody = v.strictObject({
  appid: text(32),
  mchid: text(32),
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
})

export type ReverseBody = v.InferOutput<typeof reverseBody>
export type CodepayBody = v.InferOutput<typeof codepayBody>

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
  const read = v.safeParse(schema, json, { abortEarly: true })
  if (read.success) return { body: read.output }
  const [first] = read.issues
  return { field: v.getDotPath(first) ?? 'body', value: first.input ?? null, issue: first.message }
}
