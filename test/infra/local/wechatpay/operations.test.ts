import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { Aes } from 'wechatpay-axios-plugin'
import { chinaDate } from '../../../../infra/local/wechatpay/bill.ts'
import { appliesTo, faults } from '../../../../infra/local/wechatpay/faults.ts'
import type { Mode } from '../../../../infra/local/wechatpay/names.ts'
import { startSimulator } from '../../../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import { foreignClient } from './foreign-client.ts'
import { SUB_MERCHANT, signedRequest } from './signed-request.ts'

const DAY_MS = 86_400_000
let offsetMs = 0
const simulator = createSimulator({ now: () => Date.now() + offsetMs })
const apiV3Key = 'k'.repeat(32)
const merchant = simulator.openMerchant({ apiV3Key })
const { mchid, appid } = merchant
simulator.addSubMerchant({ sp_mchid: mchid, ...SUB_MERCHANT })
simulator.addSubMerchant({ sp_mchid: mchid, sub_mchid: '1900000110' })
const running = await startSimulator(simulator)
after(() => running.close())
const client = foreignClient(merchant, running.endpoints[0])

/** What differs between a direct merchant's calls and a provider's. */
const MODES = {
  direct: {
    root: 'v3/pay/transactions',
    ids: { mchid },
    names: { appid, mchid },
    refund: {},
    placed: { mchid, appid },
  },
  partner: {
    root: 'v3/pay/partner/transactions',
    ids: { sp_mchid: mchid, sub_mchid: SUB_MERCHANT.sub_mchid },
    names: { sp_appid: appid, sp_mchid: mchid, ...SUB_MERCHANT },
    refund: { sub_mchid: SUB_MERCHANT.sub_mchid },
    placed: { mchid, appid, ...SUB_MERCHANT },
  },
} as const

