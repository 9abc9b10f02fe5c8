import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BillRow } from '../../../lib/wechatpay/bill-columns.ts'
import { type BillReaderOptions, createBillReader } from '../../../lib/wechatpay/bill-reader.ts'
import type { BillRefused } from '../../../lib/wechatpay/bill-refused.ts'
import { billText, type Fields, HEADERS, payment, reversed } from './bill-text.ts'

const WANTED = 'A_1-2*3'

/** Reads a text in pieces of so many bytes. */
function read(text: string, pieceBytes = 64 * 1024, otherwise: Partial<BillReaderOptions> = {}) {
  const rows: BillRow[] = []
  const bytes = Buffer.from(text)
  const reader = createBillReader({
    mchid: '1900000001',
    date: '2026-11-27',
    wants: (out_trade_no) => out_trade_no === WANTED,
    found: (row) => rows.push(row),
    ...otherwise,
  })
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.write(bytes.subarray(at, at + pieceBytes))
  return { count: reader.end().rows, rows }
}

const refused = (reason: BillRefused['reason']) => (error: unknown) => {
  assert.equal((error as BillRefused).reason, reason, String(error))
  return true
}

const others = Array.from({ length: 5 }, (_, index) => payment(`OTHER${index}`))
const bill = [...others, payment(WANTED), ...others, reversed(WANTED)]

const lines = billText(bill).split('\r\n')

for (const [layout, header] of Object.entries(HEADERS)) {
  for (const [name, otherwise] of Object.entries({
    'as it comes': {},
    'with bare line feeds': { lineEnd: '\n' },
    'with a byte order mark': { before: '\uFEFF' },
    'without its last line end': { after: '\r\n\r\n' },
  })) {
    test(`the ${layout} layout ${name} is read, however its bytes are cut`, () => {
      const text = billText(bill, { header, ...otherwise })
      for (const pieceBytes of [1, 2, 3, 7, 64, 1024, 65_536]) {
        const { count, rows } = read(text, pieceBytes)
        assert.equal(count, 12)
        assert.deepEqual(
          rows.map(({ state, paidFen, returnedFen }) => [state, paidFen, returnedFen]),
          [
            ['SUCCESS', 1230, 0],
            ['REVOKED', 0, 1230],
          ],
        )
      }
    })
  }
}

const NAMES = {
  'commas and quotes': '拿铁 "大杯", 热, 去冰',
  'an odd quote': 'a 6" pizza',
  'a backtick': 'Joe`s',
  'a line break': 'two\nlines',
  'a blank line': 'two\r\n\r\nlines',
  'a line that begins with the first byte of the summary': '拿铁\n抹茶',
  'the mark between two fields': 'one,`two,`three',
  'the words of the summary': 'x,总交易单数',
}
for (const [name, text] of Object.entries(NAMES)) {
  test(`a product's name that holds ${name} moves nothing`, () => {
    const row = (otherwise: Fields) => ({ ...otherwise, 商品名称: text })
    const { count, rows } = read(billText([row(payment('OTHER')), row(payment(WANTED)), row(reversed(WANTED))]), 5)
    assert.equal(count, 3)
    assert.deepEqual(
      rows.map(({ state, paidFen, returnedFen, refundState }) => [state, paidFen, returnedFen, refundState]),
      [
        ['SUCCESS', 1230, 0, ''],
        ['REVOKED', 0, 1230, 'SUCCESS'],
      ],
    )
  })
}

test('columns are found by name, wherever they stand', () => {
  const header = HEADERS.current.split(',').reverse().join(',')
  assert.deepEqual(
    read(billText(bill, { header })).rows.map(({ state }) => state),
    ['SUCCESS', 'REVOKED'],
  )
})

test('a kept row names no customer, no product and nothing of the merchant', () => {
  const [row] = read(billText([payment(WANTED)])).rows
  assert.equal(row!.fields.商户订单号, WANTED)
  assert.equal(row!.fields.订单金额, '12.30')
  for (const name of ['用户标识', '商品名称', '商户数据包']) assert.equal(name in row!.fields, false)
  assert.doesNotMatch(JSON.stringify(row), /o-payer|coffee|till 7/)
})

test('a provider finds whose order it was', () => {
  const [row] = read(billText([payment(WANTED, { 特约商户号: '1900000109' })])).rows
  assert.equal(row!.sub_mchid, '1900000109')
})

test('the rows of all reversed payments can be wanted too', () => {
  const { rows } = read(billText([payment('X'), reversed('X'), payment('Y')]), 100, { wantsRevoked: true })
  assert.deepEqual(
    rows.map(({ out_trade_no, state }) => [out_trade_no, state]),
    [['X', 'REVOKED']],
  )
})

describe('of what stands in other fields', () => {
  const stateFirst = `交易状态,${HEADERS.current.replace('交易状态,', '')}`
  const device = { 设备号: 'REVOKED' }

  test('a reversed payment is not wanted unasked, wherever its state stands', () => {
    assert.deepEqual(read(billText([reversed('X')], { header: stateFirst })).rows, [])
  })

  test('no device makes a payment a reversed one', () => {
    assert.deepEqual(read(billText([payment('X', device)]), 100, { wantsRevoked: true }).rows, [])
  })

  test('a comma and a backtick move nothing, unless they stand side by side', () => {
    for (const 设备号 of ['till,7', 'till`7', 'till`,7', ',till']) {
      assert.deepEqual(read(billText([payment(WANTED, { 设备号 })])).rows.length, 1, 设备号)
    }
  })

  test('a bill without names and data of merchants is read too', () => {
    const header = HEADERS.current.replace('商品名称,商户数据包,', '')
    assert.equal(read(billText([payment(WANTED)], { header })).rows.length, 1)
  })
})

