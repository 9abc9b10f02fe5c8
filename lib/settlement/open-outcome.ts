import * as v from 'valibot'
import { explainIssue, ORDER_SCHEMAS, type Order, type OrderMessage } from '../reversal/order.ts'
import { OUTCOMES, type Outcome, type Reversal } from '../reversal/result.ts'
import { parseTime } from '../reversal/time.ts'
import type { OrderKind, OrderRef } from '../wechatpay/order-id.ts'

/** The outcomes that do not say in the end whether the customer was charged. Their days' bills do. */
export const OPEN = ['REVERSED', 'KEPT', 'NOT_FOUND'] as const

export type OpenOutcomeName = (typeof OPEN)[number]

const isOpenName = (outcome: Outcome): outcome is OpenOutcomeName => (OPEN as readonly string[]).includes(outcome)

export const isOpen = ({ outcome }: Pick<Reversal, 'outcome'>): boolean => isOpenName(outcome)

const time = v.pipe(
  v.string('must be a string'),
  v.check((text) => parseTime(text) !== undefined, 'must be an RFC 3339 time'),
)

const NO_OBJECT = 'must be a JSON object'

const withoutHistory = <Kind extends OrderKind>(kind: Kind) => v.omit(ORDER_SCHEMAS[kind], ['history', 'attempted_at'])

/** An order as it was given, its outcome, and when. */
function schemasOf(outcomes: readonly Outcome[]) {
  const more = {
    outcome: v.picklist(outcomes, `must be one of ${outcomes.join(', ')}`),
    attempted_at: time,
    confirmed_at: time,
  } as const
  return {
    direct: v.strictObject({ ...withoutHistory('direct').entries, ...more }, NO_OBJECT),
    partner: v.strictObject({ ...withoutHistory('partner').entries, ...more }, NO_OBJECT),
  } as const
}

const SCHEMAS = { open: schemasOf(OPEN), any: schemasOf(OUTCOMES) } as const

/** What waits on the settlement queue. */
export type OpenMessage = OrderRef &
  Pick<OrderMessage, 'if_paid'> & { outcome: OpenOutcomeName; attempted_at: string; confirmed_at: string }

/** An outcome as it was told, checked. */
export interface ToldOutcome<Name extends Outcome = Outcome> {
  ref: OrderRef
  outcome: Name
  ifPaid: 'refund' | 'keep' | undefined
  attemptedAt: string
  attemptedAtMs: number
  /** When the outcome was proved: by then the reverse had taken effect. */
  confirmedAtMs: number
}

/** One that left the money open. */
export type OpenOutcome = ToldOutcome<OpenOutcomeName>

export const isOpenOutcome = (told: ToldOutcome): told is OpenOutcome => isOpenName(told.outcome)

/** The message that says so on the queue. The evidence of the reversal stays out: it may hold personal data. */
export function toMessage({ message: { if_paid } }: Pick<Order, 'message'>, reversal: Reversal): OpenMessage {
  return { ...withoutProof(reversal), ...(if_paid !== undefined && { if_paid }) } as OpenMessage
}

function withoutProof(reversal: Partial<Reversal>) {
  const { evidence, trade_state, refunded, request_id, ...rest } = reversal
  return rest
}

/** @throws Error that names the field */
export const parseOpenOutcome = (input: unknown): OpenOutcome => parse(input, SCHEMAS.open) as OpenOutcome

/**
 * A reversal as the service returned it, whatever its outcome.
 *
 * @throws Error that names the field
 */
export const parseReversal = (input: unknown): ToldOutcome =>
  parse(isObject(input) ? withoutProof(input) : input, SCHEMAS.any)

const isObject = (input: unknown): input is object =>
  typeof input === 'object' && input !== null && !Array.isArray(input)

function parse(input: unknown, schemas: ReturnType<typeof schemasOf>): ToldOutcome {
  if (!isObject(input)) throw new Error(NO_OBJECT)
  const schema = schemas['sp_mchid' in input ? 'partner' : 'direct']
  const result = v.safeParse(schema as v.GenericSchema<unknown, OpenMessage>, input, { abortEarly: true })
  if (!result.success) throw new Error(explainIssue(result.issues[0]))
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