for (const [mode, { root, ids, names, refund, placed }] of Object.entries(MODES)) {
  const number = (name: string) => `${mode}-${name}`
  const order = (name: string) => `${root}/out-trade-no/${number(name)}`
  const pay = (name: string, ending: string) =>
    client.post(`${root}/codepay`, {
      ...names,
      description: 'a coffee',
      out_trade_no: number(name),
      payer: { auth_code: `1300000000000000${ending}` },
      amount: { total: 500, currency: 'CNY' },
      scene_info: { store_info: { id: 'shop-1' } },
    })
  const refundOf = (name: string, out_refund_no: string, sum: number, otherwise: object = {}) =>
    client.post('v3/refund/domestic/refunds', {
      ...refund,
      out_trade_no: number(name),
      out_refund_no: number(out_refund_no),
      reason: '商品已售完',
      amount: { refund: sum, total: 500, currency: 'CNY' },
      ...otherwise,
    })
  const codeOf = ({ status, data }: { status: number; data: Record<string, unknown> }) => [status, data.code]

  describe(`another client, as a ${mode === 'direct' ? 'merchant' : 'provider'}`, () => {
    test('pays, asks by both numbers, and reverses', async () => {
      const paid = await pay('paid', '00')
      assert.deepEqual([paid.status, paid.data.trade_state], [200, 'SUCCESS'])
      const asked = await client.get(order('paid'), ids)
      assert.equal(asked.data.transaction_id, paid.data.transaction_id)
      assert.deepEqual((await client.get(`${root}/id/${paid.data.transaction_id}`, ids)).data, asked.data)
      const reversed = await client.post(`${order('paid')}/reverse`, names)
      assert.deepEqual(reversed.data, { ...names, out_trade_no: number('paid') })
      assert.equal((await client.get(order('paid'), ids)).data.trade_state, 'REVOKED')
      assert.deepEqual(codeOf(await client.get(`${root}/id/4200099`, ids)), [404, 'ORDER_NOT_EXIST'])
    })

    test('closes an order that nobody paid, and only one that is not by pay code', async () => {
      simulator.placeOrder({ ...placed, out_trade_no: number('native'), trade_type: 'NATIVE' }, 'NOTPAY')
      assert.equal((await client.post(`${order('native')}/close`, ids)).status, 204)
      assert.equal((await client.get(order('native'), ids)).data.trade_state, 'CLOSED')
      assert.deepEqual(codeOf(await client.post(`${order('native')}/close`, ids)), [400, 'ORDER_CLOSED'])

      simulator.placeOrder({ ...placed, out_trade_no: number('app'), trade_type: 'APP' }, 'SUCCESS')
      assert.deepEqual(codeOf(await client.post(`${order('app')}/close`, ids)), [400, 'INVALID_REQUEST'])
      assert.deepEqual(codeOf(await client.post(`${order('app')}/reverse`, names)), [403, 'TRADE_ERROR'])
      assert.equal((await client.get(order('app'), ids)).data.trade_type, 'APP')

      await pay('codepay', '02')
      const refused = await client.post(`${order('codepay')}/close`, ids)
      assert.deepEqual(codeOf(refused), [400, 'INVALID_REQUEST'])
      assert.match(String(refused.data.message), /只能撤销/)
      assert.equal((await client.get(order('codepay'), ids)).data.trade_state, 'USERPAYING')
      assert.deepEqual(codeOf(await client.post(`${order('none')}/close`, ids)), [404, 'ORDER_NOT_EXIST'])
    })

    test('refunds in parts, each once, and asks how they stand', async () => {
      const { data: paid } = await pay('refunded', '00')
      const first = await refundOf('refunded', 'R|1', 200)
      assert.deepEqual(
        [first.status, first.data.status, first.data.transaction_id, first.data.success_time],
        [200, 'PROCESSING', paid.transaction_id, undefined],
      )
      assert.deepEqual((await refundOf('refunded', 'R|1', 200)).data, first.data, 'a repeat is the same refund')
      const asked = () =>
        client.get(`v3/refund/domestic/refunds/${encodeURIComponent(number('R|1'))}`, mode === 'direct' ? {} : refund)
      assert.deepEqual((await asked()).data, first.data)
      simulator.options.refundTakesMs = 0
      const { data } = await asked()
      assert.deepEqual([data.status, data.success_time], ['SUCCESS', data.create_time])
      simulator.options.refundTakesMs = 5_000

      assert.equal((await client.get(order('refunded'), ids)).data.trade_state, 'REFUND')
      const rest = await refundOf('refunded', 'R|2', 300, {
        out_trade_no: undefined,
        transaction_id: paid.transaction_id,
      })
      assert.equal(rest.status, 200)
      const { charged, refunded, refunds } = simulator.books.find(mchid, number('refunded'), simulator.now())!
      assert.deepEqual([charged.amount, refunded], [500, { amount: 500, count: 2 }])
      assert.notEqual(refunds[0]!.refund_id, refunds[1]!.refund_id)
    })

    test('is told why a refund is refused, and nothing moves', async () => {
      await pay('kept', '00')
      await pay('unpaid', '02')
      await pay('charged-all-the-same', '05')
      await pay('reversed', '00')
      await client.post(`${order('reversed')}/reverse`, names)
      await refundOf('kept', 'once', 100)
      const rows: [title: string, ask: ReturnType<typeof refundOf>, code: [number, string]][] = [
        ['an unknown order', refundOf('nobody', 'x', 1), [404, 'RESOURCE_NOT_EXISTS']],
        ['an unpaid one', refundOf('unpaid', 'x', 1), [404, 'RESOURCE_NOT_EXISTS']],
        ['one in PAYERROR', refundOf('charged-all-the-same', 'x', 1), [404, 'RESOURCE_NOT_EXISTS']],
        ['a reversed one', refundOf('reversed', 'x', 1), [400, 'INVALID_REQUEST']],
        ['more than is left', refundOf('kept', 'x', 401), [400, 'INVALID_REQUEST']],
        [
          'another sum of the order',
          refundOf('kept', 'x', 1, { amount: { refund: 1, total: 499, currency: 'CNY' } }),
          [400, 'INVALID_REQUEST'],
        ],
        ['a number used for another sum', refundOf('kept', 'once', 101), [400, 'INVALID_REQUEST']],
        ['no order at all', refundOf('kept', 'x', 1, { out_trade_no: undefined }), [400, 'PARAM_ERROR']],
        ['two different orders', refundOf('kept', 'x', 1, { transaction_id: '4200099' }), [404, 'RESOURCE_NOT_EXISTS']],
        ['a number with a letter too strange', refundOf('kept', 'ä', 1), [400, 'PARAM_ERROR']],
        ['a reason of 81 bytes', refundOf('kept', 'x', 1, { reason: '退'.repeat(27) }), [400, 'PARAM_ERROR']],
        ['a field nobody knows', refundOf('kept', 'x', 1, { colour: 'red' }), [400, 'PARAM_ERROR']],
        ['nothing', refundOf('kept', 'x', 0), [400, 'PARAM_ERROR']],
      ]
      for (const [title, ask, code] of rows) assert.deepEqual(codeOf(await ask), code, title)
      assert.deepEqual(simulator.books.find(mchid, number('kept'), simulator.now())!.refunded, {
        amount: 100,
        count: 1,
      })
      assert.deepEqual(codeOf(await client.get('v3/refund/domestic/refunds/none', refund)), [
        404,
        'RESOURCE_NOT_EXISTS',
      ])
    })

    test('a broken connection tells neither that it was paid nor that it was not', async () => {
      for (const [name, ending] of [
        ['broke-after', '08'],
        ['broke-before', '09'],
      ] as const) {
        await assert.rejects(pay(name, ending))
      }
      assert.equal((await client.get(order('broke-after'), ids)).data.trade_state, 'SUCCESS')
      assert.deepEqual(codeOf(await client.get(order('broke-before'), ids)), [404, 'ORDER_NOT_EXIST'])
    })

    test('downloads the bill of the day, which holds the payment, the refund and the reversal', async () => {
      // Two days ago in China, whatever the time is now: the bill of yesterday may not be made yet.
      offsetMs = -2 * DAY_MS
      const bill_date = chinaDate(simulator.now())
      for (const name of ['bill-refunded', 'bill-reversed']) {
        simulator.placeOrder({ ...placed, out_trade_no: number(name), total: 500 }, 'SUCCESS')
      }
      simulator.books.happen(mchid, number('bill-refunded'), 'refund', simulator.now(), {
        amount: 150,
        out_refund_no: number('B1'),
      })
      simulator.books.happen(mchid, number('bill-reversed'), 'reverse', simulator.now())
      offsetMs = 0
      const asked = { bill_date, bill_type: 'ALL', ...refund }
      const { data } = await client.get('v3/bill/tradebill', asked)
      const url = new URL(String(data.download_url))
      // The file is not signed: this client must be told not to look.
      const { data: file } = await client.get(url.pathname.slice(1), Object.fromEntries(url.searchParams), {
        transformResponse: [(text: string) => ({ text })],
      })
      const text = String(file.text)
      assert.equal(createHash('sha1').update(text).digest('hex'), data.hash_value)
      const rows = text.split('\r\n').filter((line) => line.includes(`\`${mode}-bill-`))
      const states = rows.map((row) => row.split(',`')[9])
      assert.deepEqual(states.sort(), ['REFUND', 'REVOKED', 'SUCCESS', 'SUCCESS'])
      const refundRow = rows.find((row) => row.includes('`REFUND'))!
      assert.ok(refundRow.includes(`\`${number('B1')},\`1.50,`))
    })
  })
}

