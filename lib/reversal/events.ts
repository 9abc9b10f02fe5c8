import type { Answer, VerifiedAnswer } from '../wechatpay/answer.ts'
import type { OrderId } from '../wechatpay/order-id.ts'
import { readReversed, readState } from './read-state.ts'

export type ReversalEvent =
  | ({ name: 'UnknownState'; trade_state: unknown } & AnswerSummary)
  | ({ name: 'ReverseRefused'; message?: string | undefined } & AnswerSummary)
  | ({ name: 'PaidHistoryIgnored'; serial: string } & OrderId)

type AnswerSummary = OrderId & {
  status: number
  code?: string | undefined
  request_id?: string | undefined
}

export function eventsOfQuery(order: OrderId, answer: Answer): ReversalEvent[] {
  if (answer.kind !== 'verified' || readState(answer) !== 'UNKNOWN') return []
  return [{ name: 'UnknownState', ...summary(order, answer) }]
}

export function eventsOfReverse(order: OrderId, answer: Answer): ReversalEvent[] {
  const { reversed, isUnknown } = readReversed(answer)
  if (answer.kind !== 'verified' || reversed === 'answered') return []
  const refused = { name: 'ReverseRefused', message: answer.message, ...summary(order, answer) } as const
  return isUnknown ? [refused, { name: 'UnknownState', ...summary(order, answer) }] : [refused]
}

const summary = (order: OrderId, { status, body, code, request_id }: VerifiedAnswer) => ({
  status,
  trade_state: safeState(body.trade_state),
  code,
  request_id,
  ...order,
})

/** Only what looks like a state is logged; anything else may be personal data. */
const safeState = (state: unknown) =>
  typeof state === 'string' && /^[A-Z_]{1,32}$/.test(state) ? state : state && '[no state]'
