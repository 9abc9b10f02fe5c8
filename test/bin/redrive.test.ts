import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { startCloudFormation, startLocalAccount } from './local-account.ts'
import { runCommand } from './run-command.ts'

let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>
const stacks: Record<string, Record<string, string>> = {}

before(async () => {
  cloudFormation = await startCloudFormation(stacks)
})
after(() => cloudFormation.close())

/** An account with a deployed stage of its own, its dead letters, and the command at hand. */
async function deployment(t: TestContext) {
  const account = await startLocalAccount()
  t.after(account.close)
  const { queueUrl, deadLetterQueueUrl, settlementQueueUrl } = account
  const { sqs } = account.stack
  const stage = `test${Object.keys(stacks).length}`
  stacks[`wechatpay-reversal-${stage}`] = {
    ReversalQueueUrl: queueUrl,
    DeadLetterQueueUrl: deadLetterQueueUrl,
    SettlementQueueUrl: settlementQueueUrl,
  }
  const arnOf = (url: string) => account.stack.resources.find(({ ref }) => ref === url)!.arn
  return {
    stage,
    account,
    arns: { from: arnOf(deadLetterQueueUrl), to: arnOf(queueUrl) },
    queueUrl,
    deadLetterQueueUrl,
    redrive: (...args: string[]) =>
      runCommand('redrive', ['--stage', stage, '--yes', ...args], { ...account.env, ...cloudFormation.env }),
    /** A dead letter as the queue function writes one. */
    async bury(out_trade_no: string, reason: Record<string, string> = {}, MessageBody = bodyOf(out_trade_no)) {
      const attributes = Object.entries({ till: '7', ...reason }).map(([name, StringValue]) => [
        name,
        { DataType: 'String', StringValue },
      ])
      const MessageAttributes = Object.fromEntries(attributes)
      await sqs.call('SendMessage', { QueueUrl: deadLetterQueueUrl, MessageBody, MessageAttributes })
    },
    messages: () => sqs.messages(queueUrl),
    queued: async () => (await sqs.messages(queueUrl)).map(({ body }) => orderOf(body)).sort(),
    dead: () => sqs.messages(deadLetterQueueUrl),
    settlements: () => sqs.messages(settlementQueueUrl),
  }
}

const bodyOf = (out_trade_no: string) =>
  JSON.stringify({ mchid: '1900000001', appid: 'wx1', out_trade_no, history: { paid: { body: 'oSECRET' } } })
const orderOf = (body: string) => JSON.parse(body).out_trade_no
const rejected = { error: 'ReversalRejected', detail: 'refused for good', code: 'NO_AUTH', request_id: '08F-1' }

