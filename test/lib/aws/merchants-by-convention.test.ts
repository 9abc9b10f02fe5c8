import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createMerchantSecrets,
  MOST_MERCHANTS,
  type SecretEvent,
  UNKNOWN_FOR_MS,
} from '../../../lib/aws/merchant-secrets.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { keys, privatePem, publicPem, type Secret, secretOf } from '../wechatpay/keys-and-secrets.ts'
import { createSecrets, failing, silent } from './secrets-in-memory.ts'

const manager = createSecrets()

const TTL_MS = 300_000
const WECHAT_PAY = parseEndpoints('https://api.mch.weixin.qq.com')

/** Short keys: a crowd of merchants is parsed here. */
const SHORT = {
  private_key: privatePem(keys.stranger),
  wechatpay_public_key: publicPem(keys.platform),
  other_wechatpay_keys: undefined,
}

let count = 0
/** A deployment whose merchants are found by convention, under a prefix of its own. */
function deployment({ listed = [] as string[] } = {}) {
  const prefix = `stage${++count}/merchants`
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const events: SecretEvent[] = []
  const nameOf = (mchid: string) => `${prefix}/${mchid}`
  const secrets = createMerchantSecrets({
    names: listed.map(nameOf),
    prefix,
    endpoints: WECHAT_PAY,
    ttlMs: TTL_MS,
    client: manager.client,
    now: () => clock.ms,
    observe: (event) => events.push(event),
  })
  const put = (mchid: string, otherwise: Secret = {}) =>
    manager.put(nameOf(mchid), secretOf({ mchid, ...SHORT, ...otherwise }))
  const callsOf = (mchid: string) => manager.calls.filter(({ name }) => name === nameOf(mchid)).length
  const calls = () => manager.calls.filter(({ name }) => name.startsWith(`${prefix}/`)).length
  return { prefix, clock, events, nameOf, secrets, put, callsOf, calls }
}

const UNKNOWN = { name: 'UnknownMerchant', message: 'mchid: none of the configured secrets is of this merchant' }
const UNAVAILABLE = { name: 'CredentialsUnavailable' }

