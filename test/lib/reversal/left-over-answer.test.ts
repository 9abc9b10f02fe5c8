import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { createAttempt, resultOf } from '../../../lib/reversal/attempt.ts'
import { createLookUp } from '../../../lib/reversal/look-up.ts'
import { type OrderMessage, parseOrder } from '../../../lib/reversal/order.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { APPID, MCHID, merchantOf } from '../wechatpay/keys-and-secrets.ts'
import { openRawServer, type RawRequest } from '../wechatpay/raw-server.ts'
import { messageOf, signedAnswer, stateOf } from '../wechatpay/signed-answer.ts'

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()

/** A WeChat Pay behind something that now and then sends an answer twice: the second copy comes with the next request. */
async function world(t: TestContext) {
  const leftOver = new WeakMap<Socket, Buffer>()
  const states = new Map([
    ['AT-THE-PASSWORD', 'USERPAYING'],
    ['PAID', 'SUCCESS'],
  ])
  const server = await openRawServer((request, socket) => {
    const copy = leftOver.get(socket)
    leftOver.delete(socket)
    if (copy !== undefined) socket.write(copy)
    const answer = answerTo(request)
    if (!answer.body.includes('out_trade_no')) leftOver.set(socket, messageOf(answer))
    socket.write(messageOf(answer))
  })

  function answerTo({ method, target }: RawRequest) {
    const out_trade_no = /out-trade-no\/([^/?]+)/.exec(target)![1]!
    const state = states.get(out_trade_no)
    if (method === 'POST') states.set(out_trade_no, 'REVOKED')
    if (method === 'POST') return signedAnswer({ body: JSON.stringify({ appid: APPID, mchid: MCHID, out_trade_no }) })
    if (state === undefined) return signedAnswer({ status: 404, body: '{"code":"ORDER_NOT_EXIST","message":""}' })
    return signedAnswer({
      body: state === 'USERPAYING' ? '{"trade_state":"USERPAYING"}' : stateOf(state, { out_trade_no }),
    })
  }

  const wechatPay = createWechatPay({ endpoints: [server.endpoint], timeoutMs: 2_000 })
  t.after(async () => {
    wechatPay.close()
    await server.close()
  })
  const merchant = merchantOf()
  const merchants = { find: async () => merchant, renew: async () => undefined }
  const attempt = createAttempt({ wechatPay, merchants })
  const lookUp = createLookUp({ wechatPay, merchants })
  return {
    server,
    lookUp: (out_trade_no: string) => lookUp({ mchid: MCHID, out_trade_no }, () => 20_000),
    attempt: async (out_trade_no: string, fields: Partial<OrderMessage>) => {
      const order = parseOrder({ mchid: MCHID, appid: APPID, out_trade_no, ...fields }, Date.now())
      return resultOf(await attempt(order, { seenAtMs: Date.now() - 120_000, msLeft: () => 20_000 }))
    },
  }
}

describe('an answer that names no order is never taken from a connection on which it may have been left over', () => {
  const history = { first_seen_at: ago(300), reverse_sent_at: ago(100), reverse_answered_at: ago(100) }
  /** What leaves such an answer over on the connection that the next call uses. */
  const before: Record<string, (here: Awaited<ReturnType<typeof world>>) => Promise<unknown>> = {
    'a look at an unknown order': ({ lookUp }) => lookUp('UNKNOWN'),
    'an attempt on one at the password': ({ attempt }) => attempt('AT-THE-PASSWORD', { attempted_at: ago(20) }),
  }

  for (const [title, leaveOver] of Object.entries(before)) {
    test(`a paid order does not end NOT_FOUND after ${title}`, async (t) => {
      const here = await world(t)
      await leaveOver(here)
      assert.equal((await here.attempt('PAID', { history })).outcome, 'REFUNDED')
    })

    test(`a paid order is not told to be another's after ${title}`, async (t) => {
      const here = await world(t)
      await here.lookUp('PAID')
      await leaveOver(here)
      const result = await here.lookUp('PAID')
      assert.equal(result.kind === 'found' && result.state.trade_state, 'SUCCESS')
    })

    test(`a paid order that is to be kept is not reversed after ${title}`, async (t) => {
      const here = await world(t)
      await leaveOver(here)
      assert.equal((await here.attempt('PAID', { if_paid: 'keep' })).outcome, 'KEPT')
      assert.ok(!here.server.requests.some(({ method, target }) => method === 'POST' && target.includes('PAID')))
    })
  }
})
