import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { afterQuery, afterReverse, begin, type Findings, proofOfPayment } from '../../../lib/reversal/findings.ts'
import type { PastAttempts } from '../../../lib/reversal/history.ts'
import type { Answer, Evidence, VerifiedAnswer } from '../../../lib/wechatpay/answer.ts'
import { resultOfTries } from '../../../lib/wechatpay/answer.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')
const ago = (seconds: number) => NOW - seconds * 1000

const evidenceOf = (body: object): Evidence => ({
  body: JSON.stringify(body),
  timestamp: '1',
  nonce: 'n',
  signature: JSON.stringify(body),
  serial: 'PUB_KEY_ID_1',
  request_id: '',
})
const answer = (body: Record<string, unknown>, status = 200): VerifiedAnswer => ({
  kind: 'verified',
  status,
  ...(typeof body.code === 'string' && { code: body.code }),
  body,
  evidence: evidenceOf(body),
})
const state = (trade_state: string, more: object = {}) => answer({ trade_state, ...more })
const NO_ANSWER: Answer = { kind: 'none', reason: 'timeout', sent: true }
const NOT_SENT: Answer = { kind: 'none', reason: 'connection', sent: false }
const UNVERIFIED: Answer = { kind: 'unverified', reason: 'unsigned', status: 200 }
const REFUSED = answer({ code: 'INVALID_REQUEST', message: 'no' }, 400)
const REFUSED_FOR_GOOD = answer({ code: 'PARAM_ERROR', message: 'no' }, 400)
const MISMATCH = { ...answer({ code: 'ORDER_NOT_EXIST' }, 404), request_id: '08C5-268447845' }
const ACCEPTED = answer({})
const BUSY = answer({ code: 'SYSTEM_ERROR', message: 'later' }, 500)

const PAST: PastAttempts = {
  firstSeenAtMs: ago(60),
  reverseSentAtMs: undefined,
  reverseAnsweredAtMs: undefined,
  paid: undefined,
}
const given = (past: Partial<PastAttempts> = {}, isPaidProved = false) =>
  begin({ ifPaid: 'refund', attemptedAtMs: undefined }, { ...PAST, ...past }, isPaidProved)
const queried = (findings: Findings, ...tries: Answer[]) => afterQuery(findings, resultOfTries(tries))
const reversed = (findings: Findings, ...tries: Answer[]) =>
  afterReverse(findings, resultOfTries(tries), { sentAtMs: NOW, receivedAtMs: NOW + 20 })

describe('an attempt begins with what earlier ones learned', () => {
  test('nothing', () => {
    const { facts } = given()
    assert.equal(facts.reverseMayHaveActed, false)
    assert.equal(facts.wasSeenPaid, false)
    assert.deepEqual([facts.namesPayment, facts.isMismatch], [false, false])
    assert.equal(facts.seen, undefined)
  })
  test('a reverse that was sent may have acted', () =>
    assert.equal(given({ reverseSentAtMs: ago(30) }).facts.reverseMayHaveActed, true))
  test('a signed SUCCESS that was checked is proof; one that was not is none, and travels on', () => {
    const paid = evidenceOf({ trade_state: 'SUCCESS' })
    assert.equal(proofOfPayment(given({ paid }, true)), paid)
    assert.equal(proofOfPayment(given({ paid }, false)), undefined)
    assert.equal(given({ paid }, false).past.paid, paid)
  })
})

