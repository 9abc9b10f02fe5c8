import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { leaveOpenOn } from '../../../lib/aws/leave-open.ts'
import { createService } from '../../../lib/aws/service.ts'
import { createSettlementService } from '../../../lib/aws/settlement-service.ts'
import { endInvocation } from '../../../lib/aws/telemetry.ts'
import { resultOf } from '../../../lib/reversal/attempt.ts'
import { parseOrder } from '../../../lib/reversal/order.ts'
import type { Reversal } from '../../../lib/reversal/result.ts'
import { parseOpenOutcome } from '../../../lib/settlement/open-outcome.ts'
import { bookOrder } from '../../booked-order.ts'
import { day, noon } from '../../china-days.ts'
import { keepLogLines } from '../../functions/log-lines.ts'
import { ago, openSurroundings } from '../../functions/surroundings.ts'

const around = await openSurroundings()
const { simulator, secrets, sqs, settlementQueueUrl, newNames, fail } = around
const log = keepLogLines()
beforeEach(() => log.forget())

/** From here on every read of a secret is counted. */
const reads: string[] = []
const { call } = secrets
secrets.call = (operation, input) => {
  reads.push(String(input.SecretId))
  return call(operation, input)
}

const msLeft = () => 20_000
const context = () => ({ seenAtMs: Date.now(), msLeft })
const orderOf = (names: object) => parseOrder({ ...names, attempted_at: ago(60) }, Date.now())

/** What was counted until now. */
function counted(name: string) {
  endInvocation()
  return log.metric(name)
}

test('the service reads the secrets at once, before the first order', async () => {
  createService(process.env)
  for (let tries = 0; reads.length < 2 && tries < 100; tries += 1) await setTimeout(20)
  assert.deepEqual(new Set(reads), new Set(['merchant/one', 'merchant/two']))
})

test('an attempt is counted and reverses, at the endpoints and with the secrets of the environment', async () => {
  const { attempt } = createService(process.env)
  const names = newNames()
  simulator.placeOrder(names, 'SUCCESS')
  assert.equal(resultOf(await attempt(orderOf(names), context())).outcome, 'REFUNDED')
  assert.deepEqual(counted('ReversalAttempted'), [1])
})

test('what an attempt, WeChat Pay and the secrets have to tell is told', async () => {
  secrets.put('merchant/one', { ...(around.secretOfMerchant as object), note: 'x' })
  const { attempt } = createService(process.env)
  const names = newNames()
  simulator.placeOrder(names, 'NOTPAY')
  simulator.faults.add({ fault: 'param-error', endpoint: 'reverse' })
  simulator.faults.add({ fault: 'reset-mid-head', endpoint: 'query' })
  assert.ok('error' in (await attempt(orderOf(names), context())))
  for (const name of ['SecretFieldIgnored', 'NoAnswer', 'ReverseRefused']) {
    assert.equal(log.saying(name).length, 1, name)
  }
})

test('a look at an order asks the same WeChat Pay, and tells what it refuses', async () => {
  const { lookUp } = createService(process.env)
  const names = newNames()
  simulator.placeOrder(names, 'NOTPAY')
  const { mchid, out_trade_no } = names
  const state = await lookUp({ mchid, out_trade_no }, msLeft)
  assert.equal(JSON.stringify(state).includes('NOTPAY'), true)
  simulator.faults.add({ fault: 'param-error', endpoint: 'query' })
  await lookUp({ mchid, out_trade_no }, msLeft).catch(() => {})
  assert.equal(log.saying('QueryRefused').length, 1)
})

/** A reversal of two days ago, and what waits for its bill. */
function reversedTwoDaysAgo() {
  const names = newNames()
  bookOrder(simulator, names, ['pay', 'reverse'], noon(2))
  const time = new Date(noon(2)).toISOString()
  return parseOpenOutcome({ ...names, outcome: 'REVERSED', attempted_at: time, confirmed_at: time })
}

test('the settlement reads a secret when an outcome of its merchant is due, and the bill of its day', async () => {
  reads.length = 0
  const settleMerchant = createSettlementService(process.env)
  const outcome = reversedTwoDaysAgo()
  await setTimeout(100)
  assert.deepEqual(reads, [])
  const [verdict] = await settleMerchant(outcome.ref.mchid!, [outcome], () => 60_000)
  assert.ok(verdict?.do === 'settle')
  assert.deepEqual([verdict.settlement.settlement, verdict.settlement.bill_dates[0]], ['REFUNDED', day(2)])
  assert.deepEqual(new Set(reads), new Set(['merchant/one', 'merchant/two']))
})

test("a sandbox's merchant is settled where the sandbox is all there is", async () => {
  const wechatpay_endpoints = String(process.env.WECHATPAY_ENDPOINTS).split(',')
  secrets.put('merchant/one', { ...(around.secretOfMerchant as object), wechatpay_endpoints })
  const settleMerchant = createSettlementService(process.env)
  const outcome = reversedTwoDaysAgo()
  const [verdict] = await settleMerchant(outcome.ref.mchid!, [outcome], () => 60_000)
  secrets.put('merchant/one', { ...(around.secretOfMerchant as object), note: 'x' })
  assert.ok(verdict?.do === 'settle', JSON.stringify(verdict))
})

test('what its bills, WeChat Pay and the secrets have to tell is told', async () => {
  const settleMerchant = createSettlementService(process.env)
  const outcome = reversedTwoDaysAgo()
  simulator.options.billFault = 'cut'
  const [verdict] = await settleMerchant(outcome.ref.mchid!, [outcome], () => 60_000)
  simulator.options.billFault = null
  assert.equal(verdict?.do, 'wait')
  assert.ok(log.saying('BillRefused').length > 0)
  assert.equal(log.saying('SecretFieldIgnored').length, 1)
})

const REVERSED = { ...newNames(), outcome: 'REVERSED', evidence: [] } as unknown as Reversal
const waiting = async () => (await sqs.messages(settlementQueueUrl)).length

test('an open outcome is put on the settlement queue, or somebody hears of it; without a queue nothing is', async () => {
  await leaveOpenOn(undefined)({ message: newNames() }, REVERSED)
  assert.equal(await waiting(), 0)
  const leaveOpen = leaveOpenOn(settlementQueueUrl)
  await leaveOpen({ message: newNames() }, REVERSED)
  assert.equal(await waiting(), 1)
  const stop = fail('sqs', { error: 'InternalError', status: 500 })
  await leaveOpen({ message: newNames() }, REVERSED)
  stop()
  assert.equal(log.saying('settlement not queued').length, 1)
  assert.deepEqual(counted('SettlementNotQueued'), [1])
})
