import assert from 'node:assert/strict'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createCertificate } from '../../infra/local/wechatpay/certificate.ts'
import { generatePrivateKey } from '../../infra/local/wechatpay/keys.ts'
import type { MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { parseMerchant } from '../../lib/wechatpay/merchant.ts'
import { startLocalAccount } from './local-account.ts'
import { file, folder, runCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

let wechatPay: RunningSimulator
let account: Awaited<ReturnType<typeof startLocalAccount>>
let merchant: MerchantWithKeys
let files: string[]

before(async () => {
  wechatPay = await startSimulator()
  account = await startLocalAccount()
  merchant = wechatPay.simulator.openMerchant()
  const { mchid, certificate_serial_no: serial, privateKey, secret } = merchant
  files = [
    ...['--private-key', file('apiclient_key.pem', secret.private_key)],
    ...['--certificate', file('apiclient_cert.pem', createCertificate({ privateKey, serial, commonName: mchid }))],
    ...['--wechatpay-key', file('pub_key.pem', secret.wechatpay_public_key)],
    ...['--wechatpay-key-id', secret.wechatpay_public_key_id],
  ]
})
after(() => Promise.all([wechatPay.close(), account.close()]))

const run = (args: string[]) =>
  runInShared('secret', [...files, '--yes', '--endpoints', wechatPay.endpoints.join(), ...args], account.env)

async function storedIn(SecretId: string) {
  const { SecretString } = await account.stack.secrets.call('GetSecretValue', { SecretId })
  return JSON.parse(SecretString)
}

function assertNoKey(text: string) {
  assert.doesNotMatch(text, /BEGIN/)
  assert.ok(!text.includes(merchant.secret.private_key.split('\n')[3]!))
}

describe('the secret from the merchant platform’s files', () => {
  test('a dry run checks it, shows fields and fingerprints, and writes nothing', async () => {
    const { code, stdout, stderr } = await run(['--secret', 'merchants/one', '--dry-run'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /private_key .*SHA-256 [0-9a-f]{64}/)
    assert.match(stdout, /key, certificate and serial [0-9A-F]{40} belong together/)
    assert.match(stdout, /ORDER_NOT_EXIST comes signed/)
    assert.match(stdout, /Would put a new version of the secret merchants\/one/)
    assertNoKey(stdout)
    await assert.rejects(storedIn('merchants/one'), { name: 'ResourceNotFoundException' })
  })

  test('takes its files as Windows and other tools write them', async () => {
    const { mchid, certificate_serial_no: serial, privateKey, secret } = merchant
    const pem = createCertificate({ privateKey, serial, commonName: mchid })
    writeFileSync(join(folder, 'key.utf16'), `\uFEFF${secret.private_key}`, 'utf16le')
    writeFileSync(join(folder, 'cert.der'), new X509Certificate(pem).raw)
    const { code, stdout, stderr } = await run([
      ...['--private-key', join(folder, 'key.utf16'), '--certificate', join(folder, 'cert.der')],
      ...['--wechatpay-key', file('line.pem', secret.wechatpay_public_key.replaceAll('\n', '\\n')), '--dry-run'],
    ])
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /certificate validity +\d+ ms +until/)
  })

  test('is put into the secret that the stack made', async () => {
    const [serial, pem] = Object.entries(merchant.secret.other_wechatpay_keys)[0]!
    const { code, stdout, stderr } = await run([
      ...['--secret', 'merchants/one', '--other-key', `${serial}=${file('platform.pem', pem)}`, '--yes'],
    ])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /Put a new version of the secret merchants\/one into Secrets Manager/)
    assertNoKey(stdout)
    const value = await storedIn('merchants/one')
    assert.deepEqual(Object.keys(value), Object.keys(merchant.secret))
    assert.deepEqual([value.mchid, value.certificate_serial_no], [merchant.mchid, merchant.certificate_serial_no])
    assert.deepEqual(parseMerchant(JSON.stringify(value)).ignoredFields, [])
  })

  const publicPem = () => createPublicKey(generatePrivateKey()).export({ type: 'spki', format: 'pem' }) as string

  test('keeps the keys of WeChat Pay in its present version, but for those given anew', async () => {
    const { wechatpay_public_key_id: id, wechatpay_public_key, other_wechatpay_keys: platform } = merchant.secret
    const [kept, old, anew] = [publicPem(), publicPem(), publicPem()]
    const others = { ...platform, PUB_KEY_ID_1: kept, PUB_KEY_ID_2: old, [id]: wechatpay_public_key }
    const present = { ...merchant.secret, wechatpay_public_key_id: 'PUB_KEY_ID_0', other_wechatpay_keys: others }
    account.stack.secrets.put('merchants/changing', present)
    const { code, stdout, stderr } = await run([
      ...['--secret', 'merchants/changing', '--other-key', `PUB_KEY_ID_2=${file('anew.pem', anew)}`],
    ])
    assert.equal(code, 0, stderr)
    const serial = Object.keys(platform)[0]
    assert.ok(
      stdout.includes(
        `Taken over from its present version, under other_wechatpay_keys: ${serial}, PUB_KEY_ID_1, PUB_KEY_ID_0.`,
      ),
    )
    assertNoKey(stdout)
    const { other_wechatpay_keys, wechatpay_public_key_id } = await storedIn('merchants/changing')
    assert.equal(wechatpay_public_key_id, id)
    assert.deepEqual(other_wechatpay_keys, {
      ...{ ...platform, PUB_KEY_ID_1: kept, PUB_KEY_ID_0: wechatpay_public_key, PUB_KEY_ID_2: anew },
    })
  })

  test('says beforehand that other keys get lost where its present version cannot be read', async () => {
    const notTakenOver = /cannot be read: .* are not taken over\. Give each of them with --other-key/
    account.stack.secrets.put('merchants/broken', '{"private_key": "S3cret')
    const broken = await run(['--secret', 'merchants/broken', '--offline', '--dry-run'])
    assert.match(broken.stdout, notTakenOver)
    assert.doesNotMatch(broken.stdout + broken.stderr, /S3cret/)

    account.stack.secrets.put('merchants/denied', merchant.secret)
    const Action = ['DescribeSecret', 'PutSecretValue', 'CreateSecret'].map((name) => `secretsmanager:${name}`)
    const caller = account.stack.addCaller('administrator', [{ Effect: 'Allow', Action, Resource: '*' }])
    const env = { AWS_ACCESS_KEY_ID: caller.accessKeyId, AWS_SECRET_ACCESS_KEY: caller.secretAccessKey }
    const put = (name: string) =>
      runInShared('secret', [...files, '--yes', '--offline', '--secret', name], { ...account.env, ...env })
    const denied = await put('merchants/denied')
    assert.equal(denied.code, 0, denied.stderr)
    assert.match(
      denied.stdout,
      new RegExp(`${notTakenOver.source}[^]*Put a new version of the secret merchants/denied`),
    )
    assert.equal((await storedIn('merchants/denied')).other_wechatpay_keys, undefined)
    assert.match((await put('merchants/unheard-of')).stderr, /there is no secret merchants\/unheard-of/)
  })

  test('creates a secret where there is none', async () => {
    const { code, stdout } = await run(['--secret', 'merchants/two', '--new', '--offline'])
    assert.equal(code, 0)
    assert.match(stdout, /Put a new secret merchants\/two[\s\S]*No function reads it before/)
    assert.equal((await storedIn('merchants/two')).mchid, merchant.mchid)
  })

  test('is written to a file that its owner alone can read, and never over another', async () => {
    const out = join(folder, 'merchant.json')
    assert.equal((await run(['--out', out, '--offline'])).code, 0)
    assert.equal(statSync(out).mode & 0o777, 0o600)
    assert.equal(JSON.parse(readFileSync(out, 'utf8')).mchid, merchant.mchid)
    const again = await run(['--out', out, '--offline'])
    assert.equal(again.code, 1)
    assert.match(again.stderr, /EEXIST[\s\S]*no key is ever written over/)
  })

  test('works for doctor as it was written', async () => {
    const args = ['--merchant', 'merchants/two', '--endpoints', wechatPay.endpoints.join()]
    const { code, stdout } = await runCommand('doctor', args, account.env)
    assert.equal(code, 0)
    assert.match(stdout, /in Secrets Manager, merchants\/two[\s\S]*Healthy/)
  })

  test('is not written when something in it is wrong', async () => {
    const stranger = generatePrivateKey().export({ type: 'pkcs8', format: 'pem' })
    const { code, stdout, stderr } = await run([
      ...['--private-key', file('stranger.pem', stranger), '--secret', 'merchants/three', '--yes'],
    ])
    assert.equal(code, 1)
    assert.match(stdout, /✘ certificate .*private_key is not its key/)
    assert.match(stderr, /nothing was written/)
    await assert.rejects(storedIn('merchants/three'), { name: 'ResourceNotFoundException' })
  })

  const mistakes: [what: string, args: () => string[], says: RegExp][] = [
    ['a place is asked for', () => ['--offline'], /nothing was written[\s\S]*--secret <name or ARN>/],
    [
      'a missing file is named',
      () => ['--certificate', 'nowhere.pem'],
      /nowhere\.pem is not there \(ENOENT\)[\s\S]*--certificate <file>/,
    ],
    ['swapped files are named', () => ['--certificate', join(folder, 'apiclient_key.pem')], /is a private key/],
    [
      'a platform certificate for the merchant’s own is named',
      () => [
        '--certificate',
        file('tenpay.pem', createCertificate({ ...merchant, serial: '4A', commonName: 'Tenpay.com sign' })),
      ],
      /is WeChat Pay's platform certificate[\s\S]*apiclient_cert\.pem/,
    ],
    ['another key needs an id', () => ['--other-key', 'platform.pem'], /must be <serial or PUB_KEY_ID>=<file>/],
    ['a typo gets its nearest', () => ['--ofline'], /Did you mean --offline\?/],
    [
      'a misspelt name creates nothing',
      () => ['--secret', 'merchants/misspelt', '--offline', '--yes'],
      /there is no secret merchants\/misspelt[\s\S]*--new/,
    ],
    [
      'an ARN of nothing creates nothing',
      () => ['--secret', `arn:aws:secretsmanager:us-east-1:0:secret:x-y`, '--offline'],
      /there is no secret arn/,
    ],
  ]
  for (const [what, args, says] of mistakes) {
    test(what, async () => {
      const { code, stderr } = await run(args())
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n\s+at /)
    })
  }

  test('says how to sign in when nobody is', async () => {
    const { AWS_ACCESS_KEY_ID: _, ...env } = account.env
    const args = [...files, '--offline', '--secret', 'merchants/one', '--dry-run']
    const { code, stderr } = await runInShared('secret', args, env)
    assert.equal(code, 1)
    assert.match(stderr, /no AWS credentials[\s\S]*aws sso login/)
  })
})
