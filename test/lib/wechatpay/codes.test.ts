import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CODES, type CodeMeaning, meaningOf, NUMBERS } from '../../../lib/wechatpay/codes.ts'

/** Every code of the official pages (reverse, close, query, HTTP status, APIv2 reverse and refund), and those reported. */
const KNOWN: Record<keyof typeof CODES, string> = {
  'refused for good': `
    PARAM_ERROR PARAMERROR APPID_MCHID_NOT_MATCH MCH_NOT_EXISTS MCH_NOT_EXIST MCHID_NOT_EXIST NO_AUTH NOAUTH`,
  'no such order': 'ORDER_NOT_EXIST ORDERNOTEXIST',
  signature: 'SIGN_ERROR SIGNERROR',
  'refused for now': `
    USER_PAYING USERPAYING INVALID_REQUEST ORDER_CLOSED ORDERCLOSED ORDER_REVERSED ORDERREVERSED REVERSE_EXPIRE
    ACCOUNT_ERROR ACCOUNTERROR NOT_ENOUGH NOTENOUGH OUT_TRADE_NO_USED OUTTRADENOUSED RULE_LIMIT RULELIMIT
    TRADE_ERROR TRADEERROR FREQUENCY_LIMITED FREQUENCY_LIMIT FREQUENCY_LIMIT_EXCEED RATE_LIMITED RATE_LIMIT_EXCEEDED
    RATELIMIT_EXCEEDED RATELIMIT_EXCEED SYSTEM_ERROR SYSTEMERROR BANK_ERROR BANKERROR INVALID_TRANSACTIONID
    INVALID_TRANSACTION_ID OPENID_MISMATCH SERVICE_UNAVAILABLE NOT_FOUND ORDER_PAID REQUIRE_POST_METHOD
    USER_ACCOUNT_ABNORMAL TRADE_OVERDUE BIZERR_NEED_RETRY INVALID_REQ_TOO_MUCH`,
}

const spellingsOf = (rows: readonly string[]) => rows.flatMap((row) => row.split(' '))

describe('the table of error codes', () => {
  for (const [means, codes] of Object.entries(KNOWN)) {
    const known = codes.trim().split(/\s+/)
    for (const code of known) {
      test(`${code}: ${means}`, () => assert.equal(meaningOf({ code, status: 400 }), means))
    }

    test(`${means}: no others`, () =>
      assert.deepEqual(spellingsOf(CODES[means as keyof typeof CODES]).toSorted(), known.toSorted()))
  }

  test('has no spelling twice, and each in capitals', () => {
    const spellings = spellingsOf(Object.values(CODES).flat())
    assert.equal(new Set(spellings).size, spellings.length)
    for (const spelling of spellings) assert.match(spelling, /^[A-Z]+(_[A-Z]+)*$/)
  })
})

describe('a number at the end of Request-ID decides, whatever the code and the status', () => {
  const known = ['268447845', '268443705', '268443704', '268443701']
  test('those of a service provider', () => assert.deepEqual([...NUMBERS.keys()], known))
  for (const number of known) {
    test(number, () => {
      const request_id = `08C5D2F9A30610A50218F7C8B1DA0420-${number}`
      for (const code of [undefined, 'ORDER_NOT_EXIST', 'INVALID_REQUEST', 'SIGN_ERROR', 'SOMETHING_NEW']) {
        for (const status of [400, 401, 404, 500]) {
          assert.equal(meaningOf({ code, status, request_id }), 'mismatch' satisfies CodeMeaning)
        }
      }
    })
  }
  test('any other says nothing', () => {
    for (const request_id of ['', '0', '08C5-0', '08C5-268512771', '268447845-', '08C5-268447845-0', 'x268447845']) {
      assert.equal(meaningOf({ code: 'ORDER_NOT_EXIST', status: 404, request_id }), 'no such order', request_id)
    }
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
    test(`${status}: ${means}`, () => assert.equal(meaningOf({ status: Number(status) }), means))
  }
})

test('a code no row knows is unknown, whatever its status and spelling', () => {
  for (const code of ['SOMETHING_NEW', 'sign_error', 'PARAM_ERROR ', '', 'constructor', '__proto__']) {
    for (const status of [200, 400, 401, 404, 429, 500]) assert.equal(meaningOf({ code, status }), 'unknown')
  }
})
