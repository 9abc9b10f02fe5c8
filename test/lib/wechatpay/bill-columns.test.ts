import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readHeader, readRow, rowOf } from '../../../lib/wechatpay/bill-columns.ts'
import { type Fields, HEADERS, payment, reversed } from './bill-text.ts'

const lineOf = (fields: Fields, header: string = HEADERS.current) =>
  header
    .split(',')
    .map((name) => `\`${fields[name] ?? ''}`)
    .join(',')

const rowFrom = (fields: Fields, header: string = HEADERS.current) =>
  readRow(lineOf(fields, header), readHeader(header))

describe('a row of a bill', () => {
  test('says what was paid, what was returned, and whose it is', () => {
    const { fields: _, ...row } = rowFrom(reversed('A', { 特约商户号: '1900000109', 订单金额: '0.50' }))
    assert.deepEqual(row, {
      out_trade_no: 'A',
      time: '2026-11-27 12:30:00',
      sub_mchid: '1900000109',
      state: 'REVOKED',
      paidFen: 50,
      returnedFen: 1230,
      refundState: 'SUCCESS',
    })
  })

  test('is read again from what was kept of it', () => {
    const row = rowFrom(payment('A', { 特约商户号: '1900000109' }))
    assert.deepEqual(rowOf(row.fields), row)
  })

  for (const [written, read] of [
    ['0', null],
    ['', null],
    ['1900000109', '1900000109'],
    ['00', '00'],
  ] as const) {
    test(`of "${written}" is ${read === null ? 'the merchant’s own' : 'of a merchant under it'}`, () => {
      assert.equal(rowFrom(payment('A', { 特约商户号: written })).sub_mchid, read)
    })
  }

  const SUMS: [yuan: string, fen: number | null][] = [
    ['12.30', 1230],
    ['12.3', 1230],
    ['12', 1200],
    ['0.05', 5],
    ['-0.01', -1],
    ['-12.30', -1230],
    [' 12.30 ', 1230],
    ['999999999999.99', 99_999_999_999_999],
    ['1000000000000', null],
    ['12.345', null],
    ['12.', null],
    ['.50', null],
    ['1,230.00', null],
    ['¥12.30', null],
    ['', null],
  ]
  for (const [yuan, fen] of SUMS) {
    test(`"${yuan}" yuan are ${fen} fen`, () => assert.equal(rowFrom(payment('A', { 订单金额: yuan })).paidFen, fen))
  }
})

describe('the mark between two fields within what a merchant wrote', () => {
  const MARK = 'one,`two,`three'
  const SHORT = HEADERS.current.replace(',商品名称', '').replace(',商户数据包', '')
  const FIRST = `商品名称,${SHORT}`

  test('moves nothing: fields after it are counted from the end', () => {
    for (const name of ['商品名称', '商户数据包']) {
      const header = `${SHORT},${name},手续费率`.replace('手续费率', '备注')
      const row = rowFrom(payment('A', { [name]: MARK, 备注: 'last' }), header)
      assert.deepEqual([row.fields.备注, row.paidFen], ['last', 1230])
    }
    const both = rowFrom(payment('A', { 商品名称: MARK, 商户数据包: 'x' }))
    assert.deepEqual([both.paidFen, both.fields.费率备注], [1230, ''])
    assert.equal(rowFrom(payment('A', { 商品名称: MARK }), FIRST).paidFen, 1230)
  })

  test('cannot be undone where no column is free text', () => {
    const line = `${lineOf(payment('A'), SHORT)},\`more`
    assert.throws(() => readRow(line, readHeader(SHORT)), {
      reason: 'not a bill',
      message: 'a row with more fields than columns',
    })
  })
})

describe('a header', () => {
  test('may begin its names as rows begin their fields', () => {
    const header = HEADERS.current
      .split(',')
      .map((name) => ` \`${name} `)
      .join(',')
    assert.deepEqual(readHeader(header), readHeader(HEADERS.current))
    assert.ok(readHeader(`${HEADERS.current},a\`b`).header.includes('a`b'))
  })

  const REFUSED: [header: string, message: string][] = [
    [HEADERS.current.replace(',订单金额', ''), 'no column 订单金额'],
    [`${HEADERS.current},交易状态`, 'two columns 交易状态'],
  ]
  for (const [header, message] of REFUSED) {
    test(`is refused: ${message}`, () => assert.throws(() => readHeader(header), { reason: 'not a bill', message }))
  }

  test('has a field for each column in every row', () => {
    const columns = readHeader(HEADERS.current)
    const message = 'a row of 2 fields under 27 columns'
    assert.throws(() => readRow('`a,`b', columns), { reason: 'not a bill', message })
  })
})
