import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseObject } from '../../../lib/wechatpay/parse-object.ts'

describe('a JSON object from the wire', () => {
  const odd = fc.constantFrom('"', '\\', '\\"', ':', '{', '}', '[', ',"a":', '\\\\', '\n', '支付', '')
  const isPlain = (name: string) => !JSON.stringify(name).includes('\\')
  const name = fc.oneof(fc.string(), odd).filter(isPlain)
  const member = fc.tuple(name, fc.oneof(fc.jsonValue(), fc.string(), odd))
  const written = ([key, value]: [string, unknown]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`
  const members = fc.uniqueArray(member, { selector: ([key]) => key, maxLength: 8 })

  test('is read as it stands, whatever its names and texts hold', () => {
    fc.assert(
      fc.property(members, (all) => {
        const json = `{${all.map(written).join()}}`
        assert.deepEqual(parseObject(json), JSON.parse(json))
      }),
      { numRuns: 1_000 },
    )
  })

  test('is refused when a name stands twice in it, at whatever place', () => {
    fc.assert(
      fc.property(members, member, fc.jsonValue(), fc.nat(), (all, [twice, value], other, at) => {
        const before = all.toSpliced(at % (all.length + 1), 0, [twice, other])
        assert.equal(
          parseObject(`{${[...before, [twice, value] as [string, unknown]].map(written).join()}}`),
          undefined,
        )
      }),
      { numRuns: 1_000 },
    )
  })

  test('may begin with a byte order mark, and loses none within', () => {
    assert.deepEqual(parseObject('\uFEFF{"a":"\uFEFF"}'), { a: '\uFEFF' })
    assert.deepEqual(parseObject('{"a":"\uFEFF"}'), { a: '\uFEFF' })
  })

  test('is refused when a name is written with escapes', () => {
    for (const json of ['{"mch\\u0069d":"1"}', '{"a":1,"\\"":2}', '{"\\\\":{}}', '{"a":"b","c\\/":"d"}']) {
      assert.equal(parseObject(json), undefined, json)
    }
  })

  test('may hold a name again further in, escapes in its texts, and blanks anywhere', () => {
    const json = ' { "a" : { "a" : [ { "a" : 1, "\\u0061" : "\\"" } ] } , "b":"\\\\" } '
    assert.deepEqual(parseObject(json), JSON.parse(json))
  })
})
