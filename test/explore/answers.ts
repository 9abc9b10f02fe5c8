import type { Order as BookedOrder } from '../../infra/local/wechatpay/order.ts'
import type { Answer, VerifiedAnswer } from '../../lib/wechatpay/answer.ts'

/** Names of the order of every story. */
export const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'explored' } as const

export interface Heard {
  answer: Answer
  says: string
  isFault?: true
}

function verified(status: number, body: Readonly<Record<string, unknown>>): VerifiedAnswer {
  const text = JSON.stringify(body)
  const { code } = body
  return {
    kind: 'verified',
    status,
    body,
    ...(typeof code === 'string' && { code }),
    // The decision never looks into a signature: two answers of the same words may share one.
    evidence: { body: text, timestamp: '1', nonce: 'n', signature: text, serial: 'PUB_KEY_ID', request_id: 'r' },
  }
}

const refused = (status: number, code: string) => verified(status, { code, message: code })
const NO_ANSWER: Answer = { kind: 'none', reason: 'timeout', sent: true }
const NOT_SENT: Answer = { kind: 'none', reason: 'connection', sent: false }
const UNVERIFIED: Answer = { kind: 'unverified', reason: 'unsigned', status: 200 }

/**
 * Every way in which a query may be answered, by an order as WeChat Pay has it at that moment.
 *
 * @param wasKnown an earlier answer spoke of the order: then one that denies it is not believed, and may be a slip
 */
export function answersToQuery(order: BookedOrder | undefined, wasKnown: boolean): Heard[] {
  return [
    ...truths(order),
    ...(wasKnown ? [{ answer: UNKNOWN_ORDER, says: 'ORDER_NOT_EXIST, which is not so', isFault: true } as const] : []),
    { answer: NO_ANSWER, says: 'no answer', isFault: true },
    { answer: NOT_SENT, says: 'it cannot be sent', isFault: true },
    { answer: UNVERIFIED, says: 'an answer that does not verify', isFault: true },
    { answer: refused(403, 'RULE_LIMIT'), says: 'refused for now', isFault: true },
    { answer: refused(403, 'NO_AUTH'), says: 'refused for good', isFault: true },
    { answer: refused(400, 'NEVER_SEEN_BEFORE'), says: 'a code nobody knows', isFault: true },
  ]
}

const UNKNOWN_ORDER = refused(404, 'ORDER_NOT_EXIST')

function truths(order: BookedOrder | undefined): Heard[] {
  if (order === undefined) return [{ answer: UNKNOWN_ORDER, says: 'ORDER_NOT_EXIST' }]
  const { trade_state, charged } = order
  const { mchid, out_trade_no } = NAMES
  const names = { mchid, out_trade_no, trade_state }
  const paid = { ...names, transaction_id: '4200000000' }
  const plain: Heard = { answer: verified(200, names), says: trade_state }
  switch (trade_state) {
    case 'SUCCESS':
    case 'REFUND':
      return [{ answer: verified(200, paid), says: trade_state }]
    case 'REVOKED':
      // Whether a reversed order still names its payment is not documented.
      return charged.count > 0
        ? [plain, { answer: verified(200, paid), says: 'REVOKED, which names the payment' }]
        : [plain]
    case 'USERPAYING':
      return [
        plain,
        {
          answer: verified(202, { code: 'USERPAYING', message: 'USERPAYING' }),
          says: '202 USERPAYING, naming no order',
        },
      ]
    default:
      return [plain]
  }
}

/** How a reverse may be answered after it took effect, or found that it had nothing to do. */
export const AFTER_EFFECT: readonly Heard[] = [
  { answer: verified(200, NAMES), says: '200' },
  { answer: NO_ANSWER, says: 'no answer', isFault: true },
  { answer: UNVERIFIED, says: 'an answer that does not verify', isFault: true },
  { answer: refused(500, 'SYSTEM_ERROR'), says: 'SYSTEM_ERROR', isFault: true },
  { answer: refused(429, 'FREQUENCY_LIMITED'), says: 'FREQUENCY_LIMITED', isFault: true },
]

/** A refusal although it took effect: reported by merchants of a payment, so not ruled out for a reverse. */
export const REFUSED_AFTER_EFFECT: readonly Heard[] = [
  { answer: refused(403, 'TRADE_ERROR'), says: 'refused for now', isFault: true },
  { answer: refused(400, 'PARAM_ERROR'), says: 'refused for good', isFault: true },
]

/** How a reverse may be answered that had no effect. */
export const WITHOUT_EFFECT: readonly Heard[] = [
  { answer: NO_ANSWER, says: 'no answer', isFault: true },
  { answer: NOT_SENT, says: 'it cannot be sent', isFault: true },
  { answer: UNVERIFIED, says: 'an answer that does not verify', isFault: true },
  { answer: refused(500, 'SYSTEM_ERROR'), says: 'SYSTEM_ERROR', isFault: true },
  { answer: refused(429, 'FREQUENCY_LIMITED'), says: 'FREQUENCY_LIMITED', isFault: true },
  { answer: refused(202, 'USER_PAYING'), says: '202 USER_PAYING', isFault: true },
  { answer: refused(403, 'TRADE_ERROR'), says: 'refused for now', isFault: true },
  { answer: refused(400, 'PARAM_ERROR'), says: 'refused for good', isFault: true },
]

/** Of an order that WeChat Pay does not know: the overseas pages say success, others may say what it is. */
export const OF_UNKNOWN_ORDER: readonly Heard[] = [
  { answer: verified(200, NAMES), says: '200' },
  { answer: UNKNOWN_ORDER, says: 'ORDER_NOT_EXIST' },
]

/** Of one that can no longer be reversed: closed, or refunded by somebody else. */
export const OF_FINAL_ORDER: Heard = { answer: refused(403, 'TRADE_ERROR'), says: 'refused for now' }
