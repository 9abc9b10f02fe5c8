import assert from 'node:assert/strict'
import http from 'node:http'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { Formatter, Rsa } from 'wechatpay-axios-plugin'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { reverseTarget } from '../../../lib/wechatpay/order-id.ts'
import { OUT_TRADE_NO } from '../../../lib/wechatpay/order-number.ts'
import { APPID, keys, MCHID, merchantOf, PUBLIC_KEY_ID, publicPem, SERIAL } from './keys-and-secrets.ts'
import { openRawServer, type RawRequest } from './raw-server.ts'
import { messageOf, signedAnswer } from './signed-answer.ts'

const merchant = merchantOf()
const server = await openRawServer((_, socket) => socket.write(messageOf(signedAnswer({ body: '{}' }))))
const wechatPay = createWechatPay({ endpoints: [server.endpoint], timeoutMs: 2_000 })
after(async () => {
  wechatPay.close()
  await server.close()
})

const contextOf = (out_trade_no: string, appid = APPID) => ({
  asked: { mchid: MCHID, appid, out_trade_no },
  merchant,
  msLeft: () => 60_000,
})

/** The five fields of an Authorization as the official pages write it: on one line, each once. */
function fieldsOf({ headers }: RawRequest): Record<string, string> {
  const [, pairs] = /^WECHATPAY2-SHA256-RSA2048 ((?:\w+="[^"]*",?)+)$/.exec(headers.authorization!)!
  const fields = [...pairs!.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!] as const)
  assert.deepEqual(fields.map(([name]) => name).sort(), ['mchid', 'nonce_str', 'serial_no', 'signature', 'timestamp'])
  return Object.fromEntries(fields)
}

/** Would a server that signs what it got over the wire accept it? Checked by a library that is not ours. */
function assertSignedAsSent(request: RawRequest) {
  const { mchid, nonce_str, serial_no, signature, timestamp } = fieldsOf(request)
  const { method, target, body } = request
  const message = Formatter.request(method, target, timestamp!, nonce_str!, body.toString())
  assert.ok(Rsa.verify(message, signature!, Rsa.from(publicPem(keys.merchant), 'public')))
  assert.equal(mchid, MCHID)
  assert.equal(serial_no, SERIAL)
  assert.match(nonce_str!, /^[0-9A-Za-z]{32}$/)
  assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 5, 'seconds, not milliseconds')
}

const orderNumber = fc.stringMatching(/^[0-9A-Za-z_\-*]{1,32}$/)

