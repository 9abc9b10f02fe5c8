import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { createMerchantSecrets, type SecretEvent } from '../../../lib/aws/merchant-secrets.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { keys, merchantOf, privatePem, publicPem, type Secret, secretOf } from '../wechatpay/keys-and-secrets.ts'
import { createSecrets, failing, silent, type Way } from './secrets-in-memory.ts'

const manager = createSecrets()

const WECHAT_PAY = 'https://api.mch.weixin.qq.com'
const TTL_MS = 300_000
const READ_MS = 600
/** What a busy machine may take on top. */
const SLACK_MS = 2_000

let count = 0
/** Merchants A and B, each with a secret of its own name, so that no test meets another's. */
function world({ names = 'AB', endpoints = WECHAT_PAY, readMs = READ_MS } = {}) {
  const number = ++count
  const clock = { ms: Date.UTC(2026, 0, 1) }
  const events: SecretEvent[] = []
  const nameOf = (letter: string) => `merchants/${letter}${number}`
  const put = (letter: string, otherwise: Secret | string = {}) =>
    manager.put(nameOf(letter), typeof otherwise === 'string' ? otherwise : secretOf({ mchid: letter, ...otherwise }))
  const secrets = createMerchantSecrets({
    names: [...names].map(nameOf),
    ttlMs: TTL_MS,
    readMs,
    client: manager.client,
    endpoints: parseEndpoints(endpoints),
    now: () => clock.ms,
    observe: (event) => events.push(event),
  })
  const callsOf = (letter: string) =>
    manager.calls.filter(({ name }) => name === nameOf(letter)).map(({ stage }) => stage)
  const behave = (letter: string, way?: Way) => manager.behave(nameOf(letter), way)
  return { clock, events, nameOf, put, secrets, callsOf, behave }
}

