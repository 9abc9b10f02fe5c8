import { OUT_TRADE_NO } from './order-number.ts'

/** Names a merchant's order at WeChat Pay. */
export interface OrderId {
  mchid: string
  out_trade_no: string
}

/** The same with its app, as a reverse must name it. */
export interface OrderRef extends OrderId {
  appid: string
}

/** The merchant whose keys sign the calls about an order. */
export const signerOf = ({ mchid }: OrderId): string => mchid

/** An order's id out of something that says more. */
export const idOf = ({ mchid, out_trade_no }: OrderId): OrderId => ({ mchid, out_trade_no })

/** The apps an order names. */
export const appsOf = ({ appid }: OrderId & { appid?: string | undefined }) => ({ appid })

/** 查单 (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556352). */
export const queryTarget = (order: OrderId): string => `${path(order)}?mchid=${encodeURIComponent(order.mchid)}`

/** 撤销 (official: https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct/reverse.html). */
export const reverseTarget = (order: OrderId): string => `${path(order)}/reverse`

export const reverseBody = ({ appid, mchid }: OrderRef): string => JSON.stringify({ appid, mchid })

/** Nothing in it needs escaping: `*` stays as it is, as the official Java sample sends it. */
function path({ out_trade_no }: OrderId): string {
  if (!OUT_TRADE_NO.test(out_trade_no)) throw new RangeError('out_trade_no is not one of WeChat Pay')
  return `/v3/pay/transactions/out-trade-no/${out_trade_no}`
}
