import { MERCHANT_NUMBER, type OrderId } from '../../lib/wechatpay/order-id.ts'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'

const text = inLanguage({
  en: {
    subMchid: "the merchant under the service provider whose secret it is, for a service provider's order",
    badSubMchid: 'sub_mchid: must be 1 to 32 digits or letters',
    correctSubMchid: 'Correct --sub-mchid.',
    merchant: (mchid: string) => `merchant ${mchid}`,
    subMerchant: (mchid: string, provider: string) => `merchant ${mchid} of service provider ${provider}`,
    orderOf: (number: string, owner: string) => `${number} of ${owner}`,
  },
  'zh-CN': {
    subMchid: '服务商订单：子商户的商户号（--merchant 给服务商的）',
    badSubMchid: 'sub_mchid：必须是 1 到 32 个数字或字母',
    correctSubMchid: '请改正 --sub-mchid。',
    merchant: (mchid) => `商户 ${mchid}`,
    subMerchant: (mchid, provider) => `服务商 ${provider} 的子商户 ${mchid}`,
    orderOf: (number, owner) => `${owner} 的 ${number}`,
  },
})

/** The option that makes an order one of the service provider whose secret was given. */
export const SUB_MCHID_OPTION = ['--sub-mchid <mchid>', text.subMchid] as const

/** @throws Failure for what cannot be a merchant's number */
export function assertSubMchid(sub_mchid: string | undefined) {
  if (sub_mchid !== undefined && !MERCHANT_NUMBER.test(sub_mchid)) {
    throw new Failure(text.badSubMchid, text.correctSubMchid)
  }
}

export const APPS = ['appid', 'sp_appid', 'sub_appid'] as const
export type Apps = Partial<Record<(typeof APPS)[number], string | undefined>>

/** @param mchid whose secret it is */
export const orderIdOf = (mchid: string, out_trade_no: string, sub_mchid?: string): OrderId =>
  sub_mchid === undefined ? { mchid, out_trade_no } : { sp_mchid: mchid, sub_mchid, out_trade_no }

/** Whose order it is, to a person. */
export const ownerInWords = (order: OrderId): string =>
  order.sp_mchid === undefined ? text.merchant(order.mchid) : text.subMerchant(order.sub_mchid, order.sp_mchid)

/** Which order it is, to a person, and its apps. */
export const orderInWords = (order: OrderId & Apps): string =>
  [text.orderOf(order.out_trade_no, ownerInWords(order)), ...APPS.map((name) => order[name])].filter(Boolean).join(', ')
