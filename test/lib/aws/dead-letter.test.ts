import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SQSRecord } from 'aws-lambda'
import fc from 'fast-check'
import { type Letter, lettersOf } from '../../../lib/aws/dead-letter.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'

/** What SQS takes in the text of an attribute: the characters of XML 1.0. */
const XML = /^[\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]+$/u

const textsOf = ({ MessageAttributes }: Letter) =>
  Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]))

const text = (stringValue: string): SQSRecord['messageAttributes'][string] => ({ dataType: 'String', stringValue })

const first = (error: ReversalError, messageAttributes: SQSRecord['messageAttributes'] = {}, body = '{}') =>
  lettersOf({ body, messageAttributes }, error)[0]!

describe('a dead letter says why', () => {
  test('with the name, the detail, and what WeChat Pay said', () => {
    const error = new ReversalError('ReversalRejected', 'refused', { code: 'NO_AUTH', request_id: '08-1' })
    assert.deepEqual(textsOf(first(error)), {
      error: 'ReversalRejected',
      detail: 'refused',
      code: 'NO_AUTH',
      request_id: '08-1',
    })
  })

  test('only with what has a value', () => {
    const error = new ReversalError('InvalidOrder', 'appid: is missing', { code: '', request_id: undefined })
    assert.deepEqual(textsOf(first(error)), { error: 'InvalidOrder', detail: 'appid: is missing' })
  })

  test('in characters and lengths that SQS takes', () => {
    const error = new ReversalError('InvalidOrder', `a\u0000b\uFFFE\uD800c😀\n`, { code: 'x'.repeat(5000) })
    const { detail, code } = textsOf(first(error))
    assert.equal(detail, 'a\uFFFDb\uFFFD\uFFFDc😀\n')
    assert.equal(code!.length, 1024)
  })

  test('beside the attributes the message had, whose old reason gives way', () => {
    const own = { shop: text('Shanghai'), error: text('ReversalExpired'), code: text('OLD') }
    const letter = first(new ReversalError('InvalidOrder', 'x'), own)
    assert.deepEqual(textsOf(letter), { shop: 'Shanghai', error: 'InvalidOrder', detail: 'x' })
  })

  test('beside bytes as they were', () => {
    const binaryValue = Buffer.from([0, 255]).toString('base64')
    const { MessageAttributes } = first(new ReversalError('InvalidOrder', 'x'), {
      trace: { dataType: 'Binary', binaryValue },
      shop: text('Shanghai'),
    })
    assert.deepEqual(MessageAttributes.trace, { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) })
    assert.deepEqual(MessageAttributes.shop, { DataType: 'String', StringValue: 'Shanghai' })
  })

  test('beside as many of the attributes as leave the reason its places among ten', () => {
    const own = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`own${index}`, text('x')]))
    const names = Object.keys(first(new ReversalError('InvalidOrder', 'x'), own).MessageAttributes)
    assert.deepEqual(names, [...Object.keys(own).slice(0, 8), 'error', 'detail'])
  })

  test('also when SQS refuses the attributes the message had, and at last its length', () => {
    const letters = lettersOf(
      { body: 'x'.repeat(50_000), messageAttributes: { shop: text('Shanghai') } },
      new ReversalError('InvalidOrder', 'x'),
    )
    assert.deepEqual(
      letters.map((letter) => [letter.MessageBody.length, Object.keys(letter.MessageAttributes)]),
      [
        [50_000, ['shop', 'error', 'detail']],
        [50_000, ['error', 'detail']],
        [33_616, ['error', 'detail']],
      ],
    )
  })

  test('whatever the message and the error hold: SQS takes the last of them', () => {
    const anyText = fc.string({ unit: 'binary', maxLength: 2000 })
    const anyAttributes = fc.dictionary(fc.string({ minLength: 1 }), anyText.map(text), { maxKeys: 12 })
    fc.assert(
      fc.property(
        anyText,
        anyAttributes,
        anyText,
        anyText,
        anyText,
        (body, messageAttributes, detail, code, request_id) => {
          const error = new ReversalError('InvalidOrder', detail, { code, request_id })
          const letters = lettersOf({ body: `${body}.`, messageAttributes }, error)
          for (const { MessageAttributes } of letters) assert.ok(Object.keys(MessageAttributes).length <= 10)
          const { MessageBody, MessageAttributes } = letters.at(-1)!
          assert.ok(MessageBody.length >= 1)
          let bytes = 0
          for (const [name, { DataType, StringValue }] of Object.entries(MessageAttributes)) {
            assert.match(StringValue!, XML)
            bytes += Buffer.byteLength(name + DataType + StringValue)
          }
          assert.ok(bytes < 16_384)
        },
      ),
    )
  })
})
