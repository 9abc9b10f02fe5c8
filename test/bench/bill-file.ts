import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { HEADERS, payment } from '../lib/wechatpay/bill-text.ts'

export const BILL_MCHID = '1900000001'
export const BILL_DATE = '2026-11-27'

/** The order in a row of the bill. */
export const orderOfRow = (row: number) => `POS-${row.toString(36).toUpperCase().padStart(12, '0')}`

const GOODS = ['拿铁 "大杯", 热', '早餐套餐 B', '矿泉水 550ml × 2', '会员充值', '停车费 2 小时']

const clock = (part: number) => String(part).padStart(2, '0')

/** Rows that are made together: one by one would take longer than what is measured. */
const AT_ONCE = 500

/** Writes a bill of so many payments, as hard to inflate as a real one: no number comes twice. Returns its SHA-1. */
export async function writeBill(file: string, rows: number): Promise<string> {
  const hash = createHash('sha1')
  const names = HEADERS.current.split(',')
  const rowOf = (row: number) => {
    const noise = randomBytes(32)
    const sum = (noise.readUInt16LE(8) / 100).toFixed(2)
    const fields = payment(orderOfRow(row), {
      交易时间: `${BILL_DATE} ${clock(noise[10]! % 24)}:${clock(noise[11]! % 60)}:${clock(noise[12]! % 60)}`,
      微信订单号: `42000${noise.readBigUInt64LE(0).toString().padStart(20, '0')}`,
      用户标识: `oUpF8uMu${noise.toString('base64url', 13, 28)}`,
      商品名称: GOODS[noise[29]! % GOODS.length]!,
      订单金额: sum,
      应结订单金额: sum,
    })
    return `${names.map((name) => `\`${fields[name] ?? '0'}`).join(',')}\r\n`
  }
  function* texts() {
    yield `\uFEFF${HEADERS.current}\r\n`
    for (let from = 0; from < rows; from += AT_ONCE) {
      const length = Math.min(AT_ONCE, rows - from)
      yield Array.from({ length }, (_, index) => rowOf(from + index)).join('')
    }
    const sums = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额'
    yield `${sums}\r\n\`${rows},\`0.00,\`0.00,\`0.00,\`0.00,\`0.00,\`0.00\r\n`
  }
  function* hashed() {
    for (const text of texts()) {
      const bytes = Buffer.from(text)
      hash.update(bytes)
      yield bytes
    }
  }
  await pipeline(Readable.from(hashed()), createGzip(), createWriteStream(file))
  return hash.digest('hex')
}
