import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createCertificate } from '../../../infra/local/wechatpay/certificate.ts'
import type { RunningSimulator } from '../../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { startCloudFormation, startLocalAccount } from '../local-account.ts'
import { file, folder } from '../run-command.ts'
import { runInChinese, sentencesIn } from './in-chinese.ts'

const PREFIX = 'wechatpay-reversal-prod/merchants'

let wechatPay: RunningSimulator
let account: Awaited<ReturnType<typeof startLocalAccount>>
let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>
let files: string[]
let name: string
let platform: { serial: string; file: string }

before(async () => {
  wechatPay = await startSimulator()
  account = await startLocalAccount()
  cloudFormation = await startCloudFormation({
    'wechatpay-reversal-prod': {
      MerchantSecretPrefix: PREFIX,
      MerchantKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/one',
      MerchantSecretReaders: 'arn:aws:iam::000000000000:role/http,arn:aws:iam::000000000000:role/queue',
    },
    'wechatpay-reversal-old': {},
  })
  const { mchid, certificate_serial_no: serial, privateKey, secret } = wechatPay.simulator.openMerchant()
  name = `${PREFIX}/${mchid}`
  const [[platformSerial, pem] = ['', '']] = Object.entries(secret.other_wechatpay_keys)
  platform = { serial: platformSerial, file: file('platform.pem', pem) }
  files = [
    ...['--private-key', file('apiclient_key.pem', secret.private_key)],
    ...['--certificate', file('apiclient_cert.pem', createCertificate({ privateKey, serial, commonName: mchid }))],
    ...['--wechatpay-key', file('pub_key.pem', secret.wechatpay_public_key)],
    ...['--wechatpay-key-id', secret.wechatpay_public_key_id, '--endpoints', wechatPay.endpoints.join()],
  ]
})
after(async () => {
  cloudFormation.close()
  await Promise.all([wechatPay.close(), account.close()])
})

const secret = (args: string[]) => runInChinese('secret', args, { ...account.env, ...cloudFormation.env })

test('a merchant is checked, put into a deployment, and protected, in Chinese', async () => {
  const dry = await secret([...files, '--stage', 'prod', '--dry-run'])
  assert.equal(dry.code, 0, dry.stderr)
  assert.match(dry.stdout, /✔ 商户API证书 [\s\S]*✔ 应答验签 /)
  assert.ok(
    dry.stdout.endsWith(`\n实际执行时，会写入 Secrets Manager：secret ${name}（新建）。\n什么都没有写：--dry-run。\n`),
  )
  const put = await secret([...files, '--stage', 'prod', '--offline', '--yes'])
  assert.match(put.stdout, /\n已写入 Secrets Manager：secret .*（新建），版本 .*\n部署在一分钟之内开始服务这个商户/)
  const again = await secret([...files, '--stage', 'prod', '--offline', '--yes'])
  assert.match(again.stdout, /\n当前版本读不出来：.*--other-key <id>=<file> 逐个给出。\n已写入.* 的新版本，版本 /)
  const protectedAll = await secret(['--stage', 'prod', '--protect', '--yes'])
  assert.equal(protectedAll.stdout, `${name}\n1 个 secret 现在只有指定的读取者能读。\n`)
  for (const { stdout } of [dry, put, again, protectedAll]) assert.deepEqual(sentencesIn(stdout), [])
})

test('keys that are taken over are named in Chinese', async () => {
  const put = [...files, '--secret', 'merchants/one', '--offline', '--yes']
  await secret([...put, '--other-key', `${platform.serial}=${platform.file}`])
  const { stdout } = await secret(put)
  assert.ok(stdout.includes(`\n已从当前版本带过来，放在 other_wechatpay_keys 里：${platform.serial}。\n`), stdout)
})

test('a file is written in Chinese, and never over another', async () => {
  const out = `${folder}/merchant.json`
  const first = await secret([...files, '--offline', '--out', out])
  assert.match(first.stdout, /\n已写入 .*merchant\.json，只有你能读。其中有商户API私钥/)
  const second = await secret([...files, '--offline', '--out', out])
  assert.match(second.stderr, /写不进去（EEXIST）\n {2}→ 请换一个文件名/)
})

const mistakes: [args: () => string[], says: RegExp][] = [
  [() => [], /^✘ 缺少 --wechatpay-key-id\n/],
  [() => ['--protect'], /^✘ --protect 需要知道是哪个部署\n/],
  [() => ['--protect', '--stage', 'old'], /^✘ old 的堆栈没有说明商户的 secret 在哪里\n/],
  [() => [...files, '--stage', 'prod', '--secret', 'x'], /^✘ --stage 和 --secret 都在说写到哪里\n/],
  [() => [...files, '--offline'], /^✘ 什么都没有写\n {2}→ 请说明写到哪里/],
  [() => [...files, '--offline', '--secret', 'merchants/none', '--yes'], /^✘ 没有 secret merchants\/none\n/],
  [() => [...files, '--certificate', platform.file, '--out', 'x'], /^✘ 证书里没有商户号\n/],
  [() => [...files, '--certificate', `${folder}/pub_key.pem`], /^✘ .*pub_key\.pem：这是公钥\n {2}→ 请给商户API证书/],
  [() => [...files, '--private-key', platform.file, '--offline', '--out', 'x'], /^✘ 有检查不通过，所以什么都没有写\n/],
]

for (const [args, says] of mistakes) {
  test(`told in Chinese: ${says.source.slice(2)}`, async () => {
    const { code, stderr } = await secret(args())
    assert.equal(code, 1)
    assert.match(stderr, says)
    assert.deepEqual(sentencesIn(stderr), [])
  })
}