describe('after a query', () => {
  test('a verified state is seen, and the order exists', () => {
    const { facts, lastVerified } = queried(given(), state('NOTPAY'))
    assert.deepEqual([facts.seen, facts.wasSeenToExist, facts.wasSeenPaid], ['NOTPAY', true, false])
    assert.equal(lastVerified?.body.trade_state, 'NOTPAY')
    assert.equal(queried(given(), state('NOTPAY')).past.paid, undefined)
  })
  test('SUCCESS is proof, and travels on: the first one', () => {
    const first = state('SUCCESS', { success_time: '1' })
    const once = queried(given(), first)
    assert.equal(proofOfPayment(once), first.evidence)
    assert.equal(once.past.paid, first.evidence)
    assert.equal(queried(once, state('SUCCESS', { success_time: '2' })).past.paid, first.evidence)
  })
  test('SUCCESS takes the place of one that proved nothing', () => {
    const success = state('SUCCESS')
    assert.equal(queried(given({ paid: evidenceOf({}) }, false), success).past.paid, success.evidence)
  })
  test('a payment is named by the answer that says so, not by one before it', () => {
    const named = queried(given(), state('REVOKED', { transaction_id: '42' }))
    assert.equal(named.facts.namesPayment, true)
    assert.equal(queried(named, state('REVOKED')).facts.namesPayment, false)
  })
  test('nothing verified leaves what was verified', () => {
    const before = queried(given(), state('SUCCESS'))
    const { facts, lastVerified } = queried(before, UNVERIFIED)
    assert.deepEqual([facts.seen, facts.wasSeenPaid, lastVerified], ['NOTHING', true, before.lastVerified])
  })
  test('a mismatch says neither that there is no such order nor where it stands', () => {
    const { facts } = queried(given(), MISMATCH)
    assert.deepEqual([facts.seen, facts.isMismatch, facts.wasSeenToExist], ['NOTHING', true, false])
    assert.equal(queried(queried(given(), MISMATCH), state('NOTPAY')).facts.isMismatch, false)
    assert.equal(queried(queried(given(), MISMATCH), NO_ANSWER).facts.isMismatch, false)
  })
  test('ORDER_NOT_EXIST does not make an order exist', () =>
    assert.equal(queried(given(), answer({ code: 'ORDER_NOT_EXIST' }, 404)).facts.wasSeenToExist, false))
})

describe('after a reverse', () => {
  test('what was seen before it says nothing any more', () =>
    assert.equal(reversed(queried(given(), state('NOTPAY')), ACCEPTED).facts.seen, undefined))

  const SENT: [title: string, tries: Answer[], mayHaveActed: boolean, isAnswered: boolean][] = [
    ['answered', [ACCEPTED], true, true],
    ['not answered', [NO_ANSWER], true, false],
    ['answered by somebody', [UNVERIFIED], true, false],
    ['a verified 500', [BUSY], true, true],
    ['refused', [REFUSED], false, true],
    ['refused for good', [REFUSED_FOR_GOOD], false, false],
    ['refused because the merchants do not belong to the order', [MISMATCH], false, false],
    ['not answered, then refused for good', [NO_ANSWER, REFUSED_FOR_GOOD], true, false],
    ['not answered, then refused', [NO_ANSWER, REFUSED], true, true],
    ['refused, then not answered', [REFUSED, NO_ANSWER], true, true],
    ['never sent', [NOT_SENT], false, false],
    ['never sent, then refused', [NOT_SENT, REFUSED], false, true],
  ]
  for (const [title, tries, mayHaveActed, isAnswered] of SENT) {
    test(`${title}: the history says ${mayHaveActed ? 'that' : 'nothing of what'} it may have done`, () => {
      const { facts, past } = reversed(given(), ...tries)
      assert.equal(facts.reverseMayHaveActed, mayHaveActed)
      assert.equal(past.reverseSentAtMs, mayHaveActed ? NOW : undefined)
      assert.equal(facts.reverseAnsweredAtMs, isAnswered ? NOW + 20 : undefined)
      assert.equal(past.reverseAnsweredAtMs, facts.reverseAnsweredAtMs)
    })
    test(`${title}: so the next attempt takes a refund ${mayHaveActed ? 'for ours' : 'for that of somebody else'}`, () =>
      assert.equal(given(reversed(given(), ...tries).past).facts.reverseMayHaveActed, mayHaveActed))
  }

  test('refused: this attempt still counts its time, because a refused call may have been carried out', () =>
    assert.equal(reversed(given(), REFUSED).facts.reverseSentAtMs, NOW))
  test('refused: an earlier one may have acted all the same, and its time travels on', () => {
    const { facts, past } = reversed(given({ reverseSentAtMs: ago(30) }), REFUSED)
    assert.deepEqual([facts.reverseMayHaveActed, past.reverseSentAtMs], [true, ago(30)])
  })
  test('never sent: the time of an earlier one stays', () => {
    const { facts, past } = reversed(given({ reverseSentAtMs: ago(30) }), NOT_SENT)
    assert.deepEqual([facts.reverseSentAtMs, past.reverseSentAtMs], [ago(30), ago(30)])
  })
  test('the first verified answer to a reverse is the one that counts', () =>
    assert.equal(reversed(given({ reverseAnsweredAtMs: ago(30) }), ACCEPTED).past.reverseAnsweredAtMs, ago(30)))
  test('the answer that refused it is kept; one that accepted it refused nothing', () => {
    assert.equal(reversed(given(), REFUSED).refusing, REFUSED)
    assert.equal(reversed(given(), ACCEPTED).refusing, undefined)
  })
})
