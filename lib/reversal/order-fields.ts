import { OUT_TRADE_NO } from '../wechatpay/order-number.ts'
import { MAX_TIME_LENGTH } from './time.ts'

export interface OrderFields {
  mchid?: string
  appid?: string
  out_trade_no?: string
}

/** The names in unchecked input, only where their form is valid: safe to log and to publish. */
export function orderFieldsOf(input: unknown): OrderFields {
  if (typeof input !== 'object' || input === null) return {}
  const { mchid, appid, out_trade_no } = input as Record<string, unknown>
  return {
    ...(isShortText(mchid) && { mchid }),
    ...(isShortText(appid) && { appid }),
    ...(isShortText(out_trade_no) && OUT_TRADE_NO.test(out_trade_no) && { out_trade_no }),
  }
}

const isShortText = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= 32

/** An unchecked order as an event carries it: without its history, which may hold personal data. */
export function safeOrderFields(input: unknown): OrderFields & { attempted_at?: string; if_paid?: string } {
  const { attempted_at, if_paid } = (typeof input === 'object' ? (input ?? {}) : {}) as Record<string, unknown>
  return {
    ...orderFieldsOf(input),
    ...(typeof attempted_at === 'string' && attempted_at.length <= MAX_TIME_LENGTH && { attempted_at }),
    ...(isShortText(if_paid) && { if_paid }),
  }
}
