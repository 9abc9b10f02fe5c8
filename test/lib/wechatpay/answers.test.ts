import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { appliesTo, type Fault, faults } from '../../../infra/local/wechatpay/faults.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import type { Answer } from '../../../lib/wechatpay/answer.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { keys } from './keys-and-secrets.ts'

const SHORT_MS = 100
const LONG_MS = 3_000

const running = await startSimulator()
const { simulator } = running
const { mchid, appid, secret } = simulator.openMerchant({ privateKey: keys.merchant })
const { merchant } = parseMerchant(JSON.stringify(secret))
// One domain: what each fault makes of one try is seen without the other's answer.
const wechatPay = createWechatPay({ endpoints: parseEndpoints(running.endpoints[0]), timeoutMs: LONG_MS })
after(async () => {
  wechatPay.close()
  await running.close()
})

let orders = 0
async function ask(endpoint: 'query' | 'reverse', out_trade_no: string, ms: number): Promise<Answer> {
  const asked = { mchid, appid, out_trade_no }
  return (await wechatPay[endpoint]({ asked, merchant, msLeft: () => ms })).best
}

// The first call of a process takes longer than a short one may.
await ask('query', 'warm-up', LONG_MS)

/** Signed well over nothing that tells of the order: an empty body is no lie, anything but an object is no answer. */
const SAYS_NOTHING = new Set(['empty-body', 'no-content'])

function expected(name: string, { arrives, verifies, about }: Fault, isPatient: boolean): Answer['kind'] {
  if (arrives === 'never' || (arrives === 'late' && !isPatient)) return 'none'
  if (!verifies || about === 'another order') return 'unverified'
  return about === 'nothing' && !SAYS_NOTHING.has(name) ? 'unverified' : 'verified'
}

describe('each fault of the simulator is what its facts say, on the query and on the reverse', () => {
  for (const [name, fault] of Object.entries(faults)) {
    for (const endpoint of ['query', 'reverse'] as const) {
      if (!appliesTo(fault, endpoint)) continue
      for (const isPatient of fault.arrives === 'late' ? [true, false] : [true]) {
        const kind = expected(name, fault, isPatient)
        test(`${name} on the ${endpoint}: ${kind}`, async () => {
          const out_trade_no = `order-${orders++}`
          simulator.placeOrder({ mchid, appid, out_trade_no }, 'NOTPAY')
          simulator.books.happen(mchid, out_trade_no, 'pay', Date.now())
          const isLate = fault.arrives === 'late'
          const isSilent = fault.arrives === 'never' || !isPatient
          const ms = isPatient ? 0 : 2 * SHORT_MS
          // Always: a reset on a connection kept alive is repeated at once, and the repeat must meet it too.
          simulator.faults.add({ fault: name, times: 'always', ...(isLate && { ms }) })

          const startedAt = performance.now()
          const answer = await ask(endpoint, out_trade_no, isSilent ? SHORT_MS : LONG_MS)
          assert.equal(answer.kind, kind, JSON.stringify(answer))
          if (isSilent) assert.ok(performance.now() - startedAt < LONG_MS)
          if (answer.kind === 'none') assert.equal(answer.sent, true)

          simulator.faults.clear()
          const next = await ask('query', out_trade_no, LONG_MS)
          assert.equal(next.kind, 'verified', 'the call after it is undisturbed')
        })
      }
    }
  }
})
