import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Formatter, Rsa } from 'wechatpay-axios-plugin'
import { arrival, type Reply } from '../../../../infra/local/wechatpay/delivery.ts'
import { appliesTo, faults } from '../../../../infra/local/wechatpay/faults.ts'
import { generatePrivateKey } from '../../../../infra/local/wechatpay/keys.ts'
import type { Mode } from '../../../../infra/local/wechatpay/names.ts'
import { startSimulator } from '../../../../infra/local/wechatpay/server.ts'
import { createSimulator } from '../../../../infra/local/wechatpay/simulator.ts'
import type { RawHeaders } from '../../../../infra/local/wechatpay/wire.ts'
import { exchange } from './exchange.ts'
import {
  partnerQueryRequest,
  partnerReverseRequest,
  queryRequest,
  reverseRequest,
  SUB_MERCHANT,
} from './signed-request.ts'

const now = Date.UTC(2026, 0, 1)
const privateKey = generatePrivateKey()

const ASK = {
  direct: { query: queryRequest, reverse: reverseRequest },
  partner: { query: partnerQueryRequest, reverse: partnerReverseRequest },
}

function world(mode: Mode = 'direct') {
  const simulator = createSimulator({ now: () => now })
  const merchant = simulator.openMerchant({ privateKey })
  const { mchid, appid, secret } = merchant
  const names = mode === 'partner' ? { mchid, appid, ...SUB_MERCHANT } : { mchid, appid }
  if (mode === 'partner') simulator.addSubMerchant({ sp_mchid: mchid, ...SUB_MERCHANT })
  simulator.placeOrder({ ...names, out_trade_no: 'A' }, 'NOTPAY')
  simulator.books.happen(mchid, 'A', 'pay', now)
  const known = { [secret.wechatpay_public_key_id]: secret.wechatpay_public_key, ...secret.other_wechatpay_keys }
  const refunds = () => simulator.books.find(mchid, 'A', now)!.refunded.count
  return { simulator, merchant, known, refunds }
}

/** What a careful client makes of the four headers: each once, time within 300 s, key known, signature good. */
function verifies({ headers, body }: Reply, known: Record<string, string>): boolean {
  const [timestamp, nonce, signature, serial] = ['Timestamp', 'Nonce', 'Signature', 'Serial'].map((part) => {
    const values = headers.filter(([name]) => name === `Wechatpay-${part}`)
    return values.length === 1 ? values[0]![1] : undefined
  })
  if (!timestamp || !nonce || !signature || !serial || !known[serial]) return false
  if (!(Math.abs(Number(timestamp) - now / 1000) < 300)) return false
  // Over bytes, not text: a body need not be UTF-8.
  const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')])
  return Rsa.verify(message as never, signature, Rsa.from(known[serial], 'public'))
}

const requestIdOf = (headers: RawHeaders) => headers.find(([name]) => name === 'Request-ID')?.[1] ?? ''

/** What the body tells of, where the truth is a paid order. */
function about(
  { headers, body }: Reply,
  { mchid, appid }: { mchid: string; appid: string },
  endpoint: string,
  mode: Mode,
) {
  let told: Record<string, unknown> | null
  try {
    told = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return 'nothing'
  }
  if (told === null || Array.isArray(told)) return 'nothing'
  const ours: Record<string, string> =
    mode === 'direct'
      ? { mchid, appid, out_trade_no: 'A' }
      : { sp_mchid: mchid, sp_appid: appid, ...SUB_MERCHANT, out_trade_no: 'A' }
  const names = ['mchid', 'appid', 'sp_mchid', 'sp_appid', 'sub_mchid', 'sub_appid', 'out_trade_no']
  if (names.some((name) => told[name] !== undefined && told[name] !== ours[name])) return 'another order'
  const isBeforePayment = endpoint === 'query' && told.trade_state === 'NOTPAY'
  // The code says less than the number: ORDER_NOT_EXIST beside another number is about an order that exists.
  const isUnknown = /^ORDER_?NOT_?EXIST$/.test(String(told.code)) && /-268512771$/.test(requestIdOf(headers))
  return isBeforePayment || isUnknown ? 'outdated' : 'this order'
}

for (const [name, fault] of Object.entries(faults)) {
  for (const [mode, endpoint] of [
    ['direct', 'query'],
    ['direct', 'reverse'],
    ['partner', 'query'],
    ['partner', 'reverse'],
  ] as const) {
    if (!appliesTo(fault, endpoint, mode)) continue
    const ask = ASK[mode][endpoint]

    test(`${name} on ${mode} ${endpoint}: ${fault.does}`, () => {
      const { simulator, merchant, known, refunds } = world(mode)
      simulator.faults.add({ fault: name })
      const reply = simulator.handle(ask(merchant, 'A', now))
      assert.equal(reply.fault, name)

      assert.equal(refunds(), fault.effect && endpoint === 'reverse' ? 1 : 0, 'effect')
      const arrived = arrival(reply, 1_000_000)
      assert.equal(arrived.arrived, fault.arrives !== 'never', 'arrives')
      assert.equal(arrival(reply, 1_000).arrived, fault.arrives === 'at once', 'arrives within a second')
      assert.equal(simulator.log().at(-1)?.effect, fault.effect)

      if (arrived.arrived) {
        assert.equal(verifies(reply, known), fault.verifies, 'verifies')
        if (fault.verifies) assert.equal(about(reply, merchant, endpoint, mode), fault.about, 'about')
      }

      const healed = simulator.handle(ask(merchant, 'A', now))
      assert.deepEqual([healed.fault, healed.status], [null, 200])
      assert.equal(refunds(), endpoint === 'reverse' ? 1 : 0, 'refunded once in the end')
    })
  }
}