test('a bill is longer than a piece, and than the longest line', () => {
  const many = Array.from({ length: 2_000 }, (_, index) => payment(`OTHER${index}`))
  const text = billText([...many, payment(WANTED)])
  assert.ok(text.length > 2 * 65_536)
  assert.deepEqual([read(text).count, read(text).rows.length], [2_001, 1])
})

test('a line may have 64 kB, and not a byte more', () => {
  const begun = `${lines[0]}\r\n`
  const long = (bytes: number) => `\`${'0'.repeat(bytes - 1)}`
  const pieceBytes = Buffer.byteLength(begun) + 65_537
  const tooLong = { reason: 'too large', message: 'a line without end' }
  assert.throws(() => read(begun + long(65_537), pieceBytes), tooLong)
  assert.throws(() => read(begun + long(65_536), pieceBytes), { reason: 'not a bill' })
})

test('a sum that cannot be read is none', () => {
  const [row] = read(billText([payment(WANTED, { 订单金额: '1,2.30', 申请退款金额: '' })])).rows
  assert.deepEqual([row!.paidFen, row!.returnedFen], [null, null])
})

const BROKEN: [string, BillRefused['reason'], string][] = [
  ['is empty', 'not a bill', ''],
  ['is a page', 'not a bill', '<html>\r\n<body>Sign in</body>\r\n'],
  ['lacks a column', 'not a bill', billText(bill, { header: HEADERS.current.replace('商户订单号', '订单号') })],
  ['has a column twice', 'not a bill', billText(bill, { header: `${HEADERS.current},商户订单号` })],
  ['has one row less', 'wrong count', lines.filter((_, index) => index !== 3).join('\r\n')],
  [
    'has one row twice',
    'wrong count',
    lines.flatMap((line, index) => (index === 3 ? [line, line] : [line])).join('\r\n'),
  ],
  ['has no summary', 'wrong count', lines.slice(0, -3).join('\r\n')],
  ['ends with the names of the summary', 'not a bill', lines.slice(0, -2).join('\r\n')],
  ['has rows after its summary', 'not a bill', [...lines.slice(0, -1), lines[1], ''].join('\r\n')],
  ['has a line that is no row', 'not a bill', [lines[0], 'a note', ...lines.slice(1)].join('\r\n')],
  ['has a line after its summary', 'not a bill', `${billText(bill)}12,0.00\r\n`],
  ['has two summaries', 'not a bill', [...lines.slice(0, -1), ...lines.slice(-3)].join('\r\n')],
  ['counts in words', 'not a bill', billText(bill, { count: 'twelve' })],
  ['has a row of another merchant', 'another merchant', billText([payment('X', { 商户号: '1900000002' })])],
  ['has no row of the day', 'another day', billText([payment('X', { 交易时间: '2026-11-26 23:59:59' })])],
  ['has a field more before the order number', 'not a bill', billText([payment('X', { 设备号: 'till,`x' })])],
  ['has a row cut short', 'not a bill', [lines[0], lines[1]!.slice(0, 40), ...lines.slice(-3)].join('\r\n')],
  ['has a line without end', 'too large', `${lines[0]}\r\n\`${'0'.repeat(200_000)}`],
  ['is nothing but zeros', 'too large', '\0'.repeat(200_000)],
]
for (const [what, reason, text] of BROKEN) {
  test(`a bill that ${what} is refused: ${reason}`, () => {
    for (const pieceBytes of [1024, 65_536]) assert.throws(() => read(text, pieceBytes), refused(reason))
  })
}

test('a wanted row that lacks fields is refused', () => {
  const cut = lines[6]!.split(',`').slice(0, 20).join(',`')
  assert.match(cut, /A_1-2\*3/)
  const text = [...lines.slice(0, 6), cut, ...lines.slice(7)].join('\r\n')
  assert.throws(() => read(text), refused('not a bill'))
})

test('a bill without a row is whole, and its summary may be short', () => {
  assert.deepEqual(read(billText([])), { count: 0, rows: [] })
  for (const summary of ['`1,`0.00', '`1', '1', '1,0.00']) {
    const text = [...lines.slice(0, 2), lines.at(-3), summary, ''].join('\r\n')
    assert.equal(read(text).count, 1, summary)
  }
})

const DETAILS: [detail: string, text: string][] = [
  ['row 1: 微信订单号 is no number', billText([payment('X', { 微信订单号: '42/00' })])],
  ['row 1: 微信订单号 is no number', billText([payment('X', { 微信订单号: '42:00' })])],
  ['row 1: 微信订单号 is no number', billText([payment('X', { 微信订单号: '' })])],
  ['row 2', billText([payment('X'), payment('Y', { 商户号: '19000000011' })])],
  ['row 1 has 2 fields', [lines[0], '`a,`b', ...lines.slice(-3)].join('\r\n')],
  [
    'row 1 does not begin with a backtick',
    [lines[0], '2026-11-27 12:30:00,wx1,1900000001', ...lines.slice(1)].join('\r\n'),
  ],
  ['is empty', ''],
  ['has no summary', lines.slice(0, 2).join('\r\n')],
  ['the summary cannot be read', billText([payment('X')], { count: '1x' })],
  ['1 rows, and the summary says 2', billText([payment('X')], { count: 2 })],
  ['none of 1 rows is of 2026-11-27', billText([payment('X', { 交易时间: '2026-11-28 00:00:00' })])],
]
for (const [message, text] of DETAILS) {
  test(`what is wrong with a bill is said: ${message}`, () => assert.throws(() => read(text), { message }))
}

test('a 9 is a number', () => {
  assert.equal(read(billText([payment('X', { 微信订单号: '4200000000909' })])).count, 1)
})
