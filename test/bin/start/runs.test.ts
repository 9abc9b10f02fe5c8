import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createControl } from '../../../bin/operator/control.ts'
import { runStory, type Stage, type Step } from '../../../bin/start/runs.ts'
import { stories } from '../../../bin/start/stories.ts'
import { ways } from '../../../bin/start/ways.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import type { Evidence } from '../../../lib/wechatpay/answer.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'

const { simulator, control, close } = await startSimulator()
after(close)
const merchant = simulator.openMerchant()
const keys = parseMerchant(JSON.stringify(merchant.secret)).merchant.wechatpayKeys
const [paid] = stories

/** A run whose way in ends with what is given. */
async function problemsOf(name: string, ending: object | Error) {
  const way = {
    ...ways[0]!,
    name: name as 'http',
    run: async (_: unknown, order: object) => {
      if (ending instanceof Error) throw ending
      return { ...order, request_id: 'r', evidence: [], ...ending } as never
    },
  }
  const stage: Stage = {
    doors: { environment: {}, outputs: {}, pageUrl: '' },
    control: createControl(control),
    merchant,
    keys,
    timeline: () => [{ kind: 'call', answer: { request_id: 'r' } } as Step],
    now: Date.now,
  }
  const { problems } = await runStory(stage, paid!, way)
  return problems
}
const forged: Evidence = {
  body: '{}',
  timestamp: '1',
  nonce: 'n',
  signature: 'AAAA',
  serial: [...keys.keys()][0]!,
  request_id: 'r',
}

test('a run that ended as it should must have the right outcome', async () => {
  const problems = await problemsOf('a', { outcome: 'REVERSED', evidence: [forged] })
  assert.ok(problems.includes('the outcome should be REFUNDED, not REVERSED'))
})
test('a run without evidence is not proved', async () => {
  assert.ok((await problemsOf('b', { outcome: 'REFUNDED' })).includes('there is no evidence'))
})
test('evidence that does not verify proves nothing', async () => {
  const problems = await problemsOf('c', { outcome: 'REFUNDED', evidence: [forged] })
  assert.ok(problems.includes('an answer kept as evidence does not verify'))
})
test('WeChat Pay\u2019s own books must agree', async () => {
  const problems = await problemsOf('d', { outcome: 'REFUNDED', evidence: [forged] })
  assert.ok(problems.includes("WeChat Pay's books say charged 1 times, refunded 0 times"))
})
test('a way in that fails says with what', async () => {
  assert.deepEqual(await problemsOf('e', new Error('503 {"title":"HandOverFailed"}')), [
    '503 {"title":"HandOverFailed"}',
  ])
})
