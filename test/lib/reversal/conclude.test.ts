import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toError, toPending } from '../../../lib/reversal/conclude.ts'
import { afterQuery, afterReverse, begin } from '../../../lib/reversal/findings.ts'
import { type Answer, resultOfTries } from '../../../lib/wechatpay/answer.ts'
import { verifiedAnswer } from './verified-answer.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')
const REF = { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A1' }
const PAID = verifiedAnswer(200, { trade_state: 'SUCCESS' })
const RECEIVED = verifiedAnswer(200)
const PROCESSED_LATER = verifiedAnswer(202, { message: 'later' })
const STRANGE = verifiedAnswer(403, { code: 'NEW', message: 'strange' })
const BUSY = verifiedAnswer(500, { code: 'SYSTEM_ERROR', message: 'busy' })
const NO_RIGHT = verifiedAnswer(403, { code: 'NO_AUTH', message: 'no right' })
const NO_ORDER = verifiedAnswer(404, { code: 'ORDER_NOT_EXIST', message: 'none' })
const NO_ANSWER: Answer = { kind: 'none', reason: 'timeout', sent: true }

/** What an attempt knows after these answers. */
function learned({ query, reverse }: { query?: Answer; reverse?: Answer }) {
  const past = { firstSeenAtMs: NOW }
  let findings = begin({ ifPaid: 'refund', attemptedAtMs: undefined }, past, false)
  if (reverse) findings = afterReverse(findings, resultOfTries([reverse]), { sentAtMs: NOW, receivedAtMs: NOW })
  return query ? afterQuery(findings, resultOfTries([query])) : findings
}

describe('what is not proved yet says what WeChat Pay answered instead, in its own words', () => {
  const SAID: [what: string, answers: Parameters<typeof learned>[0], said: string][] = [
    ['nothing was asked', {}, ''],
    ['a state', { query: PAID }, ''],
    ['that there is no such order, which is a state', { query: NO_ORDER }, ''],
    ['no answer', { query: NO_ANSWER, reverse: NO_ANSWER }, ''],
    ['received', { query: PAID, reverse: RECEIVED }, ''],
    ['not processed yet', { query: PROCESSED_LATER }, ''],
    ['a query refused', { query: BUSY }, ' (answered to the query 500 SYSTEM_ERROR busy (Request-ID r500))'],
    ['a code nobody knows', { query: STRANGE }, ' (answered to the query 403 NEW strange (Request-ID r403))'],
    [
      'a reverse refused',
      { query: PAID, reverse: BUSY },
      ' (answered to the reverse 500 SYSTEM_ERROR busy (Request-ID r500))',
    ],
    [
      'both',
      { query: STRANGE, reverse: BUSY },
      ' (answered to the reverse 500 SYSTEM_ERROR busy (Request-ID r500); to the query 403 NEW strange (Request-ID r403))',
    ],
  ]
  for (const [what, answers, said] of SAID) {
    test(what, () => {
      const history = { first_seen_at: '2026-01-31T12:00:00.000Z' }
      const { history: written, ...pending } = toPending(REF, 'why', 5, learned(answers))
      assert.deepEqual(pending, { ...REF, outcome: 'PENDING', reason: `why${said}`, retry_after: 5 })
      assert.equal(written.first_seen_at, history.first_seen_at)
    })
  }
})

describe('a refusal says the last verified state, and carries the code', () => {
  const refuse = (error: 'ReversalRejected' | 'ReversalExpired') => ({ do: 'refuse', error, detail: 'why' }) as const

  test('of the answer that refused the reverse', () => {
    const error = toError(refuse('ReversalRejected'), learned({ query: PAID, reverse: NO_RIGHT }))
    const said = ' (answered to the reverse 403 NO_AUTH no right (Request-ID r403))'
    assert.equal(error.message, `why${said}; last verified state: SUCCESS`)
    assert.deepEqual([error.name, error.code, error.request_id], ['ReversalRejected', 'NO_AUTH', 'r403'])
  })

  test('of the last verified answer for any other reason', () => {
    const error = toError(refuse('ReversalExpired'), learned({ query: NO_ORDER, reverse: NO_RIGHT }))
    assert.match(error.message, /; last verified state: ORDER_NOT_EXIST$/)
    assert.deepEqual([error.name, error.code, error.request_id], ['ReversalExpired', 'ORDER_NOT_EXIST', 'r404'])
  })

  test('of none, where nothing verified came', () => {
    const error = toError(refuse('ReversalExpired'), learned({ query: NO_ANSWER }))
    assert.equal(error.message, 'why; last verified state: none')
    assert.deepEqual([error.code, error.request_id], [undefined, undefined])
  })
})
