import type { OrderId } from '../../lib/wechatpay/order-id.ts'

/** The option that makes an order one of the service provider whose secret was given. */
export const SUB_MCHID_OPTION = [
  '--sub-mchid <mchid>',
  "the merchant under the service provider whose secret it is, for a service provider's order",
] as const

/** @param mchid whose secret it is */
export const orderIdOf = (mchid: string, out_trade_no: string, sub_mchid?: string): OrderId =>
  sub_mchid === undefined ? { mchid, out_trade_no } : { sp_mchid: mchid, sub_mchid, out_trade_no }

/** Whose order it is, to a person. */
export const ownerInWords = (order: OrderId): string =>
  order.sp_mchid === undefined
    ? `merchant ${order.mchid}`
    : `merchant ${order.sub_mchid} of service provider ${order.sp_mchid}`