describe('merchants by convention', () => {
  test('a thousand orders of a new merchant read its secret once', async () => {
    const { secrets, put, callsOf } = deployment()
    put('1900000001')
    const found = await Promise.all(Array.from({ length: 1_000 }, () => secrets.find('1900000001')))
    assert.equal(new Set(found).size, 1)
    assert.equal(callsOf('1900000001'), 1)
  })

  test('each of 300 merchants is read once, when its first order comes', async () => {
    const { secrets, put, calls } = deployment()
    const mchids = Array.from({ length: 300 }, (_, index) => `19000${index}`)
    for (const mchid of mchids) put(mchid)
    secrets.prefetch()
    assert.equal(calls(), 0, 'nothing is read that no order asked for')
    for (const mchid of [...mchids, ...mchids]) assert.equal((await secrets.find(mchid)).mchid, mchid)
    assert.equal(calls(), 300)
  })

  test('an unknown merchant is asked for once a minute, however many orders name it, and is no trouble to report', async () => {
    const { secrets, callsOf, clock, events } = deployment()
    for (let order = 0; order < 100; order += 1) await assert.rejects(secrets.find('1900000002'), UNKNOWN)
    assert.equal(callsOf('1900000002'), 1)
    clock.ms += UNKNOWN_FOR_MS - 1
    await assert.rejects(secrets.find('1900000002'), UNKNOWN)
    assert.equal(callsOf('1900000002'), 1)
    clock.ms += 1
    await assert.rejects(secrets.find('1900000002'), UNKNOWN)
    assert.equal(callsOf('1900000002'), 2)
    assert.deepEqual(events, [])
  })

  test('each of a thousand unknown ones is asked for once a minute, though their orders come by turns', async () => {
    const { secrets, calls } = deployment()
    const mchids = Array.from({ length: 1_000 }, (_, index) => `18000${index}`)
    for (const mchid of [...mchids, ...mchids]) await assert.rejects(secrets.find(mchid), UNKNOWN)
    const asked = `${calls()} reads for ${mchids.length} merchants without a secret: each order of them costs one`
    assert.equal(calls(), mchids.length, asked)
  })

  test('one that is added while warm is known within a minute', async () => {
    const { secrets, put, clock } = deployment()
    await assert.rejects(secrets.find('1900000003'), UNKNOWN)
    put('1900000003')
    clock.ms += 60_000
    const known = await secrets.find('1900000003').catch(() => undefined)
    const wait = `its orders are still refused as UnknownMerchant a minute later, and for ${UNKNOWN_FOR_MS / 1000} s in all`
    assert.equal(known?.mchid, '1900000003', wait)
  })

  test('one that is removed is unknown once its secret must be read again', async () => {
    const { secrets, put, nameOf, clock } = deployment()
    put('1900000004')
    await secrets.find('1900000004')
    manager.behave(nameOf('1900000004'), failing('ResourceNotFoundException'))
    clock.ms += TTL_MS - 1
    assert.ok(await secrets.find('1900000004'))
    clock.ms += 1
    await assert.rejects(secrets.find('1900000004'), UNKNOWN)
  })

  for (const mchid of ['../other', 'a/b', '*', '', 'a b', 'a'.repeat(33), '１９００', '1900000005\n']) {
    test(`${JSON.stringify(mchid)} is no part of a name: refused before anything is asked`, async () => {
      const { secrets, calls } = deployment()
      await assert.rejects(secrets.find(mchid), UNKNOWN)
      assert.equal(calls(), 0)
    })
  }

  test('a secret of another merchant than its name says is unavailable, and read again by the next order', async () => {
    const { secrets, put, callsOf, events } = deployment()
    put('1900000006', { mchid: '1900000007' })
    await assert.rejects(secrets.find('1900000006'), { ...UNAVAILABLE, message: /mchid: is not the merchant/ })
    put('1900000006')
    assert.equal((await secrets.find('1900000006')).mchid, '1900000006')
    assert.equal(callsOf('1900000006'), 2)
    assert.deepEqual(
      events.map(({ name }) => name),
      ['SecretUnavailable'],
    )
  })

  for (const [what, type] of [
    ['must not be read', 'AccessDeniedException'],
    ['is marked for deletion', 'InvalidRequestException'],
    ['cannot be decrypted', 'DecryptionFailure'],
  ] as const) {
    test(`a secret that ${what} is unavailable, not unknown`, async () => {
      const { secrets, put, nameOf } = deployment()
      put('1900000008')
      manager.behave(nameOf('1900000008'), failing(type))
      await assert.rejects(secrets.find('1900000008'), UNAVAILABLE)
    })
  }

  test('a secret that was made and is still empty is unavailable: its orders wait for the key', async () => {
    const { secrets, nameOf } = deployment()
    const words = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"
    manager.behave(nameOf('1900000009'), failing('ResourceNotFoundException', words))
    await assert.rejects(secrets.find('1900000009'), UNAVAILABLE)
  })

  test("one merchant's broken secret holds up no other", async () => {
    const { secrets, put, nameOf } = deployment()
    put('1900000010')
    manager.behave(nameOf('1900000011'), silent)
    const waiting = secrets.find('1900000011').catch(() => {})
    assert.equal((await secrets.find('1900000010')).mchid, '1900000010')
    void waiting
  })

  test('listed merchants are read at cold start, all others when their first order comes', async () => {
    const { secrets, put, callsOf } = deployment({ listed: ['1900000012'] })
    put('1900000012')
    put('1900000013')
    secrets.prefetch()
    assert.equal((await secrets.find('1900000012')).mchid, '1900000012')
    assert.equal((await secrets.find('1900000013')).mchid, '1900000013')
    assert.deepEqual([callsOf('1900000012'), callsOf('1900000013')], [1, 1])
  })

  test('a listed one by its conventional name is one secret: read once, and said once what is wrong with it', async () => {
    const { secrets, nameOf, callsOf, events } = deployment({ listed: ['1900000017'] })
    const message = new RegExp(`^secret ${nameOf('1900000017')}: does not exist[^;]*$`)
    await assert.rejects(secrets.find('1900000017'), { ...UNAVAILABLE, message })
    assert.equal(callsOf('1900000017'), 1)
    assert.deepEqual(
      events.map(({ name }) => name),
      ['SecretUnavailable'],
    )
  })

  test('without a prefix no secret is asked for but those listed', async () => {
    const before = manager.calls.length
    const secrets = createMerchantSecrets({
      names: ['only'],
      endpoints: WECHAT_PAY,
      ttlMs: TTL_MS,
      client: manager.client,
    })
    manager.put('only', secretOf({ mchid: '1900000018', ...SHORT }))
    await assert.rejects(secrets.find('1900000019'), UNKNOWN)
    assert.deepEqual(manager.calls.slice(before), [{ name: 'only', stage: 'AWSCURRENT' }])
  })

  test('while a listed secret cannot be read, an unknown merchant might be its: unavailable, not unknown', async () => {
    const { secrets, put, nameOf } = deployment({ listed: ['main'] })
    manager.behave(nameOf('main'), failing('InternalServiceError'))
    await assert.rejects(secrets.find('1900000014'), UNAVAILABLE)
    put('1900000015')
    assert.equal((await secrets.find('1900000015')).mchid, '1900000015', 'one with a secret of its own is served')
  })

  test(`an environment keeps ${MOST_MERCHANTS} merchants, those used last`, async () => {
    const { secrets, put, callsOf } = deployment()
    const mchids = Array.from({ length: MOST_MERCHANTS + 1 }, (_, index) => `M${index}`)
    for (const mchid of mchids) put(mchid)
    for (const mchid of mchids.slice(0, MOST_MERCHANTS)) await secrets.find(mchid)
    await assert.rejects(secrets.find('NOBODY'), UNKNOWN) // takes nobody's place
    await secrets.find('M0') // used again: M1 is now the oldest
    await secrets.find(mchids.at(-1)!)
    await secrets.find('M0')
    await secrets.find('M1')
    assert.deepEqual([callsOf('M0'), callsOf('M1')], [1, 2])
  })

  test('a key that WeChat Pay refuses is read anew by its name', async () => {
    const { secrets, put } = deployment()
    put('1900000016')
    const failed = await secrets.find('1900000016')
    put('1900000016', { certificate_serial_no: 'ABCDEF0123' })
    const renewed = await secrets.renew(failed)
    assert.equal(renewed?.merchant.certificateSerialNo, 'ABCDEF0123')
  })
})
