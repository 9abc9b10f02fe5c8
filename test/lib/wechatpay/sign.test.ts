import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Formatter, Rsa } from 'wechatpay-axios-plugin'
import { authorize, signedHeaders } from '../../../lib/wechatpay/sign.ts'
import { keys, MCHID, merchantOf, PUBLIC_KEY_ID, SERIAL } from './keys-and-secrets.ts'

const merchant = merchantOf()
const publicKey = createPublicKey(keys.merchant)

describe('a signature', () => {
  test('verifies over method, target, time, nonce and body, each ended by a line feed', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.nat(),
        fc.string(),
        fc.string({ unit: 'binary' }),
        (method, target, time, nonce, body) => {
          const { signature } = authorize(merchant, method, target, body, time, nonce)
          const message = Buffer.from(`${method}\n${target}\n${time}\n${nonce}\n${body}\n`)
          assert.ok(verify('sha256', message, publicKey, Buffer.from(signature, 'base64')))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('is the same as that of a library that is not ours', () => {
    const { signature, header } = authorize(merchant, 'GET', '/a?b=*', '', 1767225600, 'nonce')
    assert.equal(
      signature,
      Rsa.sign(Formatter.request('GET', '/a?b=*', 1767225600, 'nonce', ''), keys.merchant as never),
    )
    const fields = (text: string) => text.slice(text.indexOf(' ')).trim().split(',').sort()
    assert.deepEqual(fields(header), fields(Formatter.authorization(MCHID, 'nonce', signature, 1767225600, SERIAL)))
  })

  test('has a nonce of its own each time', () => {
    const headers = Array.from({ length: 20 }, () => authorize(merchant, 'GET', '/', '', 0).header)
    assert.equal(new Set(headers).size, 20)
  })
})

describe('the headers of a request', () => {
  const NOW_MS = 1_767_225_600_999
  const signedOver = (message: string, signature: string) =>
    verify('sha256', Buffer.from(message), publicKey, Buffer.from(signature, 'base64'))

  test('without a body tell neither its type nor its length', () => {
    const { headers, signature } = signedHeaders(merchant, { method: 'GET', target: '/a?b=c' }, NOW_MS)
    const { Authorization, 'User-Agent': agent, ...others } = headers
    assert.deepEqual(others, {
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      'Wechatpay-Serial': PUBLIC_KEY_ID,
    })
    assert.match(String(agent), /^wechatpay-reversal \(node \d+\.\d+\.\d+\)$/)
    const fields =
      /^WECHATPAY2-SHA256-RSA2048 mchid="(\d+)",nonce_str="(\w{32})",signature="([^"]+)",timestamp="1767225600",serial_no="(\w+)"$/
    const [, mchid, nonce, sent, serial] = fields.exec(String(Authorization))!
    assert.deepEqual([mchid, sent, serial], [MCHID, signature, SERIAL])
    assert.ok(signedOver(`GET\n/a?b=c\n1767225600\n${nonce}\n\n`, signature))
  })

  test('with a body tell its type, and its length in bytes', () => {
    const { headers } = signedHeaders(merchant, { method: 'POST', target: '/', body: '"微信"' }, NOW_MS)
    assert.equal(headers['Content-Type'], 'application/json')
    assert.equal(headers['Content-Length'], 8)
  })
})