describe('the two requests on the wire', () => {
  test('a query: the order in the path, the merchant in the query, no body', async () => {
    await wechatPay.query(contextOf('A*1'))
    const request = server.requests.at(-1)!
    assert.equal(request.method, 'GET')
    assert.equal(request.target, `/v3/pay/transactions/out-trade-no/A*1?mchid=${MCHID}`)
    assert.equal(request.body.length, 0)
    assert.equal(request.headers['content-type'], undefined)
    assertSignedAsSent(request)
  })

  test('a reverse: appid and mchid in the body, and nothing else', async () => {
    await wechatPay.reverse(contextOf('A*1'))
    const request = server.requests.at(-1)!
    assert.equal(request.method, 'POST')
    assert.equal(request.target, '/v3/pay/transactions/out-trade-no/A*1/reverse')
    assert.deepEqual(JSON.parse(request.body.toString()), { appid: APPID, mchid: MCHID })
    assert.equal(request.headers['content-type'], 'application/json')
    assertSignedAsSent(request)
  })

  const PARTNER = { sp_mchid: MCHID, sub_mchid: '1900000201', out_trade_no: 'A*1' }
  const partner = (apps: object = {}) => ({ asked: { ...PARTNER, ...apps }, merchant, msLeft: () => 60_000 })
  const PARTNER_PATH = '/v3/pay/partner/transactions/out-trade-no/A*1'

  test("a query of a service provider's order: both merchants in the query, signed by the provider", async () => {
    await wechatPay.query(partner())
    const request = server.requests.at(-1)!
    assert.equal(`${request.method} ${request.target}`, `GET ${PARTNER_PATH}?sp_mchid=${MCHID}&sub_mchid=1900000201`)
    assert.equal(request.body.length, 0)
    assertSignedAsSent(request)
  })

  test("a reverse of a service provider's order: exactly the names it has in the body", async () => {
    for (const apps of [{}, { sp_appid: 'wx1' }, { sub_appid: 'wx2' }, { sp_appid: 'wx1', sub_appid: 'wx2' }]) {
      await wechatPay.reverse(partner(apps))
      const request = server.requests.at(-1)!
      assert.equal(`${request.method} ${request.target}`, `POST ${PARTNER_PATH}/reverse`)
      const { out_trade_no: _, ...names } = PARTNER
      assert.deepEqual(JSON.parse(request.body.toString()), { ...names, ...apps })
      assertSignedAsSent(request)
    }
  })

  test('both with every header WeChat Pay asks for', async () => {
    await wechatPay.query(contextOf('A'))
    await wechatPay.reverse(contextOf('A'))
    for (const { headers } of server.requests.slice(-2)) {
      assert.equal(headers.accept, 'application/json')
      assert.equal(headers['wechatpay-serial'], PUBLIC_KEY_ID)
      assert.match(headers['user-agent']!, /wechatpay-reversal/)
      assert.equal(headers['accept-encoding'], 'identity')
    }
  })

  test('both as they are when a tracer wraps node:http, copies what it is given and adds a header of its own', async (t) => {
    const { request } = http
    t.after(() => Object.assign(http, { request }))
    http.request = ((options: http.RequestOptions) =>
      request({ ...options, headers: Object.assign({ traceparent: '00-1-1-01' }, options.headers) })) as typeof request
    for (const call of [wechatPay.query, wechatPay.reverse]) {
      assert.equal((await call(contextOf('A'))).best.kind, 'verified')
      assert.equal(server.requests.at(-1)!.headers.traceparent, '00-1-1-01')
      assertSignedAsSent(server.requests.at(-1)!)
    }
  })

  test('whatever the order number, the bytes signed are the bytes sent', async () => {
    await fc.assert(
      fc.asyncProperty(orderNumber, fc.boolean(), async (number, isQuery) => {
        await wechatPay[isQuery ? 'query' : 'reverse'](contextOf(number))
        const request = server.requests.at(-1)!
        assert.ok(request.target.startsWith(`/v3/pay/transactions/out-trade-no/${number}${isQuery ? '?' : '/'}`))
        assertSignedAsSent(request)
      }),
      {
        numRuns: 100,
        examples: [...'*-_aZ9'].flatMap((char) => [
          [char, true],
          [char.repeat(32), false],
          [`${char}x${char}`, true],
        ]),
      },
    )
  })

  test('whatever the appid, the bytes signed are the bytes sent', async () => {
    const appid = fc.oneof(
      fc.string({ minLength: 1, maxLength: 32, unit: 'binary' }),
      fc.constantFrom('\uD800', '微信', '"', '\\'),
    )
    await fc.assert(
      fc.asyncProperty(appid, async (text) => {
        await wechatPay.reverse(contextOf('A', text))
        assertSignedAsSent(server.requests.at(-1)!)
      }),
      { numRuns: 50 },
    )
  })
})

describe('order numbers', () => {
  test('are 1 to 32 digits, letters, _, - and *, and their case is kept', () => {
    fc.assert(
      fc.property(orderNumber, (out_trade_no) =>
        reverseTarget({ mchid: '1', out_trade_no }).endsWith(`/${out_trade_no}/reverse`),
      ),
    )
  })

  test('anything else is refused before a signature is made', async () => {
    const sent = server.requests.length
    const anything = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.string({ maxLength: 40, unit: 'binary' }),
      fc
        .tuple(orderNumber, fc.constantFrom('/', '?', '#', '%2A', '..', '\\', '\n', ' ', 'é', '．'))
        .map((parts) => parts.join('')),
      orderNumber.map((number) => number.padEnd(33, 'x')),
    )
    fc.assert(
      fc.property(
        anything.filter((text) => !/^[0-9A-Za-z_\-*]{1,32}$/.test(text)),
        (text) => {
          assert.ok(!OUT_TRADE_NO.test(text))
          assert.throws(() => wechatPay.query(contextOf(text)), RangeError)
          assert.throws(() => wechatPay.reverse(contextOf(text)), RangeError)
        },
      ),
      { examples: [[''], ['A\n'], ['\nA'], ['A'.repeat(33)], ['A/../B'], ['*%2A']] },
    )
    assert.equal(server.requests.length, sent)
  })
})