test('a plan may turn the effect of any fault round', () => {
  for (const [name, fault] of Object.entries(faults)) {
    if (!appliesTo(fault, 'reverse')) continue
    const { simulator, merchant, refunds } = world()
    simulator.faults.add({ fault: name, effect: !fault.effect })
    simulator.handle(reverseRequest(merchant, 'A', now))
    assert.equal(refunds(), fault.effect ? 0 : 1, name)
  }
})

test('a reverse that a fault stopped is in the books, having done nothing', () => {
  const { simulator, merchant } = world()
  simulator.faults.add({ fault: 'reset' })
  simulator.handle(reverseRequest(merchant, 'A', now))
  assert.deepEqual(
    simulator.books.reverses().map(({ did, because }) => [did, because]),
    [['nothing', 'fault']],
  )
})

test('a fault never hides a bad request', () => {
  const { simulator, merchant } = world()
  simulator.faults.add({ fault: 'slow', times: 'always' })
  assert.equal(simulator.handle(reverseRequest(merchant, 'A', now, { nonce: '' })).status, 401)
  assert.equal(simulator.handle(reverseRequest(merchant, 'A', now, { body: '{}' })).status, 400)
})

describe('over real sockets', async () => {
  const running = await startSimulator({ now: Date.now })
  after(() => running.close())
  const { simulator } = running
  const merchant = simulator.openMerchant({ privateKey })
  const { mchid, appid } = merchant
  simulator.placeOrder({ mchid, appid, out_trade_no: 'A' }, 'SUCCESS')
  const [main] = running.endpoints
  const ask = (timeoutMs = 10_000) => exchange(main, queryRequest(merchant, 'A', Date.now()), { timeoutMs })
  const trueLength = async () => {
    const truth = await ask()
    return truth.kind === 'answer' ? truth.body.length : 0
  }

  const rows: Record<string, string> = {
    silence: 'timeout',
    'silence-after-effect': 'timeout',
    reset: 'ECONNRESET',
    'reset-after-effect': 'ECONNRESET',
    'reset-mid-head': 'ECONNRESET',
    'reset-mid-body': 'ECONNRESET',
    'endless-body': 'too large',
    'huge-body': 'too large',
  }
  for (const [fault, ends] of Object.entries(rows)) {
    test(`${fault} ends in ${ends}`, async () => {
      simulator.faults.add({ fault })
      assert.deepEqual(await ask(ends === 'timeout' ? 500 : undefined), { kind: 'no answer', because: ends })
    })
  }

  test('every fault that never arrives is tried here', () => {
    const never = Object.entries(faults).filter(([, { arrives }]) => arrives === 'never')
    assert.deepEqual(never.map(([name]) => name).sort(), Object.keys(rows).sort())
  })

  test('a reset may come after any byte', async () => {
    const length = await trueLength()
    for (const at_byte of [1, 8, 9, 100, 400, 900, length + 10_000]) {
      simulator.faults.add({ fault: 'reset', at_byte })
      assert.deepEqual(await ask(), { kind: 'no answer', because: 'ECONNRESET' }, `byte ${at_byte}`)
    }
  })

  test('slow and drip take their time and arrive whole', async () => {
    const length = await trueLength()
    for (const plan of [
      { fault: 'slow', ms: 100 },
      { fault: 'drip', ms: 0 },
    ]) {
      simulator.faults.add(plan)
      const got = await ask()
      assert.equal(got.kind === 'answer' && got.body.length, length, plan.fault)
    }
    simulator.faults.add({ fault: 'drip', ms: 500 })
    assert.deepEqual(await ask(800), { kind: 'no answer', because: 'timeout' })
  })

  test('doubled headers go out as two lines', async () => {
    simulator.faults.add({ fault: 'doubled-nonce' })
    const got = await ask()
    assert.ok(got.kind === 'answer')
    assert.equal(got.headers.filter(([name]) => name === 'Wechatpay-Nonce').length, 2)
  })

  test('what goes over the wire is what handle gives, and verifies', async () => {
    const got = await ask()
    assert.ok(got.kind === 'answer')
    const header = (name: string) => got.headers.find(([key]) => key === name)![1]
    const message = Formatter.response(header('Wechatpay-Timestamp'), header('Wechatpay-Nonce'), got.body.toString())
    const pem = simulator.keys.find(header('Wechatpay-Serial')).pem
    assert.ok(Rsa.verify(message, header('Wechatpay-Signature'), Rsa.from(pem, 'public')))
    assert.equal(
      got.headers.some(([name]) => name.toLowerCase() === 'keep-alive'),
      false,
    )
  })
})