describe('dead letters', { concurrency: 8 }, () => {
  test('are listed once each with their reasons, and stay where they are for everybody else', async (t) => {
    const { bury, redrive, queued, dead } = await deployment(t)
    for (let number = 1; number <= 23; number += 1) await bury(`A${number}`, rejected)
    await bury('B1')
    const { code, stdout, stderr } = await redrive()
    assert.equal(code, 0, stderr)
    for (let number = 1; number <= 23; number += 1)
      assert.equal(stdout.match(RegExp(`\\bA${number}\\b`, 'g'))?.length, 1)
    assert.match(stdout, /0 min .* A1 .* ReversalRejected NO_AUTH .*\n.* 1900000001 .* refused for good/)
    assert.match(stdout, /B1 .* NeverFinished .*\n.* moved by SQS itself/)
    assert.match(stdout, /24 dead letters: ReversalRejected \(23\), NeverFinished \(1\)/)
    assert.doesNotMatch(stdout, /oSECRET/)
    assert.deepEqual(await queued(), [])
    assert.ok((await dead()).every(({ state }) => state === 'ready'))
  })

  test('are told as JSON too', async (t) => {
    const { bury, redrive } = await deployment(t)
    await bury('A1', rejected)
    const [letter] = JSON.parse((await redrive('--json')).stdout)
    const { message_id: _, sent_at, ...told } = letter
    assert.deepEqual(told, { number: 1, mchid: '1900000001', appid: 'wx1', out_trade_no: 'A1', ...rejected })
    assert.match(sent_at, /^20\d\d-/)
  })

  test('are shown whole within the width, whatever language the reason is in', async (t) => {
    const { bury, redrive } = await deployment(t)
    const detail = `${'请检查后再试'.repeat(20)} ${'4200001234'.repeat(15)}`
    await bury('1'.repeat(32), { error: 'ReversalRejected', code: 'APPID_MCHID_NOT_MATCH', detail })
    const { stdout } = await redrive()
    assert.ok(stdout.replaceAll(/[\s│]/g, '').includes(detail.replace(' ', '')), stdout)
    const wide = (line: string) => line.length + (line.match(/\p{Script=Han}/gu)?.length ?? 0)
    assert.ok(stdout.split('\n').every((line) => wide(line) <= 160))
  })

  test('are none, when there are none', async (t) => {
    const { redrive, stage } = await deployment(t)
    const { code, stdout, stderr } = await redrive()
    assert.deepEqual([code, stdout], [0, 'No dead letters.\n'])
    assert.equal(stderr, `Looking at stage ${stage} in us-east-1.\n`)
  })

  test('chosen by number are sent again as they stood on the queue, the others stay', async (t) => {
    const { bury, redrive, queued, dead, messages } = await deployment(t)
    for (const number of ['A1', 'A2', 'A3', 'A4', 'A5']) await bury(number, rejected)
    const { code, stderr, stdout } = await redrive('1', '3-4', '--yes')
    assert.equal(code, 0, stderr)
    assert.match(stdout, /3 of 5 dead letters chosen/)
    assert.match(stderr, /Sent 3 dead letters to the queue again/)
    const [one, ...others] = await messages()
    assert.equal(others.length, 2)
    assert.deepEqual(one!.attributes, { till: '7' })
    assert.equal(one!.body, bodyOf(orderOf(one!.body)))
    const left = await dead()
    assert.equal(left.length, 2)
    assert.ok(left.every(({ state }) => state === 'ready'))
    assert.deepEqual([...(await queued()), ...left.map(({ body }) => orderOf(body))].sort(), [
      'A1',
      'A2',
      'A3',
      'A4',
      'A5',
    ])
  })

  test('chosen by reason', async (t) => {
    const { bury, redrive, queued } = await deployment(t)
    await bury('A1', rejected)
    await bury('B1', { error: 'ReversalExpired', detail: 'more than 7 days have passed' })
    await bury('C1')
    assert.equal((await redrive('--error', 'ReversalExpired', '--error', 'NeverFinished')).code, 0)
    assert.deepEqual(await queued(), ['B1', 'C1'])
  })

  test('chosen by order', async (t) => {
    const { bury, redrive, queued } = await deployment(t)
    await bury('A1', rejected)
    await bury('A2', rejected)
    assert.equal((await redrive('--order', 'A2')).code, 0)
    assert.deepEqual(await queued(), ['A2'])
  })

  test('all of them are moved by SQS itself', async (t) => {
    const { bury, redrive, queued, dead } = await deployment(t)
    for (const number of ['A1', 'A2', 'A3']) await bury(number, rejected)
    const { code, stderr } = await redrive('--all')
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Sent 3 dead letters/)
    assert.deepEqual(await queued(), ['A1', 'A2', 'A3'])
    assert.deepEqual(await dead(), [])
  })

  test('all of them, again: the end of an earlier move is not taken for the end of this one', async (t) => {
    const { bury, redrive, queued } = await deployment(t)
    await bury('A1', rejected)
    await redrive('--all')
    for (const number of ['B1', 'B2', 'B3']) await bury(number, rejected)
    const { code, stderr } = await redrive('--all')
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Sent 3 dead letters/)
    assert.deepEqual(await queued(), ['A1', 'B1', 'B2', 'B3'])
  })

  test('that somebody else is moving are left to them', async (t) => {
    const { bury, redrive, account, arns } = await deployment(t)
    // Ten at a time are with SQS itself, where nobody else sees them.
    for (let number = 1; number <= 40; number += 1) await bury(`A${number}`, rejected)
    const { from: SourceArn, to: DestinationArn } = arns
    await account.stack.sqs.call('StartMessageMoveTask', {
      SourceArn,
      DestinationArn,
      MaxNumberOfMessagesPerSecond: 1,
    })
    const { code, stderr } = await redrive('--all')
    assert.equal(code, 1)
    assert.match(stderr, /somebody is moving these letters already: \d+ so far\n.*cancel-message-move-task/)
  })

  test('that will be refused again are told beforehand', async (t) => {
    const { bury, redrive } = await deployment(t)
    await bury('A1', { error: 'InvalidOrder', detail: 'mchid: is missing' }, 'not JSON')
    const { stdout, stderr } = await redrive('1')
    assert.match(stdout, /\? .* InvalidOrder .*\n.* \? /)
    assert.match(stderr, /1 of them will be refused again as they stand/)
  })

  test('are of the queue that is given', async (t) => {
    const { redrive, queueUrl, deadLetterQueueUrl } = await deployment(t)
    const { stderr } = await redrive('--queue', queueUrl, '--dead-letter-queue', deadLetterQueueUrl)
    assert.equal(stderr, `Looking at ${deadLetterQueueUrl}.\n`)
  })

  test('chosen ones are deleted when they were settled by hand, and the others stay', async (t) => {
    const { bury, redrive, queued, dead } = await deployment(t)
    for (const number of ['A1', 'A2', 'A3']) await bury(number, rejected)
    const { code, stderr } = await redrive('--order', 'A1', '--order', 'A3', '--delete', '--yes')
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Deleted 2 dead letters\.\n$/)
    const left = await dead()
    assert.deepEqual(
      left.map(({ body, state }) => [orderOf(body), state]),
      [['A2', 'ready']],
    )
    await redrive('--all', '--delete')
    assert.deepEqual([await dead(), await queued()], [[], []])
  })

  test('are not deleted without a choice', async (t) => {
    const { bury, redrive, dead } = await deployment(t)
    await bury('A1', rejected)
    const { code, stderr } = await redrive('--delete')
    assert.equal(code, 1)
    assert.match(stderr, /nothing says which letters to delete\n {2}→ .*--all/)
    assert.equal((await dead()).length, 1)
  })

  test('of outcomes that waited for their bill go back to wait for it, each in its merchant’s group', async (t) => {
    const { bury, redrive, messages, settlements, dead } = await deployment(t)
    const open = JSON.stringify({ ...JSON.parse(bodyOf('B1')), outcome: 'REVERSED' })
    await bury('A1', rejected)
    await bury('B1', { error: 'SettlementFailed', detail: 'refused: 403 NO_AUTH' }, open)
    const { code, stderr } = await redrive('--all')
    assert.equal(code, 0, stderr)
    const [order, ...orders] = await messages()
    const [outcome, ...outcomes] = await settlements()
    assert.deepEqual([orderOf(order!.body), orders.length], ['A1', 0])
    assert.deepEqual([outcome!.body, outcomes.length], [open, 0])
    assert.deepEqual([order!.groupId, outcome!.groupId], ['1900000001', '1900000001'])
    assert.deepEqual(await dead(), [])
  })

  test('of another reason than asked for are not sent', async (t) => {
    const { bury, redrive, queued } = await deployment(t)
    await bury('A1', rejected)
    const { code, stderr } = await redrive('--error', 'ReversalRejekted')
    assert.equal(code, 1)
    assert.match(stderr, /no dead letter is of that choice\n {2}→ There are: ReversalRejected \(1\)/)
    assert.deepEqual(await queued(), [])
  })
})

