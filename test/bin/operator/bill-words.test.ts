import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { billTroubleInChinese } from '../../../bin/operator/settlement/bill-words.zh-CN.ts'

const lib = join(import.meta.dirname, '../../../lib')

/** Every text after this, with a value where a name stands. */
const textsAfter = (pattern: string, files: string) =>
  globSync(join(lib, files)).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(RegExp(`${pattern}(?:'([^'\\n]*)'|\`([^\`\\n]*)\`)`, 'g'))].map(
      ([, plain, template = '']) => plain ?? template.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '7'),
    ),
  )

test('whatever a bill is refused for has Chinese words', () => {
  const reasons = textsAfter("BillRefused\\('[^']*', ", 'wechatpay/bill*.ts')
  assert.ok(reasons.length > 20, String(reasons.length))
  for (const reason of reasons) {
    assert.doesNotMatch(billTroubleInChinese(reason), /[a-z]{2,} [a-z]{2,}/, reason)
  }
})

test('whatever a bill is waited for has Chinese words, but for a code of WeChat Pay', () => {
  const details = textsAfter("kind: 'not ready', date, detail: ", '{settlement,wechatpay}/*.ts')
  assert.ok(details.length > 2, String(details.length))
  for (const detail of [...details, 'not made yet']) {
    assert.doesNotMatch(billTroubleInChinese(detail), /[a-z]{2,} [a-z]{2,}/, detail)
  }
})

test('a refusal with its detail: what WeChat Pay said stays as it came', () => {
  const cases = [
    ['no answer: timeout', '没有应答：等待超时'],
    ['cut: ECONNRESET', '中途断了：ECONNRESET'],
    ['refused: 403 NO_AUTH 商户无权限: see the platform', '被拒绝：403 NO_AUTH 商户无权限: see the platform'],
    ['unverified: wrong signature: 200', '应答验签不通过：签名不符：200'],
    ['not a bill: row 3: 微信订单号 is no number', '不是账单：第 3 条记录：微信订单号不是数字'],
    ['wrong count: 2 rows, and the summary says 3', '记录数不符：有 2 条记录，汇总却说 3 条'],
  ] as const
  for (const [english, chinese] of cases) assert.equal(billTroubleInChinese(english), chinese)
})
