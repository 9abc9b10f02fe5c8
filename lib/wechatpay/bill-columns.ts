import { BillRefused } from './bill-refused.ts'

/**
 * The columns we read, by the names they have had: the layout of today, and the older one that some merchants still get
 * (official: https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html).
 */
const NAMES = {
  time: ['交易时间'],
  mchid: ['商户号'],
  subMchid: ['特约商户号', '子商户号'],
  transactionId: ['微信订单号'],
  outTradeNo: ['商户订单号'],
  state: ['交易状态'],
  paid: ['订单金额', '总金额'],
  returned: ['申请退款金额', '退款金额'],
  refundState: ['退款状态'],
} as const

/** Personal, or the merchant's own business: they are never kept. */
const PRIVATE: ReadonlySet<string> = new Set(['用户标识', '商品名称', '商户数据包'])

/** Text that merchants choose, which may hold the mark between two fields. */
const FREE_TEXT: readonly string[] = ['商品名称', '商户数据包']

export type Columns = Readonly<Record<keyof typeof NAMES, number>> & { readonly header: readonly string[] }

/** One movement of an order in a bill. */
export interface BillRow {
  out_trade_no: string
  /** When it was paid, or its return was asked for: `yyyy-mm-dd hh:mm:ss` in China. */
  time: string
  /** `null` for a merchant of its own: the bill writes 0 there. */
  sub_mchid: string | null
  /** SUCCESS: paid. REFUND: refunded. REVOKED: refunded by a reverse. */
  state: string
  /** What was paid, in fen; 0 in the row of a refund. `null` when it cannot be read. */
  paidFen: number | null
  /** What was returned, in fen; 0 in the row of a payment. `null` when it cannot be read. */
  returnedFen: number | null
  /** Of a refund, as it stood when the bill was made: SUCCESS, PROCESSING, FAIL or CHANGE. */
  refundState: string
  /** The row as evidence: every field by the name of its column, but for the private ones. */
  fields: Readonly<Record<string, string>>
}

/** @throws BillRefused when a column is missing or stands twice */
export function readHeader(line: string): Columns {
  const header = line.split(',').map((name) => name.trim().replace(/^`/, ''))
  const placeOf = (names: readonly string[]): number => {
    const name = names.find((name) => header.includes(name))
    if (name === undefined) throw new BillRefused('not a bill', `no column ${names[0]}`)
    if (header.indexOf(name) !== header.lastIndexOf(name)) throw new BillRefused('not a bill', `two columns ${name}`)
    return header.indexOf(name)
  }
  const places = Object.entries(NAMES).map(([column, names]) => [column, placeOf(names)] as const)
  return { header, ...(Object.fromEntries(places) as Record<keyof typeof NAMES, number>) }
}

/** @throws BillRefused when the row has fewer fields than the header */
export const readRow = (line: string, columns: Columns): BillRow => toRow(fieldsOf(line, columns.header), columns)

/**
 * A row that was kept as evidence, read again.
 *
 * @throws BillRefused when a column that we read is missing
 */
export const rowOf = (fields: BillRow['fields']): BillRow =>
  toRow(Object.values(fields), readHeader(Object.keys(fields).join(',')))

function toRow(fields: readonly string[], columns: Columns): BillRow {
  const at = (column: keyof typeof NAMES) => fields[columns[column]]!
  const subMchid = at('subMchid')
  return {
    out_trade_no: at('outTradeNo'),
    time: at('time'),
    sub_mchid: subMchid === '0' || subMchid === '' ? null : subMchid,
    state: at('state'),
    paidFen: fenOf(at('paid')),
    returnedFen: fenOf(at('returned')),
    refundState: at('refundState'),
    fields: Object.fromEntries(
      columns.header.map((name, index) => [name, fields[index]!] as const).filter(([name]) => !PRIVATE.has(name)),
    ),
  }
}

/**
 * Fields begin with a backtick, and nothing is quoted: a comma within a name is just one. A product's name that holds the
 * mark itself makes more fields than the header has; those after the free text are then counted from the end.
 */
function fieldsOf(line: string, header: readonly string[]): string[] {
  const fields = line
    .slice(1)
    .split(',`')
    .map((field) => field.trim())
  const tooMany = fields.length - header.length
  if (tooMany < 0)
    throw new BillRefused('not a bill', `a row of ${fields.length} fields under ${header.length} columns`)
  if (tooMany === 0) return fields
  const freeFrom = Math.min(...FREE_TEXT.map((name) => header.indexOf(name)).filter((place) => place >= 0))
  if (!Number.isFinite(freeFrom)) throw new BillRefused('not a bill', 'a row with more fields than columns')
  return [...fields.slice(0, freeFrom + 1), ...fields.slice(freeFrom + 1 + tooMany)]
}

/** Bills are in yuan with two decimals; everywhere else the API has fen. */
function fenOf(yuan: string): number | null {
  const [, sign, whole, cents = ''] = /^(-?)(\d{1,12})(?:\.(\d{1,2}))?$/.exec(yuan) ?? []
  if (whole === undefined) return null
  return (sign === '-' ? -1 : 1) * (Number(whole) * 100 + Number(cents.padEnd(2, '0')))
}
