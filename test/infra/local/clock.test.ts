import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { packagedTemplate } from '../../../bin/deployment/packaged.ts'
import type { BusEvent } from '../../../infra/local/eventbridge.ts'
import { reverseBy } from '../../../infra/local/page/ways.ts'
import { clockImport, reached, shareClock } from '../../../infra/local/shared-clock.ts'
import type { QueuedMessage } from '../../../infra/local/sqs.ts'
import { startLocalStack } from '../../../infra/local/stack.ts'
import { createClock } from '../../../infra/local/wechatpay/clock.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { startNode } from '../../child-process.ts'
import { until } from './fixtures/until.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** The whole service before its own WeChat Pay, on one clock. */
async function openPlace(t: { after: (end: () => Promise<void>) => void }) {
  const running = await startSimulator()
  const { simulator } = running
  const merchant = simulator.openMerchant()
  const clock = shareClock(simulator.clock)
  const stack = await startLocalStack({
    template: await packagedTemplate(),
    wechatPayEndpoints: running.endpoints,
    merchants: [merchant.secret],
    clock,
  })
  t.after(async () => {
    await stack.close()
    await running.close()
    clock.close()
  })
  const { mchid, appid } = merchant
  const order = (out_trade_no: string) => ({
    mchid,
    appid,
    out_trade_no,
    attempted_at: new Date(clock.now() - MINUTE_MS).toISOString(),
  })
  const results = () => stack.events().map(({ detailType, detail }) => [detailType, detail.outcome ?? detail.error])
  return { running, simulator, clock, stack, order, results }
}

test('an order that waits is tried again as soon as the clock comes to it', async (t) => {
  const { running, simulator, clock, stack, order, results } = await openPlace(t)
  simulator.placeOrder(order('waits-1'), 'SUCCESS')
  for (const domain of Object.values(running.domains)) await domain.set('refuse')
  await stack.sendMessage(order('waits-1'))
  const isPending = () => stack.logs('QueueLambdaFunction').some((line) => line.includes('reversal pending'))
  await until(isPending)
  for (const domain of Object.values(running.domains)) await domain.set('up')
  const [{ visibleAt = 0, sentTimestamp }] = (await stack.messages()) as [QueuedMessage]
  assert.ok(visibleAt > clock.now(), 'it waits')

  clock.forward(5 * MINUTE_MS)
  await until(() => results().length > 0)
  assert.deepEqual(results(), [['Reversal Completed', 'REFUNDED']])
  const [{ time, detail }] = stack.events() as [BusEvent]
  for (const [what, when] of Object.entries({ event: time, confirmed: detail.confirmed_at })) {
    assert.ok(Date.parse(when) - sentTimestamp >= 5 * MINUTE_MS, `${what} ${when}`)
  }
})

test('an order that cannot be reversed for 7 days ends as a dead letter, which is gone after 14 days more', async (t) => {
  const { simulator, clock, stack, order, results } = await openPlace(t)
  simulator.placeOrder(order('expires-1'), 'NOTPAY')
  simulator.faults.add({ fault: 'system-error', endpoint: 'reverse', times: 'always' })
  await stack.sendMessage(order('expires-1'))
  const attempts = () => stack.logs('QueueLambdaFunction').filter((line) => line.startsWith('REPORT')).length
  // What is still with its function when the clock leaps would be seen again.
  const untilItWaits = (attempt: number) =>
    until(async () => attempts() === attempt && (await stack.messages()).length === 1)
  await untilItWaits(1)
  clock.forward(6 * DAY_MS)
  await untilItWaits(2)
  assert.deepEqual(results(), [])

  clock.forward(DAY_MS)
  await until(async () => results().length > 0 && (await stack.messages()).length === 0)
  assert.deepEqual(results(), [['Reversal Failed', 'ReversalExpired']])
  const [{ attributes, sentTimestamp }] = (await stack.deadLetters()) as [QueuedMessage]
  assert.equal(attributes.error, 'ReversalExpired')
  assert.ok(Math.abs(sentTimestamp - clock.now()) < MINUTE_MS, 'the letter is of day 7')

  clock.forward(14 * DAY_MS - MINUTE_MS)
  assert.equal((await stack.deadLetters()).length, 1)
  clock.forward(2 * MINUTE_MS)
  assert.deepEqual(await stack.deadLetters(), [])
})