describe('a mistake is told with what to do', { concurrency: 8 }, () => {
  let account: Awaited<ReturnType<typeof startLocalAccount>>
  before(async () => {
    account = await startLocalAccount()
  })
  after(() => account.close())

  const given = () => ['--queue', account.queueUrl, '--dead-letter-queue', account.deadLetterQueueUrl]
  const says = async (args: string[], words: RegExp, env = {}) => {
    const { code, stderr } = await runCommand('redrive', args, { ...account.env, ...cloudFormation.env, ...env })
    assert.equal(code, 1)
    assert.match(stderr, words)
    assert.doesNotMatch(stderr, /\n\s+at /)
  }
  test('no such stage', () => says(['--stage', 'prd'], /no stack wechatpay-reversal-prd in us-east-1\n.*--stage/))
  test('no such letter', () => says(['9', ...given()], /there is no letter 9: there are 0/))
  test('a number that is none', () => says(['1-x', ...given()], /1-x is no number of a letter\n.*1 4 7-9/))
  test('a typo', () => says(['--eror', 'X'], /Did you mean --error\?/))
  test('no such queue', () =>
    says(['--queue', account.queueUrl, '--dead-letter-queue', `${account.queueUrl}-x`], /no such queue/))
  test('nobody signed in', () => says(given(), /no AWS credentials[\s\S]*AWS_PROFILE/, { AWS_ACCESS_KEY_ID: '' }))
  test('AWS out of reach', () =>
    says([], /AWS cannot be reached[\s\S]*AWS_ENDPOINT_URL/, {
      AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://127.0.0.1:9',
    }))
  test('a stage that npm kept for itself', () => says(['--all'], /npm kept --stage/, { npm_config_stage: 'prod' }))
})
