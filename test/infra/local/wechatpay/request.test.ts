import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import { codepayRequest, type Otherwise, queryRequest, reverseRequest, signedRequest } from './signed-request.ts'

const now = Date.UTC(2026, 0, 1)
const simulator = createSimulator({ now: () => now })
const merchant = simulator.openMerchant()
const { mchid, appid } = merchant
const ORDER_PATH = '/v3/pay/transactions/out-trade-no'

const headerOf = (headers: readonly (readonly [string, string])[], name: string) =>
  headers.find(([key]) => key === name)?.[1]

const without = (name: string) => (headers: [string, string][]) => headers.filter(([key]) => key !== name)
const setting = (name: string, value: string) => (headers: [string, string][]) =>
  [...headers.filter(([key]) => key !== name), [name, value]] as const
const seconds = (offset: number) => String(now / 1000 + offset)

describe('a request whose signature cannot be trusted is answered 401 SIGN_ERROR, unsigned, and does nothing', () => {
  const swapped = (value: string) =>
    value.replace(/signature="(.)/, (_, first) => `signature="${first === 'A' ? 'B' : 'A'}`)
  const rows: Record<string, Otherwise> = {
    'no Authorization': { headers: without('Authorization') },
    'two Authorizations': { headers: (headers) => [...headers, headers[0]!] },
    'another scheme': { authorization: (value) => value.replace('RSA2048', 'RSA4096') },
    'a field missing': { authorization: (value) => value.replace(/timestamp="\d+",/, '') },
    'a sixth field': { authorization: (value) => `${value},more="1"` },
    'a field twice': { authorization: (value) => `${value},mchid="${mchid}"` },
    'fields without quotes': { authorization: (value) => value.replaceAll('"', '') },
    'a blank between fields': { authorization: (value) => value.replace(',', ', ') },
    'a timestamp in milliseconds': { timestamp: String(now) },
    'a timestamp 301 s old': { timestamp: seconds(-301) },
    'a timestamp 301 s ahead': { timestamp: seconds(301) },
    'a nonce of three characters': { nonce: 'abc' },
    'a serial not of this merchant': { serial: '00'.repeat(20) },
    'an unknown mchid': { mchid: '1999999999' },
    'a signature that is not the right one': { authorization: swapped },
    'another method signed': { signed: { method: 'GET' } },
    'a target signed in its encoded form': { signed: { target: `${ORDER_PATH}/A%2A1/reverse` } },
    'a target signed without its path prefix': { signed: { target: '/reverse' } },
    'another timestamp signed': { signed: { timestamp: seconds(-1) } },
    'another nonce signed': { signed: { nonce: 'another' } },
    'another body signed': { signed: { body: `{"appid":"${appid}", "mchid":"${mchid}"}` } },
  }
  for (const [title, otherwise] of Object.entries(rows)) {
    test(title, () => {
      const received = simulator.books.reverses().length
      const answer = simulator.handle(reverseRequest(merchant, 'A*1', now, otherwise))
      assert.equal(answer.status, 401)
      assert.equal(JSON.parse(answer.body.toString()).code, 'SIGN_ERROR')
      assert.equal(headerOf(answer.headers, 'Wechatpay-Signature'), undefined)
      assert.ok(headerOf(answer.headers, 'Request-ID')?.endsWith('-268443699'))
      assert.equal(simulator.books.reverses().length, received)
    })
  }

  test('a nonce used a second time', () => {
    const request = reverseRequest(merchant, 'A*1', now)
    assert.equal(simulator.handle(request).status, 200)
    assert.equal(simulator.handle(request).status, 401)
  })

  test('a certificate that was replaced', () => {
    const other = simulator.openMerchant({ mchid: '1900000009' })
    simulator.merchants.revokeCertificate('1900000009', other.certificate_serial_no)
    assert.equal(simulator.handle(queryRequest(other, 'A', now)).status, 401)
  })
})

describe('a well-signed request that breaks a rule is refused with its code, signed, and does nothing', () => {
  const reverse = (otherwise: Otherwise, number = 'A') => reverseRequest(merchant, number, now, otherwise)
  const body = (content: unknown) => reverse({ body: JSON.stringify(content) })
  const pay = (change: (body: Record<string, unknown>) => unknown) => {
    const { body: bytes } = codepayRequest(merchant, 'A', now)
    return codepayRequest(merchant, 'A', now, { body: JSON.stringify(change(JSON.parse(bytes.toString()))) })
  }
  const rows: Record<string, [ReturnType<typeof reverse>, number, string, string?]> = {
    'no User-Agent': [reverse({ headers: without('User-Agent') }), 400, 'PARAM_ERROR'],
    'no Accept': [reverse({ headers: without('Accept') }), 400, 'PARAM_ERROR'],
    'an Accept without JSON': [reverse({ headers: setting('Accept', 'text/html') }), 400, 'PARAM_ERROR'],
    'no Content-Type': [reverse({ headers: without('Content-Type') }), 400, 'INVALID_REQUEST'],
    'a form for a Content-Type': [
      reverse({ headers: setting('Content-Type', 'application/x-www-form-urlencoded') }),
      400,
      'INVALID_REQUEST',
    ],
    'Wechatpay-Serial twice': [
      reverse({ headers: (all) => [...all, ['Wechatpay-Serial', 'x']] }),
      400,
      'INVALID_REQUEST',
    ],
    'an unknown path': [signedRequest(merchant, now, { target: '/v3/other' }), 404, 'RESOURCE_NOT_EXISTS'],
    'GET of reverse': [reverse({ method: 'GET', body: '' }), 405, 'METHOD_NOT_ALLOWED'],
    'POST of the query': [queryRequest(merchant, 'A', now, { method: 'POST' }), 405, 'METHOD_NOT_ALLOWED'],
    'a query with a body': [queryRequest(merchant, 'A', now, { body: '{}' }), 400, 'INVALID_REQUEST'],
    'a query without mchid': [
      queryRequest(merchant, 'A', now, { target: `${ORDER_PATH}/A` }),
      400,
      'PARAM_ERROR',
      'mchid',
    ],
    'a query of another mchid': [
      queryRequest(merchant, 'A', now, { target: `${ORDER_PATH}/A?mchid=1` }),
      400,
      'PARAM_ERROR',
      'mchid',
    ],
    'a query with more parameters': [
      queryRequest(merchant, 'A', now, { target: `${ORDER_PATH}/A?mchid=${mchid}&x=1` }),
      400,
      'PARAM_ERROR',
      'x',
    ],
    'a query with its mchid twice': [
      queryRequest(merchant, 'A', now, { target: `${ORDER_PATH}/A?mchid=${mchid}&mchid=${mchid}` }),
      400,
      'PARAM_ERROR',
      'mchid',
    ],
    'an order number percent-encoded twice': [reverse({}, 'A%252A1'), 400, 'PARAM_ERROR', 'out_trade_no'],
    'an order number with a percent sign': [reverse({}, 'A%1'), 400, 'PARAM_ERROR', 'out_trade_no'],
    'an order number of 33': [reverse({}, 'A'.repeat(33)), 400, 'PARAM_ERROR', 'out_trade_no'],
    'an empty order number': [reverse({}, ''), 400, 'PARAM_ERROR', 'out_trade_no'],
    'a body that is not JSON': [reverse({ body: 'appid=1' }), 400, 'PARAM_ERROR', 'body'],
    'an empty body': [reverse({ body: '' }), 400, 'PARAM_ERROR', 'body'],
    'no appid': [body({ mchid }), 400, 'PARAM_ERROR', 'appid'],
    'an unknown field': [body({ appid, mchid, out_trade_no: 'A' }), 400, 'PARAM_ERROR', 'out_trade_no'],
    'an mchid that is a number': [body({ appid, mchid: Number(mchid) }), 400, 'PARAM_ERROR', 'mchid'],
    'an mchid that did not sign': [body({ appid, mchid: '1' }), 400, 'PARAM_ERROR', 'mchid'],
    'an appid that is not bound': [body({ appid: 'wxother', mchid }), 400, 'APPID_MCHID_NOT_MATCH'],
    'a query string on reverse': [reverse({ target: `${ORDER_PATH}/A/reverse?x=1` }), 400, 'PARAM_ERROR', 'query'],
    'a pay code of 17 digits': [
      pay((all) => ({ ...all, payer: { auth_code: '1'.repeat(17) } })),
      400,
      'PARAM_ERROR',
      'payer.auth_code',
    ],
    'an amount of 0': [pay((all) => ({ ...all, amount: { total: 0 } })), 400, 'PARAM_ERROR', 'amount.total'],
    'no store': [pay(({ scene_info: _, ...all }) => all), 400, 'PARAM_ERROR', 'scene_info'],
    'a store without id': [
      pay((all) => ({ ...all, scene_info: { store_info: {} } })),
      400,
      'PARAM_ERROR',
      'scene_info.store_info',
    ],
    'a notify_url, which codepay does not have': [
      pay((all) => ({ ...all, notify_url: 'https://a.example' })),
      400,
      'PARAM_ERROR',
      'notify_url',
    ],
  }
  for (const [title, [request, status, code, field]] of Object.entries(rows)) {
    test(title, () => {
      const received = simulator.books.reverses().length
      const answer = simulator.handle(request)
      const { code: told, message, detail } = JSON.parse(answer.body.toString())
      assert.deepEqual([answer.status, told, detail?.field], [status, code, field])
      assert.ok(message.length > 0)
      assert.ok(headerOf(answer.headers, 'Wechatpay-Signature'))
      assert.equal(simulator.books.reverses().length, received)
      assert.match(simulator.refusals().at(-1)!.refused!, new RegExp(`^${code}`))
    })
  }
})

describe('what keeps the rules is accepted', () => {
  const accepted = (otherwise: Otherwise, number = 'A') =>
    assert.equal(simulator.handle(reverseRequest(merchant, number, now, otherwise)).status, 200)

  test('the five fields in any order', () => {
    accepted({ authorization: (value) => `${value.slice(0, 25)} ${value.slice(26).split(',').reverse().join(',')}` })
  })
  test('a timestamp 300 s off either way', () => {
    accepted({ timestamp: seconds(-300) })
    accepted({ timestamp: seconds(300) })
  })
  test('a charset on the content type, an Accept list, no Wechatpay-Serial', () => {
    accepted({ headers: setting('Content-Type', 'application/json; charset=utf-8') })
    accepted({ headers: setting('Accept', 'application/json, text/plain') })
    accepted({ headers: setting('Accept', '*/*') })
    accepted({ headers: without('Wechatpay-Serial') })
  })
  for (const number of ['*', '-', '_', 'a*B-_9', '*'.repeat(32)]) {
    test(`the order number ${number}`, () => accepted({}, number))
  }
  test('an order number whose * is escaped, as the official SDK for Go sends it: the same order', () => {
    simulator.placeOrder({ mchid, appid: merchant.appid, out_trade_no: 'A*escaped' }, 'SUCCESS')
    accepted({}, 'A%2Aescaped')
    assert.equal(simulator.books.find(mchid, 'A*escaped', now)?.trade_state, 'REVOKED')
  })
  test('a second appid and a second certificate of the same merchant', () => {
    const again = simulator.openMerchant({ mchid, appid: 'wxsecond' })
    assert.equal(simulator.handle(reverseRequest(again, 'A', now)).status, 200)
    accepted({})
  })
})
