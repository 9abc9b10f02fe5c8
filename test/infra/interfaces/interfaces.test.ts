import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import { interfaceFiles } from '../../../infra/interfaces/files.ts'
import { type InterfaceName, jsonSchemaOf, SCHEMAS } from '../../../infra/interfaces/schemas.ts'
import type { RunningSimulator } from '../../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { STATUS } from '../../../lib/http/response.ts'
import { createAttempt, resultOf } from '../../../lib/reversal/attempt.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import { createLookUp } from '../../../lib/reversal/look-up.ts'
import { parseOrder } from '../../../lib/reversal/order.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'

const ajv = new Ajv({ strict: true, allErrors: true })
addFormats.default(ajv)
const names = Object.keys(SCHEMAS) as InterfaceName[]
const validators = new Map(names.map((name) => [name, ajv.compile(jsonSchemaOf(name))]))

function assertIs(name: InterfaceName, value: unknown) {
  const validate = validators.get(name)!
  const isValid = validate(JSON.parse(JSON.stringify(value)))
  assert.ok(isValid, `${name}: ${ajv.errorsText(validate.errors)}`)
}

const isOrder = (value: unknown) => validators.get('order')!(value) === true

describe('the published interfaces', () => {
  for (const [name, text] of Object.entries(interfaceFiles())) {
    test(`${name} is what the code says (npm run interfaces writes it)`, () => {
      const committed = readFileSync(new URL(`../../../infra/interfaces/generated/${name}`, import.meta.url), 'utf8')
      assert.equal(committed, text)
    })
  }

  test('openapi.yml names every error of the contract under its HTTP status', () => {
    const openapi = parse(interfaceFiles()['openapi.yml']!)
    const { responses } = openapi.paths['/v3/pay/transactions/out-trade-no/{out_trade_no}/reverse'].post
    for (const [name, status] of Object.entries(STATUS)) {
      assert.match(responses[status].description, new RegExp(`\\b${name}\\b`))
    }
  })

  test('every reference in openapi.yml leads somewhere', () => {
    const text = interfaceFiles()['openapi.yml']!
    const { components } = parse(text)
    const references = [...text.matchAll(/#\/components\/schemas\/([\w-]+)/g)].map(([, name]) => name!)
    assert.ok(references.length >= 5)
    for (const name of references) assert.ok(components.schemas[name], name)
  })
})

describe('the order schema agrees with the check the functions make', () => {
  const good = { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A-1_*' }
  const partner = { sp_mchid: '1900000100', sub_mchid: '1900000201', out_trade_no: 'A-1_*' }
  const evidence = { body: '{}', timestamp: '1', nonce: 'n', signature: 's', serial: 'PUB', request_id: '' }
  const cases: Record<string, unknown> = {
    'the least': good,
    everything: {
      ...good,
      attempted_at: '2026-01-31T19:00:00+08:00',
      if_paid: 'keep',
      history: { first_seen_at: '2026-01-31T11:00:00Z', paid: evidence },
    },
    'a misspelt field': { ...good, if_payed: 'keep' },
    'a null': { ...good, if_paid: null },
    'no appid': { mchid: '1', out_trade_no: '1' },
    'a number': { ...good, mchid: 1900000001 },
    'an order number with a slash': { ...good, out_trade_no: 'a/b' },
    'a long order number': { ...good, out_trade_no: 'a'.repeat(33) },
    'a time that is none': { ...good, attempted_at: 'yesterday' },
    'an unknown fact in the history': { ...good, history: { refunded: true } },
    "a service provider's": partner,
    "a service provider's, with its apps": { ...partner, sp_appid: 'wx1', sub_appid: 'wx2' },
    'one of both kinds': { ...good, ...partner },
    'a service provider alone': { sp_mchid: '1', out_trade_no: '1' },
    'a merchant number that climbs': { ...good, mchid: '../1' },
    'a text': 'order',
    'an array': [good],
  }
  for (const [title, input] of Object.entries(cases)) {
    test(title, () => {
      const isAccepted = (() => {
        try {
          return parseOrder(input, Date.now()) !== undefined
        } catch (error) {
          assert.ok(error instanceof ReversalError)
          return false
        }
      })()
      assert.equal(isOrder(input), isAccepted)
    })
  }
})

describe('what the service really answers fits its schema', () => {
  let running: RunningSimulator
  before(async () => {
    running = await startSimulator()
  })
  after(() => running.close())

  test('reversals of every outcome, pending results, states, and the event', async () => {
    const { simulator, endpoints } = running
    const { mchid, appid, secret } = simulator.openMerchant()
    const { merchant } = parseMerchant(JSON.stringify(secret))
    const wechatPay = createWechatPay({ endpoints: parseEndpoints(endpoints.join(',')), timeoutMs: 2_000 })
    const merchants = { find: async () => merchant, renew: async () => undefined }
    const attempt = createAttempt({ wechatPay, merchants })
    const lookUp = createLookUp({ wechatPay, merchants })
    const msLeft = () => 10_000

    const reverse = async (out_trade_no: string, more = {}) => {
      const at = new Date(Date.now() - 100_000).toISOString()
      const order = parseOrder(
        { mchid, appid, out_trade_no, attempted_at: at, history: { first_seen_at: at }, ...more },
        Date.now(),
      )
      assert.ok(isOrder(order.message))
      return resultOf(await attempt(order, { seenAtMs: Date.now(), msLeft }))
    }
    simulator.placeOrder({ mchid, appid, out_trade_no: 'paid' }, 'SUCCESS')
    simulator.placeOrder({ mchid, appid, out_trade_no: 'unpaid' }, 'NOTPAY')
    simulator.placeOrder({ mchid, appid, out_trade_no: 'closed' }, 'CLOSED')
    simulator.placeOrder({ mchid, appid, out_trade_no: 'kept' }, 'SUCCESS')
    simulator.placeOrder({ mchid, appid, out_trade_no: 'paying' }, 'USERPAYING')

    const results = [
      await reverse('paid'),
      await reverse('unpaid'),
      await reverse('closed'),
      await reverse('kept', { if_paid: 'keep' }),
      await reverse('unknown'),
    ]
    assert.deepEqual(
      results.map(({ outcome }) => outcome),
      ['REFUNDED', 'REVERSED', 'CLOSED', 'KEPT', 'NOT_FOUND'],
    )
    for (const result of results) {
      assertIs('reversal', result)
      assertIs('reversal-completed', {
        source: 'wechatpay.reversal',
        'detail-type': 'Reversal Completed',
        detail: result,
      })
    }

    const waiting = await reverse('paying', { attempted_at: new Date().toISOString() })
    assert.equal(waiting.outcome, 'PENDING')
    assertIs('pending', waiting)

    const state = await lookUp({ mchid, out_trade_no: 'kept' }, msLeft)
    assert.ok(state.kind === 'found')
    assertIs('state', state.state)
    wechatPay.close()
  })
})
