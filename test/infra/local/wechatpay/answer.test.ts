import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { Formatter, Rsa, Wechatpay } from 'wechatpay-axios-plugin'
import type { Reply } from '../../../../infra/local/wechatpay/delivery.ts'
import { createSigningKey, generatePrivateKey } from '../../../../infra/local/wechatpay/keys.ts'
import { startSimulator } from '../../../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import { queryRequest, reverseRequest } from './signed-request.ts'

const now = Date.UTC(2026, 0, 1)
const privateKey = generatePrivateKey()

function world() {
  const simulator = createSimulator({ now: () => now })
  const merchant = simulator.openMerchant({ privateKey })
  simulator.placeOrder({ ...merchant, out_trade_no: 'A' }, 'SUCCESS')
  return { simulator, merchant }
}

const headersOf = (answer: Reply) => Object.fromEntries(answer.headers.map(([name, value]) => [name, value]))

/** Verified by a client that is not ours. */
function verified(answer: Reply, keys: Record<string, string>) {
  const headers = headersOf(answer)
  const pem = keys[headers['Wechatpay-Serial']!]
  if (!pem) return false
  const message = Formatter.response(
    headers['Wechatpay-Timestamp']!,
    headers['Wechatpay-Nonce']!,
    answer.body.toString(),
  )
  return Rsa.verify(message, headers['Wechatpay-Signature']!, Rsa.from(pem, 'public'))
}

describe('every answer to a well-signed request is signed', () => {
  const { simulator, merchant } = world()
  const { secret } = merchant
  const keys = { [secret.wechatpay_public_key_id]: secret.wechatpay_public_key, ...secret.other_wechatpay_keys }

  test('a success, with all five headers and a Request-ID that ends in 0', () => {
    const answer = simulator.handle(queryRequest(merchant, 'A', now))
    assert.ok(verified(answer, keys))
    const headers = headersOf(answer)
    assert.equal(headers['Wechatpay-Signature-Type'], 'WECHATPAY2-SHA256-RSA2048')
    assert.equal(headers['Wechatpay-Timestamp'], String(now / 1000))
    assert.match(headers['Request-ID']!, /^[0-9A-F]+-0$/)
    assert.equal(headers['Content-Length'], String(answer.body.length))
  })

  test('an error, with the internal code in its Request-ID', () => {
    const answer = simulator.handle(queryRequest(merchant, 'unknown', now))
    assert.equal(answer.status, 404)
    assert.ok(verified(answer, keys))
    assert.match(headersOf(answer)['Request-ID']!, /-268512771$/)
  })

  test('a 204, over its lone line feed', () => {
    simulator.faults.add({ fault: 'no-content' })
    const answer = simulator.handle(reverseRequest(merchant, 'A', now))
    assert.equal(answer.status, 204)
    assert.ok(verified(answer, keys))
  })
})

