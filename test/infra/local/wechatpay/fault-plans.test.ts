import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFaultPlans } from '../../../../infra/local/wechatpay/fault-plans.ts'
import type { Call } from '../../../../infra/local/wechatpay/request.ts'

const call = (change: Partial<Call> = {}) =>
  ({
    endpoint: 'reverse',
    host: 'main',
    mchid: '19',
    out_trade_no: 'A',
    appid: 'wx',
    wantsKey: undefined,
    ...change,
  }) as Call

test('a plan without more than a name hits the next call, once', () => {
  const plans = createFaultPlans()
  plans.add({ fault: 'silence' })
  assert.deepEqual([plans.take(call())?.name, plans.take(call())], ['silence', null])
  assert.deepEqual(plans.list(), [])
})

test('a plan hits only calls that match all it names', () => {
  const plan = { fault: 'silence', endpoint: 'reverse', host: 'main', mchid: '19', out_trade_no: 'A' } as const
  const others: Partial<Call>[] = [{ endpoint: 'query' }, { host: 'backup' }, { mchid: '20' }, { out_trade_no: 'a' }]
  for (const other of others) {
    const plans = createFaultPlans()
    plans.add(plan)
    assert.equal(plans.take(call(other)), null)
    assert.equal(plans.take(call())?.name, 'silence')
  }
})

test('a plan lets the first calls pass, then hits as many times as it says, then the next plan has its turn', () => {
  const plans = createFaultPlans()
  plans.add({ fault: 'silence', after: 1, times: 2 })
  plans.add({ fault: 'probe', times: 'always' })
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => plans.take(call())?.name),
    ['probe', 'silence', 'silence', 'probe', 'probe'],
  )
  plans.clear()
  assert.equal(plans.take(call()), null)
})

test('a fault that makes no sense for an endpoint waits for one it does', () => {
  const plans = createFaultPlans()
  plans.add({ fault: 'stale-read' })
  assert.equal(plans.take(call()), null)
  assert.equal(plans.take(call({ endpoint: 'query' }))?.name, 'stale-read')
})

test('a probability hits about so often, and the same calls again from the same seed', () => {
  const run = (seed: number) => {
    const plans = createFaultPlans()
    plans.add({ fault: 'silence', times: 'always', probability: 0.3, seed })
    return Array.from({ length: 1_000 }, () => (plans.take(call()) ? 1 : 0))
  }
  assert.deepEqual(run(7), run(7))
  assert.notDeepEqual(run(7), run(8))
  const hits = run(7).reduce<number>((sum, hit) => sum + hit, 0)
  assert.ok(hits > 240 && hits < 360, `${hits} of 1000`)
})

test('a function is asked first, and may add to the fault it names', () => {
  const plans = createFaultPlans(({ endpoint }) =>
    endpoint === 'query' ? 'probe' : endpoint === 'codepay' ? { fault: 'slow', ms: 7, effect: false } : undefined,
  )
  plans.add({ fault: 'silence', times: 'always' })
  assert.equal(plans.take(call({ endpoint: 'query' }))?.name, 'probe')
  assert.deepEqual(plans.take(call({ endpoint: 'codepay' } as Partial<Call>))?.ms, 7)
  assert.equal(plans.take(call())?.name, 'silence')
})

test('a plan that is wrong is refused with the field that is', () => {
  const plans = createFaultPlans()
  assert.throws(() => plans.add({ fault: 'nonsense' }), /fault plan: fault: .*no fault/)
  assert.throws(() => plans.add({ fault: 'silence', probability: 2 }), /probability/)
  assert.throws(() => plans.add({ fault: 'silence', times: 0 }), /times/)
  assert.throws(() => plans.add({ fault: 'silence', out_trade_number: 'A' }), /out_trade_number/)
})
