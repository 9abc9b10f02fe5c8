import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { accepted, problemOf, problemOfReverse, queuedAsAsked, stateResponse } from '../../../lib/http/response.ts'
import { ERRORS, type ErrorName, ReversalError } from '../../../lib/reversal/errors.ts'
import type { OrderState } from '../../../lib/reversal/look-up.ts'

/** Who can end it, the same call again or only a person: said here once more, for nothing else says which is right. */
const WHAT_HELPS: Readonly<Record<ErrorName, 'the same again' | 'a person'>> = {
  InvalidOrder: 'a person',
  UnknownMerchant: 'a person',
  ReversalRejected: 'a person',
  RefundedElsewhere: 'a person',
  ReversalExpired: 'a person',
  CredentialsUnavailable: 'the same again',
  HandOverFailed: 'the same again',
}

describe('a refusal tells whoever called whether to send the order again', () => {
  for (const [name, helps] of Object.entries(WHAT_HELPS) as [ErrorName, string][]) {
    for (const answer of [problemOf, problemOfReverse]) {
      test(`${name}, by ${answer.name}: ${helps}`, () => {
        const { statusCode, headers } = answer(new ReversalError(name, 'why'))
        const retryAfter = Number(headers?.['Retry-After'])
        // RFC 9110: a 4xx is the caller's to mend, and 503 with Retry-After says when to send the same again.
        if (helps === 'the same again') {
          assert.equal(statusCode, 503, `${name} may pass, and ${statusCode} tells the caller to give up`)
          assert.ok(retryAfter > 0, `${name} may pass, and no Retry-After says when`)
        } else {
          assert.ok(statusCode! >= 400 && statusCode! < 500, `${name} is final, and ${statusCode} says: send it again`)
          assert.ok(Number.isNaN(retryAfter), `${name} is final, and Retry-After says: send it again`)
        }
      })
    }

    test(`${name} ${helps === 'a person' ? 'ends' : 'does not end'} an order on the queue and in the alarms`, () => {
      const ends = helps === 'a person' ? 'final: the same call will never end otherwise' : 'may pass: the same helps'
      const fate = helps === 'a person' ? 'final' : 'may pass'
      assert.equal(ERRORS[name], fate, `${name} is ${ERRORS[name]}, and must be ${ends}`)
    })
  }
})

const said = ({ statusCode, headers, body }: ReturnType<typeof stateResponse>) => ({
  statusCode,
  headers,
  body: JSON.parse(body!),
})

const JSON_TYPE = { 'Content-Type': 'application/json' }
const PROBLEM_TYPE = { 'Content-Type': 'application/problem+json' }
const PENDING = {
  mchid: '1',
  appid: 'wx',
  out_trade_no: 'A1',
  outcome: 'PENDING',
  reason: 'why',
  retry_after: 7,
  history: {},
} as const

describe('an answer says what it means', () => {
  test('202: what is known, when to ask again and where', () => {
    const Location = '/v3/pay/transactions/out-trade-no/A1?mchid=1'
    const headers = { ...JSON_TYPE, 'Retry-After': '7', Location }
    assert.deepEqual(said(accepted(PENDING)), { statusCode: 202, headers, body: PENDING })
    assert.deepEqual(said(queuedAsAsked(PENDING)).headers, { ...headers, 'Preference-Applied': 'respond-async' })
  })

  test('200: the state of an order', () => {
    const state = { mchid: '1', out_trade_no: 'A1', trade_state: 'SUCCESS' } as unknown as OrderState
    assert.deepEqual(said(stateResponse({ kind: 'found', state })), {
      statusCode: 200,
      headers: JSON_TYPE,
      body: state,
    })
  })

  const error = { code: 'ORDER_NOT_EXIST', request_id: 'r1' }

  test('404: there is no such order', () => {
    assert.deepEqual(said(stateResponse({ kind: 'none', error })), {
      statusCode: 404,
      headers: PROBLEM_TYPE,
      body: {
        type: 'urn:wechatpay-reversal:problem:OrderNotFound',
        title: 'OrderNotFound',
        status: 404,
        detail: 'WeChat Pay knows no such order under this merchant, or not yet',
        ...error,
      },
    })
  })

  for (const [words, within] of [
    [undefined, ''],
    ['系统异常', ' (系统异常)'],
  ] as const) {
    test(`503: nothing verified${within}`, () => {
      const { statusCode, headers, body } = said(stateResponse({ kind: 'unverified', error, ...(words && { words }) }))
      assert.deepEqual([statusCode, body.title], [503, 'NothingVerified'])
      assert.deepEqual(headers, { ...PROBLEM_TYPE, 'Retry-After': '5' })
      assert.equal(body.detail, `no verified answer about the order came back${within}: try again`)
    })
  }

  test('a refusal of ours: its name, its words, and those of WeChat Pay', () => {
    const { body } = said(problemOf(new ReversalError('ReversalRejected', 'why', error)))
    const type = 'urn:wechatpay-reversal:problem:ReversalRejected'
    assert.deepEqual(body, { type, title: 'ReversalRejected', status: 422, detail: 'why', ...error })
  })

  test('a fault of ours: nothing of our inside', () => {
    for (const answer of [problemOf, problemOfReverse]) {
      const { statusCode, headers, body } = said(answer(new Error('a secret')))
      assert.deepEqual([statusCode, headers], [500, PROBLEM_TYPE])
      assert.deepEqual([body.title, body.detail], ['InternalError', 'something unexpected went wrong: send it again'])
    }
  })

  test('keys that are not to be had: only a reversal says that nothing was queued', () => {
    const unavailable = new ReversalError('CredentialsUnavailable', 'no key', error)
    const { detail, code, request_id } = said(problemOfReverse(unavailable)).body
    assert.deepEqual([detail, { code, request_id }], ['no key; nothing was queued: send it again', error])
    assert.equal(said(problemOf(unavailable)).body.detail, 'no key')
    assert.equal(said(problemOfReverse(new ReversalError('HandOverFailed', 'no queue'))).body.detail, 'no queue')
  })
})
