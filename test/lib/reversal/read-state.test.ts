import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Reversed, Seen } from '../../../lib/reversal/decision/facts.ts'
import { isMismatch, mayHaveActed, namesPayment, readReversed, readState } from '../../../lib/reversal/read-state.ts'
import type { Answer } from '../../../lib/wechatpay/answer.ts'
import { verifiedAnswer } from './verified-answer.ts'

/** HTTP status and body of a verified answer, what it says of a query, and what of a reverse. */
const SAYS: [status: number, body: Record<string, unknown>, query: Seen, reverse: Reversed][] = [
  [200, { trade_state: 'SUCCESS' }, 'SUCCESS', 'answered'],
  [200, { trade_state: 'ACCEPT' }, 'UNKNOWN', 'answered'],
  [200, { trade_state: 'success' }, 'UNKNOWN', 'answered'],
  [200, { trade_state: null }, 'UNKNOWN', 'answered'],
  [200, {}, 'UNKNOWN', 'answered'],
  [204, {}, 'UNKNOWN', 'answered'],
  [202, {}, 'NOTHING', 'answered'],
  [202, { trade_state: 'USERPAYING' }, 'USERPAYING', 'answered'],
  [202, { code: 'USERPAYING' }, 'USERPAYING', 'refused for now'],
  [202, { code: 'USER_PAYING' }, 'USERPAYING', 'refused for now'],
  [202, { trade_state: 'SUCCESS' }, 'NOTHING', 'answered'],
  [202, { trade_state: 'REVOKED' }, 'NOTHING', 'answered'],
  [400, { code: 'PARAM_ERROR' }, 'NOTHING', 'refused for good'],
  [400, { code: 'APPID_MCHID_NOT_MATCH' }, 'NOTHING', 'refused for good'],
  [400, { code: 'MCH_NOT_EXISTS' }, 'NOTHING', 'refused for good'],
  [403, { code: 'NO_AUTH' }, 'NOTHING', 'refused for good'],
  [403, { code: 'NOAUTH' }, 'NOTHING', 'refused for good'],
  [400, { code: 'INVALID_REQUEST' }, 'NOTHING', 'refused for now'],
  [400, { code: 'ORDER_CLOSED' }, 'NOTHING', 'refused for now'],
  [401, { code: 'SIGN_ERROR' }, 'NOTHING', 'refused for now'],
  [403, { code: 'TRADE_ERROR' }, 'NOTHING', 'refused for now'],
  [404, { code: 'ORDER_NOT_EXIST' }, 'ORDER_NOT_EXIST', 'refused for now'],
  [404, { code: 'ORDERNOTEXIST' }, 'ORDER_NOT_EXIST', 'refused for now'],
  [404, { code: 'ORDER_NOT_EXIST', trade_state: 'REVOKED' }, 'ORDER_NOT_EXIST', 'refused for now'],
  [404, {}, 'UNKNOWN', 'refused for now'],
  [404, { code: 'RESOURCE_NOT_EXISTS' }, 'UNKNOWN', 'refused for now'],
  [429, { code: 'FREQUENCY_LIMITED' }, 'NOTHING', 'refused for now'],
  [429, {}, 'NOTHING', 'refused for now'],
  [500, { code: 'SYSTEM_ERROR' }, 'NOTHING', 'refused for now'],
  [503, {}, 'NOTHING', 'refused for now'],
  [403, { code: 'SOMETHING_NEW' }, 'UNKNOWN', 'refused for now'],
  [302, {}, 'UNKNOWN', 'refused for now'],
  [300, {}, 'UNKNOWN', 'refused for now'],
  [302, { code: 'ORDER_NOT_EXIST' }, 'UNKNOWN', 'refused for now'],
]

