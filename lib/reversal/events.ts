import type { Answer, VerifiedAnswer } from '../wechatpay/answer.ts'
import type { OrderId } from '../wechatpay/order-id.ts'
import { messageOf } from '../wechatpay/words.ts'
import { readReversed, readState } from './read-state.ts'

export type ReversalEvent =
  | ({ name: 'UnknownState'; trade_state: unknown } & AnswerSummary)
  /** A verified error that says nothing about the order: as long as it comes, the order waits. */
  | ({ name: 'QueryRefused' } & AnswerSummary)
  | ({ name: 'ReverseRefused' } & AnswerSummary)
  | ({ name: 'PaidHistoryIgnored'; serial: string } & OrderId)

type AnswerSummary = OrderId & {
  status: number
  message?: string | undefined
  code?: string | undefined
  request_id?: string | undefined
}

export function eventsOfQuery(order: OrderId, answer: Answer): ReversalEvent[] {
  if (answer.kind !== 'verified') return []
  const seen = readState(answer)
  if (seen === 'UNKNOWN') return [{ name: 'UnknownState', ...summary(order, answer) }]
  return seen === 'NOTHING' && answer.status >= 400 ? [{ name: 'QueryRefused', ...summary(order, answer) }] : []
}

export function eventsOfReverse(order: OrderId, answer: Answer): ReversalEvent[] {
  const { reversed, isUnknown } = readReversed(answer)
  if (answer.kind !== 'verified' || reversed === 'answered') return []
  const refused = { name: 'ReverseRefused', ...summary(order, answer) } as const
  return isUnknown ? [refused, { name: 'UnknownState', ...summary(order, answer) }] : [refused]
}

const summary = (order: OrderId, answer: VerifiedAnswer) => ({
  status: answer.status,
  trade_state: safeState(answer.body.trade_state),
  code: answer.code,
  message: messageOf(answer),
  request_id: answer.request_id,
  ...order,
})

/** Only what looks like a state is logged; anything else may be personal data. */
const safeState = (state: unknown) =>
  typeof state === 'string' && /^[A-Z_]{1,32}$/.test(state) ? state : state && '[no state]'