describe("a provider's refund", () => {
  const query = (params: object) => client.get('v3/refund/domestic/refunds/whose', params)

  test('is that of the sub-merchant alone', async () => {
    const { placed, refund } = MODES.partner
    simulator.placeOrder({ ...placed, out_trade_no: 'whose', total: 500 }, 'SUCCESS')
    const ask = (sub_mchid: string | undefined) =>
      client.post('v3/refund/domestic/refunds', {
        ...(sub_mchid && { sub_mchid }),
        ...{ out_trade_no: 'whose', out_refund_no: 'whose', amount: { refund: 500, total: 500, currency: 'CNY' } },
      })
    for (const wrong of ['1900000110', '1900000999', undefined]) assert.ok((await ask(wrong)).status >= 400)
    assert.equal((await ask(refund.sub_mchid)).status, 200)
    assert.equal((await query(refund)).status, 200)
    for (const wrong of [{}, { sub_mchid: '1900000110' }]) assert.ok((await query(wrong)).status >= 400)
  })

  test('has faults of its own', async () => {
    const mode: Mode = 'partner'
    simulator.faults.add({ fault: 'system-error-after-effect', endpoint: 'refundquery', mode })
    assert.equal((await query(MODES.partner.refund)).status, 500)
    simulator.faults.add({ fault: 'no-such-relation', endpoint: 'refund' })
    const repeated = {
      out_trade_no: 'whose',
      out_refund_no: 'whose',
      amount: { refund: 500, total: 500, currency: 'CNY' },
    }
    const { status, data } = await client.post('v3/refund/domestic/refunds', { ...MODES.partner.refund, ...repeated })
    assert.deepEqual([status, data.code], [403, 'NO_AUTH'])
  })
})

