import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CODES, type CodeMeaning, meaningOf } from '../../../lib/wechatpay/codes.ts'

/** Every code of the official pages (reverse, close, query, HTTP status, APIv2 reverse and refund), and those reported. */
const KNOWN: Record<CodeMeaning, string> = {
  'refused for good': 'PARAM_ERROR APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS NO_AUTH NOAUTH',
  'no such order': 'ORDER_NOT_EXIST ORDERNOTEXIST',
  signature: 'SIGN_ERROR SIGNERROR',
  'refused for now': `
    USER_PAYING USERPAYING INVALID_REQUEST ORDER_CLOSED ORDERCLOSED ORDERREVERSED REVERSE_EXPIRE
    ACCOUNT_ERROR ACCOUNTERROR NOT_ENOUGH NOTENOUGH OUT_TRADE_NO_USED RULE_LIMIT RULELIMIT TRADE_ERROR
    FREQUENCY_LIMITED RATELIMIT_EXCEEDED RATE_LIMITED FREQUENCY_LIMIT FREQUENCY_LIMIT_EXCEED
    SYSTEM_ERROR SYSTEMERROR BANK_ERROR BANKERROR INVALID_TRANSACTIONID OPENID_MISMATCH SERVICE_UNAVAILABLE
    REQUIRE_POST_METHOD USER_ACCOUNT_ABNORMAL TRADE_OVERDUE BIZERR_NEED_RETRY INVALID_REQ_TOO_MUCH`,
}

describe('the table of error codes', () => {
  for (const [means, codes] of Object.entries(KNOWN)) {
    for (const code of codes.trim().split(/\s+/)) {
      test(`${code}: ${means}`, () => assert.equal(meaningOf(code, 400), means))
    }
  }

  test('has no spelling twice, and each in capitals', () => {
    const spellings = Object.values(CODES)
      .flat()
      .flatMap((row) => row.split(' '))
    assert.equal(new Set(spellings).size, spellings.length)
    for (const spelling of spellings) assert.match(spelling, /^[A-Z]+(_[A-Z]+)*$/)
  })

  test('only four codes are refused for good: what makes a reversal ReversalRejected', () => {
    const forGood = CODES['refused for good'].map((row) => row.split(' ')[0])
    assert.deepEqual(forGood.toSorted(), ['APPID_MCHID_NOT_MATCH', 'MCH_NOT_EXISTS', 'NO_AUTH', 'PARAM_ERROR'])
  })
})

describe('an error without a code is judged by its status', () => {
  const rows: Record<number, CodeMeaning | 'unknown'> = {
    302: 'unknown',
    400: 'unknown',
    401: 'signature',
    403: 'unknown',
    404: 'unknown',
    429: 'refused for now',
    500: 'refused for now',
    502: 'refused for now',
    503: 'refused for now',
  }
  for (const [status, means] of Object.entries(rows)) {
    test(`${status}: ${means}`, () => assert.equal(meaningOf(undefined, Number(status)), means))
  }
})

test('a code no row knows is unknown, whatever its status and spelling', () => {
  for (const code of ['SOMETHING_NEW', 'sign_error', 'PARAM_ERROR ', '', 'constructor', '__proto__']) {
    for (const status of [200, 400, 401, 404, 429, 500]) assert.equal(meaningOf(code, status), 'unknown')
  }
})
