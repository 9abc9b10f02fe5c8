import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createCalls } from '../../../lib/reversal/calls.ts'
import { type Answer, type CallResult, resultOfTries } from '../../../lib/wechatpay/answer.ts'
import type { WechatPay } from '../../../lib/wechatpay/client.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'

const ORDER = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }
const REFUSED: Answer = { kind: 'unverified', reason: 'unsigned', status: 401, code: 'SIGN_ERROR' }

describe('when WeChat Pay refuses our signature, whatever the keys', () => {
  /** Who asks an order three times over, and how often a call and a read of its secret was made. */
  async function refused() {
    const counts = { calls: 0, renewals: 0 }
    const call = async (): Promise<CallResult> => {
      counts.calls += 1
      return resultOfTries([REFUSED])
    }
    const merchant = { mchid: ORDER.mchid } as Merchant
    const merchants = {
      find: async () => merchant,
      renew: async () => {
        counts.renewals += 1
        return { merchant: { ...merchant }, adopt() {} }
      },
    }
    const wechatPay = { query: call, reverse: call } as unknown as WechatPay
    const { query, reverse } = await createCalls(wechatPay, merchants, ORDER, () => 20_000)
    await query()
    await reverse(ORDER)
    await query()
    return counts
  }

  test('one call of an attempt is repeated with fresh keys, and no more: its time is for four tries', async () => {
    const { calls } = await refused()
    assert.equal(calls, 4, `${calls} calls instead of 3 and a repeat: no time is kept for more`)
  })

  test('its secret is read again once', async () => {
    const { renewals } = await refused()
    assert.equal(renewals, 1, `the secret is read ${renewals} times in one attempt`)
  })
})
