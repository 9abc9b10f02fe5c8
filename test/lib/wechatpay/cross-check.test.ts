import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Wechatpay } from 'wechatpay-axios-plugin'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { APPID, keys, MCHID, merchantOf, PUBLIC_KEY_ID, privatePem, publicPem, SERIAL } from './keys-and-secrets.ts'
import { openRawServer } from './raw-server.ts'
import { type Headers, messageOf, type Parts, signedAnswer, stateOf } from './signed-answer.ts'

let parts: Parts = {}
const server = await openRawServer((_, socket) => socket.write(messageOf(signedAnswer(parts))))
const ours = createWechatPay({ endpoints: [server.endpoint], timeoutMs: 2_000 })
const theirs = new Wechatpay({
  mchid: MCHID,
  serial: SERIAL,
  privateKey: privatePem(keys.merchant),
  certs: { [PUBLIC_KEY_ID]: publicPem(keys.wechatPay) },
  baseURL: server.url,
  proxy: false,
})
after(async () => {
  ours.close()
  await server.close()
})

const merchant = merchantOf({ other_wechatpay_keys: undefined })
const asked = { mchid: MCHID, appid: APPID, out_trade_no: 'A' }
const PATH = 'v3/pay/transactions/out-trade-no/{out_trade_no}'
const seconds = Math.floor(Date.now() / 1000)

async function theyBelieve(out_trade_no = 'A') {
  try {
    await theirs.chain(PATH).get({ params: { mchid: MCHID }, out_trade_no })
    return true
  } catch {
    return false
  }
}

const weBelieve = async () => (await ours.query({ asked, merchant, msLeft: () => 60_000 })).best.kind === 'verified'

const without = (name: string) => (all: Headers) => all.filter(([key]) => key !== name)
const replacing = (name: string, value: string) => (all: Headers) =>
  all.map(([key, old]): [string, string] => [key, key === name ? value : old])

/** Who believes it: both, nobody, or only the other client, each with its reason in our tables. */
const ROWS: Record<string, [Parts, 'both' | 'nobody' | 'only theirs']> = {
  'an answer as it should be': [{}, 'both'],
  'one with line breaks and characters of every width': [
    { body: JSON.stringify(JSON.parse(stateOf('SUCCESS', { attach: 'é支付😀' })), null, 2) },
    'both',
  ],
  '202': [{ status: 202, body: '{"trade_state":"USERPAYING"}' }, 'both'],
  '204': [{ status: 204, body: '' }, 'both'],
  'signed 290 s ago': [{ timestamp: seconds - 290 }, 'both'],
  'signed 310 s ago': [{ timestamp: seconds - 310 }, 'nobody'],
  'signed 310 s from now': [{ timestamp: seconds + 310 }, 'nobody'],
  'signed by a stranger': [{ key: keys.stranger }, 'nobody'],
  'an unknown serial': [{ serial: 'PUB_KEY_ID_9' }, 'nobody'],
  'no serial': [{ headers: without('Wechatpay-Serial') }, 'nobody'],
  'no nonce': [{ headers: without('Wechatpay-Nonce') }, 'nobody'],
  'no timestamp': [{ headers: without('Wechatpay-Timestamp') }, 'nobody'],
  'no signature': [{ headers: without('Wechatpay-Signature') }, 'nobody'],
  'a probe': [{ headers: replacing('Wechatpay-Signature', 'WECHATPAY/SIGNTEST/abc') }, 'nobody'],
  'another order': [{ body: stateOf('REVOKED', { out_trade_no: 'B' }) }, 'only theirs'],
  'another merchant': [{ body: stateOf('REVOKED', { mchid: '1' }) }, 'only theirs'],
  'not JSON': [{ body: 'OK' }, 'only theirs'],
  'a signature in two lines': [{ headers: (all) => [...all, ['Wechatpay-Nonce', 'x']] }, 'nobody'],
}

describe('a client that is not ours, and ours, on the same answers', () => {
  for (const [title, [given, who]] of Object.entries(ROWS)) {
    test(`${title}: ${who}`, async () => {
      parts = given
      assert.equal(await weBelieve(), who === 'both')
      assert.equal(await theyBelieve(), who !== 'nobody')
    })
  }

  test('both send the same target and body, * included', async () => {
    parts = {}
    const context = { asked: { ...asked, out_trade_no: 'A*-_1' }, merchant, msLeft: () => 60_000 }
    await ours.query(context)
    await theyBelieve('A*-_1')
    await ours.reverse(context)
    await theirs.chain(`${PATH}/reverse`).post({ appid: APPID, mchid: MCHID }, { out_trade_no: 'A*-_1' })
    const sent = server.requests.slice(-4).map(({ method, target, body }) => [method, target, body.toString()])
    assert.deepEqual([sent[0], sent[2]], [sent[1], sent[3]])
  })
})
