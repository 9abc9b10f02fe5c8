import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { inChina } from '../../bin/operator/china-time.ts'
import { createCertificate, SANDBOX_ISSUER } from '../../infra/local/wechatpay/certificate.ts'
import type { Ran } from '../child-process.ts'
import { runInChinese, sentencesIn } from './language/in-chinese.ts'
import { file, folder, runCommand, startCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

const APPID = 'wxd678efh567hg6787'
const MCHID = '1900000001'
const root = join(import.meta.dirname, '..', '..')

const { child, says, ended } = startCommand('start', ['--stay'])
after(async () => {
  child.kill('SIGINT')
  await ended
})
const stage = () => JSON.parse(readFileSync(join(folder, 'stack.json'), 'utf8'))
const local = (name: string, ...args: string[]) => runInShared(name, [...args, '--stage', 'local'])

/** The files that the merchant platform would give for the stack's merchant. */
function platformFiles() {
  const merchant = JSON.parse(readFileSync(stage().merchantFile, 'utf8'))
  const certificate = createCertificate({
    privateKey: createPrivateKey(merchant.private_key),
    serial: merchant.certificate_serial_no,
    commonName: MCHID,
    issuer: SANDBOX_ISSUER,
  })
  const files = [
    ...['--private-key', file('apiclient_key.pem', merchant.private_key)],
    ...['--certificate', file('apiclient_cert.pem', certificate)],
    ...['--wechatpay-key', file('pub_key.pem', merchant.wechatpay_public_key)],
  ]
  return [...files, '--wechatpay-key-id', merchant.wechatpay_public_key_id, '--mchid', MCHID]
}

const completed = async () => (await local('events', '--type', 'completed', '--json')).stdout
const dayOf = (event: string) => inChina(Date.parse(JSON.parse(event).time)).slice(0, 10)

/** Every command that knows `--stage local`: what it is asked, and what tells that it found the stack. In this order. */
const COMMANDS: Readonly<Record<string, { args: () => string[] | Promise<string[]>; says: RegExp }>> = {
  doctor: { args: () => ['--merchant', `${stage().outputs.MerchantSecretPrefix}/${MCHID}`], says: /Healthy/ },
  state: { args: () => ['by-hand-1'], says: /^SUCCESS: paid/ },
  events: { args: () => ['--type', 'completed'], says: /Completed {2}REFUNDED +paid-sqs/ },
  verify: { args: async () => [file('event.json', (await completed()).split('\n')[0])], says: /The sandbox said so/ },
  clock: { args: () => ['--to', 'tomorrow 10:15'], says: /10:15:\d\d in China, on the local stack/ },
  settle: {
    args: async () => {
      const results = await completed()
      return ['--date', dayOf(results.split('\n')[0]!), '--orders', file('results.jsonl', results)]
    },
    says: /NEVER_PAID/,
  },
  // Further from the machine's clock than WeChat Pay's and AWS's five minutes.
  reverse: { args: () => ['by-hand-1', '--yes'], says: /^REFUNDED/ },
  redrive: { args: () => [], says: /No dead letters/ },
  send: {
    args: () => [file('orders.csv', `mchid,appid,out_trade_no\n1900000077,${APPID},nobody-1\n`), '--yes'],
    says: /1 order is on the queue/,
  },
  smoke: { args: () => ['--mchid', MCHID, '--appid', APPID], says: /All three ways answered/ },
  secret: { args: () => [...platformFiles(), '--yes'], says: /The deployment serves this merchant/ },
}

before(() => says('What WeChat Pay is asked from now on'))

for (const [name, { args, says }] of Object.entries(COMMANDS)) {
  test(`npm run ${name} -- --stage local finds the running stack`, async () => {
    const { code, stdout, stderr } = await local(name, ...(await args()))
    assert.match(stdout + stderr, says)
    assert.equal(code, 0, stdout + stderr)
  })
}

test('no command that knows a stage is left out', () => {
  // These make a deployment, which is never the local one.
  const deploying = ['deploy', 'package']
  const knowing = globSync('bin/*.ts', { cwd: root }).flatMap((path) => {
    const source = readFileSync(join(root, path), 'utf8')
    return /--stage <|localOption\(\)|stackOptions\(/.test(source) ? [path.slice('bin/'.length, -'.ts'.length)] : []
  })
  assert.deepEqual(knowing.filter((name) => !deploying.includes(name)).sort(), Object.keys(COMMANDS).sort())
})

test('a stage of that name is never deployed', async () => {
  for (const name of ['package', 'deploy']) {
    const { code, stderr } = await local(name)
    assert.equal(code, 1)
    assert.match(stderr, /local is what every command calls the stack of npm start/)
  }
})

test('events are told as they come, until Ctrl-C', async () => {
  const following = startCommand('events', ['--stage', 'local', '--follow', '--type', 'failed'])
  await following.says(/Failed +UnknownMerchant +nobody-1\n/)
  const another = file('another.csv', `mchid,appid,out_trade_no\n1900000077,${APPID},nobody-2\n`)
  assert.equal((await local('send', another, '--yes')).code, 0)
  await following.says(/Failed +UnknownMerchant +nobody-2\n/)
  following.child.kill('SIGINT')
  const { code, stdout }: Ran = await following.ended
  assert.equal(code, 0)
  assert.equal(stdout.trim().split('\n').length, 2)
})

test('where events cannot be read back, it says what to do', async () => {
  const { code, stderr } = await runCommand('events', ['--stage', 'prod'])
  assert.equal(code, 1)
  assert.match(stderr, /prod cannot be read back.*\n.*wechatpay-reversal-prod a rule/)
})

test('the clock and the events are shown in Chinese, the events whole as they are', async () => {
  const inChinese = (name: string, ...args: string[]) => runInChinese(name, [...args, '--stage', 'local'])
  assert.match(
    (await inChinese('clock')).stdout,
    /^本机服务：北京时间 .* 10:1\d:\d\d\n {2}比本机时钟快 .*\d+ (小时|分钟)\n$/,
  )
  assert.match((await inChinese('events')).stdout, /Completed {2}REFUNDED +paid-sqs\n/)
  assert.equal((await inChinese('events', '--type', 'completed', '--json')).stdout, await completed())
  const { stderr } = await runInChinese('events', ['--stage', 'prod'])
  assert.match(stderr, /^✘ 环境 prod 的事件读不回来：.*\n {2}→ 请给事件总线 wechatpay-reversal-prod 加一条规则/)
  assert.deepEqual(sentencesIn(stderr), [])
})