describe('a verified answer', () => {
  for (const [status, body, query, reverse] of SAYS) {
    test(`${status} ${JSON.stringify(body)} to a query says ${query}, to a reverse: ${reverse}`, () => {
      assert.equal(readState(verifiedAnswer(status, body)), query)
      assert.equal(readReversed(verifiedAnswer(status, body)).reversed, reverse)
    })
  }

  test('with a code nobody knows is told apart, so that somebody can be woken', () => {
    assert.equal(readReversed(verifiedAnswer(403, { code: 'SOMETHING_NEW' })).isUnknown, true)
    assert.equal(readReversed(verifiedAnswer(403, { code: 'TRADE_ERROR' })).isUnknown, false)
    assert.equal(readReversed(verifiedAnswer(200, {})).isUnknown, false)
    assert.equal(readReversed({ kind: 'none', reason: 'timeout', sent: true }).isUnknown, false)
    assert.equal(readReversed({ kind: 'unverified', reason: 'unsigned', status: 403 }).isUnknown, false)
  })

  test('says by its number that the merchants do not belong together', () => {
    const request_id = '08C5-268447845'
    const said = verifiedAnswer(404, { code: 'ORDER_NOT_EXIST' })
    assert.ok(isMismatch({ ...said, request_id }))
    assert.ok(!isMismatch(said), 'without the number it is an order that does not exist')
    assert.ok(!isMismatch({ ...said, status: 200, request_id }), 'no refusal')
    assert.ok(
      !isMismatch({ kind: 'unverified', reason: 'unsigned', status: 404, request_id }),
      'anybody may have said so',
    )
  })

  test('names a payment by its transaction_id or its success_time, if there is something in them', () => {
    assert.ok(namesPayment({ transaction_id: '42000' }))
    assert.ok(namesPayment({ success_time: '2026-01-31T19:00:00+08:00' }))
    for (const body of [{}, { transaction_id: '' }, { transaction_id: null }, { success_time: 0 }])
      assert.ok(!namesPayment(body))
  })
})

describe('an answer that is not verified says nothing', () => {
  const unverified = { kind: 'unverified', reason: 'unsigned', headers: {} } as const

  test('whatever stands in it', () => {
    for (const code of ['PARAM_ERROR', 'ORDER_NOT_EXIST', undefined]) {
      const answer = { ...unverified, status: 404, ...(code !== undefined && { code }) }
      assert.equal(readState(answer), 'NOTHING')
      assert.equal(readReversed(answer).reversed, 'unverified')
    }
  })

  test('and neither does none', () => {
    const none = { kind: 'none', reason: 'timeout' } as const
    assert.equal(readState({ ...none, sent: true }), 'NOTHING')
    assert.equal(readReversed({ ...none, sent: true }).reversed, 'no answer')
    assert.equal(readReversed({ ...none, sent: false }).reversed, 'not sent')
  })
})

describe('a reverse may have been carried out', () => {
  const ERROR_PAGE = 'official: https://pay.weixin.qq.com/wiki/doc/apiv3/Share/error_code.shtml'
  const ANSWERS: [what: string, answer: Answer, mayHaveActed: boolean, because: string][] = [
    ['accepted', verifiedAnswer(200, {}), true, 'it was'],
    ['refused with 400', verifiedAnswer(400, { code: 'INVALID_REQUEST' }), false, 'a 4xx says that it was not'],
    ['refused with 403', verifiedAnswer(403, { code: 'TRADE_ERROR' }), false, 'a 4xx says that it was not'],
    [
      'answered 429',
      verifiedAnswer(429, { code: 'FREQUENCY_LIMITED' }),
      true,
      `the state is unknown then (${ERROR_PAGE})`,
    ],
    ['answered 500', verifiedAnswer(500, { code: 'SYSTEM_ERROR' }), true, `the state is unknown then (${ERROR_PAGE})`],
    ['answered 503', verifiedAnswer(503, {}), true, `the state is unknown then (${ERROR_PAGE})`],
    ['answered 302', verifiedAnswer(302, {}), true, 'nobody says that it was not'],
    ['refused by somebody', { kind: 'unverified', reason: 'unsigned', status: 400 }, true, 'anybody may have said so'],
    ['not answered', { kind: 'none', reason: 'timeout', sent: true }, true, 'it may have arrived'],
    ['never sent', { kind: 'none', reason: 'connection', sent: false }, false, 'it cannot have arrived'],
  ]
  for (const [what, answer, expected, because] of ANSWERS) {
    test(`${what}: ${expected ? 'perhaps' : 'no'}`, () => {
      const told = expected ? 'may have returned the money' : 'did nothing'
      assert.equal(mayHaveActed(answer), expected, `a reverse that was ${what} ${told}: ${because}`)
    })
  }
})