// Side by side: most of the time goes by waiting for a Secrets Manager that does not answer.
describe('the secrets of the merchants', { concurrency: true }, () => {
  describe('a merchant is found', () => {
    test('by its mchid, whichever secret it is in, read once and parsed once', async () => {
      const { put, secrets, callsOf, clock, events } = world()
      put('A')
      put('B')
      secrets.prefetch()
      const found = await Promise.all(['A', 'B', 'A', 'B'].map((mchid) => secrets.find(mchid)))
      assert.deepEqual(
        found.map(({ mchid }) => mchid),
        ['A', 'B', 'A', 'B'],
      )
      clock.ms += TTL_MS - 1
      assert.equal(await secrets.find('A'), found[0], 'the very same object: nothing is parsed again')
      assert.deepEqual([callsOf('A'), callsOf('B')], [['AWSCURRENT'], ['AWSCURRENT']])
      assert.deepEqual(events, [], 'nothing to tell')
    })

    test('but not in a secret of the sandbox, which cannot lead requests there or be sent anywhere else', async () => {
      const here = 'http://127.0.0.1:8301'
      for (const endpoints of [WECHAT_PAY, 'http://127.0.0.1:9301']) {
        const { put, secrets } = world({ endpoints })
        put('A', { wechatpay_endpoints: [here] })
        put('B')
        await assert.rejects(secrets.find('A'), {
          name: 'CredentialsUnavailable',
          message: /wechatpay_endpoints: is a merchant of the sandbox at http:\/\/127\.0\.0\.1:8301/,
        })
        assert.equal((await secrets.find('B')).mchid, 'B')
      }
      const { put, secrets } = world({ endpoints: here })
      put('A', { wechatpay_endpoints: [here] })
      assert.equal((await secrets.find('A')).mchid, 'A', 'where the sandbox is all there is')
    })

    test('again after its time, by one read of its own secret however many ask', async () => {
      const { put, secrets, callsOf, clock } = world()
      put('A')
      put('B')
      await Promise.all([secrets.find('A'), secrets.find('B')])
      put('A', { certificate_serial_no: 'NEW1' })
      clock.ms += TTL_MS
      const found = await Promise.all(Array.from({ length: 10 }, () => secrets.find('A')))
      assert.deepEqual(new Set(found.map(({ certificateSerialNo }) => certificateSerialNo)), new Set(['NEW1']))
      assert.equal(callsOf('A').length, 2)
      assert.equal(callsOf('B').length, 1, "another merchant's secret is not read for it")
    })

    test('in another secret, when its own was given to somebody else', async () => {
      const { put, secrets, clock } = world()
      put('A')
      put('B')
      await Promise.all([secrets.find('A'), secrets.find('B')])
      put('A', { mchid: 'B' })
      put('B', { mchid: 'A' })
      clock.ms += TTL_MS
      assert.deepEqual([(await secrets.find('A')).mchid, (await secrets.find('B')).mchid], ['A', 'B'])
    })

    test('with a warning of the fields nobody reads', async () => {
      const { put, secrets, events, nameOf } = world({ names: 'A' })
      put('A', { api_v3_key: 'x' })
      await secrets.find('A')
      assert.deepEqual(events, [{ name: 'SecretFieldIgnored', secret: nameOf('A'), fields: ['api_v3_key'] }])
    })

    test('or is unknown, but only when every secret was read', async () => {
      const { put, secrets, behave } = world()
      put('A')
      put('B')
      const message = 'mchid: none of the configured secrets is of this merchant'
      await assert.rejects(secrets.find('C'), { name: 'UnknownMerchant', message })
      behave('B', failing('InternalServiceError'))
      const { secrets: others, put: putOther, behave: behaveOther } = world()
      putOther('A')
      putOther('B')
      behaveOther('B', failing('InternalServiceError'))
      await assert.rejects(others.find('C'), { name: 'CredentialsUnavailable' })
    })
  })

  /** What may be wrong with a secret, and what is said of it. */
  const TROUBLES: Record<string, { value?: Secret | string; way?: Way; words: RegExp }> = {
    throttled: { way: failing('ThrottlingException'), words: /could not be asked \(ThrottlingException\)/ },
    down: { way: failing('InternalServiceError'), words: /could not be asked \(InternalServiceError\)/ },
    'not answering': { way: silent, words: /could not be asked \(no answer in time\)/ },
    'forbidden to us': {
      way: failing('AccessDeniedException'),
      words: /must not be read.*secretsmanager:GetSecretValue.*kms:Decrypt.*AccessDeniedException/,
    },
    'encrypted with a key that is gone': {
      way: failing('DecryptionFailure'),
      words: /cannot be decrypted.*DecryptionFailure/,
    },
    'marked for deletion': { way: failing('InvalidRequestException'), words: /marked for deletion/ },
    'not there': { way: failing('ResourceNotFoundException'), words: /does not exist, or has no value/ },
    'answered with an error whose name is no name': {
      way: failing('-----BEGIN PRIVATE KEY----- SENTINEL'),
      words: /could not be asked \(an error without a name\)/,
    },
    empty: { value: ' ', words: /is empty/ },
    'not JSON': { value: '{"mchid": "A",', words: /is not JSON/ },
    'lacking a field': { value: { private_key: undefined }, words: /private_key: is missing/ },
    'holding a public key where the private one belongs': {
      value: { private_key: publicPem(keys.merchant) },
      words: /private_key: is a public key/,
    },
    "holding WeChat Pay's key id as the merchant's serial": {
      value: { certificate_serial_no: 'PUB_KEY_ID_1' },
      words: /certificate_serial_no: is WeChat Pay's public key id/,
    },
  }

  describe('a secret that cannot be used', { concurrency: true }, () => {
    for (const [title, { value = {}, way, words }] of Object.entries(TROUBLES)) {
      test(`${title}: said exactly, never kept, and no other merchant is disturbed`, async () => {
        const { put, secrets, behave, nameOf, events } = world()
        put('A', value)
        put('B')
        behave('A', way)
        secrets.prefetch()

        const refused = {
          name: 'CredentialsUnavailable',
          message: new RegExp(`^secret ${nameOf('A')}: .*${words.source}`),
        }
        let isRefused = false
        const refusal = assert.rejects(secrets.find('A'), refused).then(() => (isRefused = true))
        assert.equal((await secrets.find('B')).mchid, 'B')
        if (way === silent) assert.ok(!isRefused, 'nor slowed')
        const startedAt = performance.now()
        await refusal
        assert.ok(performance.now() - startedAt < READ_MS + SLACK_MS)
        assert.ok(events.some(({ name }) => name === 'SecretUnavailable'))
        assert.ok(!JSON.stringify(events).includes('SENTINEL'))

        put('A')
        behave('A')
        assert.equal((await secrets.find('A')).mchid, 'A', 'the next order finds it mended')
      })
    }

    test('is named with all others that cannot, since each could be the one', async () => {
      const { put, secrets, nameOf } = world()
      put('A', 'not JSON')
      put('B', 'not JSON')
      const [a, b] = ['A', 'B'].map((letter) => `secret ${nameOf(letter)}: is not JSON`)
      await assert.rejects(secrets.find('C'), { message: new RegExp(`^${a}.*; ${b}`) })
    })

    test('is not read twice at once, and not again for a merchant whose keys are at hand', async () => {
      const { put, secrets, behave, callsOf } = world()
      put('A', 'not JSON')
      put('B')
      await secrets.find('B')
      const before = callsOf('A').length
      for (let order = 0; order < 5; order++) await secrets.find('B')
      assert.equal(callsOf('A').length, before)
      behave('A')
      await Promise.all(Array.from({ length: 5 }, () => secrets.find('A').catch(() => {})))
      assert.equal(callsOf('A').length, before + 1)
    })
  })

  describe('when the time of a secret is over', { concurrency: true }, () => {
    const CANNOT_BE_READ = [
      'throttled',
      'down',
      'not answering',
      'forbidden to us',
      'encrypted with a key that is gone',
    ]
    for (const [title, { value = {}, way, words }] of Object.entries(TROUBLES)) {
      const servesOn = CANNOT_BE_READ.includes(title)
      test(`${title}: ${servesOn ? 'the last good value serves on, with a metric' : 'said exactly'}`, async () => {
        if (title === 'answered with an error whose name is no name') return
        const { put, secrets, behave, clock, events, nameOf, callsOf } = world()
        put('A')
        put('B')
        const good = await secrets.find('A')
        put('A', value)
        behave('A', way)
        clock.ms += TTL_MS
        events.length = 0
        if (!servesOn) {
          await assert.rejects(secrets.find('A'), { name: 'CredentialsUnavailable', message: words })
          return
        }
        assert.equal(await secrets.find('A'), good)
        const stale = events.filter(({ name }) => name === 'StaleSecretServed')
        assert.equal(stale.length, 1)
        assert.match(JSON.stringify(stale), words)
        assert.ok(JSON.stringify(stale).includes(nameOf('A')))

        const calls = callsOf('A').length
        assert.equal(await secrets.find('A'), good)
        assert.equal(callsOf('A').length, calls, 'and is not asked for at every order')

        put('A', { certificate_serial_no: 'NEW1' })
        behave('A')
        clock.ms += 60_000
        assert.equal((await secrets.find('A')).certificateSerialNo, 'NEW1', 'until it can be read')
      })
    }
  })

  test('a secret that was taken away serves no more, whatever happens next', async () => {
    const { put, secrets, behave, clock, callsOf } = world({ names: 'A' })
    put('A')
    await secrets.find('A')
    clock.ms += TTL_MS
    for (const error of ['InvalidRequestException', 'InternalServiceError']) {
      behave('A', failing(error))
      await assert.rejects(secrets.find('A'), { name: 'CredentialsUnavailable', message: new RegExp(error) })
    }
    assert.equal(callsOf('A').length, 3, 'and each order waits for one read')
  })

  describe('other credentials than those that failed', { concurrency: true }, () => {
    const serialOf = async (renewal: Promise<{ merchant: { certificateSerialNo: string } } | undefined>) =>
      (await renewal)?.merchant.certificateSerialNo

    test('are the current version, when it is another: one read, and the orders after this one begin with it', async () => {
      const { put, secrets, callsOf } = world({ names: 'A' })
      put('A')
      const failed = await secrets.find('A')
      put('A', { certificate_serial_no: 'NEW1' })
      assert.equal(await serialOf(secrets.renew(failed)), 'NEW1')
      assert.deepEqual(callsOf('A'), ['AWSCURRENT', 'AWSCURRENT'])
      assert.equal((await secrets.find('A')).certificateSerialNo, 'NEW1')
      assert.equal(await serialOf(secrets.renew(failed)), 'NEW1', 'an order that still holds the old ones')
      assert.equal(callsOf('A').length, 2, 'needs no read at all')
    })

    test('are the version before, when the current one failed; kept only once they work', async () => {
      const { put, secrets, callsOf, clock } = world({ names: 'A' })
      put('A', { certificate_serial_no: 'OLD1' })
      put('A', { certificate_serial_no: 'NEW1' })
      const failed = await secrets.find('A')
      const renewed = await secrets.renew(failed)
      assert.equal(renewed?.merchant.certificateSerialNo, 'OLD1')
      assert.deepEqual(callsOf('A'), ['AWSCURRENT', 'AWSCURRENT', 'AWSPREVIOUS'])
      assert.equal(await secrets.find('A'), failed)
      renewed?.adopt()
      assert.equal((await secrets.find('A')).certificateSerialNo, 'OLD1')
      clock.ms += TTL_MS
      assert.equal((await secrets.find('A')).certificateSerialNo, 'NEW1', 'WeChat Pay may know the new key by now')
    })

    test('differ in any of their parts, the keys of WeChat Pay included', async () => {
      for (const otherwise of [
        { private_key: privatePem(keys.stranger) },
        { wechatpay_public_key: publicPem(keys.stranger) },
        { other_wechatpay_keys: { PUB_KEY_ID_2: publicPem(keys.stranger) } },
      ]) {
        const { put, secrets } = world({ names: 'A' })
        put('A')
        const failed = await secrets.find('A')
        put('A', otherwise)
        assert.ok(await secrets.renew(failed), Object.keys(otherwise)[0])
      }
    })

    test('are read once, however many orders of a batch ask', async () => {
      const { put, secrets, callsOf } = world({ names: 'A' })
      put('A')
      const failed = await secrets.find('A')
      put('A', { certificate_serial_no: 'NEW1' })
      const serials = await Promise.all(Array.from({ length: 10 }, () => serialOf(secrets.renew(failed))))
      assert.deepEqual(new Set(serials), new Set(['NEW1']))
      assert.equal(callsOf('A').length, 2)
    })

    test('are each merchant’s own, also when two are renewed at once', async () => {
      const { put, secrets } = world()
      put('A')
      put('B')
      const failed = await Promise.all([secrets.find('A'), secrets.find('B')])
      put('A', { certificate_serial_no: 'NEWA' })
      put('B', { certificate_serial_no: 'NEWB' })
      const renewed = failed.map((merchant) => serialOf(secrets.renew(merchant)))
      assert.deepEqual(await Promise.all(renewed), ['NEWA', 'NEWB'])
    })

    test('are none of a merchant that is not at hand', async () => {
      const { secrets } = world()
      assert.equal(await secrets.renew(merchantOf({ mchid: 'C' })), undefined)
    })

    const none: Record<string, (world: ReturnType<typeof createNone>) => void> = {
      'nothing was changed': () => {},
      'nothing was changed but a note': ({ put }) => put('A', { note: 'x' }),
      'Secrets Manager is down': ({ behave }) => behave('A', failing('InternalServiceError')),
      'the new version is broken': ({ put }) => put('A', 'not JSON'),
      "the secret is another merchant's now": ({ put }) =>
        put('A', { mchid: 'X', private_key: privatePem(keys.stranger) }),
      "the version before is another merchant's": ({ put }) => {
        put('A', { mchid: 'X' })
        put('A')
      },
    }
    const createNone = () => world({ names: 'A' })
    for (const [title, prepare] of Object.entries(none)) {
      test(`are none when ${title}`, async () => {
        const here = createNone()
        here.put('A')
        const failed = await here.secrets.find('A')
        prepare(here)
        assert.equal(await here.secrets.renew(failed), undefined)
        assert.equal(await here.secrets.find('A'), failed, 'and what there was serves on')
        const isTrouble = /down|broken/.test(title)
        assert.equal(
          here.events.some(({ name }) => name === 'SecretUnavailable'),
          isTrouble,
        )
      })
    }

    test('come in good time or not at all', async () => {
      const { put, secrets, behave, callsOf } = world({ names: 'A', readMs: 5_000 })
      put('A')
      const failed = await secrets.find('A')
      behave('A', silent)
      const askedAt = performance.now()
      assert.equal(await secrets.renew(failed, () => 200), undefined)
      assert.ok(performance.now() - askedAt < 4_000, 'an order that has less time waits less')
      const callsBefore = callsOf('A').length
      for (const leftMs of [-1, 0, Number.NaN]) assert.equal(await secrets.renew(failed, () => leftMs), undefined)
      assert.equal(callsOf('A').length, callsBefore, 'no read is begun without time for it')
    })

    test('are waited for as long as one read may take', async () => {
      const { put, secrets, behave } = world({ names: 'A' })
      put('A')
      const failed = await secrets.find('A')
      behave('A', silent)
      const startedAt = performance.now()
      assert.equal(await secrets.renew(failed), undefined)
      assert.ok(performance.now() - startedAt < READ_MS + SLACK_MS)
    })
  })
})

