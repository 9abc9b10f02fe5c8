/**
 * The error codes of the transactions family, one row each, in every spelling seen in WeChat Pay's pages.
 * The reverse page itself lists only the public ones (PARAM_ERROR, INVALID_REQUEST, SIGN_ERROR, SYSTEM_ERROR);
 * the business codes are documented for query and close, and inferred for reverse.
 *
 * `means` is what a code says about the call that got it:
 *  - `refused for good`: the same call will never be accepted; somebody must change something
 *  - `refused for now`:  repeat later; it says nothing about whether the order was touched
 *  - `no such order`:    under this mchid WeChat Pay knows no such order (or not yet)
 *  - `signature`:        our signature was not accepted, the call was not executed
 */
export type CodeMeaning = 'refused for good' | 'refused for now' | 'no such order' | 'signature'

interface CodeRow {
  spellings: readonly string[]
  httpStatus: number
  means: CodeMeaning
  why: string
}

export const CODES: readonly CodeRow[] = [
  {
    spellings: ['PARAM_ERROR', 'PARAMERROR'],
    httpStatus: 400,
    means: 'refused for good',
    why: 'a parameter is wrong',
  },
  {
    spellings: ['APPID_MCHID_NOT_MATCH'],
    httpStatus: 400,
    means: 'refused for good',
    why: 'appid and mchid are not bound',
  },
  {
    spellings: ['MCH_NOT_EXISTS', 'MCH_NOT_EXIST', 'MCHID_NOT_EXIST'],
    httpStatus: 400,
    means: 'refused for good',
    why: 'no such merchant',
  },
  {
    spellings: ['NO_AUTH', 'NOAUTH'],
    httpStatus: 403,
    means: 'refused for good',
    why: 'the merchant lacks the permission',
  },

  {
    spellings: ['ORDER_NOT_EXIST', 'ORDERNOTEXIST'],
    httpStatus: 404,
    means: 'no such order',
    why: 'never arrived, or not yet',
  },

  {
    spellings: ['SIGN_ERROR', 'SIGNERROR'],
    httpStatus: 401,
    means: 'signature',
    why: 'wrong key, serial, time or bytes',
  },

  {
    spellings: ['USER_PAYING', 'USERPAYING'],
    httpStatus: 202,
    means: 'refused for now',
    why: 'the user is at the password box',
  },
  {
    spellings: ['INVALID_REQUEST'],
    httpStatus: 400,
    means: 'refused for now',
    why: 'also said of repeats and of too many calls',
  },
  {
    spellings: ['ORDER_CLOSED', 'ORDERCLOSED'],
    httpStatus: 400,
    means: 'refused for now',
    why: 'closed already: the query says so',
  },
  {
    spellings: ['ORDER_REVERSED', 'ORDERREVERSED'],
    httpStatus: 400,
    means: 'refused for now',
    why: 'reversed already: the query says so',
  },
  {
    spellings: ['REVERSE_EXPIRE'],
    httpStatus: 400,
    means: 'refused for now',
    why: 'older than 7 days in APIv2; our own rule ends it',
  },
  {
    spellings: ['ACCOUNT_ERROR', 'ACCOUNTERROR'],
    httpStatus: 403,
    means: 'refused for now',
    why: "the user's account is abnormal",
  },
  {
    spellings: ['NOT_ENOUGH', 'NOTENOUGH'],
    httpStatus: 403,
    means: 'refused for now',
    why: "the merchant's balance must be topped up",
  },
  {
    spellings: ['OUT_TRADE_NO_USED', 'OUTTRADENOUSED'],
    httpStatus: 403,
    means: 'refused for now',
    why: 'not expected on a reverse',
  },
  {
    spellings: ['RULE_LIMIT', 'RULELIMIT'],
    httpStatus: 403,
    means: 'refused for now',
    why: 'a business rule or a frequency',
  },
  {
    spellings: ['TRADE_ERROR', 'TRADEERROR'],
    httpStatus: 403,
    means: 'refused for now',
    why: 'business failure, the message says which',
  },
  {
    spellings: [
      'FREQUENCY_LIMITED',
      'FREQUENCY_LIMIT',
      'FREQUENCY_LIMIT_EXCEED',
      'RATELIMIT_EXCEEDED',
      'RATELIMIT_EXCEED',
      'RATE_LIMITED',
      'RATE_LIMIT_EXCEEDED',
    ],
    httpStatus: 429,
    means: 'refused for now',
    why: 'too many calls, or two at once on one order',
  },
  {
    spellings: ['SYSTEM_ERROR', 'SYSTEMERROR'],
    httpStatus: 500,
    means: 'refused for now',
    why: 'repeat with the same parameters',
  },
  {
    spellings: ['BANK_ERROR', 'BANKERROR'],
    httpStatus: 500,
    means: 'refused for now',
    why: 'repeat with the same parameters',
  },
  {
    spellings: ['INVALID_TRANSACTIONID', 'INVALID_TRANSACTION_ID'],
    httpStatus: 500,
    means: 'refused for now',
    why: 'not expected: we name the order by out_trade_no',
  },
  {
    spellings: ['OPENID_MISMATCH'],
    httpStatus: 500,
    means: 'refused for now',
    why: 'not expected on a reverse',
  },
  {
    spellings: ['SERVICE_UNAVAILABLE'],
    httpStatus: 503,
    means: 'refused for now',
    why: 'service offline or overload protection',
  },

  // Known from APIv2's reverse and refund pages; that they may come through the refund within a reverse is inferred.
  {
    spellings: ['REQUIRE_POST_METHOD'],
    httpStatus: 405,
    means: 'refused for now',
    why: 'not expected: a reverse is a POST',
  },
  {
    spellings: ['USER_ACCOUNT_ABNORMAL'],
    httpStatus: 403,
    means: 'refused for now',
    why: "the user's account is closed or frozen",
  },
  {
    spellings: ['TRADE_OVERDUE'],
    httpStatus: 403,
    means: 'refused for now',
    why: 'too old to be refunded; our own rule ends it sooner',
  },
  {
    spellings: ['BIZERR_NEED_RETRY'],
    httpStatus: 500,
    means: 'refused for now',
    why: 'repeat with the same parameters',
  },
  {
    spellings: ['INVALID_REQ_TOO_MUCH'],
    httpStatus: 429,
    means: 'refused for now',
    why: 'too many invalid calls: repeat after a minute',
  },
]

const meanings = new Map(CODES.flatMap((row) => row.spellings.map((spelling) => [spelling, row.means])))

/** What a code means, or `unknown` for one that no row knows. An error without a code is judged by its HTTP status. */
export function meaningOf(code: string | undefined, httpStatus: number): CodeMeaning | 'unknown' {
  if (code !== undefined) return meanings.get(code) ?? 'unknown'
  if (httpStatus === 401) return 'signature'
  return httpStatus === 429 || httpStatus >= 500 ? 'refused for now' : 'unknown'
}