test('the platform certificates come encrypted with the APIv3 key, every one that signs', async () => {
  interface Encrypted {
    serial_no: string
    effective_time: string
    expire_time: string
    encrypt_certificate: { algorithm: string; nonce: string; associated_data: string; ciphertext: string }
  }
  const { data } = (await client.get('v3/certificates')).data as unknown as { data: Encrypted[] }
  const known = simulator.keys.list().filter(({ kind }) => kind === 'platform certificate')
  assert.deepEqual(
    data.map(({ serial_no }) => serial_no),
    known.map(({ id }) => id),
  )
  for (const { serial_no, effective_time, expire_time, encrypt_certificate } of data) {
    const { algorithm, nonce, ciphertext, associated_data } = encrypt_certificate
    assert.equal(algorithm, 'AEAD_AES_256_GCM')
    const pem = Aes.AesGcm.decrypt(ciphertext, apiV3Key, nonce, associated_data)
    assert.equal(new X509Certificate(pem).serialNumber, serial_no)
    assert.ok(Date.parse(effective_time) < Date.now() && Date.now() < Date.parse(expire_time))
  }
  const other = simulator.openMerchant({ mchid: '1900000009' })
  const refused = await foreignClient(other, running.endpoints[0]).get('v3/certificates')
  assert.deepEqual([refused.status, refused.data.code], [404, 'RESOURCE_NOT_EXISTS'])
})

test('nothing that this client sent was refused for how it was signed', () => {
  assert.deepEqual(
    simulator.refusals().filter(({ refused }) => refused?.startsWith('SIGN_ERROR')),
    [],
  )
})

test('every fault means on close and refund what it says: done, or not', () => {
  const now = Date.now()
  const world = createSimulator({ now: () => now })
  const own = world.openMerchant({ privateKey: merchant.privateKey })
  const post = (target: string, body: object) =>
    world.handle(signedRequest(own, now, { method: 'POST', target, body: JSON.stringify(body) }))
  let count = 0
  for (const [fault, { effect, ...facts }] of Object.entries(faults)) {
    const [paid, unpaid] = [`paid-${count}`, `unpaid-${count++}`]
    world.placeOrder({ mchid, appid, out_trade_no: paid, total: 5 }, 'SUCCESS')
    world.placeOrder({ mchid, appid, out_trade_no: unpaid, trade_type: 'NATIVE' }, 'NOTPAY')
    const stateOf = (number: string) => world.books.find(mchid, number, now)!.trade_state
    if (appliesTo({ effect, ...facts }, 'refund')) {
      world.faults.add({ fault, endpoint: 'refund' })
      const amount = { refund: 5, total: 5, currency: 'CNY' }
      const reply = post('/v3/refund/domestic/refunds', { out_trade_no: paid, out_refund_no: paid, amount })
      assert.deepEqual([reply.fault, stateOf(paid)], [fault, effect ? 'REFUND' : 'SUCCESS'])
    }
    if (appliesTo({ effect, ...facts }, 'close')) {
      world.faults.add({ fault, endpoint: 'close' })
      const reply = post(`/v3/pay/transactions/out-trade-no/${unpaid}/close`, { mchid })
      assert.deepEqual([reply.fault, stateOf(unpaid)], [fault, effect ? 'CLOSED' : 'NOTPAY'])
    }
  }
  assert.ok(count > 100)
})
