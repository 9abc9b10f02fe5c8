import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { faults } from '../../../../infra/local/wechatpay/faults.ts'
import { generatePrivateKey } from '../../../../infra/local/wechatpay/keys.ts'
import { USUAL_OPTIONS } from '../../../../infra/local/wechatpay/options.ts'
import { startSimulator } from '../../../../infra/local/wechatpay/server.ts'
import { exchange } from './exchange.ts'
import { queryRequest, reverseRequest } from './signed-request.ts'

const privateKey = generatePrivateKey()

describe('the control API', async () => {
  const running = await startSimulator()
  after(() => running.close())
  const { simulator } = running
  const merchant = simulator.openMerchant({ privateKey })
  const { mchid, appid } = merchant
  const [main] = running.endpoints

  const control = async (method: string, path: string, body?: unknown, base = running.control) => {
    const response = await fetch(`${base}/simulator${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  const query = async (number: string, timeoutMs = 10_000) => {
    const got = await exchange(main, queryRequest(merchant, number, Date.now()), { timeoutMs })
    return got.kind === 'answer' ? JSON.parse(got.body.toString()).trade_state : got.because
  }
  const reverse = async (number: string) => {
    const got = await exchange(main, reverseRequest(merchant, number, Date.now()), { timeoutMs: 10_000 })
    return got.kind === 'answer' ? got.status : got.because
  }

  test('lists itself, and each domain serves it too', async () => {
    const { body } = await control('GET', '')
    assert.ok(body.length > 15)
    for (const { method, path, does } of body) assert.ok(method && path.startsWith('/simulator') && does)
    assert.deepEqual((await control('GET', '', undefined, main)).body, body)
  })

  test('puts an order into a state, a lost answer with it, and shows its books', async () => {
    const plan = { fault: 'reset-after-effect', endpoint: 'reverse' }
    const { status, body } = await control('PUT', `/orders/${mchid}/Lost*1`, {
      state: 'SUCCESS',
      total: 990,
      faults: [plan],
    })
    assert.deepEqual([status, body.trade_state, body.appid], [200, 'SUCCESS', appid])
    assert.equal(await reverse('Lost*1'), 'ECONNRESET')
    assert.equal(await query('Lost*1'), 'REVOKED')
    const { body: books } = await control('GET', `/books?mchid=${mchid}&out_trade_no=Lost*1`)
    assert.deepEqual(books.orders[0].refunded, { amount: 990, count: 1 })
    assert.deepEqual(books.reverses[0].did, 'refunded')
    const { body: versions } = await control('GET', `/orders/${mchid}/Lost*1`)
    assert.deepEqual(
      versions.map(({ changed_by }: { changed_by: string }) => changed_by),
      ['create', 'pay', 'reverse'],
    )
  })

  test('lets things happen to an order, now or later', async () => {
    await control('PUT', `/orders/${mchid}/Slow`, { state: 'USERPAYING' })
    assert.equal(
      (await control('POST', `/orders/${mchid}/Slow/pay`, { after_ms: 3_600_000 })).body.trade_state,
      'USERPAYING',
    )
    const { body: books } = await control('GET', '/books?out_trade_no=Slow')
    assert.equal(books.scheduled[0].event, 'pay')
    assert.equal((await control('POST', `/orders/${mchid}/Slow/pay`)).body.trade_state, 'SUCCESS')
    assert.equal((await control('POST', `/orders/${mchid}/Slow/pay`)).status, 409)
    const refunded = await control('POST', `/orders/${mchid}/Slow/refund`, { amount: 1 })
    assert.equal(refunded.body.trade_state, 'REFUND')
  })

  test('plans faults, lists them and drops them', async () => {
    await control('PUT', `/orders/${mchid}/Plan`, { state: 'NOTPAY' })
    const { body } = await control('POST', '/plans', { fault: 'silence', times: 'always', out_trade_no: 'Plan' })
    assert.equal(body.fault, 'silence')
    assert.equal(await query('Plan', 500), 'timeout')
    assert.equal((await control('GET', '/plans')).body[0].left, 'always')
    await control('DELETE', '/plans')
    assert.equal(await query('Plan'), 'NOTPAY')
  })

  test('shows the table of faults', async () => {
    const { body } = await control('GET', '/faults')
    assert.deepEqual(
      body.map(({ fault }: { fault: string }) => fault),
      Object.keys(faults),
    )
  })

  test('rotates keys and answers with any of them', async () => {
    const before = (await control('GET', '/keys')).body
    const { body } = await control('POST', '/keys', { kind: 'public key', id: 'PUB_KEY_ID_NEW' })
    assert.equal(body.current.public_key, 'PUB_KEY_ID_NEW')
    assert.equal(body.keys.length, before.keys.length + 1)
    assert.doesNotMatch(JSON.stringify(body), /PRIVATE/)
    const serial = async () => {
      const got = await exchange(main, queryRequest(merchant, 'Plan', Date.now()), { timeoutMs: 10_000 })
      return got.kind === 'answer' && got.headers.find(([name]) => name === 'Wechatpay-Serial')![1]
    }
    assert.equal(await serial(), merchant.secret.wechatpay_public_key_id)
    await control('PUT', '/keys/answer-with', { id: 'PUB_KEY_ID_NEW' })
    assert.equal(await serial(), 'PUB_KEY_ID_NEW')
    await control('DELETE', '/keys/PUB_KEY_ID_NEW').then(({ status }) => assert.equal(status, 200))
    assert.equal(await serial(), merchant.secret.wechatpay_public_key_id)
  })

  test('opens merchants and replaces their certificates', async () => {
    const public_key = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
    const opened = { mchid: '1900000077', appid: 'wx77', certificate_serial_no: 'AA', public_key }
    assert.deepEqual((await control('POST', '/merchants', opened)).body.certificates, ['AA'])
    const other = { ...merchant, mchid: '1900000077', certificate_serial_no: 'AA' }
    const ask = async () => {
      const got = await exchange(main, queryRequest(other, 'A', Date.now()), { timeoutMs: 10_000 })
      return got.kind === 'answer' && got.status
    }
    assert.equal(await ask(), 404)
    await control('DELETE', '/merchants/1900000077/certificates/AA')
    assert.equal(await ask(), 401)
    const { body: refused } = await control('GET', '/log?refused')
    assert.match(refused.at(-1).refused, /SIGN_ERROR/)
  })

  test("relates a sub-merchant to a provider, and places the provider's order", async () => {
    const related = await control('PUT', `/merchants/${mchid}/sub-merchants/1900000109`, { sub_appid: 'wx109' })
    assert.deepEqual(related.body, { 1900000109: ['wx109'] })
    const { body } = await control('PUT', `/orders/${mchid}/Sub`, { state: 'SUCCESS', sub_mchid: '1900000109' })
    assert.deepEqual([body.sub_mchid, body.sub_appid], ['1900000109', null])
    const refused = await control('PUT', `/orders/${mchid}/Sub2`, { state: 'SUCCESS', sub_mchid: '1900000999' })
    assert.deepEqual([refused.status, /sub-merchant/.test(refused.body.error)], [404, true])
  })

  test('changes the options, and knows each of them', async () => {
    const { body } = await control('PATCH', '/options', { ...USUAL_OPTIONS, userPayingAlone: true })
    assert.deepEqual(body, { ...USUAL_OPTIONS, userPayingAlone: true })
    await control('PUT', `/orders/${mchid}/Alone`, { state: 'USERPAYING' })
    const got = await exchange(main, queryRequest(merchant, 'Alone', Date.now()), { timeoutMs: 10_000 })
    assert.deepEqual(got.kind === 'answer' && JSON.parse(got.body.toString()), { trade_state: 'USERPAYING' })
  })

  test('takes both domains down and brings them back: it stays within reach itself', async () => {
    for (const host of ['main', 'backup']) await control('PUT', `/domains/${host}`, { state: 'refuse' })
    assert.equal(await query('Plan'), 'ECONNREFUSED')
    const { body } = await control('GET', '/domains')
    assert.deepEqual(
      body.map(({ host, state }: { host: string; state: string }) => [host, state]),
      [
        ['main', 'refuse'],
        ['backup', 'refuse'],
      ],
    )
    for (const host of ['main', 'backup']) await control('PUT', `/domains/${host}`, { state: 'up' })
    assert.equal(await query('Plan'), 'NOTPAY')
  })

  // fetch sets these headers itself.
  const askedWith = (base: string, headers: Record<string, string>, method = 'GET') =>
    exchange(
      base,
      { method, target: '/simulator/keys', headers: Object.entries(headers), body: Buffer.alloc(0) },
      { timeoutMs: 10_000 },
    )

  for (const base of [running.control, main]) {
    const own = new URL(base).host
    const { port } = new URL(base)
    const foreign: [string, Record<string, string>][] = [
      ['another website', { Host: own, Origin: 'https://evil.example' }],
      ['a page of another port of this machine', { Host: own, Origin: 'http://127.0.0.1:1' }],
      ['a page without an origin', { Host: own, Origin: 'null' }],
      ['an image of another website', { Host: own, 'Sec-Fetch-Site': 'cross-site' }],
      ['a name that leads here', { Host: `evil.example:${port}` }],
      [
        'a name that leads here, and its own page',
        { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` },
      ],
      ['another port', { Host: '127.0.0.1:1' }],
    ]
    for (const [title, headers] of foreign) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        test(`is closed to ${title}: ${method} ${base === main ? 'of the main domain' : 'of its own port'}`, async () => {
          const got = await askedWith(base, headers, method)
          assert.equal(got.kind === 'answer' && got.status, 403)
          assert.ok(got.kind === 'answer' && !got.body.includes('PUBLIC KEY'))
        })
      }
    }
    test(`is open to this machine under both its names: ${base === main ? 'the main domain' : 'its own port'}`, async () => {
      for (const Host of [own, `localhost:${port}`]) {
        for (const more of [undefined, { Origin: `http://${Host}`, 'Sec-Fetch-Site': 'same-origin' }]) {
          const got = await askedWith(base, { Host, ...more })
          assert.equal(got.kind === 'answer' && got.status, 200)
        }
      }
    })
  }

  const wrong: [string, string, string, unknown, number, RegExp][] = [
    ['an unknown address', 'GET', '/nothing', undefined, 404, /GET \/simulator lists/],
    ['an unknown fault', 'POST', '/plans', { fault: 'x' }, 400, /fault/],
    ['an unknown state', 'PUT', `/orders/${mchid}/X`, { state: 'PAID' }, 400, /state/],
    ['an unknown field', 'PUT', `/orders/${mchid}/X`, { state: 'SUCCESS', colour: 1 }, 400, /colour/],
    ['an unknown merchant', 'PUT', '/orders/1/X', { state: 'SUCCESS' }, 404, /merchant/],
    ['an order that exists', 'PUT', `/orders/${mchid}/Plan`, { state: 'SUCCESS' }, 409, /exists/],
    ['an unknown order', 'POST', `/orders/${mchid}/None/pay`, {}, 404, /order/],
    ['an unknown event', 'POST', `/orders/${mchid}/Plan/vanish`, {}, 400, /prompt/],
    ['an unknown option', 'PATCH', '/options', { speed: 1 }, 400, /speed/],
    ['an unknown domain', 'PUT', '/domains/third', { state: 'up' }, 400, /main/],
    ['an unknown key', 'PUT', '/keys/answer-with', { id: 'x' }, 400, /no signing key/],
    ['a body that is not an object', 'POST', '/plans', [], 400, /./],
  ]
  for (const [title, method, path, body, status, says] of wrong) {
    test(`refuses ${title} and says so`, async () => {
      const answer = await control(method, path, body)
      assert.equal(answer.status, status)
      assert.match(answer.body.error, says)
    })
  }
})
