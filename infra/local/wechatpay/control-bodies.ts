import * as v from 'valibot'
import { BILL_FAULTS, type BillFault } from './bill-faults.ts'
import { faultPlanSchema } from './fault-plans.ts'
import type { SimulatorOptions } from './options.ts'

/** A mistake of whoever asked: answered with its status and words. */
export class Mistake extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const count = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least))
const tradeState = v.picklist(['NOTPAY', 'USERPAYING', 'SUCCESS', 'PAYERROR', 'REVOKED', 'CLOSED', 'REFUND'])
export const orderEvent = v.picklist([
  'prompt',
  'leave',
  'pay',
  'fail',
  'charge',
  'reverse',
  'expire',
  'close',
  'refund',
])

export const orderBody = v.strictObject({
  state: tradeState,
  appid: v.optional(v.string()),
  sub_mchid: v.optional(v.string()),
  sub_appid: v.optional(v.string()),
  total: v.optional(count(1)),
  trade_type: v.optional(v.picklist(['MICROPAY', 'JSAPI', 'NATIVE', 'APP', 'MWEB'])),
  description: v.optional(v.string()),
  paid: v.optional(v.boolean(), false),
  faults: v.optional(v.array(v.omit(faultPlanSchema, ['mchid', 'out_trade_no'])), []),
})
export const eventBody = v.strictObject({
  after_ms: v.optional(count(0), 0),
  amount: v.optional(count(1)),
  out_refund_no: v.optional(v.string()),
})
/** As far as anything here waits for, and some more. */
export const clockBody = v.strictObject({ forward_seconds: v.pipe(count(1), v.maxValue(366 * 86_400)) })
export const merchantBody = v.strictObject({
  mchid: v.string(),
  appid: v.string(),
  certificate_serial_no: v.string(),
  public_key: v.string(),
})
export const subMerchantBody = v.strictObject({ sub_appid: v.optional(v.string()) })
export const optionsBody = v.partial(
  v.strictObject({
    autoRevokeAfterMs: v.nullable(count(0)),
    reversedPaidState: v.picklist(['REVOKED', 'REFUND']),
    reverseWhileUserPaying: v.picklist(['accept', 'USERPAYING', 'USER_PAYING']),
    reverseUnknownOrder: v.picklist(['ok', 'ORDER_NOT_EXIST']),
    reverseAnswersAppid: v.boolean(),
    transactionIdAfterReverse: v.boolean(),
    userPayingAlone: v.boolean(),
    queryLagMs: count(0),
    subMchidMismatch: v.picklist(['INVALID_REQUEST', 'PARAM_ERROR', 'NO_AUTH', 'ORDER_NOT_EXIST']),
    refundTakesMs: count(0),
    billLayout: v.picklist(['current', 'older']),
    billRevokedRow: v.picklist(['with refund numbers', 'without refund numbers']),
    billFault: v.nullable(v.picklist(Object.keys(BILL_FAULTS) as BillFault[])),
  }) satisfies v.GenericSchema<unknown, SimulatorOptions>,
)
export const rotateBody = v.strictObject({
  kind: v.picklist(['public key', 'platform certificate']),
  id: v.optional(v.string()),
})
export const answerWithBody = v.strictObject({ id: v.nullable(v.string()) })
export const domainBody = v.strictObject({ state: v.picklist(['up', 'refuse', 'black-hole']) })
export const hostName = v.picklist(['main', 'backup'])

/** What was sent, checked; throws a `Mistake` that names the field. */
export function read<T>(schema: v.GenericSchema<unknown, T>, body: unknown): T {
  const result = v.safeParse(schema, body)
  if (result.success) return result.output
  const [issue] = result.issues
  throw new Mistake(400, `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`)
}
