import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createCertificate } from '../../infra/local/wechatpay/certificate.ts'
import type { MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { startCloudFormation, startLocalAccount } from './local-account.ts'
import { file } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

const READERS = ['arn:aws:iam::000000000000:role/http', 'arn:aws:iam::000000000000:role/queue']
const PREFIX = 'wechatpay-reversal-prod/merchants'

let wechatPay: RunningSimulator
let account: Awaited<ReturnType<typeof startLocalAccount>>
let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>
let merchant: MerchantWithKeys
let files: string[]

before(async () => {
  wechatPay = await startSimulator()
  account = await startLocalAccount()
  cloudFormation = await startCloudFormation({
    'wechatpay-reversal-prod': {
      MerchantSecretPrefix: PREFIX,
      MerchantKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/one',
      MerchantSecretReaders: READERS.join(),
    },
    'wechatpay-reversal-old': { ReversalQueueUrl: 'https://sqs.example/old' },
  })
  merchant = wechatPay.simulator.openMerchant()
  const { mchid, certificate_serial_no: serial, privateKey, secret } = merchant
  files = [
    ...['--private-key', file('apiclient_key.pem', secret.private_key)],
    ...['--certificate', file('apiclient_cert.pem', createCertificate({ privateKey, serial, commonName: mchid }))],
    ...['--wechatpay-key', file('pub_key.pem', secret.wechatpay_public_key)],
    ...['--wechatpay-key-id', secret.wechatpay_public_key_id],
    ...['--endpoints', wechatPay.endpoints.join()],
  ]
})
after(async () => {
  cloudFormation.close()
  await Promise.all([wechatPay.close(), account.close()])
})

const run = (args: string[]) => runInShared('secret', ['--yes', ...args], { ...account.env, ...cloudFormation.env })
const call = (operation: string, SecretId: string) => account.stack.secrets.call(operation, { SecretId })

describe('a merchant of a deployment', () => {
  test('gets a secret under its mchid, with the key of the deployment and a policy for its readers alone', async () => {
    const { code, stdout, stderr } = await run([...files, '--stage', 'prod', '--yes'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /serves this merchant within a minute. No deploy is needed/)
    const name = `${PREFIX}/${merchant.mchid}`
    assert.equal((await call('DescribeSecret', name)).KmsKeyId, 'arn:aws:kms:us-east-1:000000000000:key/one')
    assert.equal(JSON.parse((await call('GetSecretValue', name)).SecretString).mchid, merchant.mchid)
    const [statement] = JSON.parse((await call('GetResourcePolicy', name)).ResourcePolicy).Statement
    const { Effect, Action, Condition } = statement
    assert.deepEqual([Effect, Action], ['Deny', 'secretsmanager:GetSecretValue'])
    assert.deepEqual(Condition.ArnNotEquals['aws:PrincipalArn'], READERS)
  })

  test('and a new key by the same command', async () => {
    const { code, stdout, stderr } = await run([...files, '--stage', 'prod', '--yes'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /a new version of the secret/)
    assert.match(stdout, /within SECRET_TTL_SECONDS/)
  })

  test('secrets of an earlier version or deployment get their policy back, and the key of this one', async () => {
    account.stack.secrets.put(`${PREFIX}/default`, merchant.secret)
    account.stack.secrets.put('other/secret', 'nothing of ours')
    const { code, stdout, stderr } = await run(['--stage', 'prod', '--protect', '--yes'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /Only the readers can read these 2 secrets/)
    assert.ok((await call('GetResourcePolicy', `${PREFIX}/default`)).ResourcePolicy)
    assert.equal(
      (await call('DescribeSecret', `${PREFIX}/default`)).KmsKeyId,
      'arn:aws:kms:us-east-1:000000000000:key/one',
    )
    assert.equal((await call('GetResourcePolicy', 'other/secret')).ResourcePolicy, undefined)
  })

  for (const [what, args, says] of [
    ['a stack of an earlier version', ['--stage', 'old'], /Deploy this version first/],
    ['a stack that is not there', ['--stage', 'nowhere'], /there is no stack wechatpay-reversal-nowhere/],
    ['two places', ['--stage', 'prod', '--secret', 'other'], /both say where to/],
  ] as const) {
    test(`${what} is refused, and nothing is written`, async () => {
      const { code, stderr } = await run([...files, ...args, '--yes'])
      assert.equal(code, 1)
      assert.match(stderr, says)
    })
  }
})
