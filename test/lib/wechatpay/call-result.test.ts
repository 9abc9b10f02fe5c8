import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, asksForFreshKeys, isSignatureRefused, resultOfTries } from '../../../lib/wechatpay/answer.ts'

const evidence = { body: '', timestamp: '', nonce: '', signature: '', serial: '', request_id: '' }

const ANSWERS = {
  'no answer': { kind: 'none', reason: 'timeout', sent: true },
  'never sent': { kind: 'none', reason: 'connection', sent: false },
  unverified: { kind: 'unverified', reason: 'unsigned', status: 502 },
  'another unverified': { kind: 'unverified', reason: 'stale', status: 200 },
  'unknown serial': { kind: 'unverified', reason: 'unknown serial', status: 200 },
  'refused signature': { kind: 'unverified', reason: 'unsigned', status: 401, code: 'SIGN_ERROR' },
  'verified refused signature': { kind: 'verified', status: 401, code: 'SIGN_ERROR', body: {}, evidence },
  verified: { kind: 'verified', status: 200, body: {}, evidence },
  'another verified': { kind: 'verified', status: 500, code: 'SYSTEM_ERROR', body: {}, evidence },
} as const satisfies Record<string, Answer>

type Name = keyof typeof ANSWERS

describe('of several tries of a call, the answer that proves most counts, and of equals the later', () => {
  const CASES: [tries: Name[], best: Name][] = [
    [['verified'], 'verified'],
    [['verified', 'no answer'], 'verified'],
    [['no answer', 'verified'], 'verified'],
    [['verified', 'unverified'], 'verified'],
    [['unverified', 'verified'], 'verified'],
    [['verified', 'another verified'], 'another verified'],
    [['unverified', 'another unverified'], 'another unverified'],
    [['unverified', 'no answer'], 'unverified'],
    [['refused signature', 'verified'], 'verified'],
    [['refused signature', 'no answer'], 'refused signature'],
    [['unknown serial', 'refused signature'], 'refused signature'],
    [['verified refused signature', 'unverified'], 'unverified'],
    [['verified', 'verified refused signature'], 'verified'],
    [['verified refused signature', 'verified'], 'verified'],
  ]
  for (const [tries, best] of CASES) {
    test(`${tries.join(', then ')}: ${best}`, () => {
      const answers = tries.map((name) => ANSWERS[name])
      assert.deepEqual(resultOfTries(answers), { best: ANSWERS[best], tries: answers })
    })
  }

  test('without an answer, the call was sent when one of its tries was', () => {
    const sent = { ...ANSWERS['never sent'], sent: true }
    assert.deepEqual(resultOfTries([ANSWERS['no answer'], ANSWERS['never sent']]).best, sent)
    assert.deepEqual(resultOfTries([ANSWERS['never sent'], ANSWERS['never sent']]).best, ANSWERS['never sent'])
  })

  test('without a try, nothing was sent', () =>
    assert.deepEqual(resultOfTries([]), { best: { kind: 'none', reason: 'no time left', sent: false }, tries: [] }))
})

test('fresh credentials are asked for by a refused signature and by a key that is new to us', () => {
  const asking = (Object.keys(ANSWERS) as Name[]).filter((name) => asksForFreshKeys(ANSWERS[name]))
  assert.deepEqual(asking, ['unknown serial', 'refused signature', 'verified refused signature'])
  assert.equal(isSignatureRefused({ kind: 'unverified', reason: 'unsigned', status: 401 }), false, 'a page has no code')
  const said = { kind: 'unverified', reason: 'unsigned', code: 'SIGN_ERROR' } as const
  assert.equal(isSignatureRefused({ ...said, status: 399 }), false, 'no refusal')
  assert.equal(isSignatureRefused({ ...said, status: 400 }), true)
  assert.equal(isSignatureRefused(ANSWERS['no answer']), false)
})
