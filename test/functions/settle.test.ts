import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { Context } from 'aws-lambda'
import type { NewOrder } from '../../infra/local/wechatpay/order.ts'
import type { Settlement } from '../../lib/settlement/settlement.ts'
import { parseMerchant } from '../../lib/wechatpay/merchant.ts'
import { isSignedBy } from '../../lib/wechatpay/verify.ts'
import { bookOrder } from '../booked-order.ts'
import { day, noon } from '../china-days.ts'
import { keepLogLines } from './log-lines.ts'
import { lambdaContext, openSurroundings } from './surroundings.ts'

const around = await openSurroundings()
const { simulator, sqs, eventBridge, settlementQueueUrl, deadLetterQueueUrl, queueUrl, newNames, fail } = around
const log = keepLogLines()
const { handler } = (await import('../../functions/settle.ts')) as {
  handler: (event: object, context: Context) => Promise<{ received: number; settled: number; waiting: number }>
}

const timeOf = (ms: number) => new Date(ms).toISOString()

/** An order of so many days ago: what happened to it, one minute after the other. */
function happened(
  daysAgo: number,
  events: readonly ('pay' | 'reverse' | 'refund' | 'expire')[],
  otherwise: Partial<NewOrder> = {},
) {
  const names = { ...newNames(), ...otherwise }
  bookOrder(simulator, names, events, noon(daysAgo))
  return names
}

const PRIVATE = { description: 'a coffee', attach: 'till 7' }

async function leaveOpen(names: object, outcome: string, daysAgo: number, otherwise: object = {}) {
  const times = { attempted_at: timeOf(noon(daysAgo)), confirmed_at: timeOf(noon(daysAgo) + 5 * 60_000) }
  const MessageBody = JSON.stringify({ ...names, outcome, ...times, ...otherwise })
  await sqs.call('SendMessage', { QueueUrl: settlementQueueUrl, MessageBody })
}

const settle = (ms = 120_000) => handler({}, lambdaContext(ms))
const settlements = () =>
  eventBridge.events
    .filter((event) => event.detailType === 'Reversal Settled')
    .map(({ detail }) => detail as unknown as Settlement)
const of = ({ out_trade_no }: { out_trade_no: string }) =>
  settlements().filter((settlement) => settlement.out_trade_no === out_trade_no)
const left = async (url = settlementQueueUrl) => (await sqs.messages(url)).length
const asked = () => simulator.log().filter(({ endpoint }) => endpoint === 'tradebill').length

beforeEach(async () => {
  await sqs.call('PurgeQueue', { QueueUrl: settlementQueueUrl })
  await sqs.call('PurgeQueue', { QueueUrl: deadLetterQueueUrl })
  await sqs.call('PurgeQueue', { QueueUrl: queueUrl })
  Object.assign(simulator.options, { billFault: null })
})

