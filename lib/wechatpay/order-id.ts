import { OUT_TRADE_NO } from './order-number.ts'

/** A merchant's own order, or one of a service provider (服务商) for a merchant under it. */
export type OrderKind = 'direct' | 'partner'

export interface DirectOrderId {
  mchid: string
  out_trade_no: string
  sp_mchid?: undefined
  sub_mchid?: undefined
}

/** The number is unique under `sp_mchid`. */
export interface PartnerOrderId {
  sp_mchid: string
  sub_mchid: string
  out_trade_no: string
  mchid?: undefined
}

/** Names an order. */
export type OrderId = DirectOrderId | PartnerOrderId

export interface DirectOrderRef extends DirectOrderId {
  appid: string
  sp_appid?: undefined
  sub_appid?: undefined
}

export interface PartnerOrderRef extends PartnerOrderId {
  sp_appid?: string | undefined
  sub_appid?: string | undefined
  appid?: undefined
}

/** Names an order and its apps. */
export type OrderRef = DirectOrderRef | PartnerOrderRef

/** Digits or letters only: it becomes part of a secret's name. */
export const MERCHANT_NUMBER = /^[0-9A-Za-z]{1,32}$/

/** A call about no order of a merchant, such as the one for its bill. */
export interface MerchantId {
  mchid: string
  out_trade_no?: undefined
  sp_mchid?: undefined
}

/** What a call is about: the answer must name nothing else. */
export type Subject = OrderId | MerchantId

export const namesOf = (subject: Subject): Subject =>
  subject.out_trade_no === undefined ? { mchid: subject.mchid } : idOf(subject)

/** The merchant whose keys sign the calls about an order. */
export const signerOf = (order: OrderId): string => order.sp_mchid ?? order.mchid

export function idOf(order: OrderId): OrderId {
  const { out_trade_no } = order
  return order.sp_mchid === undefined
    ? { mchid: order.mchid, out_trade_no }
    : { sp_mchid: order.sp_mchid, sub_mchid: order.sub_mchid, out_trade_no }
}

export const appsOf = ({ appid, sp_appid, sub_appid }: Subject & Partial<Record<AppName, string | undefined>>) => ({
  appid,
  sp_appid,
  sub_appid,
})

type AppName = 'appid' | 'sp_appid' | 'sub_appid'

/**
 * 查单 (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556352; of a service provider, the sample PartnerQueryByOutTradeNo
 * in https://github.com/wechatpay-apiv3/wechatpay-skills).
 */
export function queryTarget(order: OrderId): string {
  const { mchid, sp_mchid, sub_mchid } = order
  return `${path(order)}?${new URLSearchParams(sp_mchid === undefined ? { mchid } : { sp_mchid, sub_mchid })}`
}

/**
 * 撤销 (official: https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct/reverse.html and
 * https://pay.weixin.qq.com/docs/partner/apis/partner-code-payment-v3/partner/partner-reverse.html).
 */
export const reverseTarget = (order: OrderId): string => `${path(order)}/reverse`

/** Exactly the fields that the order has. */
export function reverseBody(order: OrderRef): string {
  if (order.sp_mchid === undefined) return JSON.stringify({ appid: order.appid, mchid: order.mchid })
  const { sp_appid, sp_mchid, sub_appid, sub_mchid } = order
  return JSON.stringify({ sp_appid, sp_mchid, sub_appid, sub_mchid })
}

/** Nothing in it needs escaping: the official Java sample sends `*` as it is. */
function path({ out_trade_no, sp_mchid }: OrderId): string {
  if (!OUT_TRADE_NO.test(out_trade_no)) throw new RangeError('out_trade_no is not one of WeChat Pay')
  return `/v3/pay/${sp_mchid === undefined ? '' : 'partner/'}transactions/out-trade-no/${out_trade_no}`
}
