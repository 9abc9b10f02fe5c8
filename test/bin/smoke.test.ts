import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import type { Check } from '../../bin/operator/checks/checklist.ts'
import { type LocalStack, startLocalStack } from '../../infra/local/stack.ts'
import type { MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { compiledTemplate } from '../infra/aws/compiled-template.ts'
import { runInChinese, sentencesIn } from './language/in-chinese.ts'
import { shellOf, startCloudFormation } from './local-account.ts'
import { runCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

let wechatPay: RunningSimulator
let merchant: MerchantWithKeys
let stack: LocalStack
let logs: Awaited<ReturnType<typeof startLogs>>
let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>

before(async () => {
  wechatPay = await startSimulator()
  merchant = wechatPay.simulator.openMerchant()
  stack = await startLocalStack({
    template: await compiledTemplate(),
    merchants: [merchant.secret],
    wechatPayEndpoints: wechatPay.endpoints,
  })
  logs = await startLogs(stack)
  const refOf = (type: string) => stack.resources.find((one) => one.type === type)!.ref
  cloudFormation = await startCloudFormation({
    'wechatpay-reversal-dev': {
      HttpApiUrl: stack.apiUrl,
      ReversalQueueUrl: stack.queueUrl,
      DeadLetterQueueUrl: stack.deadLetterQueueUrl,
      StateMachineArn: refOf('AWS::StepFunctions::StateMachine'),
      EventBusName: refOf('AWS::Events::EventBus'),
    },
  })
})
after(() => Promise.all([stack.close(), wechatPay.close(), logs.close(), cloudFormation.close()]))

/** CloudWatch Logs' FilterLogEvents over what the queue function of the local stack wrote. */
async function startLogs({ logs: written }: LocalStack) {
  const server = createServer(async (request, response) => {
    const { logGroupName, filterPattern } = JSON.parse((await buffer(request)).toString())
    assert.equal(request.headers['x-amz-target'], 'Logs_20140328.FilterLogEvents')
    assert.match(request.headers.authorization!, /\/logs\/aws4_request/)
    if (logGroupName !== '/aws/lambda/wechatpay-reversal-dev-queue') return response.writeHead(400).end('{}')
    const lines = written('QueueLambdaFunction').filter((line) => line.includes(filterPattern.replaceAll('"', '')))
    response.end(JSON.stringify({ events: lines.map((message) => ({ message })) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    env: { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    close: () => server.close(),
  }
}

async function smoke(args: string[] = [], env: Record<string, string> = logs.env) {
  const own = ['--mchid', merchant.mchid, '--appid', merchant.appid, '--json']
  const shell = { ...shellOf(stack), ...cloudFormation.env, ...env }
  const { code, stdout, stderr } = await runCommand('smoke', [...own, ...args], shell)
  const { ok, checks } = JSON.parse(stdout || '{}') as { ok: boolean; checks: Check[] }
  const found = (at: string, check: string) => checks.find((one) => one.at === at && one.check === check)!
  return { ok, code, checks, stderr, found }
}

describe('after a deploy', { concurrency: 4 }, () => {
  test('an order that does not exist goes through all three ways and ends as it should, shown line by line', async () => {
    const shell = { ...shellOf(stack), ...cloudFormation.env, ...logs.env }
    const own = ['--mchid', merchant.mchid, '--appid', merchant.appid]
    const { code, stdout, stderr } = await runCommand('smoke', own, shell)
    assert.equal(code, 0, stdout + stderr)
    assert.deepEqual(
      stdout
        .replace(/ +\d+ ms +/g, ' ')
        .replace(/message .*/, '…')
        .trim()
        .split('\n'),
      [
        'HTTP',
        '  ✔ unsigned refused, HTTP 403',
        '  ✔ reverse NOT_FOUND, HTTP 200',
        '  ✔ state OrderNotFound, HTTP 404',
        '',
        'SQS',
        '  ✔ send …',
        '  ✔ worked off NOT_FOUND, by the log of the function',
        '',
        'Step Functions',
        '  ✔ execution NOT_FOUND, execution SUCCEEDED',
        '',
        'EventBridge',
        '  ✔ bus wechatpay-reversal-dev is there',
        '',
        'All three ways answered as they should.',
      ],
    )
  })

  test("a service provider's order goes the same ways, by its own path, about the merchant under it", async () => {
    const { mchid: sp_mchid } = merchant
    const [sub_mchid, sub_appid] = ['1900000109', 'wx0123456789abcdef']
    wechatPay.simulator.merchants.relate({ sp_mchid, sub_mchid, sub_appid })
    const { code, stdout, stderr } = await runCommand(
      'smoke',
      ['--mchid', sp_mchid, '--sub-mchid', sub_mchid, '--sub-appid', sub_appid],
      { ...shellOf(stack), ...cloudFormation.env, ...logs.env },
    )
    assert.equal(code, 0, stdout + stderr)
    assert.equal(stdout.match(/✔ (reverse|worked off|execution) .*NOT_FOUND/g)?.length, 3)
    const asked = wechatPay.simulator.log().filter((call) => call.sub_mchid === sub_mchid)
    assert.equal(new Set(asked.map(({ out_trade_no }) => out_trade_no)).size, 3)
  })

  test("with neither log nor state machine: the queue's counts, said to be weaker, and the function alone", async () => {
    const { name } = stack.lambda.functions.find((one) => /step/.test(one.handler))!
    const { ok, found } = await smoke(['--log-group', 'none', '--step-function', name])
    assert.equal(ok, true)
    assert.equal(found('SQS', 'worked off').status, 'warning')
    assert.match(found('SQS', 'worked off').detail, /left the queue, by the queue's counts/)
    assert.match(found('Step Functions', 'function').detail, /NOT_FOUND, invoked/)
  })

  test('what is not there is told, and the other ways are looked at all the same', async () => {
    const nowhere = 'http://127.0.0.1:65535'
    const args = ['--api', nowhere, '--queue', `${stack.queueUrl}-x`, '--state-machine', 'arn:aws:states:x']
    const { code, found } = await smoke(args)
    assert.equal(code, 1)
    assert.match(found('HTTP', 'reverse').detail, /no answer: ECONNREFUSED/)
    assert.match(found('SQS', 'send').detail, /no such queue/)
    assert.equal(found('SQS', 'worked off').status, 'skipped')
    assert.match(found('Step Functions', 'execution').detail, /StateMachineDoesNotExist/)
  })

  test("with no log, another order's dead letter is not taken for ours, and our own is known by its number", async () => {
    const somebodys = JSON.stringify({ mchid: '1', appid: 'wx1', out_trade_no: 'SOMEBODYS' })
    const unread = ['--log-group', 'none']
    const looking = smoke(unread)
    await stack.sqs.call('SendMessage', { QueueUrl: stack.deadLetterQueueUrl, MessageBody: somebodys })
    assert.equal((await looking).found('SQS', 'worked off').status, 'warning')
    const { found } = await smoke([...unread, '--mchid', '1555555555'])
    assert.match(found('SQS', 'worked off').detail, /UnknownMerchant/)
  })

  test('a bus that somebody deleted is missed here, where EventBridge itself says nothing', async () => {
    const { code, found } = await smoke(['--event-bus', 'deleted'])
    assert.equal(code, 1)
    assert.match(found('EventBridge', 'bus').detail, /there is no bus deleted/)
  })

  const mistakes: [what: string, args: string[], says: RegExp][] = [
    ['no merchant', [], /required option '--mchid <mchid>' not specified/],
    ['no such stage', ['--mchid', '1', '--appid', 'wx1', '--stage', 'prd'], /no stack wechatpay-reversal-prd/],
    ['no app', ['--mchid', '1'], /nothing says whose app it is\n.*--appid, or --sub-mchid/],
    ['both kinds', ['--mchid', '1', '--appid', 'wx1', '--sub-mchid', '2'], /has a --sub-mchid and no --appid/],
    ['half a provider', ['--mchid', '1', '--sub-appid', 'wx1'], /has a --sub-mchid and no --appid/],
    ['no address', ['--mchid', '1', '--api', 'x'], /'--api <url>' argument 'x' is invalid. It must be an address/],
    ['a typo', ['--mchidd', '1'], /Did you mean --mchid\?/],
  ]
  for (const [what, args, says] of mistakes) {
    test(`${what}: says what to give`, async () => {
      const { code, stderr } = await runInShared('smoke', args, { ...shellOf(stack), ...cloudFormation.env })
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n\s+at /)
    })
  }
})

describe('what is wrong is named', () => {
  test('every order had its own number, with *, - and _ in it', async () => {
    const numbers = wechatPay.simulator.log().map(({ out_trade_no }) => out_trade_no)
    assert.ok(numbers.every((number) => /^smoke_-\*[0-9a-f]{24}$/.test(number ?? '')))
    assert.equal(new Set(numbers).size, 15)
  })

  test('a merchant nobody configured, on each way', async () => {
    const { code, found } = await smoke(['--mchid', '1555555555'])
    assert.equal(code, 1)
    for (const [at, check] of [
      ['HTTP', 'reverse'],
      ['SQS', 'worked off'],
      ['Step Functions', 'execution'],
    ] as const) {
      assert.match(found(at, check).detail, /UnknownMerchant/)
      assert.match(found(at, check).fix!, /npm run secret/)
    }
  })

  test('a WeChat Pay that does not sign "no such order" shows as PENDING', async () => {
    wechatPay.simulator.faults.add({ fault: 'unsigned-not-exist', endpoint: 'query', times: 2 })
    const { code, found } = await smoke()
    assert.equal(code, 1)
    assert.match(found('HTTP', 'reverse').detail, /PENDING/)
    assert.match(found('HTTP', 'reverse').fix!, /npm run doctor/)
    assert.equal(found('Step Functions', 'execution').status, 'ok')
  })
})

describe('in Chinese', { concurrency: 2 }, () => {
  const inChinese = (args: string[], env: Record<string, string> = logs.env) =>
    runInChinese('smoke', args, { ...shellOf(stack), ...cloudFormation.env, ...env })

  test('what is in order, line by line', async () => {
    const { code, stdout } = await inChinese(['--mchid', merchant.mchid, '--appid', merchant.appid])
    assert.equal(code, 0, stdout)
    assert.match(
      stdout,
      /✔ 未签名的请求 .* 被拒绝，HTTP 403\n[\s\S]*✔ 处理 .* NOT_FOUND，依据函数的日志\n[\s\S]*✔ 事件总线 .* 存在\n\n三个入口的应答都符合预期。\n$/,
    )
    assert.deepEqual(sentencesIn(stdout), [])
  })

  test('what is not, and what to do', async () => {
    const args = ['--mchid', '1555555555', '--appid', 'wx1', '--event-bus', 'deleted', '--log-group', 'none']
    const { code, stdout } = await inChinese([...args, '--api', 'http://127.0.0.1:65535'])
    assert.equal(code, 1)
    assert.match(stdout, /✘ 撤销 .*没有应答：ECONNREFUSED\n +→ 请检查地址（--api）和网络。\n/)
    assert.match(
      stdout,
      /✘ 处理 .*UnknownMerchant：mchid：已配置的 secret 里，没有一个属于这个商户\n +→ 请给出已配置商户的 --mchid，或把它的 JSON 写入/,
    )
    assert.match(stdout, /✘ 事件总线 .*没有事件总线 deleted：队列里的订单有了结果，也没有人会知道\n +→ 请重新创建/)
    assert.match(stdout, /\n有的检查不符合预期。\n$/)
  })

  test('what to give', async () => {
    const { stderr } = await inChinese(['--mchid', '1'])
    assert.equal(stderr, '✘ 不知道用哪个 appid\n  → 请给出 --appid；服务商的订单，请给出 --sub-mchid。\n')
  })
})