describe('what waits is settled by the books', () => {
  const CASES = [
    ['REVERSED', ['pay', 'reverse'], 2, 'REFUNDED', 1230],
    ['REVERSED', ['reverse'], 2, 'NEVER_PAID', null],
    ['REVERSED', ['pay', 'refund'], 2, 'REFUNDED', 1230],
    ['REVERSED', ['pay'], 5, 'DISAGREES', 1230],
    ['NOT_FOUND', ['pay', 'reverse'], 2, 'REFUNDED', 1230],
    ['NOT_FOUND', ['pay'], 2, 'DISAGREES', 1230],
    ['KEPT', ['pay'], 3, 'PAID', 1230],
    ['KEPT', ['pay', 'reverse'], 3, 'DISAGREES', 1230],
    ['KEPT', ['reverse'], 5, 'DISAGREES', null],
  ] as const
  for (const [outcome, events, daysAgo, settlement, total] of CASES) {
    test(`${outcome}, and in the books ${events.join(' and ')}, ${daysAgo} days ago: ${settlement}`, async () => {
      const names = happened(daysAgo, events)
      await leaveOpen(names, outcome, daysAgo)
      await settle()
      const [event, ...more] = of(names)
      assert.deepEqual(more, [])
      assert.equal(event!.settlement, settlement)
      assert.deepEqual(new Set(eventBridge.events.map(({ bus }) => bus)), new Set(['reversals']))
      assert.equal(event!.total, total)
      assert.equal(event!.outcome, outcome)
      assert.equal(event!.bill_dates[0], day(daysAgo))
      assert.equal(await left(), 0)
    })
  }

  test('with evidence that anybody can check, and nothing personal', async () => {
    const { description: _, attach: __, ...names } = happened(2, ['pay', 'reverse'], PRIVATE)
    await leaveOpen(names, 'REVERSED', 2)
    await settle()
    const { evidence, bill_dates } = of(names)[0]!
    assert.deepEqual(
      evidence.map(({ bill_date }) => bill_date),
      bill_dates,
    )
    const { merchant } = parseMerchant(JSON.stringify(around.secretOfMerchant))
    assert.ok(evidence.every((page) => isSignedBy(merchant.wechatpayKeys, page, page.body)))
    assert.match(JSON.parse(evidence[0]!.body).hash_value, /^[0-9a-f]{40}$/)
    assert.deepEqual(
      evidence[0]!.rows.map((row) => row.交易状态),
      ['SUCCESS', 'REVOKED'],
    )
    assert.doesNotMatch(JSON.stringify(evidence), /payer|coffee|till 7/)
  })

  test('each bill is read once, whoever waits for it', async () => {
    const before = asked()
    const names = [happened(2, ['pay', 'reverse']), happened(2, ['reverse']), happened(2, ['pay', 'reverse'])]
    for (const order of names) await leaveOpen(order, 'REVERSED', 2)
    await settle()
    assert.deepEqual(
      names.map((order) => of(order)[0]!.settlement),
      ['REFUNDED', 'NEVER_PAID', 'REFUNDED'],
    )
    assert.equal(asked(), before + 1)
  })
})

describe('what contradicts the outcome and can still be healed', () => {
  const queued = async () => (await sqs.messages(queueUrl)).map(({ body }) => JSON.parse(body))

  test('goes back on the reversal queue as it was given', async () => {
    const names = happened(2, ['pay'])
    await leaveOpen(names, 'NOT_FOUND', 2, { if_paid: 'refund' })
    await settle()
    assert.deepEqual(await queued(), [{ ...names, attempted_at: timeOf(noon(2)), if_paid: 'refund' }])
    assert.ok(log.all().some((line) => line.message === 'reversal settled' && line.goes_back === true))
  })

  test('does not after seven days', async () => {
    const names = happened(8, ['pay'])
    await leaveOpen(names, 'NOT_FOUND', 8)
    await settle()
    assert.equal(of(names)[0]!.settlement, 'DISAGREES')
    assert.deepEqual(await queued(), [])
  })
})

describe('what cannot be settled', () => {
  test('waits, at one call, while its bill is not ready, and is settled when it is', async () => {
    const names = happened(2, ['pay', 'reverse'])
    await leaveOpen(names, 'REVERSED', 2)
    Object.assign(simulator.options, { billFault: 'not ready' })
    const before = asked()
    assert.equal((await settle()).waiting, 1)
    assert.equal(asked(), before + 1)
    assert.equal(await left(), 1)
    Object.assign(simulator.options, { billFault: null })
    await settle()
    assert.equal(of(names)[0]!.settlement, 'REFUNDED')
  })

  test('is not asked for on its own day', async () => {
    const names = newNames()
    await leaveOpen(names, 'REVERSED', 0, { attempted_at: timeOf(Date.now()), confirmed_at: timeOf(Date.now()) })
    const before = asked()
    assert.equal((await settle()).waiting, 1)
    assert.equal(asked(), before)
    assert.deepEqual(of(names), [])
  })

  for (const billFault of [
    'wrong hash',
    'cut',
    'wrong count',
    'another host',
    'expired',
    'forged',
    'redirected',
  ] as const) {
    test(`waits on a bill that is ${billFault}, and somebody hears of it`, async () => {
      const names = happened(2, ['reverse'])
      await leaveOpen(names, 'REVERSED', 2)
      Object.assign(simulator.options, { billFault })
      await settle()
      assert.deepEqual(of(names), [])
      assert.equal(await left(), 1)
      assert.ok(log.all().some((line) => line.message === 'BillRefused' && line.bill_date === day(2)))
    })
  }

  test('is a dead letter after ten days, and says why', async () => {
    const names = happened(11, ['pay'])
    await leaveOpen(names, 'REVERSED', 11)
    Object.assign(simulator.options, { billFault: 'cut' })
    await settle()
    const [letter] = await sqs.messages(deadLetterQueueUrl)
    assert.equal(letter!.attributes.error, 'SettlementFailed')
    assert.match(letter!.attributes.detail!, /cut/)
    assert.equal(JSON.parse(letter!.body).out_trade_no, names.out_trade_no)
    assert.equal(await left(), 0)
  })

  test('is settled even then when its bill can be read at last', async () => {
    const names = happened(11, ['pay', 'reverse'])
    await leaveOpen(names, 'REVERSED', 11)
    await settle()
    assert.equal(of(names)[0]!.settlement, 'REFUNDED')
  })

  for (const body of [
    'no JSON',
    '{}',
    '[]',
    '{"mchid":"1900000001","appid":"wx","out_trade_no":"A","outcome":"REFUNDED"}',
  ]) {
    test(`is a dead letter at once when it is no open outcome: ${body}`, async () => {
      await sqs.call('SendMessage', { QueueUrl: settlementQueueUrl, MessageBody: body })
      await settle()
      const [letter] = await sqs.messages(deadLetterQueueUrl)
      assert.equal(letter!.attributes.error, 'SettlementFailed')
      assert.equal(await left(), 0)
    })
  }
})

