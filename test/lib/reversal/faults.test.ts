import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { appliesTo, faults } from '../../../infra/local/wechatpay/faults.ts'
import type { TradeState } from '../../../infra/local/wechatpay/order.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import type { Pending, Reversal } from '../../../lib/reversal/result.ts'
import { NAMES, openService, verified } from './virtual-service.ts'

/** Verified refusals that somebody must mend: nothing else in one attempt may give an order up. */
const FOR_GOOD = /^(param-error|appid-mchid-not-match|mch-not-exists|no-auth|noauth)$/

const CALLS = ['the first query', 'the reverse', 'the query after it'] as const

/** One attempt on a paid or unpaid order, with one of its calls answered by a fault at both domains; then one more without. */
async function twoAttempts(fault: string, call: number, state: TradeState) {
  const service = openService()
  service.simulator.placeOrder(NAMES, state)
  const endpoint = call === 1 ? 'reverse' : 'query'
  service.simulator.faults.add({ fault, endpoint, after: call === 2 ? 1 : 0, times: 2 })
  const first = await service.attempt({}, { seenAtMs: service.time.now() - 60_000 }).catch((error: unknown) => error)
  service.simulator.faults.clear()
  const history = (first as Pending).history ?? {}
  const second = await service.attempt({ history }, { seenAtMs: service.time.now() - 60_000 })
  return { service, first: first as Reversal | Pending | Error, second: second as Reversal }
}

for (const [name, fault] of Object.entries(faults)) {
  describe(`${name}: ${fault.does}`, () => {
    for (const [call, title] of CALLS.entries()) {
      if (!appliesTo(fault, call === 1 ? 'reverse' : 'query')) continue
      test(`on ${title}, nobody is told more than is proved`, async () => {
        for (const [state, outcome] of [
          ['SUCCESS', 'REFUNDED'],
          ['NOTPAY', 'REVERSED'],
        ] as const) {
          const { service, first, second } = await twoAttempts(name, call, state)
          if (first instanceof Error) {
            assert.ok(first instanceof ReversalError && first.name === 'ReversalRejected', String(first))
            assert.ok(FOR_GOOD.test(name) && call === 1)
          } else if (first.outcome !== 'PENDING') {
            assert.equal(first.outcome, outcome)
            assert.equal(service.book()?.trade_state, 'REVOKED')
            assert.equal(verified(service.simulator, first.evidence.at(-1)!).trade_state, 'REVOKED')
          }
          assert.equal(second.outcome, outcome)
          assert.deepEqual(service.book()?.refunded.count, state === 'SUCCESS' ? 1 : 0)
        }
      })
    }
  })
}
