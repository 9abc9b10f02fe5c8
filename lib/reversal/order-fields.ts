import { MERCHANT_NUMBER } from '../wechatpay/order-id.ts'
import { OUT_TRADE_NO } from '../wechatpay/order-number.ts'
import { MAX_TIME_LENGTH } from './time.ts'

const isShortText = (value: string) => value.length >= 1 && value.length <= 32
const isMerchantNumber = (value: string) => MERCHANT_NUMBER.test(value)

const NAMES = {
  mchid: isMerchantNumber,
  appid: isShortText,
  sp_mchid: isMerchantNumber,
  sub_mchid: isMerchantNumber,
  sp_appid: isShortText,
  sub_appid: isShortText,
  out_trade_no: (value: string) => OUT_TRADE_NO.test(value),
} as const

const OTHERS = {
  attempted_at: (value: string) => value.length <= MAX_TIME_LENGTH,
  if_paid: isShortText,
} as const

export type OrderFields = Partial<Record<keyof typeof NAMES, string>>

/** The names in unchecked input, where their form is valid: safe to log and to publish. */
export const orderFieldsOf = (input: unknown): OrderFields => validFieldsOf(input, NAMES)

/** An unchecked order as an event carries it: without its history, which may hold personal data. */
export const safeOrderFields = (input: unknown) => validFieldsOf(input, { ...NAMES, ...OTHERS })

function validFieldsOf<Name extends string>(
  input: unknown,
  fields: Readonly<Record<Name, (value: string) => boolean>>,
): Partial<Record<Name, string>> {
  if (typeof input !== 'object' || input === null) return {}
  const values = input as Readonly<Record<string, unknown>>
  const names = (Object.keys(fields) as Name[]).filter((name) => {
    const value = values[name]
    return typeof value === 'string' && fields[name](value)
  })
  return Object.fromEntries(names.map((name) => [name, values[name]])) as Partial<Record<Name, string>>
}
