import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createAttempt, resultOf } from '../../../lib/reversal/attempt.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import type { ReversalEvent } from '../../../lib/reversal/events.ts'
import { createLookUp } from '../../../lib/reversal/look-up.ts'
import { type OrderMessage, parseOrder } from '../../../lib/reversal/order.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import type { Exchange } from '../../../lib/wechatpay/exchange.ts'
import { MCHID, merchantOf } from '../wechatpay/keys-and-secrets.ts'
import { type Headers, type Parts, signedAnswer } from '../wechatpay/signed-answer.ts'
import { wireAnswer } from '../wechatpay/wire-answer.ts'

const ORDER = { sp_mchid: MCHID, sub_mchid: '1900000201', sub_appid: 'wxsub', out_trade_no: 'A' }
const ID = { sp_mchid: MCHID, sub_mchid: '1900000201', out_trade_no: 'A' }
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()

const state = (trade_state: string, otherwise: object = {}): Parts => ({
  body: JSON.stringify({ ...ORDER, sp_appid: 'wxsp', trade_state, ...otherwise }),
})
const ECHO: Parts = { body: JSON.stringify(ID) }
const error = (status: number, code: string, number = '0'): Parts => ({
  status,
  body: JSON.stringify({ code, message: 'why' }),
  headers: (all: Headers) => all.map(([name, value]) => [name, name === 'Request-ID' ? `08C5-${number}` : value]),
})
const NONE = error(404, 'ORDER_NOT_EXIST')
const MISMATCHES = ['268447845', '268443705', '268443704', '268443701']

/** WeChat Pay as a list of answers, one for each request; of none it says nothing. */
function openWechatPay(answers: readonly Parts[]) {
  const requests: string[] = []
  const left = [...answers]
  const exchange: Exchange = {
    async send(_, { method, target }) {
      requests.push(`${method} ${target}`)
      const parts = left.shift()
      return parts === undefined ? { kind: 'none', reason: 'timeout', sent: true } : wireAnswer(signedAnswer(parts))
    },
    close() {},
  }
  const asked: string[] = []
  const events: ReversalEvent[] = []
  const merchant = merchantOf()
  const merchants = {
    find: async (mchid: string) => {
      asked.push(mchid)
      return merchant
    },
    renew: async () => undefined,
  }
  const wechatPay = createWechatPay({ endpoints: parseEndpoints('https://one.test'), timeoutMs: 1_000, exchange })
  const attempt = createAttempt({ wechatPay, merchants, observe: (event) => events.push(event) })
  const lookUp = createLookUp({ wechatPay, merchants })
  return {
    requests,
    asked,
    events,
    lookUp: () => lookUp(ID, () => 20_000),
    ending: (fields: Partial<OrderMessage> = {}) => {
      const input = { ...ORDER, attempted_at: ago(600), history: { first_seen_at: ago(600) }, ...fields }
      return attempt(parseOrder(input, Date.now()), { seenAtMs: Date.now(), msLeft: () => 20_000 })
    },
  }
}

async function endOf(answers: readonly Parts[], fields: Partial<OrderMessage> = {}) {
  const ending = await openWechatPay(answers).ending(fields)
  return 'error' in ending ? (ending.error as ReversalError).name : ending.result.outcome
}

