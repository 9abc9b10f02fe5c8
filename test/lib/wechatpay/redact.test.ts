import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { containsSignature, redact, redactDeep } from '../../../lib/wechatpay/redact.ts'

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
  'in base64 once more, beside a longer word': `${'x'.repeat(120)} ${Buffer.from(made).toString('base64')}`,
  'with every character percent-encoded': made.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`),
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

  test('is seen when every part of it has characters that are escaped', () => {
    const slashed = 'abc/+12/'.repeat(43)
    for (const text of [slashed.replaceAll('/', '\\/'), encodeURIComponent(slashed)]) {
      assert.equal(containsSignature(`say: ${text}`, slashed), true)
    }
  })

  test('is seen in a string of JSON by 16 characters, from wherever they were cut', () => {
    for (const length of [16, 17, 30, 31, 32]) {
      for (let from = 0; from < 16; from++) {
        const text = JSON.stringify({ attach: made.slice(from, from + length), detail: 'x' })
        assert.equal(containsSignature(text, made), true, text)
      }
    }
    assert.equal(containsSignature(JSON.stringify(['x', `X${made.slice(16, 46)}`]), made), true, 'glued')
    for (const from of [0, 5]) {
      assert.equal(containsSignature(JSON.stringify({ attach: made.slice(from, from + 15) }), made), false)
    }
  })

  test('is seen by its last characters', () => {
    const even = randomBytes(252).toString('base64')
    assert.equal(containsSignature(`${'-'.repeat(20)}${even.slice(-16)}`, even), true)
  })

  test('is not seen where it is not', () => {
    assert.equal(containsSignature('a sentence of many words, none of which is of it', made), false)
    assert.equal(containsSignature(randomBytes(256).toString('base64'), made), false)
    assert.equal(
      containsSignature('{"trade_state":"REVOKED","transaction_id":"4200000000000000000000000001"}', made),
      false,
    )
    assert.equal(redact('ORDER_NOT_EXIST', made), 'ORDER_NOT_EXIST')
  })
})

describe('what is kept of a text that we did not write', () => {
  const rows: [title: string, text: string, kept: string][] = [
    [
      'words',
      'order 4200000000000000000000000001 and ABCDEFGHIJKLMNOPQRST',
      'order 4200000000000000000000000001 and ABCDEFGHIJKLMNOPQRST',
    ],
    ['a piece of our signature', `got ${made.slice(20, 44)}, sorry`, 'got [our signature], sorry'],
    [
      'an Authorization, to the end of the text',
      'you sent WECHATPAY2-SHA256-RSA2048  mchid="1",nonce_str="2",\nsignature="3"',
      'you sent [our Authorization]',
    ],
    ['a run of 100 characters', `a ${'x'.repeat(100)} b`, 'a [redacted] b'],
    ['a run in any coding', `a ${'%2B+/=\\-_9'.repeat(10)} b`, 'a [redacted] b'],
    ['one of 99', 'x'.repeat(99), 'x'.repeat(99)],
    ['a long text', 'ab '.repeat(400), 'ab '.repeat(400).slice(0, 1_024)],
    ['its first 4,096 characters', `${'x'.repeat(4_096)} end`, '[redacted]'],
  ]
  for (const [title, text, kept] of rows) test(title, () => assert.equal(redact(text, made), kept))

  test('all texts in JSON, and their names', () => {
    const value = { [made]: [made, 1, null, true, { name: made }], a: 'b' }
    assert.deepEqual(redactDeep(value, made), {
      '[redacted]': ['[redacted]', 1, null, true, { name: '[redacted]' }],
      a: 'b',
    })
  })

  test('eight levels of JSON', () => {
    const nested = (levels: number, wrap: (value: unknown) => unknown, inner: unknown): unknown =>
      levels === 0 ? inner : wrap(nested(levels - 1, wrap, inner))
    for (const wrap of [(value: unknown) => [value], (value: unknown) => ({ a: value })]) {
      assert.deepEqual(redactDeep(nested(9, wrap, 'x'), made), nested(8, wrap, '[too deep]'))
      assert.deepEqual(redactDeep(nested(8, wrap, 'x'), made), nested(8, wrap, 'x'))
    }
  })
})
