import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { readPrivateKey, readPublicKey } from '../../../lib/wechatpay/pem.ts'
import { keys, privatePem, secretOf } from './keys-and-secrets.ts'

test('whatever the secret, it is a merchant or refused with words that hold none of its values', () => {
  const names = Object.keys(secretOf())
  const sentinel = 'SENTINEL'
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string(),
    fc.constant(sentinel),
    fc.constant(`-----BEGIN PRIVATE KEY-----${sentinel}`),
  )
  const secret = fc.oneof(
    fc.string(),
    fc.json(),
    fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value).map((fields) => JSON.stringify(fields)),
    fc.dictionary(fc.constantFrom(...names), value).map((fields) => JSON.stringify(secretOf(fields))),
  )
  fc.assert(
    fc.property(secret, (text) => {
      try {
        parseMerchant(text)
      } catch (error) {
        const { message } = error as Error
        assert.match(message, /^(\w+(\.[\w:=. -]+)?: )?(is|has|looks|must|names|the name) /)
        assert.ok(!message.includes(sentinel))
      }
    }),
    { numRuns: 500 },
  )
})

test('whatever the text, it is read or refused, in good time, and the words hold none of it', () => {
  const pem = privatePem(keys.merchant)
  const text = fc.oneof(
    fc.string({ maxLength: 200, unit: 'binary' }),
    fc.base64String({ maxLength: 400 }),
    fc.tuple(fc.nat(pem.length), fc.nat(pem.length)).map(([from, to]) => pem.slice(from, to)),
    fc
      .tuple(fc.nat(pem.length), fc.string({ maxLength: 5 }))
      .map(([at, some]) => pem.slice(0, at) + some + pem.slice(at)),
    fc.constantFrom(
      '\\'.repeat(65_536),
      '"'.repeat(65_536),
      '-----BEGIN '.repeat(6_000),
      ' '.repeat(65_536),
      '-----BEGIN A-----'.repeat(3_000),
    ),
  )
  fc.assert(
    fc.property(text, (shaped) => {
      for (const read of [readPrivateKey, readPublicKey]) {
        const startedAt = performance.now()
        try {
          read(shaped)
        } catch (error) {
          const { message } = error as Error
          assert.match(message, /^(is|has) [\w' ]+/)
          for (const line of pem.trim().split('\n').slice(1, -1)) assert.ok(!message.includes(line.slice(0, 20)))
        }
        // A pattern that backtracks would take minutes.
        assert.ok(performance.now() - startedAt < 2_000)
      }
    }),
    { numRuns: 300 },
  )
})
