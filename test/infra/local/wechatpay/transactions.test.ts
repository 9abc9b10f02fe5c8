import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { generatePrivateKey } from '../../../../infra/local/wechatpay/keys.ts'
import type { SimulatorOptions } from '../../../../infra/local/wechatpay/options.ts'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import { codepayRequest, queryRequest, reverseRequest } from './signed-request.ts'

const start = Date.UTC(2026, 0, 1)
const privateKey = generatePrivateKey()

function world(options: Partial<SimulatorOptions> = {}) {
  let now = start
  const simulator = createSimulator({ now: () => now, options })
  const merchant = simulator.openMerchant({ privateKey })
  const { mchid, appid } = merchant
  const told = ({ status, body }: { status: number; body: Buffer }) => ({ status, ...JSON.parse(body.toString()) })
  return {
    simulator,
    merchant,
    later: (ms: number) => {
      now += ms
    },
    place: simulator.placeOrder,
    order: { mchid, appid, out_trade_no: 'A', total: 500 },
    query: (number = 'A') => told(simulator.handle(queryRequest(merchant, number, now))),
    reverse: (number = 'A') => told(simulator.handle(reverseRequest(merchant, number, now))),
    codepay: (ending: string, number = 'A') =>
      told(simulator.handle(codepayRequest(merchant, number, now, { authCode: `1300000000000000${ending}` }))),
    book: () => simulator.books.find(mchid, 'A', now)!,
    reverses: () => simulator.books.reverses().map(({ did, because }) => [did, because]),
  }
}

describe('query', () => {
  test('a paid order names its payment', () => {
    const { place, order, query, merchant } = world()
    place(order, 'SUCCESS')
    const { transaction_id, success_time, payer, amount, trade_state, mchid, appid, out_trade_no } = query()
    assert.deepEqual([trade_state, mchid, appid, out_trade_no], ['SUCCESS', merchant.mchid, merchant.appid, 'A'])
    assert.match(transaction_id, /^42000\d{23}$/)
    assert.equal(success_time, '2026-01-01T08:00:00+08:00')
    assert.ok(payer.openid)
    assert.equal(amount.payer_total, 500)
  })

  for (const state of ['NOTPAY', 'USERPAYING', 'PAYERROR', 'CLOSED', 'REVOKED'] as const) {
    test(`${state} names no payment`, () => {
      const { place, order, query } = world()
      place(order, state)
      const answer = query()
      assert.equal(answer.trade_state, state)
      assert.equal('transaction_id' in answer || 'success_time' in answer || 'payer' in answer, false)
    })
  }

  test('an unknown order, and one of another merchant, are 404 ORDER_NOT_EXIST', () => {
    const { simulator, query } = world()
    simulator.openMerchant({ mchid: '1900000002', privateKey })
    simulator.placeOrder({ mchid: '1900000002', appid: 'wxd678efh567hg6787', out_trade_no: 'A' }, 'SUCCESS')
    assert.deepEqual([query().status, query().code], [404, 'ORDER_NOT_EXIST'])
  })

  test('USERPAYING may come alone', () => {
    const { place, order, query } = world({ userPayingAlone: true })
    place(order, 'USERPAYING')
    assert.deepEqual(query(), { status: 200, trade_state: 'USERPAYING' })
  })

  test('may lag behind the books', () => {
    const { place, order, query, reverse, later } = world({ queryLagMs: 10_000 })
    place(order, 'SUCCESS')
    later(60_000)
    assert.equal(reverse().status, 200)
    later(9_999)
    assert.equal(query().trade_state, 'SUCCESS')
    later(1)
    assert.equal(query().trade_state, 'REVOKED')
  })
})