describe('the key an answer is signed with', () => {
  const serialOf = (answer: Reply) => headersOf(answer)['Wechatpay-Serial']
  const asking = (serial: string | null) => ({
    headers: (all: [string, string][]) => [
      ...all.filter(([name]) => name !== 'Wechatpay-Serial'),
      ...(serial === null ? [] : [['Wechatpay-Serial', serial] as const]),
    ],
  })

  test('is the one the request names, and the platform certificate when it names none or an unknown one', () => {
    const { simulator, merchant } = world()
    const { publicKey, platformCertificate } = simulator.keys.current()
    assert.equal(serialOf(simulator.handle(queryRequest(merchant, 'A', now))), publicKey.id)
    assert.equal(serialOf(simulator.handle(queryRequest(merchant, 'A', now, asking(null)))), platformCertificate.id)
    assert.equal(
      serialOf(simulator.handle(queryRequest(merchant, 'A', now, asking('PUB_KEY_ID_0')))),
      platformCertificate.id,
    )
  })

  test('of a 4xx to a well-signed request is chosen the same way', () => {
    const { simulator, merchant } = world()
    const answer = simulator.handle(reverseRequest(merchant, 'A', now, { body: '{}' }))
    assert.equal(serialOf(answer), merchant.secret.wechatpay_public_key_id)
  })

  test('can be rotated, retired and forced while running', () => {
    const { simulator, merchant } = world()
    const { keys } = simulator
    const old = keys.current().publicKey
    const ask = (id: string) => serialOf(simulator.handle(queryRequest(merchant, 'A', now, asking(id))))
    const fresh = keys.rotate(createSigningKey('public key', { privateKey: old.privateKey }))
    assert.deepEqual([ask(old.id), ask(fresh.id)], [old.id, fresh.id])
    keys.retire(old.id)
    assert.equal(ask(old.id), keys.current().platformCertificate.id)
    keys.answerWith(fresh.id)
    assert.equal(ask('whatever'), fresh.id)
    keys.answerWith(null)
    assert.equal(ask('whatever'), keys.current().platformCertificate.id)
  })

  test('of the platform is handed out as an X.509 certificate with its serial number', () => {
    const { simulator } = world()
    const { id, pem } = simulator.keys.current().platformCertificate
    const certificate = new X509Certificate(pem)
    assert.equal(certificate.serialNumber, id)
    assert.ok(certificate.verify(certificate.publicKey))
    assert.ok(certificate.checkIP('127.0.0.1'))
    assert.ok(Date.parse(certificate.validFrom) < Date.now() && Date.parse(certificate.validTo) > Date.now())
  })
})

describe('a client that is not ours', async () => {
  const running = await startSimulator()
  after(() => running.close())
  const { simulator } = running
  const merchant = simulator.openMerchant({ privateKey })
  const { mchid, appid, secret } = merchant
  const client = (certs: Record<string, string>, serial?: string) =>
    new Wechatpay({
      mchid,
      serial: merchant.certificate_serial_no,
      privateKey: secret.private_key,
      certs,
      baseURL: running.endpoints[0],
      ...(serial ? { headers: { 'Wechatpay-Serial': serial } } : {}),
    } as never) as unknown as {
      chain: (path: string) => {
        get: (config: object) => Promise<{ status: number; data: Record<string, unknown> }>
        post: (data: object, config?: object) => Promise<{ status: number; data: Record<string, unknown> }>
      }
    }
  const withPublicKey = client(
    { [secret.wechatpay_public_key_id]: secret.wechatpay_public_key },
    secret.wechatpay_public_key_id,
  )
  const withCertificate = client(secret.other_wechatpay_keys)
  const order = (number: string) => `v3/pay/transactions/out-trade-no/${number}`

  test('pays, asks, reverses and asks again', async () => {
    const paid = await withPublicKey.chain('v3/pay/transactions/codepay').post({
      appid,
      mchid,
      description: 'a coffee',
      out_trade_no: 'Plugin*1',
      payer: { auth_code: '130000000000000000' },
      amount: { total: 500 },
      scene_info: { store_info: { id: '1' } },
    })
    assert.equal(paid.data.trade_state, 'SUCCESS')
    const asked = await withPublicKey.chain(order('Plugin*1')).get({ params: { mchid } })
    assert.equal(asked.data.transaction_id, paid.data.transaction_id)
    const reversed = await withPublicKey.chain(`${order('Plugin*1')}/reverse`).post({ appid, mchid })
    assert.deepEqual(reversed.data, { appid, mchid, out_trade_no: 'Plugin*1' })
    const again = await withCertificate.chain(order('Plugin*1')).get({ params: { mchid } })
    assert.equal(again.data.trade_state, 'REVOKED')
    assert.deepEqual(simulator.refusals(), [])
  })

  test('refuses a forged answer', async () => {
    simulator.placeOrder({ mchid, appid, out_trade_no: 'Forged' }, 'SUCCESS')
    simulator.faults.add({ fault: 'wrong-key' })
    await assert.rejects(withPublicKey.chain(order('Forged')).get({ params: { mchid } }), /DIGEST|signature/i)
  })
})
