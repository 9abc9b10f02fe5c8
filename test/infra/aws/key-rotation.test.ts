// Follows docs/runbook.md, "Changing keys", step by step on the local stack: after each step an order is reversed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type LocalStack, startLocalStack } from '../../../infra/local/stack.ts'
import { generatePrivateKey, randomSerial } from '../../../infra/local/wechatpay/keys.ts'
import type { MerchantWithKeys } from '../../../infra/local/wechatpay/merchants.ts'
import type { RunningSimulator } from '../../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { compiledTemplate } from './compiled-template.ts'

let wechatPay: RunningSimulator
let merchant: MerchantWithKeys
let stack: LocalStack
let orders = 0

before(async () => {
  wechatPay = await startSimulator()
  merchant = wechatPay.simulator.openMerchant()
  stack = await startLocalStack({
    template: await compiledTemplate(),
    merchants: [merchant.secret],
    wechatPayEndpoints: wechatPay.endpoints,
    waitSeconds: 0.01,
    retrySeconds: 0.01,
  })
})
after(async () => {
  await stack.close()
  await wechatPay.close()
})

/** Reverses a paid order by the state machine, in whatever environment is warm. */
async function reverses(step: string) {
  const { mchid, appid } = merchant
  const out_trade_no = `KEY*${++orders}`
  wechatPay.simulator.placeOrder({ mchid, appid, out_trade_no }, 'SUCCESS')
  const attempted_at = new Date(Date.now() - 60_000).toISOString()
  const { output, error, cause } = await stack.startExecution({ mchid, appid, out_trade_no, attempted_at }).ended
  assert.equal(error, undefined, `${step}: ${error} ${cause}`)
  assert.equal(output.outcome, 'REFUNDED', step)
  return output
}

const put = (secret: object) => stack.secrets.put(`wechatpay-reversal-dev/merchants/${merchant.mchid}`, secret)

test('a new merchant certificate: no reversal fails at any step', async () => {
  const { simulator } = wechatPay
  const { mchid, appid } = merchant
  await reverses('before')

  const old = merchant.secret
  const privateKey = generatePrivateKey()
  const certificate_serial_no = randomSerial()
  simulator.addMerchant({ mchid, appid, certificate_serial_no, public_key: privateKey })
  await reverses('1 apply')

  const renewed = {
    ...old,
    certificate_serial_no,
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
  put(renewed)
  await reverses('3 put')

  simulator.merchants.revokeCertificate(mchid, old.certificate_serial_no)
  await reverses('5 revoke, with the old key still in a warm function')
  await reverses('6 see')
  merchant.secret = renewed
})

test('a secret that is ahead of WeChat Pay: the value before serves on', async () => {
  const { simulator } = wechatPay
  const { mchid, appid, secret } = merchant
  const privateKey = generatePrivateKey()
  const certificate_serial_no = randomSerial()
  const renewed = {
    ...secret,
    certificate_serial_no,
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
  put(renewed)
  // A cold function reads the new value first.
  stack.killEnvironments()
  await reverses('put before WeChat Pay knows the certificate')
  simulator.addMerchant({ mchid, appid, certificate_serial_no, public_key: privateKey })
  stack.killEnvironments()
  await reverses('WeChat Pay knows both')
  simulator.merchants.revokeCertificate(mchid, secret.certificate_serial_no)
  await reverses('WeChat Pay knows the new one alone')
  merchant.secret = renewed
})

test('from platform certificate to public key: no reversal fails at any step', async () => {
  const { keys } = wechatPay.simulator
  const { publicKey, platformCertificate } = keys.current()
  const withCertificate = {
    ...merchant.secret,
    wechatpay_public_key_id: platformCertificate.id,
    wechatpay_public_key: platformCertificate.pem,
    other_wechatpay_keys: {},
  }
  put(withCertificate)
  stack.killEnvironments()
  keys.answerWith(platformCertificate.id)
  const { evidence } = await reverses('before')
  assert.equal(evidence[0].serial, platformCertificate.id)

  const withBoth = {
    ...withCertificate,
    wechatpay_public_key_id: publicKey.id,
    wechatpay_public_key: publicKey.pem,
    other_wechatpay_keys: { [platformCertificate.id]: platformCertificate.pem },
  }
  put(withBoth)
  await reverses('2 put, in a warm function')
  stack.killEnvironments()
  await reverses('3 check: WeChat Pay still answers with the certificate')

  keys.answerWith(null)
  const switched = await reverses('4 switch over')
  assert.equal(switched.evidence[0].serial, publicKey.id)

  put({ ...withBoth, other_wechatpay_keys: {} })
  stack.killEnvironments()
  await reverses('6 the certificate is taken out')
})

test('from public key back to platform certificate: no reversal fails at any step', async () => {
  const { keys } = wechatPay.simulator
  const { publicKey, platformCertificate } = keys.current()
  const withKey = {
    ...merchant.secret,
    wechatpay_public_key_id: publicKey.id,
    wechatpay_public_key: publicKey.pem,
    other_wechatpay_keys: {},
  }
  put(withKey)
  stack.killEnvironments()
  await reverses('before')

  const withBoth = {
    ...withKey,
    wechatpay_public_key_id: platformCertificate.id,
    wechatpay_public_key: platformCertificate.pem,
    other_wechatpay_keys: { [publicKey.id]: publicKey.pem },
  }
  put(withBoth)
  keys.answerWith(publicKey.id)
  await reverses('2 put, in a warm function')
  stack.killEnvironments()
  await reverses('3 check: WeChat Pay still answers with the public key')

  keys.answerWith(null)
  const switched = await reverses('3 switch over')
  assert.equal(switched.evidence[0].serial, platformCertificate.id)

  put({ ...withBoth, other_wechatpay_keys: {} })
  stack.killEnvironments()
  await reverses('4 the public key is taken out')
})

test('switched over before the secret knows the public key: it is read at once', async () => {
  const { keys } = wechatPay.simulator
  const { publicKey, platformCertificate } = keys.current()
  const withCertificate = {
    ...merchant.secret,
    wechatpay_public_key_id: platformCertificate.id,
    wechatpay_public_key: platformCertificate.pem,
    other_wechatpay_keys: {},
  }
  put(withCertificate)
  stack.killEnvironments()
  await reverses('before')
  put({
    ...withCertificate,
    wechatpay_public_key_id: publicKey.id,
    wechatpay_public_key: publicKey.pem,
  })
  keys.answerWith(publicKey.id)
  await reverses('a key the warm function does not know')
  keys.answerWith(null)
})
