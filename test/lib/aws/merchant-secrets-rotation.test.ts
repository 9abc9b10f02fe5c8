import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { createSigningKey } from '../../../infra/local/wechatpay/keys.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { createMerchantSecrets } from '../../../lib/aws/merchant-secrets.ts'
import { createAttempt, resultOf } from '../../../lib/reversal/attempt.ts'
import { parseOrder } from '../../../lib/reversal/order.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { keys, type Secret } from '../wechatpay/keys-and-secrets.ts'
import { createSecrets, failing } from './secrets-in-memory.ts'

const manager = createSecrets()

const TTL_MS = 300_000

/** WeChat Pay, Secrets Manager and a warm function between them, for the merchants 1900000001 and 1900000002. */
async function world(t: TestContext) {
  const running = await startSimulator()
  const { simulator } = running
  const clock = { ms: Date.now() }
  const [first, second] = ['1900000001', '1900000002'].map((mchid) =>
    simulator.openMerchant({ mchid, appid: `wx${mchid}`, privateKey: keys.merchant }),
  )
  const nameOf = (mchid: string) => `${t.name}/${mchid}`
  const put = (secret: object) => manager.put(nameOf((secret as { mchid: string }).mchid), secret)
  put(first!.secret)
  put(second!.secret)
  const endpoints = parseEndpoints(running.endpoints[0])
  const wechatPay = createWechatPay({ endpoints, timeoutMs: 2_000 })
  const secrets = createMerchantSecrets({
    names: [first!.mchid, second!.mchid].map(nameOf),
    endpoints,
    ttlMs: TTL_MS,
    client: manager.client,
    now: () => clock.ms,
  })
  const attempt = createAttempt({ wechatPay, merchants: secrets })
  t.after(async () => {
    wechatPay.close()
    await running.close()
  })

  let orders = 0
  /** Reverses a new, paid order: how it ended, and how many calls to WeChat Pay that took. */
  async function reverse({ mchid, appid } = first!) {
    const out_trade_no = `order-${orders++}`
    simulator.placeOrder({ mchid, appid, out_trade_no }, 'SUCCESS')
    const attempted_at = new Date(Date.now() - 60_000).toISOString()
    const order = parseOrder({ mchid, appid, out_trade_no, attempted_at }, Date.now())
    const before = simulator.log().length
    const result = resultOf(await attempt(order, { seenAtMs: Date.now(), msLeft: () => 20_000 }))
    return { outcome: result.outcome, calls: simulator.log().length - before }
  }
  /** A new certificate at WeChat Pay, as a secret that holds it. */
  function newCertificate(privateKey = keys.stranger): Secret & { mchid: string; certificate_serial_no: string } {
    const { mchid, appid } = first!
    return { ...simulator.openMerchant({ mchid, appid, privateKey }).secret }
  }
  const reads = () => manager.calls.filter(({ name }) => name === nameOf(first!.mchid)).map(({ stage }) => stage)
  const behave = (way?: Parameters<typeof manager.behave>[1]) => manager.behave(nameOf(first!.mchid), way)
  const revoke = (serial: unknown) => simulator.merchants.revokeCertificate(first!.mchid, serial as string)
  return { simulator, clock, first: first!, second: second!, put, reverse, newCertificate, reads, behave, revoke }
}

const REFUNDED_IN = (calls: number) => ({ outcome: 'REFUNDED', calls })

