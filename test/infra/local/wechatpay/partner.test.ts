import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generatePrivateKey } from '../../../../infra/local/wechatpay/keys.ts'
import type { SimulatorOptions } from '../../../../infra/local/wechatpay/options.ts'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import {
  codepayRequest,
  partnerQueryRequest,
  partnerReverseRequest,
  queryRequest,
  reverseRequest,
  SUB_MERCHANT,
  signedRequest,
} from './signed-request.ts'

const NOW = Date.UTC(2026, 0, 1)
const ROOT = '/v3/pay/partner/transactions'
const privateKey = generatePrivateKey()
const { sub_mchid, sub_appid } = SUB_MERCHANT
const SECOND = '1900000209'

function world(options: Partial<SimulatorOptions> = {}) {
  const simulator = createSimulator({ now: () => NOW, options })
  const provider = simulator.openMerchant({ privateKey })
  const { mchid: sp_mchid, appid: sp_appid } = provider
  simulator.addSubMerchant({ sp_mchid, sub_mchid, sub_appid })
  simulator.addSubMerchant({ sp_mchid, sub_mchid: SECOND })
  const names = { sp_appid, sp_mchid, sub_appid, sub_mchid }
  const told = (request: ReturnType<typeof signedRequest>) => {
    const { status, headers, body } = simulator.handle(request)
    const number = headers
      .find(([name]) => name === 'Request-ID')![1]
      .split('-')
      .at(-1)
    return { status, number, body: JSON.parse(body.toString()), refused: simulator.log().at(-1)!.refused }
  }
  const post = (path: string, body: object) =>
    told(signedRequest(provider, NOW, { method: 'POST', target: `${ROOT}${path}`, body: JSON.stringify(body) }))
  const payment = {
    description: 'a coffee',
    out_trade_no: 'A',
    payer: { auth_code: '130000000000000000' },
    amount: { total: 500 },
    scene_info: { store_info: { id: 'shop-1' } },
  }
  return {
    simulator,
    provider,
    names,
    told,
    place: (out_trade_no = 'A') =>
      simulator.placeOrder({ mchid: sp_mchid, appid: sp_appid, sub_mchid, sub_appid, out_trade_no }, 'SUCCESS'),
    codepay: (change: object = {}) => post('/codepay', { ...names, ...payment, ...change }),
    reverse: (body: object = names, number = 'A') => post(`/out-trade-no/${number}/reverse`, body),
    query: (search = `sp_mchid=${sp_mchid}&sub_mchid=${sub_mchid}`, number = 'A') =>
      told(signedRequest(provider, NOW, { target: `${ROOT}/out-trade-no/${number}?${search}` })),
    book: (number = 'A') => simulator.books.find(sp_mchid, number, NOW),
  }
}

describe("a provider's order", () => {
  test('is paid, queried and reversed under the four names of the official pages', () => {
    const { codepay, query, reverse, names, book } = world()
    const paid = codepay({ attach: 'table 4' })
    assert.deepEqual([paid.status, paid.number], [200, '0'])
    const { transaction_id, success_time, payer, ...rest } = paid.body
    assert.deepEqual(rest, {
      ...names,
      amount: { total: 500, currency: 'CNY', payer_total: 500, payer_currency: 'CNY' },
      attach: 'table 4',
      out_trade_no: 'A',
      trade_state: 'SUCCESS',
      trade_state_desc: '支付成功',
      trade_type: 'MICROPAY',
      bank_type: 'OTHERS',
    })
    assert.deepEqual(Object.keys(payer), ['sp_openid', 'sub_openid'])
    assert.ok(transaction_id && success_time)
    assert.deepEqual(query().body, paid.body)
    assert.deepEqual(reverse().body, { ...names, out_trade_no: 'A' })
    assert.equal(query().body.trade_state, 'REVOKED')
    assert.deepEqual(book()?.refunded, { amount: 500, count: 1 })
  })

  test('may leave its appids out of a reverse, and finds none in the answer then', () => {
    const { place, reverse, names, book } = world()
    place()
    const { sp_mchid } = names
    assert.deepEqual(reverse({ sp_mchid, sub_mchid }).body, { sp_mchid, sub_mchid, out_trade_no: 'A' })
    assert.equal(book()?.refunded.count, 1)
  })

  test('a sub-merchant without an appid of its own has no sub_appid and no sub_openid', () => {
    const { codepay, names } = world()
    const { body } = codepay({ sub_mchid: SECOND, sub_appid: undefined })
    assert.deepEqual([body.sub_mchid, 'sub_appid' in body], [SECOND, false])
    assert.deepEqual(Object.keys(body.payer), ['sp_openid'])
    assert.equal(names.sub_mchid, sub_mchid)
  })

  test('has a number that no other sub-merchant of the provider can use again', () => {
    const { codepay, book } = world()
    codepay()
    const second = codepay({ sub_mchid: SECOND, sub_appid: undefined })
    assert.deepEqual([second.status, second.body.code], [403, 'OUT_TRADE_NO_USED'])
    assert.equal(book()?.sub_mchid, sub_mchid)
  })

  test('may have the number of an order of another provider', () => {
    const { simulator, place, provider } = world()
    place()
    const other = simulator.openMerchant({ privateKey, mchid: '1900000002' })
    const missing = simulator.handle(queryRequest(other, 'A', NOW))
    assert.equal(missing.status, 404)
    assert.equal(simulator.handle(partnerQueryRequest(provider, 'A', NOW)).status, 200)
  })

  test('is not known, or reversed without effect, while it does not exist', () => {
    const { query, reverse, names } = world()
    assert.deepEqual([query().status, query().number], [404, '268512771'])
    assert.deepEqual(reverse().body, { ...names, out_trade_no: 'A' })
    assert.equal(world({ reverseUnknownOrder: 'ORDER_NOT_EXIST' }).reverse().number, '268512771')
  })

  test('codepay without sp_appid is answered 500 SYSTEM_ERROR, as merchants report', () => {
    const { codepay, book } = world()
    assert.deepEqual([codepay({ sp_appid: undefined }).status, book()], [500, undefined])
  })
})

