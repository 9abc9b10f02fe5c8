import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { packagedTemplate } from '../../bin/deployment/packaged.ts'
import type { Json, Template } from '../../infra/local/cloudformation.ts'
import { startLocalStack } from '../../infra/local/stack.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../infra/local/wechatpay/simulator.ts'
import { runProcess } from '../child-process.ts'
import { codeBlocks, read, root } from './documents.ts'

// CommonJS whose types say otherwise.
const validate = createRequire(import.meta.url)('asl-validator')
const task = JSON.parse(read('docs/examples/task.asl.json'))
const template: Template = structuredClone(await packagedTemplate())
// The user's own machine, which the role of ours serves as well.
template.Resources.UsersMachine = {
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: 'users-own',
    RoleArn: { 'Fn::GetAtt': ['WorkflowRole', 'Arn'] },
    Definition: task,
    DefinitionSubstitutions: { StepFunctionArn: { 'Fn::GetAtt': ['StepLambdaFunction', 'Arn'] } },
  },
}

const simulator = createSimulator()
const merchant = simulator.openMerchant()
const wechatPay = await startSimulator(simulator)
const stack = await startLocalStack({
  template,
  wechatPayEndpoints: wechatPay.endpoints,
  merchants: [merchant.secret],
  waitSeconds: { BeforeNextAttempt: 0.1 },
})
after(async () => {
  await stack.close()
  await wechatPay.close()
})

const { mchid, appid } = merchant
const place = (out_trade_no: string, state: 'SUCCESS' | 'NOTPAY' | 'REFUND' | 'CLOSED') =>
  simulator.placeOrder({ mchid, appid, out_trade_no }, state)
/** Its first reverse is refused, because the user is at the password box. */
function placePending(out_trade_no: string) {
  place(out_trade_no, 'NOTPAY')
  simulator.faults.add({ fault: 'user-paying', endpoint: 'reverse', out_trade_no })
}
/** The queries of the first attempt are answered without a signature: nothing is known of it until somebody looks again. */
function placeUnseen(out_trade_no: string, state: Parameters<typeof place>[1]) {
  place(out_trade_no, state)
  simulator.faults.add({ fault: 'unsigned', endpoint: 'query', out_trade_no, times: 2 })
}
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()

/** The shell of somebody who follows the README. */
const env = {
  API_URL: stack.apiUrl,
  AWS_REGION: stack.region,
  AWS_ACCESS_KEY_ID: stack.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: stack.credentials.secretAccessKey,
  AWS_ENDPOINT_URL: stack.awsUrl,
  QUEUE_URL: stack.queueUrl,
  MCHID: mchid,
  APPID: appid,
  POLL_SECONDS: '1',
}
async function run(file: string, args: string[], more: NodeJS.ProcessEnv = {}) {
  const { code, stdout, stderr } = await runProcess(file, args, { env: { ...env, ...more }, cwd: root })
  assert.equal(code, 0, stderr)
  return stdout
}

test('every example that sends to the queue puts the message into its merchant’s group', () => {
  const senders = globSync('docs/examples/**/*.*', { cwd: root }).filter((file) => /MessageBody/.test(read(file)))
  assert.ok(senders.length >= 7)
  for (const file of senders) assert.match(read(file), /MessageGroupId/, file)
})

test('curl is here, and new enough to sign', async () => {
  const [, major, minor] = /^curl (\d+)\.(\d+)/.exec(await run('curl', ['--version']))!
  assert.ok(Number(major) > 7 || Number(minor) >= 75, 'the examples need curl 7.75 or later')
})

