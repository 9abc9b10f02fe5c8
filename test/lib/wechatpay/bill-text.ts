import { createHash } from 'node:crypto'

/** The two layouts as official pages and public copies show them. */
export const HEADERS = {
  current:
    '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注',
  older:
    '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,企业红包金额,微信退款单号,商户退款单号,退款金额,企业红包退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率',
} as const

/** One row by the names of its columns; every other field is empty. */
export type Fields = Record<string, string>

export const payment = (out_trade_no: string, otherwise: Fields = {}): Fields => ({
  交易时间: '2026-11-27 12:30:00',
  商户号: '1900000001',
  特约商户号: '0',
  微信订单号: '4200000000202611270000000001',
  商户订单号: out_trade_no,
  用户标识: 'o-payer',
  交易状态: 'SUCCESS',
  总金额: '12.30',
  订单金额: '12.30',
  应结订单金额: '12.30',
  退款金额: '0.00',
  申请退款金额: '0.00',
  商品名称: 'a coffee',
  商户数据包: 'till 7',
  ...otherwise,
})

export const reversed = (out_trade_no: string, otherwise: Fields = {}): Fields => ({
  ...payment(out_trade_no),
  交易状态: 'REVOKED',
  总金额: '0.00',
  订单金额: '0.00',
  应结订单金额: '0.00',
  退款金额: '12.30',
  申请退款金额: '12.30',
  退款状态: 'SUCCESS',
  ...otherwise,
})

export interface BillOtherwise {
  header?: string
  lineEnd?: string
  before?: string
  count?: number | string
  after?: string
}

/** A bill of these rows. */
export function billText(
  rows: readonly Fields[],
  { header = HEADERS.current, lineEnd = '\r\n', before = '', count = rows.length, after = '' }: BillOtherwise = {},
): string {
  const names = header.split(',')
  const lines = rows.map((row) => names.map((name) => `\`${row[name] ?? ''}`).join(','))
  const summary = ['总交易单数,应结订单总金额,退款总金额', `\`${count},\`0.00,\`0.00`]
  return before + [header, ...lines, ...summary, ''].join(lineEnd) + after
}

export const sha1 = (bytes: string | Buffer) => createHash('sha1').update(bytes).digest('hex')
