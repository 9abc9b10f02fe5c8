import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { packagedTemplate } from '../../bin/deployment/packaged.ts'
import { startLocalStack } from '../../infra/local/stack.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../infra/local/wechatpay/simulator.ts'
import { folder, runProcess } from '../child-process.ts'
import { root } from './documents.ts'

interface Language {
  command: readonly string[]
  /** Runs in no time, and succeeds where the runtime and the libraries of the example are. */
  probe: readonly string[]
  env?: NodeJS.ProcessEnv
  /** Builds what `command` runs. */
  prepare?: readonly string[]
  /** Why the example cannot reach this machine's queue. */
  noQueue?: string | false
  /** An order number whose `*` must be signed as WeChat Pay's path has it. */
  star?: string
}

const DEBIAN_GO = '/usr/share/gocode'

const LANGUAGES: Readonly<Record<string, Language>> = {
  python: { command: ['python3', 'python/reverse.py'], probe: ['python3', '-c', 'import botocore'], star: '*' },
  php: {
    command: ['php', 'php/reverse.php'],
    probe: ['php', '-r', 'exit(defined("CURLOPT_AWS_SIGV4") ? 0 : 1);'],
  },
  go: {
    command: [join(folder, 'reverse-go')],
    prepare: ['go', 'build', '-o', join(folder, 'reverse-go'), 'go/reverse.go'],
    noQueue: existsSync(DEBIAN_GO) && "Debian's SDK for Go speaks SQS's older protocol, which the local queue does not",
    probe: ['go', 'list', 'github.com/aws/aws-sdk-go-v2/service/sqs'],
    // As Debian packages it; a module of one's own has a go.mod instead.
    env: existsSync(DEBIAN_GO) ? { GO111MODULE: 'off', GOPATH: DEBIAN_GO, GOCACHE: join(tmpdir(), 'go-build') } : {},
    star: '*',
  },
  java: {
    command: ['java', '-cp', folder, 'Reverse'],
    prepare: ['javac', '-d', folder, 'java/Reverse.java'],
    probe: ['javac', '--version'],
    star: '*',
  },
  node: { command: [process.execPath, 'node/reverse.mjs'], probe: [process.execPath, '--version'], star: '*' },
  csharp: { command: ['dotnet', 'run', '--project', 'csharp', '--'], probe: ['dotnet', '--version'] },
}

const simulator = createSimulator()
const merchant = simulator.openMerchant()
const wechatPay = await startSimulator(simulator)
const stack = await startLocalStack({
  template: await packagedTemplate(),
  wechatPayEndpoints: wechatPay.endpoints,
  merchants: [merchant.secret],
})
after(async () => {
  await stack.close()
  await wechatPay.close()
})

const { mchid, appid } = merchant
const examples = `${root}/docs/examples`

const env = {
  // Where the tools keep what they have compiled and fetched.
  HOME: process.env.HOME,
  API_URL: stack.apiUrl,
  AWS_REGION: stack.region,
  AWS_ACCESS_KEY_ID: stack.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: stack.credentials.secretAccessKey,
  AWS_ENDPOINT_URL_SQS: stack.awsUrl,
  QUEUE_URL: stack.queueUrl,
  MCHID: mchid,
  APPID: appid,
}

const start = (language: Language, [file, ...fixed]: readonly string[], args: readonly string[] = []) =>
  runProcess(file!, [...fixed, ...args], { env: { ...env, ...language.env }, cwd: examples })
const run = (language: Language, args: string[]) => start(language, language.command, args)
const isHere = (language: Language) =>
  start(language, language.probe).then(
    ({ code }) => code === 0,
    () => false,
  )

const aMinuteAgo = () => new Date(Date.now() - 60_000).toISOString()
const place = (out_trade_no: string, state: 'SUCCESS' | 'NOTPAY') =>
  simulator.placeOrder({ mchid, appid, out_trade_no }, state)

for (const [name, language] of Object.entries(LANGUAGES)) {
  const skip = (await isHere(language)) ? false : `the runtime or the libraries of ${name} are not on this machine`

  describe(`the example in ${name}`, { skip }, () => {
    before(async () => {
      if (language.prepare === undefined) return
      const { code, stderr } = await start(language, language.prepare)
      assert.equal(code, 0, stderr)
    })

    test('over HTTP: 0 when the end is proved', async () => {
      const out_trade_no = `${name}-paid${language.star ?? ''}`
      place(out_trade_no, 'SUCCESS')
      const { code, stdout, stderr } = await run(language, ['http', out_trade_no, aMinuteAgo()])
      assert.equal(code, 0, stderr)
      assert.equal(JSON.parse(stdout).outcome, 'REFUNDED')
    })

    test('over HTTP: 2 while it is not known, which is no success', async () => {
      const out_trade_no = `${name}-pending`
      place(out_trade_no, 'NOTPAY')
      simulator.faults.add({ fault: 'user-paying', endpoint: 'reverse', out_trade_no })
      const { code, stdout } = await run(language, ['http', out_trade_no, aMinuteAgo()])
      assert.equal(code, 2)
      assert.equal(JSON.parse(stdout).outcome, 'PENDING')
    })

    test('over HTTP: 1 when it is refused, with the reason on stderr', async () => {
      const { code, stdout, stderr } = await run(language, ['http', `${name}-refused`, 'yesterday'])
      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.match(stderr, /InvalidOrder/)
    })

    test('onto the queue: the service reverses it', { skip: language.noQueue }, async () => {
      const out_trade_no = `${name}-queued`
      place(out_trade_no, 'SUCCESS')
      const { code, stderr } = await run(language, ['queue', out_trade_no, aMinuteAgo()])
      assert.equal(code, 0, stderr)
      const event = await eventAbout(out_trade_no)
      assert.equal(event.detail.outcome, 'REFUNDED')
    })
  })
}

async function eventAbout(out_trade_no: string) {
  for (const endsAt = Date.now() + 15_000; Date.now() < endsAt; await sleep(20)) {
    const event = stack.events().find(({ detail }) => detail.out_trade_no === out_trade_no)
    if (event) return event
  }
  throw new Error(`no event about ${out_trade_no}`)
}