test('a failed prefetch rejects nothing', async () => {
  const rejections: unknown[] = []
  const onRejection = (reason: unknown) => rejections.push(reason)
  process.on('unhandledRejection', onRejection)
  const { put, secrets, behave } = world()
  put('A', 'not JSON')
  put('B')
  behave('B', failing('ECONNRESET'))
  secrets.prefetch()
  await assert.rejects(secrets.find('A'))
  await setTimeout(50)
  process.off('unhandledRejection', onRejection)
  assert.deepEqual(rejections, [])
})

// One after the other: they are about time, and the tests above make this process a busy one.
describe('the two reads for other credentials', () => {
  test('may each take a while', async () => {
    const { put, secrets, behave } = world({ names: 'A', readMs: 1_000 })
    put('A', { certificate_serial_no: 'OLD1' })
    put('A', { certificate_serial_no: 'NEW1' })
    const failed = await secrets.find('A')
    behave('A', (signal) => setTimeout(50, undefined, { signal }))
    assert.equal((await secrets.renew(failed))?.merchant.certificateSerialNo, 'OLD1')
  })

  test('share the time of one', async () => {
    const readMs = 3_000
    const { put, secrets, behave } = world({ names: 'A', readMs })
    put('A')
    const failed = await secrets.find('A')
    const firstMs = readMs - 100
    let reads = 0
    behave('A', async (signal) => {
      if (++reads === 2) await silent(signal)
      await setTimeout(firstMs)
    })
    const startedAt = performance.now()
    assert.equal(await secrets.renew(failed), undefined)
    const tookMs = performance.now() - startedAt
    assert.equal(reads, 2)
    assert.ok(tookMs < readMs + firstMs, `${tookMs} ms, where one read may take ${readMs} ms`)
  })
})