describe("a service provider's order", () => {
  test('is found under the provider, and its result names it as it was given', async () => {
    const { ending, asked, requests } = openWechatPay([state('SUCCESS'), ECHO, state('REVOKED')])
    const attempted_at = ago(600)
    const result = resultOf(await ending({ attempted_at }))
    assert.ok(result.outcome !== 'PENDING')
    const { confirmed_at, request_id, evidence, ...rest } = result
    assert.deepEqual(rest, { ...ORDER, attempted_at, outcome: 'REFUNDED', trade_state: 'REVOKED', refunded: true })
    assert.deepEqual(asked, [MCHID])
    const path = '/v3/pay/partner/transactions/out-trade-no/A'
    const query = `GET ${path}?sp_mchid=${MCHID}&sub_mchid=1900000201`
    assert.deepEqual(requests, [query, `POST ${path}/reverse`, query])
  })

  test('waits under its names, with a history that the next attempt takes', async () => {
    const pending = resultOf(await openWechatPay([state('SUCCESS'), ECHO, state('SUCCESS')]).ending())
    assert.ok(pending.outcome === 'PENDING')
    const { outcome, reason, retry_after, history, ...names } = pending
    assert.deepEqual(names, ORDER)
    assert.equal(await endOf([state('REVOKED')], { history }), 'REFUNDED')
  })

  const ENDS: [outcome: string, answers: Parts[], fields: Partial<OrderMessage>][] = [
    ['REVERSED', [state('NOTPAY'), ECHO, state('REVOKED')], {}],
    ['CLOSED', [state('CLOSED')], {}],
    ['KEPT', [state('SUCCESS')], { if_paid: 'keep' }],
    ['NOT_FOUND', [NONE, ECHO, NONE], {}],
    ['RefundedElsewhere', [state('REFUND')], {}],
    ['ReversalRejected', [state('NOTPAY'), error(403, 'NO_AUTH'), state('NOTPAY')], {}],
  ]
  for (const [outcome, answers, fields] of ENDS) {
    test(`ends as ${outcome}`, async () => assert.equal(await endOf(answers, fields), outcome))
  }

  test('never ends by an answer about another merchant of the provider, or of another provider', async () => {
    for (const other of [{ sub_mchid: '1900000202' }, { sp_mchid: '1900000101' }, { sub_appid: 'wxother' }]) {
      assert.equal(await endOf([state('REVOKED', other)], { if_paid: 'keep' }), 'PENDING')
      const { history } = await openWechatPay([state('SUCCESS', other), ECHO]).ending()
      assert.equal(history.paid, undefined)
    }
  })

  test('is no proof of payment for another merchant', async () => {
    const { history } = await openWechatPay([state('SUCCESS'), ECHO]).ending()
    const { ending, events } = openWechatPay([state('REVOKED', { sub_mchid: '1900000202' })])
    const result = resultOf(await ending({ history, sub_mchid: '1900000202' }))
    assert.equal(result.outcome, 'REVERSED')
    assert.deepEqual(events, [
      { name: 'PaidHistoryIgnored', serial: history.paid!.serial, ...ID, sub_mchid: '1900000202' },
    ])
  })

  test('is told under its names when its state is asked for', async () => {
    const { lookUp } = openWechatPay([state('SUCCESS', { transaction_id: '42' })])
    const found = await lookUp()
    assert.ok(found.kind === 'found')
    const { request_id, evidence, ...rest } = found.state
    assert.deepEqual(rest, {
      ...ORDER,
      sp_appid: 'wxsp',
      trade_state: 'SUCCESS',
      transaction_id: '42',
    })
    assert.equal((await openWechatPay([NONE, NONE]).lookUp()).kind, 'none')
  })
})

describe('a wrong sub_mchid is a mismatch, whatever name its code has', () => {
  for (const number of MISMATCHES) {
    for (const [status, code] of [
      [404, 'ORDER_NOT_EXIST'],
      [400, 'INVALID_REQUEST'],
      [400, 'SOMETHING_NEW'],
    ] as const) {
      const mismatch = error(status, code, number)
      test(`${number}, ${code}: ReversalRejected when reverse and query are refused so`, async () => {
        const { ending, events } = openWechatPay([mismatch, mismatch, mismatch])
        const end = await ending()
        assert.ok('error' in end && end.error instanceof ReversalError)
        assert.equal(end.error.name, 'ReversalRejected')
        assert.deepEqual([end.error.code, end.error.request_id], [code, `08C5-${number}`])
        assert.deepEqual(
          events.map(({ name }) => name),
          ['QueryRefused', 'ReverseRefused', 'QueryRefused'],
        )
      })
    }
  }

  const MISMATCH = error(404, 'ORDER_NOT_EXIST', MISMATCHES[0])
  const NEVER: Record<string, [answers: Parts[], end: string]> = {
    'the reverse is answered': [[MISMATCH, ECHO, MISMATCH], 'PENDING'],
    'the reverse is refused so, and no query says more': [[MISMATCH, MISMATCH], 'PENDING'],
    'the reverse is refused so, the query by its code alone': [[MISMATCH, MISMATCH, NONE], 'ReversalRejected'],
    'the reverse is refused for now': [[MISMATCH, error(500, 'SYSTEM_ERROR'), MISMATCH], 'PENDING'],
  }
  for (const [title, [answers, end]] of Object.entries(NEVER)) {
    test(`never NOT_FOUND: ${title}`, async () => assert.equal(await endOf(answers), end))
  }

  test('never NOT_FOUND: nor in the attempt after one whose reverse was refused so', async () => {
    const { history } = await openWechatPay([NONE, MISMATCH]).ending()
    assert.equal(history.reverse_answered_at, undefined)
    assert.equal(await endOf([NONE, MISMATCH, NONE], { history }), 'ReversalRejected')
  })

  test('never NOT_FOUND: nor when an earlier reverse was answered', async () => {
    const history = { first_seen_at: ago(600), reverse_sent_at: ago(500), reverse_answered_at: ago(500) }
    assert.equal(await endOf([MISMATCH, MISMATCH, MISMATCH], { history }), 'ReversalRejected')
  })

  test('is never told to be not found when its state is asked for', async () =>
    assert.equal((await openWechatPay([MISMATCH, MISMATCH]).lookUp()).kind, 'unverified'))

  test('never reverses blind what may be kept', async () => {
    const { ending, requests } = openWechatPay([MISMATCH])
    assert.equal(resultOf(await ending({ if_paid: 'keep' })).outcome, 'PENDING')
    assert.equal(requests.length, 1)
  })
})
