// Runs the commands of docs/runbook.md, "Changing keys", as they stand there, against the local stack.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { createCertificate } from '../../infra/local/wechatpay/certificate.ts'
import { createSigningKey, generatePrivateKey, randomSerial } from '../../infra/local/wechatpay/keys.ts'
import type { MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { runProcess } from '../child-process.ts'
import { codeBlocks, read, root } from '../documents/documents.ts'
import { startCloudFormation, startLocalAccount } from './local-account.ts'
import { file, folder } from './run-command.ts'

const APP = 'wechatpay-reversal-prod'
const DOCTOR = 'npm run doctor -- --merchant $APP/merchants/$MCHID'

let wechatPay: RunningSimulator
let account: Awaited<ReturnType<typeof startLocalAccount>>
let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>
let merchant: MerchantWithKeys

before(async () => {
  wechatPay = await startSimulator()
  account = await startLocalAccount()
  cloudFormation = await startCloudFormation({
    [APP]: {
      MerchantSecretPrefix: `${APP}/merchants`,
      MerchantKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/one',
      MerchantSecretReaders: 'arn:aws:iam::000000000000:user/local', // who is on call: in secretReaders
    },
  })
})
beforeEach(() => {
  merchant = wechatPay.simulator.openMerchant()
  wechatPay.simulator.keys.answerWith(null)
  const { mchid, certificate_serial_no: serial, privateKey, secret } = merchant
  file('apiclient_key.pem', secret.private_key)
  file('apiclient_cert.pem', createCertificate({ privateKey, serial, commonName: mchid }))
  file('pub_key.pem', current().publicKey.pem)
  file('wechatpay_cert.pem', current().platformCertificate.pem)
})
after(async () => {
  cloudFormation.close()
  await Promise.all([wechatPay.close(), account.close()])
})

const current = () => wechatPay.simulator.keys.current()
const secretName = () => `${APP}/merchants/${merchant.mchid}`
const put = (secret: object) => account.stack.secrets.put(secretName(), secret)
async function stored() {
  const { SecretString } = await account.stack.secrets.call('GetSecretValue', { SecretId: secretName() })
  return JSON.parse(SecretString)
}

/** The blocks of commands under a heading. */
function commandsUnder(heading: string): string[] {
  const [, rest = ''] = read('docs/runbook.md').split(`\n### ${heading}\n`)
  const blocks = codeBlocks(rest.split(/^##/m)[0]!)
  return blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)
}

/** Types commands into a shell that is signed in, in the folder with the merchant's files. */
async function type(commands: string, env: Record<string, string> = {}) {
  // A script must say yes beforehand; AWS's own command is not on every machine.
  const shell = `
    npm() { shift; name=$1; shift 2; (cd "${root}" && INIT_CWD="${folder}" node bin/$name.ts "$@" $([ $name = secret ] && echo --yes)); }
    aws() { cp merchant.json put.json; }
    set -e
    ${commands}`
  const { platformCertificate, publicKey } = current()
  const { code, stdout, stderr } = await runProcess('bash', ['-c', shell], {
    cwd: folder,
    env: {
      ...account.env,
      ...cloudFormation.env,
      ...{ APP, STAGE: 'prod', MCHID: merchant.mchid, KEY_ID: publicKey.id, SERIAL: platformCertificate.id },
      WECHATPAY_ENDPOINTS: wechatPay.endpoints.join(),
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      ...env,
    },
  })
  assert.equal(code, 0, stdout + stderr)
  return stdout
}

test('a new merchant certificate', async () => {
  put(merchant.secret)
  const [dryRun, putIn, ...others] = commandsUnder('A new merchant certificate')
  assert.equal(others.length, 0)
  const { mchid, appid } = merchant
  const [privateKey, serial] = [generatePrivateKey(), randomSerial()]
  wechatPay.simulator.addMerchant({ mchid, appid, certificate_serial_no: serial, public_key: privateKey })
  file('apiclient_key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }))
  file('apiclient_cert.pem', createCertificate({ privateKey, serial, commonName: mchid }))

  await type(dryRun!)
  assert.equal((await stored()).certificate_serial_no, merchant.secret.certificate_serial_no)
  await type(putIn!)
  assert.equal((await stored()).certificate_serial_no, serial)
  await type(DOCTOR)
})

test('from platform certificate to public key', async () => {
  const { publicKey, platformCertificate } = current()
  put({
    ...merchant.secret,
    wechatpay_public_key_id: platformCertificate.id,
    wechatpay_public_key: platformCertificate.pem,
    other_wechatpay_keys: {},
  })
  const [putIn, takeOut, ...others] = commandsUnder('From platform certificate to public key')
  assert.equal(others.length, 0)
  wechatPay.simulator.keys.answerWith(platformCertificate.id)
  await type(putIn!)
  const { wechatpay_public_key_id, other_wechatpay_keys } = await stored()
  assert.deepEqual(
    [wechatpay_public_key_id, ...Object.keys(other_wechatpay_keys)],
    [publicKey.id, platformCertificate.id],
  )
  await type(DOCTOR)

  wechatPay.simulator.keys.answerWith(null)
  await type(DOCTOR)
  await type(takeOut!)
  assert.ok(!existsSync(join(folder, 'merchant.json')))
  const put9DaysLater = JSON.parse(readFileSync(join(folder, 'put.json'), 'utf8'))
  assert.equal(put9DaysLater.wechatpay_public_key_id, publicKey.id)
  assert.equal(put9DaysLater.other_wechatpay_keys, undefined)
})

test('from public key back to platform certificate', async () => {
  const { publicKey, platformCertificate } = current()
  put({ ...merchant.secret, other_wechatpay_keys: {} })
  const [putIn, ...others] = commandsUnder('From public key back to platform certificate')
  assert.equal(others.length, 0)
  wechatPay.simulator.keys.answerWith(publicKey.id)
  await type(putIn!)
  const { wechatpay_public_key_id, other_wechatpay_keys } = await stored()
  assert.deepEqual(
    [wechatpay_public_key_id, ...Object.keys(other_wechatpay_keys)],
    [platformCertificate.id, publicKey.id],
  )
  await type(DOCTOR)
  wechatPay.simulator.keys.answerWith(null)
  await type(DOCTOR)
})

test('a platform certificate that WeChat Pay replaces', async () => {
  const { keys } = wechatPay.simulator
  const old = current().platformCertificate
  put({ ...merchant.secret, wechatpay_public_key_id: old.id, wechatpay_public_key: old.pem, other_wechatpay_keys: {} })
  const [putIn, ...others] = commandsUnder('WeChat Pay replaces a platform certificate')
  assert.equal(others.length, 0)
  const anew = createSigningKey('platform certificate')
  file('new_cert.pem', anew.pem)
  await type(putIn!, { NEW_SERIAL: anew.id })
  keys.rotate(anew)
  keys.answerWith(anew.id)
  await type(DOCTOR)
})

test("a service provider's keys are checked with a merchant under it", async () => {
  wechatPay.simulator.merchants.relate({ sp_mchid: merchant.mchid, sub_mchid: '1900000109' })
  put(merchant.secret)
  const [checks] = commandsUnder("A service provider's keys")
  const [doctor] = checks!.split('\n')
  await type(doctor!, { SUB: '1900000109' })
})
