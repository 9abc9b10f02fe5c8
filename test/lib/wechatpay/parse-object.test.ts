import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseObject } from '../../../lib/wechatpay/parse-object.ts'

describe('a JSON object from the wire', () => {
  // JSON.parse never makes a `__proto__` that JSON.stringify would lose again.
  const name = fc.oneof(fc.string(), fc.constantFrom('"', '\\', '\\"', ':', '{', '}', ',"a":', '\\\\', '支付'))
  const object = fc.dictionary(name, fc.oneof(fc.jsonValue(), name)).map((value) => JSON.stringify(value))

  test('is read as it stands, whatever its names and texts hold', () => {
    fc.assert(fc.property(object, (json) => assert.deepEqual(parseObject(json), JSON.parse(json))))
  })

  test('is refused when a name stands twice in it, at whatever place', () => {
    const doubled = fc.tuple(object, name, fc.jsonValue()).map(([json, twice, value]) => {
      const member = `${JSON.stringify(twice)}:${JSON.stringify(value)}`
      return json === '{}' ? `{${member},${member}}` : `{${member},${json.slice(1, -1)},${member}}`
    })
    fc.assert(fc.property(doubled, (json) => assert.equal(parseObject(json), undefined, json)))
  })

  test('may hold a name again further in, and blanks anywhere', () => {
    assert.deepEqual(parseObject(' { "a" : { "a" : [ { "a" : 1 } ] } } '), { a: { a: [{ a: 1 }] } })
  })
})