describe('reverse', () => {
  test('a paid order is refunded once, however often it is reversed, and every reverse is kept in the books', () => {
    const { place, order, reverse, query, book, reverses, merchant } = world()
    place(order, 'SUCCESS')
    const { mchid, appid } = merchant
    for (let times = 0; times < 3; times += 1) {
      assert.deepEqual(reverse(), { status: 200, appid, mchid, out_trade_no: 'A' })
    }
    assert.deepEqual(book().refunded, { amount: 500, count: 1 })
    assert.deepEqual(reverses(), [
      ['refunded', 'acted'],
      ['nothing', 'repeated'],
      ['nothing', 'repeated'],
    ])
    assert.equal(query().trade_state, 'REVOKED')
    assert.ok(query().transaction_id)
  })

  test('after it the payment may be named no more, or the state be REFUND', () => {
    const { place, order, reverse, query } = world({ transactionIdAfterReverse: false, reversedPaidState: 'REFUND' })
    place(order, 'SUCCESS')
    reverse()
    assert.equal(query().trade_state, 'REFUND')
    assert.equal('transaction_id' in query(), false)
    assert.equal(reverse().status, 200)
  })

  test('an unpaid order is revoked, and its number can never be paid again', () => {
    const { place, order, reverse, codepay, reverses } = world()
    place(order, 'NOTPAY')
    reverse()
    assert.deepEqual(reverses(), [['revoked', 'acted']])
    assert.equal(codepay('00').code, 'OUT_TRADE_NO_USED')
  })

  test('an order that does not exist is answered 200 and nothing is done: a payment that comes later is charged', () => {
    const { reverse, codepay, reverses, book } = world()
    assert.equal(reverse().status, 200)
    assert.deepEqual(reverses(), [['nothing', 'no such order']])
    assert.equal(codepay('00').trade_state, 'SUCCESS')
    assert.equal(book().charged.amount, 500)
  })

  test('an order that does not exist may be refused too', () => {
    assert.equal(world({ reverseUnknownOrder: 'ORDER_NOT_EXIST' }).reverse().code, 'ORDER_NOT_EXIST')
  })

  for (const spelling of ['USERPAYING', 'USER_PAYING'] as const) {
    test(`may be refused with 202 ${spelling} while the user is at the password box`, () => {
      const { place, order, reverse, reverses, later, simulator } = world({ reverseWhileUserPaying: spelling })
      place(order, 'USERPAYING')
      assert.deepEqual([reverse().status, reverse().code], [202, spelling])
      simulator.books.happen(order.mchid, 'A', 'leave', start)
      later(1)
      assert.equal(reverse().status, 200)
      assert.deepEqual(reverses().at(-1), ['revoked', 'acted'])
    })
  }

  test('a closed order is refused with ORDER_CLOSED, one refunded by other means with TRADE_ERROR', () => {
    const { place, order, reverse, simulator } = world()
    place(order, 'CLOSED')
    assert.equal(reverse().code, 'ORDER_CLOSED')
    place({ ...order, out_trade_no: 'B' }, 'REFUND')
    assert.equal(reverse('B').code, 'TRADE_ERROR')
    assert.equal(simulator.books.find(order.mchid, 'B', start)?.refunded.count, 1)
  })

  test('the appid must be the one the order was placed with', () => {
    const { simulator, place, order, reverse } = world()
    simulator.addMerchant({
      ...order,
      appid: 'wxsecond',
      certificate_serial_no: '1',
      public_key: simulator.keys.stranger.privateKey,
    })
    place({ ...order, appid: 'wxsecond' }, 'SUCCESS')
    assert.equal(reverse().code, 'APPID_MCHID_NOT_MATCH')
  })

  test('appid may be missing in the answer', () => {
    const { reverse, merchant } = world({ reverseAnswersAppid: false })
    assert.deepEqual(reverse(), { status: 200, mchid: merchant.mchid, out_trade_no: 'A' })
  })
})

describe('codepay', () => {
  const rows: [ending: string, status: number, first: string, afterMs: number, last: string, charged: number][] = [
    ['00', 200, 'SUCCESS', 0, 'SUCCESS', 500],
    ['77', 200, 'SUCCESS', 0, 'SUCCESS', 500],
    ['01', 202, 'USERPAYING', 8_000, 'SUCCESS', 500],
    ['02', 202, 'USERPAYING', 600_000, 'USERPAYING', 0],
    ['03', 202, 'USERPAYING', 60_000, 'SUCCESS', 500],
    ['04', 403, 'NOT_ENOUGH', 0, 'PAYERROR', 0],
    ['05', 200, 'PAYERROR', 0, 'PAYERROR', 500],
    ['06', 500, 'SYSTEM_ERROR', 0, 'SUCCESS', 500],
    ['07', 202, 'NOTPAY', 600_000, 'NOTPAY', 0],
    ['08', 200, 'SUCCESS', 0, 'SUCCESS', 500],
  ]
  for (const [ending, status, first, afterMs, last, charged] of rows) {
    test(`a pay code that ends in ${ending} is answered ${first}, and ${last} in the end`, () => {
      const { codepay, query, later, book } = world()
      const answer = codepay(ending)
      assert.deepEqual([answer.status, answer.trade_state ?? answer.code], [status, first])
      later(afterMs)
      assert.equal(query().trade_state, last)
      assert.equal(book().charged.amount, charged)
    })
  }

  test('says the same transaction id as the query after it', () => {
    const { codepay, query } = world()
    assert.equal(codepay('00').transaction_id, query().transaction_id)
  })

  test('a number that exists is not charged again', () => {
    const { codepay, book } = world()
    codepay('00')
    assert.deepEqual([codepay('00').status, codepay('00').code], [403, 'OUT_TRADE_NO_USED'])
    assert.deepEqual(book().charged, { amount: 500, count: 1 })
  })

  test('paying again while the password box is open goes on waiting', () => {
    const { codepay } = world()
    codepay('02')
    assert.deepEqual([codepay('00').status, codepay('00').trade_state], [202, 'USERPAYING'])
  })
})