// Each order at once would start a function of its own, and on a busy machine none would load in the 10 s that Lambda gives.
describe('what a user copies works as it stands', { concurrency: 3 }, () => {
  for (const name of ['README.md', 'README.zh-CN.md']) {
    test(`${name}: its curl reverses an order, and the reply has the shape it shows`, async () => {
      const blocks = codeBlocks(read(name))
      const { text: command } = blocks.find(({ text }) => text.startsWith('curl '))!
      const shown = JSON.parse(blocks.find(({ text }) => text.includes('"outcome"'))!.text)
      // Two READMEs, one order number; and the time at which the payment was attempted goes by.
      const out_trade_no = name.replaceAll('.', '_')
      place(out_trade_no, 'SUCCESS')
      const copied = command.replace(shown.out_trade_no, out_trade_no).replace(/2026-[^"]+/, secondsAgo(60))
      assert.ok(copied.includes(`"mchid": "${mchid}"`) && copied.includes(`"appid": "${appid}"`))
      const reply = JSON.parse(await run('sh', ['-c', copied]))
      assert.deepEqual(Object.keys(shown), Object.keys(reply))
      assert.deepEqual(Object.keys(shown.evidence[0]), Object.keys(reply.evidence[0]))
      const { outcome, trade_state, refunded } = reply
      assert.deepEqual(
        { outcome, trade_state, refunded },
        { outcome: 'REFUNDED', trade_state: 'REVOKED', refunded: true },
      )
      assert.deepEqual([shown.outcome, shown.trade_state, shown.refunded], [outcome, trade_state, refunded])
    })
  }

  const runCallHttp = (args: string[], more?: NodeJS.ProcessEnv) =>
    runProcess('sh', ['docs/examples/call-http.sh', ...args], { env: { ...env, ...more }, cwd: root })
  const callHttp = async (args: string[], more?: NodeJS.ProcessEnv) => {
    const { code, stdout, stderr } = await runCallHttp(args, more)
    assert.equal(code, 0, stderr)
    return stdout
  }

  test('call-http.sh prints the outcome', async () => {
    place('by-script', 'SUCCESS')
    assert.match(await callHttp(['by-script', secondsAgo(60)]), /"outcome":"REFUNDED".*\n200\n$/)
  })

  test('call-http.sh takes no 202 for success: it looks until WeChat Pay says how the order ended', async () => {
    placePending('by-script-later')
    assert.match(await callHttp(['by-script-later', secondsAgo(60)]), /"trade_state":"REVOKED".*\n200\n$/)
  })

  for (const state of ['CLOSED', 'REFUND'] as const) {
    test(`call-http.sh: ${state} is an end, too`, async () => {
      placeUnseen(`by-script-${state}`, state)
      const printed = await callHttp([`by-script-${state}`, secondsAgo(60)])
      assert.match(printed, new RegExp(`^\\{"mchid".*"trade_state":"${state}".*\\n200\\n$`))
    })
  }

  test('call-http.sh: what is to be kept ends when it stays paid', async () => {
    placeUnseen('by-script-kept', 'SUCCESS')
    const asked = ['by-script-kept', secondsAgo(60), 'keep']
    const printed = await callHttp(asked, { KEPT_SECONDS: '1' })
    assert.match(printed, /^\{"mchid".*"trade_state":"SUCCESS".*\n200\n$/)
    assert.equal(simulator.books.find(mchid, 'by-script-kept', Date.now())!.refunded.count, 0)
  })

  const failures = [
    ['is refused', ['by-script', 'yesterday'], {}, 1, /"InvalidOrder".*attempted_at.*\n400\n$/],
    ['asks for an order that nobody knows', ['never-placed', secondsAgo(60)], {}, 2, /"OrderNotFound".*\n404\n$/],
    // Under another appid than it was paid under no answer verifies.
    [
      'has looked for long enough',
      ['by-another-appid', secondsAgo(60)],
      { APPID: 'wx0' },
      2,
      /"trade_state".*\n200\n$/,
    ],
  ] as const
  place('by-another-appid', 'SUCCESS')
  for (const [when, args, more, exit, says] of failures) {
    test(`call-http.sh fails with ${exit} where it ${when}, and says what came last`, async () => {
      const { code, stdout, stderr } = await runCallHttp([...args], { GIVE_UP_SECONDS: '2', ...more })
      assert.deepEqual({ code, stdout }, { code: exit, stdout: '' })
      assert.match(stderr, says)
    })
  }

  test('send-to-queue.ts: the order is reversed, and the event matches event-pattern.json', async () => {
    place('by-queue', 'SUCCESS')
    const script = join('docs', 'examples', 'send-to-queue.ts')
    const printed = await run(process.execPath, ['--disable-warning=ExperimentalWarning', script, 'by-queue'])
    assert.match(printed, /by-queue is on the queue/)
    const event = await eventAbout('by-queue')
    assert.equal(event.detail.outcome, 'REFUNDED')
    const pattern: Record<string, string[]> = JSON.parse(read('docs/examples/event-pattern.json'))
    const { source, detailType } = event
    assert.ok(pattern.source!.includes(source))
    assert.ok(pattern['detail-type']!.includes(detailType))
  })

  test('task.asl.json: loops while the order is pending, and ends with the outcome', async () => {
    const arn = stack.resources.find(({ logicalId }) => logicalId === 'StepLambdaFunction')!.arn
    const filled = JSON.parse(JSON.stringify(task).replaceAll(/\$\{StepFunctionArn\}/g, arn))
    const { isValid, errorsText } = validate(filled, { checkArn: true, checkPaths: true })
    assert.ok(isValid, errorsText?.('\n'))
    placePending('by-task')
    const { status, output, history } = await startUsersMachine('by-task', secondsAgo(60)).ended
    assert.equal(status, 'SUCCEEDED')
    assert.equal(output.outcome, 'REVERSED')
    const states = history.filter(({ type }) => type === 'StateEntered').map(({ state }) => state!.name)
    const again = ['BeforeNextAttempt', 'KeepHistory', 'Reverse', 'IsProved']
    assert.deepEqual(states, ['Reverse', 'IsProved', ...again, 'Proved'])
  })

  test('task.asl.json: what is refused for good ends under its own name', async () => {
    const { status, error } = await startUsersMachine('by-task-refused', 'yesterday').ended
    assert.deepEqual({ status, error }, { status: 'FAILED', error: 'InvalidOrder' })
  })
})

async function eventAbout(out_trade_no: string) {
  for (const endsAt = Date.now() + 15_000; Date.now() < endsAt; await sleep(20)) {
    const event = stack.events().find(({ detail }) => detail.out_trade_no === out_trade_no)
    if (event) return event
  }
  throw new Error(`no event about ${out_trade_no}`)
}

function startUsersMachine(out_trade_no: string, attempted_at: string) {
  const machine = stack.resources.find(({ logicalId }) => logicalId === 'UsersMachine')!
  const order: Json = { mchid, appid, out_trade_no, attempted_at }
  return stack.stepFunctions.start({ order }, undefined, machine.ref)
}
