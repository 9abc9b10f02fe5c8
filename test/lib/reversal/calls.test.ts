import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createCalls } from '../../../lib/reversal/calls.ts'
import { type Answer, type CallResult, resultOfTries } from '../../../lib/wechatpay/answer.ts'
import type { WechatPay } from '../../../lib/wechatpay/client.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'
import { verifiedAnswer } from './verified-answer.ts'

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

describe('fresh keys serve the orders after this one', () => {
  const CASES: [what: string, second: Answer, isAdopted: boolean][] = [
    ['when WeChat Pay answers them, and the answer verifies', verifiedAnswer(200), true],
    ['also when it refuses the call for another reason', verifiedAnswer(403, { code: 'NO_AUTH' }), true],
    ['not when it refuses them, too', verifiedAnswer(401, { code: 'SIGN_ERROR' }), false],
    ['not when anybody may have answered', { kind: 'unverified', reason: 'unsigned', status: 200 }, false],
    ['not without an answer', { kind: 'none', reason: 'timeout', sent: true }, false],
  ]
  for (const [what, second, isAdopted] of CASES) {
    test(what, async () => {
      const [old, fresh] = [{ mchid: ORDER.mchid } as Merchant, { mchid: ORDER.mchid } as Merchant]
      const adopted: Merchant[] = []
      const asked: Merchant[] = []
      const query = async ({ merchant }: { merchant: Merchant }) => {
        asked.push(merchant)
        return resultOfTries([merchant === fresh ? second : REFUSED])
      }
      const renew = async () => ({ merchant: fresh, adopt: () => void adopted.push(fresh) })
      const wechatPay = { query } as unknown as WechatPay
      const calls = await createCalls(wechatPay, { find: async () => old, renew }, ORDER, () => 20_000)
      await calls.query()
      await calls.query()
      assert.deepEqual(adopted, isAdopted ? [fresh] : [])
      assert.ok(asked.length === 3 && asked[0] === old && asked[1] === fresh && asked[2] === (isAdopted ? fresh : old))
    })
  }
})
