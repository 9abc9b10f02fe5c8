import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../../infra/local/wechatpay/fault-plans.ts'
import { runChaos } from './run.ts'

const NONE = { wrong: [], refundedTwice: [], charged: [], unsettled: [], settledWrong: [] }

test('a small attack on the whole stack loses nothing, ends nothing wrongly and refunds nobody twice', async () => {
  const report = await runChaos({ orders: 56, faulty: 0.35, troubleMs: 6_000, random: createRandom(7), tell: () => {} })
  const { lost, unfinished, wrong, refundedTwice, charged, unsettled, settledWrong } = report
  assert.deepEqual([lost, unfinished], [0, 0])
  assert.deepEqual({ wrong, refundedTwice, charged, unsettled, settledWrong }, NONE)
  for (const settlement of ['REFUNDED', 'NEVER_PAID', 'PAID']) assert.ok(report.settled[settlement], settlement)
  assert.ok(report.faultyAnswers / report.answers > 0.2, 'the attack was one')
  assert.ok(report.killed > 0)
  assert.ok(report.isSound)
})
