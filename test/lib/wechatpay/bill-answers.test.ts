import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Answer, resultOfTries, type VerifiedAnswer } from '../../../lib/wechatpay/answer.ts'
import { createBills } from '../../../lib/wechatpay/bills.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'

const DATE = '2026-11-27'
const MADE_AT_MS = Date.parse('2026-11-28T10:00:00+08:00')

/** Signed so many seconds after the bill is made. */
const verified = (status: number, body: Record<string, unknown>, signedAfterSeconds = 0): VerifiedAnswer => ({
  kind: 'verified',
  status,
  body,
  evidence: {
    body: JSON.stringify(body),
    timestamp: String(MADE_AT_MS / 1000 + signedAfterSeconds),
    nonce: 'n',
    signature: 's',
    serial: 'PUB_KEY_ID',
    request_id: 'r1',
  },
  request_id: 'r1',
  ...(typeof body.code === 'string' && { code: body.code }),
  ...(typeof body.message === 'string' && { message: body.message }),
})

/** What is made of WeChat Pay's answer to the question for a bill. */
function billOf(answer: Answer, nowMs = MADE_AT_MS) {
  const tradeBill = async () => resultOfTries([answer])
  const bills = createBills({ wechatPay: { tradeBill }, endpoints: [], now: () => nowMs })
  return bills.fetchBill({
    merchant: { mchid: '1900000001' } as Merchant,
    date: DATE,
    wants: () => true,
    msLeft: () => 10_000,
  })
}

describe('without a bill, its answer says why', () => {
  const NO_STATEMENT = { code: 'NO_STATEMENT_EXIST' }

  test('it is not made yet', async () => {
    const notReady = (detail: string) => ({ kind: 'not ready', date: DATE, detail })
    const early = await billOf(verified(400, NO_STATEMENT), MADE_AT_MS - 1)
    assert.deepEqual(early, notReady('made at 10:00 of the next day in China'))
    assert.deepEqual(await billOf(verified(400, { code: 'STATEMENT_CREATING' })), notReady('STATEMENT_CREATING'))
    const said = await billOf(verified(400, NO_STATEMENT, -1))
    assert.deepEqual(said, notReady('NO_STATEMENT_EXIST, said before 10:00'))
  })

  test('nothing was traded: proved by that answer', async () => {
    const answer = verified(400, NO_STATEMENT)
    assert.deepEqual(await billOf(answer), { kind: 'whole', date: DATE, evidence: answer.evidence, count: 0, rows: [] })
  })

  const refusal = (reason: string, detail: string, more: object = {}) => ({
    kind: 'refused',
    date: DATE,
    reason,
    detail,
    asksForFreshKeys: false,
    ...more,
  })
  const REFUSED: [what: string, answer: Answer, bill: object][] = [
    ['no answer', { kind: 'none', reason: 'timeout', sent: true }, refusal('no answer', 'timeout')],
    [
      'a refusal',
      verified(403, { code: 'NO_AUTH', message: 'no right' }),
      refusal('refused', '403 NO_AUTH no right', { code: 'NO_AUTH', request_id: 'r1' }),
    ],
    ['an error without words', verified(503, {}), refusal('refused', '503', { code: undefined, request_id: 'r1' })],
    [
      'a refused signature',
      verified(401, { code: 'SIGN_ERROR' }),
      refusal('refused', '401 SIGN_ERROR', { code: 'SIGN_ERROR', request_id: 'r1', asksForFreshKeys: true }),
    ],
    [
      'what does not verify',
      { kind: 'unverified', reason: 'unsigned', status: 400, code: 'NO_STATEMENT_EXIST', request_id: 'r2' },
      refusal('unverified', 'unsigned: 400 NO_STATEMENT_EXIST', { code: 'NO_STATEMENT_EXIST', request_id: 'r2' }),
    ],
    [
      'a bill that does not verify',
      { kind: 'unverified', reason: 'unknown serial', status: 200, request_id: 'r2' },
      refusal('unverified', 'unknown serial: 200', { code: undefined, request_id: 'r2', asksForFreshKeys: true }),
    ],
  ]
  for (const [what, answer, bill] of REFUSED) test(what, async () => assert.deepEqual(await billOf(answer), bill))
})

describe('an address is followed only with a hash that can be checked', () => {
  const SHA1 = '0'.repeat(40)
  const URL = 'https://elsewhere.example/file'
  const ADDRESSES: [body: Record<string, unknown>, reason: string, detail: RegExp][] = [
    [{ hash_value: SHA1, download_url: URL }, 'no hash', /^no SHA1$/],
    [{ hash_type: 1, hash_value: SHA1, download_url: URL }, 'no hash', /^no SHA1$/],
    [{ hash_type: ['SHA1'], hash_value: SHA1, download_url: URL }, 'no hash', /^no SHA1$/],
    [{ hash_type: 'XSHA1', hash_value: SHA1, download_url: URL }, 'no hash', /^no SHA1$/],
    [{ hash_type: 'SHA1X', hash_value: SHA1, download_url: URL }, 'no hash', /^no SHA1$/],
    [{ hash_type: 'SHA1', download_url: URL }, 'no hash', /^hash_value is no SHA-1$/],
    [{ hash_type: 'SHA1', hash_value: [SHA1], download_url: URL }, 'no hash', /^hash_value is no SHA-1$/],
    [{ hash_type: 'SHA1', hash_value: `0${SHA1}`, download_url: URL }, 'no hash', /^hash_value is no SHA-1$/],
    [{ hash_type: 'SHA1', hash_value: `${SHA1.slice(1)}g`, download_url: URL }, 'no hash', /^hash_value is no SHA-1$/],
    [{ hash_type: 'SHA1', hash_value: `${SHA1}0`, download_url: URL }, 'no hash', /^hash_value is no SHA-1$/],
    [{ hash_type: 'SHA1', hash_value: SHA1 }, 'no hash', /^no download_url$/],
    [{ hash_type: 'sha-1', hash_value: SHA1.replaceAll('0', 'A'), download_url: URL }, 'another host', /./],
  ]
  for (const [body, reason, detail] of ADDRESSES) {
    test(`${JSON.stringify(body)}: ${reason}`, async () => {
      const bill = await billOf(verified(200, body))
      assert.ok(bill.kind === 'refused')
      assert.match(bill.detail, detail)
      assert.deepEqual([bill.reason, bill.request_id, bill.asksForFreshKeys], [reason, 'r1', false])
    })
  }
})
