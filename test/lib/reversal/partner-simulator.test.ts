import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SimulatorOptions } from '../../../infra/local/wechatpay/options.ts'
import type { TradeState } from '../../../infra/local/wechatpay/order.ts'
import { createSimulator } from '../../../infra/local/wechatpay/simulator.ts'
import { createAttempt, resultOf } from '../../../lib/reversal/attempt.ts'
import type { ReversalError } from '../../../lib/reversal/errors.ts'
import { type OrderMessage, parseOrder } from '../../../lib/reversal/order.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { START } from './virtual-service.ts'
import { createVirtualTime } from './virtual-time.ts'
import { createVirtualExchange, ENDPOINTS, SMALL_KEYS, SMALL_MERCHANT_KEY } from './virtual-wechatpay.ts'

const SP_MCHID = '1900000001'
const NAMES = { sp_mchid: SP_MCHID, sub_mchid: '1900000201', out_trade_no: 'A_1-2*b' }
const APPS = { sp_appid: 'wxd678efh567hg6787', sub_appid: 'wxsub' }

/** A service provider with two merchants, and our attempts on an order of the first, in virtual time. */
function openProvider(options: Partial<SimulatorOptions> = {}) {
  const time = createVirtualTime(START)
  const simulator = createSimulator({ now: time.now, keys: SMALL_KEYS, options })
  const { secret, appid } = simulator.openMerchant({ mchid: SP_MCHID, privateKey: SMALL_MERCHANT_KEY })
  for (const sub_mchid of [NAMES.sub_mchid, '1900000202']) {
    simulator.merchants.relate({ sp_mchid: SP_MCHID, sub_mchid, sub_appid: APPS.sub_appid })
  }
  const { merchant } = parseMerchant(JSON.stringify(secret))
  const wechatPay = createWechatPay({
    endpoints: ENDPOINTS,
    timeoutMs: 5_000,
    now: time.now,
    exchange: createVirtualExchange({ time, simulator }),
  })
  const merchants = { find: async () => merchant, renew: async () => undefined }
  const attempt = createAttempt({ wechatPay, merchants, now: time.now, random: () => 0.5 })
  return {
    simulator,
    place: (state: TradeState) =>
      simulator.placeOrder(
        { mchid: SP_MCHID, appid, sub_mchid: NAMES.sub_mchid, sub_appid: APPS.sub_appid, out_trade_no: 'A_1-2*b' },
        state,
      ),
    async end(fields: Partial<OrderMessage> = {}) {
      const order = parseOrder({ ...NAMES, ...fields }, time.now())
      const endsAt = time.now() + 25_500
      const context = { seenAtMs: time.now() - 600_000, msLeft: () => endsAt - time.now() }
      return time.until(attempt(order, context))
    },
  }
}

type Provider = ReturnType<typeof openProvider>

async function endOf(ending: ReturnType<Provider['end']>) {
  const end = await ending
  return 'error' in end ? (end.error as ReversalError).name : end.result.outcome
}

describe("a service provider's order at the simulator", () => {
  for (const apps of [{}, APPS, { sp_appid: APPS.sp_appid }, { sub_appid: APPS.sub_appid }]) {
    test(`paid, it is REFUNDED under its names: ${Object.keys(apps).join(', ') || 'no apps'}`, async () => {
      const provider = openProvider()
      provider.place('SUCCESS')
      const result = resultOf(await provider.end(apps))
      assert.ok(result.outcome === 'REFUNDED')
      const { attempted_at, outcome, trade_state, refunded, confirmed_at, request_id, evidence, ...names } = result
      assert.deepEqual(names, { ...NAMES, ...apps })
      assert.deepEqual(provider.simulator.refusals(), [])
    })
  }

  test('unpaid, it is REVERSED; kept, KEPT; unknown, NOT_FOUND', async () => {
    const unpaid = openProvider()
    unpaid.place('NOTPAY')
    assert.equal(await endOf(unpaid.end()), 'REVERSED')
    const kept = openProvider()
    kept.place('SUCCESS')
    assert.equal(await endOf(kept.end({ if_paid: 'keep' })), 'KEPT')
    for (const reverseUnknownOrder of ['ok', 'ORDER_NOT_EXIST'] as const) {
      assert.equal(await endOf(openProvider({ reverseUnknownOrder }).end()), 'NOT_FOUND')
    }
  })

  for (const subMchidMismatch of ['INVALID_REQUEST', 'PARAM_ERROR', 'NO_AUTH', 'ORDER_NOT_EXIST'] as const) {
    test(`another merchant's is ReversalRejected, said with ${subMchidMismatch}: the number decides`, async () => {
      const provider = openProvider({ subMchidMismatch })
      provider.place('SUCCESS')
      assert.equal(await endOf(provider.end({ sub_mchid: '1900000202' })), 'ReversalRejected')
      assert.equal(provider.simulator.books.find(SP_MCHID, NAMES.out_trade_no, START)?.trade_state, 'SUCCESS')
    })
  }

  test("so is one of a merchant that is not under this provider, and the provider's own", async () => {
    for (const sub_mchid of ['1900000999', SP_MCHID]) {
      const provider = openProvider()
      provider.place('SUCCESS')
      assert.equal(await endOf(provider.end({ sub_mchid })), 'ReversalRejected')
    }
  })
})
