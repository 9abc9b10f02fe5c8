import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { containsSignature, redact } from '../../../lib/wechatpay/redact.ts'

const made = randomBytes(256).toString('base64')

/** Ways in which a server may give our signature back. */
const ECHOES: Record<string, string> = {
  'as it was': made,
  'in a sentence': `the signature was ${made}, sorry`,
  'with a letter glued to its front': `X${made}`,
  'with letters glued to both ends': `abc${made.slice(20, 80)}abc`,
  'without its last characters': `A${made.slice(0, -2)}A`,
  'with escaped slashes': made.replaceAll('/', '\\/'),
  'percent-encoded': encodeURIComponent(made),
  'in base64 once more': Buffer.from(made).toString('base64'),
  'in a string of JSON': JSON.stringify({ attach: `signed: ${made}` }),
  'over many strings of JSON': JSON.stringify(made.match(/.{1,64}/g)),
  'over many short strings of JSON': JSON.stringify(made.match(/.{1,31}/g)),
  'in base64 once more, glued': `X${Buffer.from(made).toString('base64')}`,
}

describe('a signature of ours that comes back', () => {
  for (const [how, text] of Object.entries(ECHOES)) {
    test(`is seen ${how}`, () => assert.equal(containsSignature(text, made), true))
    test(`is cut out ${how}`, () => {
      const kept = redact(text, made)
      for (let from = 0; from + 32 <= made.length; from += 1) {
        assert.ok(!kept.includes(made.slice(from, from + 32)))
      }
    })
  }

  test('is not seen where it is not', () => {
    assert.equal(containsSignature(randomBytes(256).toString('base64'), made), false)
    assert.equal(
      containsSignature('{"trade_state":"REVOKED","transaction_id":"4200000000000000000000000001"}', made),
      false,
    )
    assert.equal(redact('ORDER_NOT_EXIST', made), 'ORDER_NOT_EXIST')
  })
})
