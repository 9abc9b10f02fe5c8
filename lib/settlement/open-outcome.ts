import * as v from 'valibot'
import { ORDER_SCHEMAS, type Order, type OrderMessage } from '../reversal/order.ts'
import type { Reversal } from '../reversal/result.ts'
import { parseTime } from '../reversal/time.ts'
import type { OrderKind, OrderRef } from '../wechatpay/order-id.ts'

/** The outcomes that do not say in the end whether the customer was charged. Their days' bills do. */
export const OPEN = ['REVERSED', 'KEPT', 'NOT_FOUND'] as const

export type OpenOutcomeName = (typeof OPEN)[number]

export const isOpen = ({ outcome }: Pick<Reversal, 'outcome'>): boolean => (OPEN as readonly string[]).includes(outcome)

const time = v.pipe(
  v.string('must be a string'),
  v.check((text) => parseTime(text) !== undefined, 'must be an RFC 3339 time'),
)

const MORE = {
  outcome: v.picklist(OPEN, `must be one of ${OPEN.join(', ')}`),
  attempted_at: time,
  confirmed_at: time,
} as const

const NO_OBJECT = 'must be a JSON object'

const withoutHistory = <Kind extends OrderKind>(kind: Kind) => v.omit(ORDER_SCHEMAS[kind], ['history', 'attempted_at'])

/** What waits on the settlement queue: an order as it was given, its outcome, and when. */
const SCHEMAS = {
  direct: v.strictObject({ ...withoutHistory('direct').entries, ...MORE }, NO_OBJECT),
  partner: v.strictObject({ ...withoutHistory('partner').entries, ...MORE }, NO_OBJECT),
} as const

export type OpenMessage = OrderRef &
  Pick<OrderMessage, 'if_paid'> & { outcome: OpenOutcomeName; attempted_at: string; confirmed_at: string }

/** An outcome that left the money open, checked. */
export interface OpenOutcome {
  ref: OrderRef
  outcome: OpenOutcomeName
  ifPaid: 'refund' | 'keep' | undefined
  attemptedAt: string
  attemptedAtMs: number
  /** When the outcome was proved: by then the reverse had taken effect. */
  confirmedAtMs: number
}

/** The message that says so on the queue. The evidence of the reversal stays out: it may hold personal data. */
export function toMessage({ message: { if_paid } }: Pick<Order, 'message'>, reversal: Reversal): OpenMessage {
  const { evidence, trade_state, refunded, request_id, ...rest } = reversal
  return { ...rest, ...(if_paid !== undefined && { if_paid }) } as OpenMessage
}

/** @throws Error that names the field */
export function parseOpenOutcome(input: unknown): OpenOutcome {
  const kind = typeof input === 'object' && input !== null && 'sp_mchid' in input ? 'partner' : 'direct'
  const result = v.safeParse<v.GenericSchema<unknown, OpenMessage>>(SCHEMAS[kind] as never, input, { abortEarly: true })
  if (!result.success) {
    const [issue] = result.issues
    throw new Error(`${v.getDotPath(issue) ?? 'the outcome'}: ${issue.message}`)
  }
  const { outcome, attempted_at, confirmed_at, if_paid, ...ref } = result.output
  return {
    ref: ref as OrderRef,
    outcome,
    ifPaid: if_paid,
    attemptedAt: attempted_at,
    attemptedAtMs: parseTime(attempted_at)!,
    confirmedAtMs: parseTime(confirmed_at)!,
  }
}

/** The order to reverse again, as it was given. */
export const toOrder = ({ ref, attemptedAt, ifPaid }: OpenOutcome): OrderMessage => ({
  ...ref,
  attempted_at: attemptedAt,
  ...(ifPaid !== undefined && { if_paid: ifPaid }),
})
