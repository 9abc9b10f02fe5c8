import type { BillLook } from './bill.ts'
import type { BillFault } from './bill-faults.ts'
import type { Code } from './error-codes.ts'

/** How the simulator behaves where the real one's behaviour is unknown or varies. */
export interface SimulatorOptions {
  /** WeChat Pay revokes an order left unpaid this long (documented overseas: 45,000); null: it does not. */
  autoRevokeAfterMs: number | null
  /** What an order that was paid says after its reverse. */
  reversedPaidState: 'REVOKED' | 'REFUND'
  /** Reversing while the password box is open: done, or refused with 202 and one of the spellings seen. */
  reverseWhileUserPaying: 'accept' | 'USERPAYING' | 'USER_PAYING'
  /** Reversing an order that does not exist: 200 and nothing done (documented overseas), or 404. */
  reverseUnknownOrder: 'ok' | 'ORDER_NOT_EXIST'
  /** The appids are optional in a reverse's answer. */
  reverseAnswersAppid: boolean
  /** Does the query of a reversed order still name the payment there was? */
  transactionIdAfterReverse: boolean
  /** USERPAYING answers that hold `trade_state` and nothing else have been seen. */
  userPayingAlone: boolean
  /** Queries see the books as they were so many ms ago. */
  queryLagMs: number
  /** The code beside the number 268447845 (`sub_mchid` does not match); its HTTP status goes with it. */
  subMchidMismatch: Extract<Code, 'INVALID_REQUEST' | 'PARAM_ERROR' | 'NO_AUTH' | 'ORDER_NOT_EXIST'>
  /** A refund is PROCESSING for so long, then SUCCESS; the real one takes minutes to days. */
  refundTakesMs: number
  billLayout: BillLook['layout']
  billRevokedRow: BillLook['revokedRow']
  /** What is wrong with every bill; null: nothing. */
  billFault: BillFault | null
}

/** The likeliest behaviour of the real one. */
export const USUAL_OPTIONS: SimulatorOptions = {
  autoRevokeAfterMs: null,
  reversedPaidState: 'REVOKED',
  reverseWhileUserPaying: 'accept',
  reverseUnknownOrder: 'ok',
  reverseAnswersAppid: true,
  transactionIdAfterReverse: true,
  userPayingAlone: false,
  queryLagMs: 0,
  subMchidMismatch: 'INVALID_REQUEST',
  refundTakesMs: 5_000,
  billLayout: 'current',
  billRevokedRow: 'with refund numbers',
  billFault: null,
}
