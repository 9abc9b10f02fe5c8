import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { FILES, openIdentity, saveIdentity } from '../../../../bin/sandbox/identity.ts'
import { startSimulator } from '../../../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import { folder, runProcess } from '../../../child-process.ts'

const identity = await openIdentity(join(folder, 'sandbox'), false)
await saveIdentity(join(folder, 'sandbox'), identity)
const simulator = createSimulator({ keys: identity.keys })
const { mchid, appid } = simulator.openMerchant(identity.merchants.merchant)
const running = await startSimulator(simulator)
after(() => running.close())

const path = (name: string) => join(folder, 'sandbox', 'merchant', name)
async function run(file: string, ...args: string[]) {
  const { code, stdout, stderr } = await runProcess(file, args)
  assert.equal(code, 0, stderr)
  return stdout
}

/** A client of nothing but openssl and curl, and the files as the merchant platform gives them. */
async function call(method: string, target: string, body: string) {
  const [, serial] = /serial=(\w+)/.exec(
    await run('openssl', 'x509', '-in', path(FILES.certificate), '-noout', '-serial'),
  )!
  const timestamp = String(Math.floor(Date.now() / 1000))
  const nonce = (await run('openssl', 'rand', '-hex', '16')).trim()
  const message = join(folder, 'message')
  const signatureFile = join(folder, 'signature')
  writeFileSync(message, `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`)
  await run('openssl', 'dgst', '-sha256', '-sign', path(FILES.privateKey), '-out', signatureFile, message)
  const signature = (await run('openssl', 'base64', '-A', '-in', signatureFile)).trim()
  const fields = `mchid="${mchid}",serial_no="${serial}",nonce_str="${nonce}",timestamp="${timestamp}",signature="${signature}"`
  const keyId = (await run('cat', path(FILES.wechatpayKeyId))).trim()
  const answer = await run(
    ...(['curl', '-si', '-X', method, running.endpoints[0] + target] as const),
    ...['-H', `Authorization: WECHATPAY2-SHA256-RSA2048 ${fields}`, '-H', 'Accept: application/json'],
    ...['-H', `Wechatpay-Serial: ${keyId}`, '-H', 'Content-Type: application/json'],
    ...(body === '' ? [] : ['--data-binary', body]),
  )
  const [head = '', text = ''] = answer.split('\r\n\r\n')
  const header = (name: string) => new RegExp(`^${name}: (.*)\r?$`, 'm').exec(head)?.[1]?.trim() ?? ''
  assert.equal(header('Wechatpay-Serial'), keyId)
  writeFileSync(message, `${header('Wechatpay-Timestamp')}\n${header('Wechatpay-Nonce')}\n${text}\n`)
  writeFileSync(signatureFile, Buffer.from(header('Wechatpay-Signature'), 'base64'))
  const verified = await run(
    ...(['openssl', 'dgst', '-sha256', '-verify', path(FILES.wechatpayKey)] as const),
    ...['-signature', signatureFile, message],
  )
  assert.match(verified, /Verified OK/)
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(head)![1]), body: text === '' ? null : JSON.parse(text) }
}

test('openssl and curl can do it all, and verify every answer, the empty one of 204 included', async () => {
  const paid = await call(
    'POST',
    '/v3/pay/transactions/codepay',
    JSON.stringify({
      ...{ appid, mchid, out_trade_no: 'Shell*1', description: '一杯咖啡', amount: { total: 500 } },
      ...{ payer: { auth_code: '130000000000000000' }, scene_info: { store_info: { id: '1' } } },
    }),
  )
  assert.deepEqual([paid.status, paid.body.trade_state], [200, 'SUCCESS'])
  const asked = await call('GET', `/v3/pay/transactions/out-trade-no/Shell*1?mchid=${mchid}`, '')
  assert.equal(asked.body.transaction_id, paid.body.transaction_id)
  simulator.placeOrder({ mchid, appid, out_trade_no: 'Shell2', trade_type: 'NATIVE' }, 'NOTPAY')
  const closed = await call('POST', '/v3/pay/transactions/out-trade-no/Shell2/close', JSON.stringify({ mchid }))
  assert.deepEqual(closed, { status: 204, body: null })
  const unknown = await call('GET', `/v3/pay/transactions/out-trade-no/Nobody?mchid=${mchid}`, '')
  assert.deepEqual([unknown.status, unknown.body.code], [404, 'ORDER_NOT_EXIST'])
})