describe('a change of keys goes unnoticed', () => {
  test('where nothing goes wrong a reversal is three calls', async (t) => {
    const { reverse, reads } = await world(t)
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
    assert.deepEqual(reads(), ['AWSCURRENT'])
  })

  test('the merchant certificate, replaced in the secret and revoked at WeChat Pay: one more call, once', async (t) => {
    const { first, put, reverse, newCertificate, revoke, reads } = await world(t)
    await reverse()
    put(newCertificate())
    revoke(first.certificate_serial_no)
    assert.deepEqual(await reverse(), REFUNDED_IN(4))
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
    assert.deepEqual(reads(), ['AWSCURRENT', 'AWSCURRENT'])
  })

  test('replaced in the secret only, and not yet known to WeChat Pay: the version before serves', async (t) => {
    const { put, reverse, newCertificate, revoke, clock, reads } = await world(t)
    const future = newCertificate()
    revoke(future.certificate_serial_no)
    put(future)
    assert.deepEqual(await reverse(), REFUNDED_IN(4))
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
    assert.deepEqual(reads(), ['AWSCURRENT', 'AWSCURRENT', 'AWSPREVIOUS'])

    clock.ms += TTL_MS
    assert.deepEqual(await reverse(), REFUNDED_IN(4), 'one call each time the secret is read anew')
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
  })

  test('and known to WeChat Pay a moment later, when the one before is revoked', async (t) => {
    const { simulator, first, put, reverse, newCertificate, revoke } = await world(t)
    const future = newCertificate()
    revoke(future.certificate_serial_no)
    put(future)
    await reverse()
    const { mchid, appid } = first
    const certificate_serial_no = future.certificate_serial_no
    simulator.addMerchant({ mchid, appid, certificate_serial_no, public_key: keys.stranger })
    revoke(first.certificate_serial_no)
    assert.deepEqual(await reverse(), REFUNDED_IN(4))
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
  })

  test('both valid for a while: no call more', async (t) => {
    const { put, reverse, newCertificate, clock } = await world(t)
    await reverse()
    put(newCertificate())
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
    clock.ms += TTL_MS
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
  })

  test("WeChat Pay's own key, when the old one is gone and the secret lists the new one", async (t) => {
    const { simulator, first, put, reverse } = await world(t)
    await reverse()
    const next = simulator.keys.rotate(createSigningKey('public key', { privateKey: keys.stranger }))
    simulator.keys.answerWith(next.id)
    put({ ...first.secret, other_wechatpay_keys: { [next.id]: next.pem } })
    assert.deepEqual(await reverse(), REFUNDED_IN(4))
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
  })

  test('from the platform certificate to the public key and back, with both in the secret: no call more', async (t) => {
    const { simulator, reverse } = await world(t)
    const { platformCertificate, publicKey } = simulator.keys.current()
    for (const { id } of [platformCertificate, publicKey, platformCertificate]) {
      simulator.keys.answerWith(id)
      assert.deepEqual(await reverse(), REFUNDED_IN(3))
    }
  })

  test('the merchant certificate and the key of WeChat Pay at once', async (t) => {
    const { simulator, first, put, reverse, newCertificate, revoke } = await world(t)
    await reverse()
    const next = simulator.keys.rotate(createSigningKey('public key', { privateKey: keys.platform }))
    simulator.keys.answerWith(next.id)
    put({ ...newCertificate(), other_wechatpay_keys: { [next.id]: next.pem } })
    revoke(first.certificate_serial_no)
    assert.deepEqual(await reverse(), REFUNDED_IN(4))
    assert.deepEqual(await reverse(), REFUNDED_IN(3))
  })

  test('under a batch: each order at most one call more, the secret read once', async (t) => {
    const { simulator, first, put, reverse, newCertificate, revoke, reads } = await world(t)
    await reverse()
    put(newCertificate())
    revoke(first.certificate_serial_no)
    const before = simulator.log().length
    const ends = await Promise.all(Array.from({ length: 10 }, () => reverse()))
    assert.deepEqual(new Set(ends.map(({ outcome }) => outcome)), new Set(['REFUNDED']))
    assert.ok(simulator.log().length - before <= 40)
    assert.deepEqual(reads(), ['AWSCURRENT', 'AWSCURRENT'])
  })

  test('while Secrets Manager is down: nothing fails for good, and it is mended with it', async (t) => {
    const { first, put, reverse, newCertificate, revoke, behave } = await world(t)
    await reverse()
    put(newCertificate())
    revoke(first.certificate_serial_no)
    behave(failing('InternalServiceError'))
    await assert.rejects(reverse(), { name: 'CredentialsUnavailable' })
    behave()
    assert.deepEqual(await reverse(), REFUNDED_IN(4))
  })
})

describe('credentials that WeChat Pay refuses even after a fresh read', () => {
  type World = Awaited<ReturnType<typeof world>>
  const wrong: Record<string, (here: World) => object> = {
    'the key of another merchant': ({ first }) => ({
      ...first.secret,
      private_key: keys.stranger.export({ type: 'pkcs8', format: 'pem' }),
    }),
    "a serial that is not the key's": ({ first }) => ({ ...first.secret, certificate_serial_no: 'ABCDEF' }),
    'an mchid of another merchant': ({ first, second }) => ({
      ...first.secret,
      certificate_serial_no: second.certificate_serial_no,
    }),
  }
  for (const [title, secretOf] of Object.entries(wrong)) {
    test(`${title}: said so, and other merchants go on`, async (t) => {
      const here = await world(t)
      here.put(secretOf(here))
      here.put(secretOf(here))
      await assert.rejects(here.reverse(), {
        name: 'CredentialsUnavailable',
        message: /certificate_serial_no .*private_key/,
        code: 'SIGN_ERROR',
      })
      assert.deepEqual(await here.reverse(here.second), REFUNDED_IN(3))
      here.put(here.first.secret)
      assert.equal((await here.reverse()).outcome, 'REFUNDED', 'mended, it works at once')
    })
  }
})
