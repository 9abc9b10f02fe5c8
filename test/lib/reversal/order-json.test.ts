import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseOrderJson } from '../../../lib/reversal/order-json.ts'

describe('an order as JSON', () => {
  test('is read as it stands', () => {
    const order = { mchid: '1', if_paid: 'keep', history: { paid: { body: '{"a":1,"a":2}' } } }
    assert.deepEqual(parseOrderJson(JSON.stringify(order), 'body'), order)
  })

  const REFUSED: [text: string, why: string][] = [
    ['', 'must be JSON'],
    ['{', 'must be JSON'],
    ['[]', 'must be a JSON object'],
    ['null', 'must be a JSON object'],
    ['"mchid"', 'must be a JSON object'],
    ['{"if_paid":"keep","if_paid":"refund"}', 'must name each field once'],
    ['{"if_paid":"keep","if\\u005fpaid":"refund"}', 'must name each field once'],
  ]
  for (const [text, why] of REFUSED) {
    for (const what of ['body', 'message', 'line'] as const) {
      test(`is refused in a ${what}: ${text}`, () => {
        assert.throws(() => parseOrderJson(text, what), { name: 'InvalidOrder', message: `the ${what} ${why}` })
      })
    }
  }
})
