import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer } from '../../../lib/wechatpay/answer.ts'
import { messageOf, wordsOf } from '../../../lib/wechatpay/words.ts'

const EVIDENCE = { body: '', timestamp: '', nonce: '', signature: '', serial: '', request_id: '' }
const REFUSED = { status: 403, code: 'NO_AUTH', message: '商户无权限', request_id: '08-1' }
const verified = (fields: object): Answer => ({
  kind: 'verified',
  body: {},
  evidence: EVIDENCE,
  status: 403,
  ...fields,
})
const unverified = (fields: object): Answer => ({ kind: 'unverified', reason: 'unsigned', status: 403, ...fields })

describe('the words of an answer', () => {
  const CASES: [what: string, answer: Answer, words: string | undefined][] = [
    ['name code, message and Request-ID', verified(REFUSED), '403 NO_AUTH 商户无权限 (Request-ID 08-1)'],
    [
      'name the field and the issue of the detail, never its value',
      verified({ ...REFUSED, detail: { field: 'mchid', value: 'oUpF8uMuAJO', issue: 'wrong length' } }),
      '403 NO_AUTH 商户无权限 [mchid: wrong length] (Request-ID 08-1)',
    ],
    [
      'are marked when they do not verify',
      unverified(REFUSED),
      '403 NO_AUTH 商户无权限 (Request-ID 08-1), unverified: unsigned',
    ],
    [
      'repeat a detail that is text',
      verified({ ...REFUSED, detail: 'now' }),
      '403 NO_AUTH 商户无权限 now (Request-ID 08-1)',
    ],
    ['name what the detail has of both', verified({ status: 400, detail: { field: '', issue: 'odd' } }), '400 [odd]'],
    ['leave out what is no text in it', verified({ status: 400, detail: { field: 1, issue: null } }), '400'],
    ['leave out a detail that is none', verified({ status: 400, detail: null }), '400'],
    ['are there without a code', verified({ status: 502 }), '502'],
    ['are none when nothing failed', verified({ status: 200, request_id: '08-1' }), undefined],
    ['are none when nobody answered', { kind: 'none', reason: 'timeout', sent: true }, undefined],
    ['are there for a code without a failed status', verified({ status: 202, code: 'USERPAYING' }), '202 USERPAYING'],
  ]
  for (const [what, answer, words] of CASES) test(what, () => assert.equal(wordsOf(answer), words))

  test('are short however long the answer is', () => {
    const answer = unverified({ message: 'x'.repeat(60_000), detail: 'y'.repeat(60_000) }) as Exclude<
      Answer,
      { kind: 'none' }
    >
    assert.equal(messageOf(answer)!.length, 300)
  })
})