test('what was reversed is settled when the clock comes to 10:15 of the next day in Beijing', async (t) => {
  const { simulator, clock, stack, order, results } = await openPlace(t)
  simulator.placeOrder(order('settles-1'), 'NOTPAY')
  await stack.sendMessage(order('settles-1'))
  // What is still with its function when the clock leaps would be seen, and told, again.
  await until(async () => results().length > 0 && (await stack.messages()).length === 0)
  assert.deepEqual(results(), [['Reversal Completed', 'REVERSED']])

  const inBeijingMs = (clock.now() + 8 * 60 * MINUTE_MS) % DAY_MS
  clock.forward(DAY_MS - inBeijingMs + (10 * 60 + 15) * MINUTE_MS)
  await until(() => results().length > 1)
  const [, { detailType, detail }] = stack.events() as [BusEvent, BusEvent]
  assert.deepEqual(
    [detailType, detail.out_trade_no, detail.settlement],
    ['Reversal Settled', 'settles-1', 'NEVER_PAID'],
  )
})

test('an execution that waits goes on as soon as the clock comes to it', async (t) => {
  const { running, simulator, clock, stack, order } = await openPlace(t)
  simulator.placeOrder(order('execution-1'), 'SUCCESS')
  for (const domain of Object.values(running.domains)) await domain.set('refuse')
  const execution = stack.startExecution(order('execution-1'))
  const isIn = (name: string) => execution.history.at(-1)?.state?.name === name
  await until(() => isIn('BeforeNextAttempt'))
  for (const domain of Object.values(running.domains)) await domain.set('up')
  clock.forward(60 * MINUTE_MS)
  const { status, output, history } = await execution.ended
  assert.deepEqual([status, output.outcome], ['SUCCEEDED', 'REFUNDED'])
  assert.ok(history.at(-1)!.timestamp - history[0]!.timestamp >= 60 * MINUTE_MS)
})

test('whoever lives by the machine’s clock is served all the same, however far the place is ahead', async (t) => {
  const { simulator, clock, stack, order } = await openPlace(t)
  simulator.placeOrder(order('by-hand-1'), 'SUCCESS')
  clock.forward(3 * DAY_MS)
  const client = new SQSClient({ endpoint: stack.awsUrl, region: stack.region, credentials: stack.credentials })
  t.after(async () => client.destroy())
  await client.send(new GetQueueAttributesCommand({ QueueUrl: stack.queueUrl, AttributeNames: ['QueueArn'] }))
  assert.match(await reverseBy(stack, 'http', { ...order('by-hand-1'), if_paid: 'refund' }), /200 REFUNDED/)
})

test('a process lives by a shared clock without knowing it', async () => {
  const clock = shareClock(createClock())
  clock.forward(7 * DAY_MS)
  const script = `const lived = new Date(); const told = new Date(86_400_000)
    console.log(JSON.stringify([Date.now() - performance.timeOrigin - performance.now(), lived - Date.now(), Date.parse(Date()) - Date.now(),
      told.toISOString(), lived instanceof Date, lived.constructor === Date, Date.UTC(2026, 0), Date.length]))`
  const { stdout } = await startNode(['--import', clockImport(clock.file), '--eval', script]).ended
  const [ahead, lived, called, ...rest] = JSON.parse(stdout)
  assert.ok(Math.abs(ahead - 7 * DAY_MS) < 1000, `${ahead}`)
  assert.ok(Math.abs(lived) < 1000 && Math.abs(called) < 2000, `${lived} ${called}`)
  assert.deepEqual(rest, ['1970-01-02T00:00:00.000Z', true, true, Date.UTC(2026, 0), 7])
  clock.close()
  assert.ok(!existsSync(clock.file))
})

test('waiting ends when the clock gets there by itself or by a leap, or when nobody waits any longer', async () => {
  const clock = createClock()
  await reached(clock, clock.now() - 1)
  await reached(clock, clock.now() + 5)
  const inAnHour = clock.now() + 60 * MINUTE_MS
  const waiting = reached(clock, inAnHour).then(() => clock.now())
  clock.forward(30 * MINUTE_MS)
  clock.forward(30 * MINUTE_MS)
  assert.ok((await waiting) >= inAnHour)
  const nobody = new AbortController()
  const given = reached(clock, clock.now() + 400 * DAY_MS, nobody.signal)
  nobody.abort()
  await assert.rejects(given, { name: 'AbortError' })
  for (const ms of [-1, 0.5, Number.NaN]) assert.throws(() => clock.forward(ms), RangeError)
})
