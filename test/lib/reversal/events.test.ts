import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventsOfQuery, eventsOfReverse } from '../../../lib/reversal/events.ts'
import type { Answer } from '../../../lib/wechatpay/answer.ts'
import { verifiedAnswer } from './verified-answer.ts'

const ORDER = { mchid: '1900000001', out_trade_no: 'A1' }
const UNVERIFIED: Answer = { kind: 'unverified', reason: 'unsigned', status: 403, code: 'SOMETHING_NEW' }
const NO_ANSWER: Answer = { kind: 'none', reason: 'timeout', sent: true }

/** What is noticed of an answer to a query, and of the same answer to a reverse. */
const NOTICED: [what: string, answer: Answer, query: string[], reverse: string[]][] = [
  ['a state', verifiedAnswer(200, { trade_state: 'SUCCESS' }), [], []],
  ['a state nobody knows', verifiedAnswer(200, { trade_state: 'ACCEPT' }), ['UnknownState'], []],
  ['not processed yet', verifiedAnswer(202), [], []],
  ['the customer is paying', verifiedAnswer(202, { code: 'USERPAYING' }), [], ['ReverseRefused']],
  ['no such order', verifiedAnswer(404, { code: 'ORDER_NOT_EXIST' }), [], ['ReverseRefused']],
  ['a refusal', verifiedAnswer(403, { code: 'NO_AUTH' }), ['QueryRefused'], ['ReverseRefused']],
  ['the first of refusals', verifiedAnswer(400, { code: 'PARAM_ERROR' }), ['QueryRefused'], ['ReverseRefused']],
  ['a code nobody knows', verifiedAnswer(403, { code: 'NEW' }), ['UnknownState'], ['ReverseRefused', 'UnknownState']],
  ['what does not verify', UNVERIFIED, [], []],
  ['no answer', NO_ANSWER, [], []],
]

describe('somebody hears of', () => {
  for (const [what, answer, query, reverse] of NOTICED) {
    test(`${what}: to a query ${query.join(' and ') || 'nothing'}, to a reverse ${reverse.join(' and ') || 'nothing'}`, () => {
      const names = (events: readonly { name: string }[]) => events.map(({ name }) => name)
      assert.deepEqual(names(eventsOfQuery(ORDER, answer)), query)
      assert.deepEqual(names(eventsOfReverse(ORDER, answer)), reverse)
    })
  }

  test('what was said, and of which order', () => {
    const summary = {
      ...ORDER,
      status: 403,
      trade_state: undefined,
      code: 'NO_AUTH',
      message: 'no right',
      request_id: 'r403',
    }
    const refusal = verifiedAnswer(403, { code: 'NO_AUTH', message: 'no right' })
    assert.deepEqual(eventsOfQuery(ORDER, refusal), [{ name: 'QueryRefused', ...summary }])
    assert.deepEqual(eventsOfReverse(ORDER, refusal), [{ name: 'ReverseRefused', ...summary }])
  })

  const STATES: [given: unknown, noticed: unknown][] = [
    ['ACCEPT_LATER', 'ACCEPT_LATER'],
    ['A'.repeat(32), 'A'.repeat(32)],
    ['A'.repeat(33), '[no state]'],
    ['oUpF8uMuAJO', '[no state]'],
    ['STATE of a person', '[no state]'],
    ['a STATE', '[no state]'],
    [{ openid: 'x' }, '[no state]'],
    [['ACCEPT'], '[no state]'],
    [null, null],
    [undefined, undefined],
  ]
  for (const [given, noticed] of STATES) {
    test(`a state only where it looks like one: ${JSON.stringify(given)}`, () => {
      const [event] = eventsOfQuery(ORDER, verifiedAnswer(200, { trade_state: given }))
      assert.ok(event?.name === 'UnknownState')
      assert.deepEqual(event.trade_state, noticed)
    })
  }
})
