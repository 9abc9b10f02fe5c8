import type { Evidence, VerifiedAnswer } from '../wechatpay/answer.ts'
import type { WechatPay } from '../wechatpay/client.ts'
import { createCalls } from './calls.ts'
import type { Merchants } from './merchants.ts'
import { readState } from './read-state.ts'

/** The verified state of an order now. */
export interface OrderState {
  mchid: string
  appid?: string
  out_trade_no: string
  trade_state: string
  transaction_id?: string
  success_time?: string
  request_id: string
  evidence: Evidence[]
}

export type LookUpResult =
  | { found: true; state: OrderState }
  | { found: false; answer: VerifiedAnswer }
  | { found: 'unknown' }

/** Looks only: one verified query, nothing is reversed. */
export function createLookUp({ wechatPay, merchants }: { wechatPay: WechatPay; merchants: Merchants }) {
  /** @throws ReversalError UnknownMerchant, CredentialsUnavailable */
  return async function lookUp(
    asked: { mchid: string; out_trade_no: string },
    msLeft: () => number,
  ): Promise<LookUpResult> {
    const calls = await createCalls(wechatPay, merchants, asked, msLeft)
    const answer = await calls.query()
    calls.assertAccepted()
    if (answer.kind !== 'verified') return { found: 'unknown' }
    if (readState(answer) === 'ORDER_NOT_EXIST') return { found: false, answer }
    const { trade_state, appid, transaction_id, success_time } = answer.body
    if (answer.status >= 300 || typeof trade_state !== 'string') return { found: 'unknown' }
    return {
      found: true,
      state: {
        mchid: asked.mchid,
        ...(typeof appid === 'string' && { appid }),
        out_trade_no: asked.out_trade_no,
        trade_state,
        ...(typeof transaction_id === 'string' && { transaction_id }),
        ...(typeof success_time === 'string' && { success_time }),
        request_id: answer.evidence.request_id,
        evidence: [answer.evidence],
      },
    }
  }
}
