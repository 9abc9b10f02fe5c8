import assert from 'node:assert/strict'
import { test } from 'node:test'
import { padEnd, widthOf, wrap } from '../../../bin/language/width.ts'

test('a Chinese character takes two columns, a colour none', () => {
  assert.equal(widthOf('撤销 ok'), 7)
  assert.equal(widthOf('\u001b[32m撤销\u001b[39m'), 4)
  assert.equal(padEnd('撤销', 6), '撤销  ')
})

test('lines break between Chinese characters, never beyond their columns', () => {
  const wrapped = wrap('没有验签通过的应答说明订单状态', 10)
  assert.equal(wrapped.replaceAll('\n', ''), '没有验签通过的应答说明订单状态')
  assert.ok(wrapped.split('\n').every((line) => widthOf(line) <= 10))
})

test('no line begins with a stop, none ends with an opening bracket', () => {
  for (let columns = 8; columns < 40; columns += 1) {
    const wrapped = wrap('先查单，再撤销（最多7天）；仍然没有结果的，请看“运维手册”。', columns)
    assert.doesNotMatch(wrapped, /\n[，。；：、）”]|[（“]\n/, `${columns} columns`)
  }
})

test('words are not parted, and lines keep their own breaks', () => {
  assert.equal(wrap('the answer does not verify\n  at all', 10), 'the answer\ndoes not\nverify\n  at all')
  assert.equal(wrap('运行 npm run doctor', 8), '运行 npm\nrun\ndoctor')
})
