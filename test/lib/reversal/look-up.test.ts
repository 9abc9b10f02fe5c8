import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ReversalEvent } from '../../../lib/reversal/events.ts'
import { createLookUp } from '../../../lib/reversal/look-up.ts'
import { type Answer, resultOfTries } from '../../../lib/wechatpay/answer.ts'
import type { WechatPay } from '../../../lib/wechatpay/client.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'
import type { OrderId } from '../../../lib/wechatpay/order-id.ts'
import { EVIDENCE, verifiedAnswer } from './verified-answer.ts'

const DIRECT: OrderId = { mchid: '1900000001', out_trade_no: 'A1' }
const PARTNER: OrderId = { sp_mchid: '1900000001', sub_mchid: '1900000002', out_trade_no: 'A1' }
/** One look at an order, answered in this way; the last answer is repeated. */
async function look(answers: readonly [Answer, ...Answer[]], order = DIRECT) {
  const connections: string[] = []
  const noticed: ReversalEvent['name'][] = []
  const wechatPay = {
    query: async ({ onOwnConnection }: { onOwnConnection: boolean }) => {
      connections.push(onOwnConnection ? 'its own' : 'any')
      return resultOfTries([answers[connections.length - 1] ?? answers.at(-1)!])
    },
  } as unknown as WechatPay
  const merchants = { find: async () => ({}) as Merchant, renew: async () => undefined }
  const lookUp = createLookUp({ wechatPay, merchants, observe: ({ name }) => noticed.push(name) })
  return { result: await lookUp(order, () => 20_000), connections, noticed }
}

describe('a look at an order', () => {
  test('finds its state, with what is said of its payment, and the proof', async () => {
    const said = {
      appid: 'wx1',
      out_trade_no: 'A1',
      trade_state: 'SUCCESS',
      transaction_id: '42000',
      success_time: '2026-01-31T19:00:00+08:00',
    }
    const { result, connections, noticed } = await look([
      verifiedAnswer(200, { ...said, payer: { openid: 'x' }, sp_appid: 'y' }),
    ])
    const state = { ...DIRECT, ...said, request_id: 'signed', evidence: [EVIDENCE] }
    assert.deepEqual(result, { kind: 'found', state })
    assert.deepEqual([connections, noticed], [['any'], []])
  })

  test('names only what is text', async () => {
    const { result } = await look([verifiedAnswer(200, { trade_state: 'NOTPAY', appid: 5, transaction_id: null })])
    assert.deepEqual(result, {
      kind: 'found',
      state: { ...DIRECT, trade_state: 'NOTPAY', request_id: 'signed', evidence: [EVIDENCE] },
    })
  })

  test('of a service provider names the two appids', async () => {
    const body = { appid: 'wx0', sp_appid: 'wx1', sub_appid: 'wx2', trade_state: 'CLOSED' }
    const { result } = await look([verifiedAnswer(200, body)], PARTNER)
    const state = { ...PARTNER, sp_appid: 'wx1', sub_appid: 'wx2', trade_state: 'CLOSED' }
    assert.deepEqual(result, { kind: 'found', state: { ...state, request_id: 'signed', evidence: [EVIDENCE] } })
  })

  test('returns a state that is new to us as it is, and somebody hears of it', async () => {
    const { result, noticed } = await look([verifiedAnswer(200, { trade_state: 'ACCEPT' })])
    assert.equal(result.kind === 'found' && result.state.trade_state, 'ACCEPT')
    assert.deepEqual(noticed, ['UnknownState'])
  })

  const NO_ORDER = verifiedAnswer(404, { code: 'ORDER_NOT_EXIST' })
  const PAYING = verifiedAnswer(202, { code: 'USERPAYING' })
  const PAID = verifiedAnswer(200, { trade_state: 'SUCCESS', out_trade_no: 'A1' })

  test('is had again on a connection of its own when the answer names no order: it may be another’s', async () => {
    assert.deepEqual((await look([NO_ORDER, PAID])).connections, ['any', 'its own'])
    const { result } = await look([PAYING, PAID])
    assert.equal(result.kind === 'found' && result.state.trade_state, 'SUCCESS')
    const named = verifiedAnswer(200, { trade_state: 'USERPAYING', out_trade_no: 'A1' })
    assert.deepEqual((await look([named])).connections, ['any'])
  })

  test('says that there is no such order', async () => {
    const { result, noticed } = await look([NO_ORDER])
    assert.equal(result.kind === 'none' && result.error.code, 'ORDER_NOT_EXIST')
    assert.deepEqual(noticed, [])
  })

  const UNVERIFIED: Answer = { kind: 'unverified', reason: 'unsigned', status: 502, request_id: 'r2' }
  const SILENT: [what: string, answer: Answer, words: string | undefined, request_id: string | undefined][] = [
    ['no answer', { kind: 'none', reason: 'timeout', sent: true }, undefined, undefined],
    ['what does not verify', UNVERIFIED, '502 (Request-ID r2), unverified: unsigned', 'r2'],
    ['not processed yet', verifiedAnswer(202, {}), undefined, 'r202'],
    ['a refusal', verifiedAnswer(403, { code: 'NO_AUTH' }), '403 NO_AUTH (Request-ID r403)', 'r403'],
    [
      'a code nobody knows',
      verifiedAnswer(403, { code: 'NEW', trade_state: 'X' }),
      '403 NEW (Request-ID r403)',
      'r403',
    ],
    ['a state that is no text', verifiedAnswer(200, { trade_state: 5 }), undefined, 'r200'],
    ['no state at all', verifiedAnswer(200, {}), undefined, 'r200'],
  ]
  for (const [what, answer, words, request_id] of SILENT) {
    test(`tells nothing, and what was said instead: ${what}`, async () => {
      const { result, connections } = await look([answer])
      assert.ok(result.kind === 'unverified')
      assert.deepEqual([result.words, result.error.request_id, connections], [words, request_id, ['any']])
    })
  }

  test('is refused when WeChat Pay refuses our signature', async () => {
    const refused: Answer = {
      kind: 'unverified',
      reason: 'unsigned',
      status: 401,
      code: 'SIGN_ERROR',
      request_id: 'r3',
    }
    const words = /merchant 1900000001.*the answer was 401 SIGN_ERROR \(Request-ID r3\), unverified: unsigned$/
    await assert.rejects(look([refused]), { name: 'CredentialsUnavailable', message: words, code: 'SIGN_ERROR' })
  })
})