describe('nothing is lost', () => {
  test('while EventBridge takes no event: the message stays, and is settled later', async () => {
    const names = happened(2, ['pay', 'reverse'])
    await leaveOpen(names, 'REVERSED', 2)
    const stop = fail('events', { error: 'InternalException', status: 500 })
    await settle()
    stop()
    assert.deepEqual(of(names), [])
    assert.equal(await left(), 1)
  })

  test('when two run at once: each order is settled, none otherwise than the other', async () => {
    const names = Array.from({ length: 30 }, (_, index) => happened(2, index % 2 ? ['pay', 'reverse'] : ['reverse']))
    for (const order of names) await leaveOpen(order, 'REVERSED', 2)
    await Promise.all([settle(), settle()])
    for (const [index, order] of names.entries()) {
      const said = new Set(of(order).map(({ settlement }) => settlement))
      const told = `order ${index} of 30 was told as ${[...said].join() || 'nothing: SQS and EventBridge take ten at a time'}`
      assert.deepEqual([...said], [index % 2 ? 'REFUNDED' : 'NEVER_PAID'], told)
    }
    assert.equal(await left(), 0)
  })

  test('without time no bill is begun, and all waits', async () => {
    const names = happened(2, ['pay', 'reverse'])
    await leaveOpen(names, 'REVERSED', 2)
    await settle(62_000)
    assert.deepEqual(of(names), [])
    assert.equal(await left(), 1)
  })
})

test('a provider reads one bill for all merchants under it, and a row of another one disagrees', async () => {
  const { mchid } = newNames()
  for (const sub_mchid of ['1900000109', '1900000110']) simulator.addSubMerchant({ sp_mchid: mchid, sub_mchid })
  const of109 = happened(2, ['pay', 'reverse'], { sub_mchid: '1900000109' })
  const of110 = happened(2, ['pay', 'reverse'], { sub_mchid: '1900000110' })
  const ref = (out_trade_no: string, sub_mchid: string) => ({ sp_mchid: mchid, sub_mchid, out_trade_no })
  await leaveOpen(ref(of109.out_trade_no, '1900000109'), 'REVERSED', 2)
  await leaveOpen(ref(of110.out_trade_no, '1900000109'), 'REVERSED', 2)
  const before = asked()
  await settle()
  assert.equal(asked(), before + 1)
  assert.equal(of(of109)[0]!.settlement, 'REFUNDED')
  assert.equal(of(of110)[0]!.settlement, 'DISAGREES')
})

test('a merchant whose keys cannot be read holds up nobody else', async () => {
  const names = happened(2, ['pay', 'reverse'])
  await leaveOpen(names, 'REVERSED', 2)
  await leaveOpen({ mchid: '1900000999', appid: 'wx', out_trade_no: 'X' }, 'REVERSED', 2)
  await settle()
  assert.equal(of(names)[0]!.settlement, 'REFUNDED')
  assert.equal(await left(), 1)
})