describe('whoever names an order wrongly is told which number says so, and nothing is done', () => {
  const SEARCH = (sub: string) => `sp_mchid=1900000001&sub_mchid=${sub}`
  const rows: [title: string, sub: string | undefined, status: number, code: string, number: string][] = [
    ['another sub-merchant of the provider', SECOND, 400, 'INVALID_REQUEST', '268447845'],
    ['the provider itself as sub-merchant', '1900000001', 400, 'PARAM_ERROR', '268443705'],
    ['no sub-merchant', undefined, 400, 'PARAM_ERROR', '268443704'],
    ['a merchant that is not of this provider', '1999999999', 403, 'NO_AUTH', '268443701'],
  ]
  for (const [title, sub, ...expected] of rows) {
    test(title, () => {
      const { place, query, reverse, names, book } = world()
      place()
      const { sp_mchid, sp_appid } = names
      for (const answer of [
        query(sub === undefined ? `sp_mchid=${sp_mchid}` : SEARCH(sub)),
        reverse({ sp_mchid, sp_appid, ...(sub === undefined ? {} : { sub_mchid: sub }) }),
      ]) {
        assert.deepEqual([answer.status, answer.body.code, answer.number], expected)
      }
      assert.equal(book()?.trade_state, 'SUCCESS')
    })
  }

  for (const code of ['PARAM_ERROR', 'NO_AUTH', 'ORDER_NOT_EXIST'] as const) {
    test(`another sub-merchant may be told ${code}: the number decides`, () => {
      const { place, query, reverse, names } = world({ subMchidMismatch: code })
      place()
      const { sp_mchid } = names
      for (const answer of [query(SEARCH(SECOND)), reverse({ sp_mchid, sub_mchid: SECOND })]) {
        assert.deepEqual([answer.body.code, answer.number], [code, '268447845'])
      }
    })
  }

  test('a direct call for it, and a partner call for a direct order', () => {
    const { place, simulator, provider, told } = world()
    place()
    const direct = [queryRequest(provider, 'A', NOW), reverseRequest(provider, 'A', NOW)].map(told)
    assert.deepEqual(
      direct.map(({ number }) => number),
      ['268447843', '268447843'],
    )
    simulator.placeOrder({ mchid: provider.mchid, appid: provider.appid, out_trade_no: 'B' }, 'SUCCESS')
    const partner = [partnerQueryRequest(provider, 'B', NOW), partnerReverseRequest(provider, 'B', NOW)].map(told)
    assert.deepEqual(
      partner.map(({ number }) => number),
      ['268447845', '268447845'],
    )
    assert.equal(simulator.books.find(provider.mchid, 'B', NOW)?.trade_state, 'SUCCESS')
  })

  const bodies: [title: string, change: object, code: string, field?: string][] = [
    ['another sp_mchid than signed', { sp_mchid: '1' }, 'PARAM_ERROR', 'sp_mchid'],
    ['no sp_mchid', { sp_mchid: undefined }, 'PARAM_ERROR', 'sp_mchid'],
    ["a direct merchant's field", { mchid: '1900000001' }, 'PARAM_ERROR', 'mchid'],
    ['an sp_appid that is not bound', { sp_appid: 'wxother' }, 'APPID_MCHID_NOT_MATCH'],
    ['a sub_appid that is not bound', { sub_appid: 'wxother' }, 'APPID_MCHID_NOT_MATCH'],
    ['a sub_mchid that is a number', { sub_mchid: 1900000109 }, 'PARAM_ERROR', 'sub_mchid'],
    ['the order number in the body', { out_trade_no: 'A' }, 'PARAM_ERROR', 'out_trade_no'],
  ]
  for (const [title, change, code, field] of bodies) {
    test(`a reverse with ${title}`, () => {
      const { place, reverse, names, book, simulator } = world()
      place()
      const { body } = reverse({ ...names, ...change })
      assert.deepEqual([body.code, body.detail?.field], [code, field])
      assert.equal(book()?.trade_state, 'SUCCESS')
      assert.match(simulator.refusals().at(-1)!.refused!, new RegExp(`^${code}`))
    })
  }

  for (const [title, search, field] of [
    ['no sp_mchid', `sub_mchid=${sub_mchid}`, 'sp_mchid'],
    ['an mchid', `sp_mchid=1900000001&sub_mchid=${sub_mchid}&mchid=1900000001`, 'mchid'],
    ['its sub_mchid twice', `${SEARCH(sub_mchid)}&sub_mchid=${SECOND}`, 'sub_mchid'],
  ] as const) {
    test(`a query with ${title}`, () => {
      const { query } = world()
      assert.deepEqual([query(search).body.code, query(search).body.detail.field], ['PARAM_ERROR', field])
    })
  }

  test('a direct codepay with the names of a provider', () => {
    const { told, provider, names } = world()
    const { body } = codepayRequest(provider, 'A', NOW)
    const request = codepayRequest(provider, 'A', NOW, {
      body: JSON.stringify({ ...JSON.parse(body.toString()), ...names }),
    })
    assert.equal(told(request).body.code, 'PARAM_ERROR')
  })
})
