/**
 * What an error code says about the call that got it:
 *
 *  - `refused for good`: the same call will never be accepted; somebody must change something
 *  - `refused for now`:  repeat later; it says nothing about whether the order was touched
 *  - `no such order`:    under this mchid WeChat Pay knows no such order (or not yet)
 *  - `mismatch`:         the merchants it names do not belong together or to this order; it will never be accepted
 *  - `signature`:        our signature was not accepted, the call was not executed
 */
export type CodeMeaning = 'refused for good' | 'refused for now' | 'no such order' | 'mismatch' | 'signature'

/**
 * The error codes of the transactions family, a line each in every spelling seen, with their HTTP status. The reverse page
 * lists only PARAM_ERROR, INVALID_REQUEST, SIGN_ERROR and SYSTEM_ERROR
 * (official: https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct/reverse.html); the business codes are
 * documented for close (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556398) and inferred for reverse.
 */
export const CODES: Readonly<Record<Exclude<CodeMeaning, 'mismatch'>, readonly string[]>> = {
  'refused for good': [
    'PARAM_ERROR PARAMERROR', // 400: a parameter is wrong
    'APPID_MCHID_NOT_MATCH', // 400: appid and mchid are not bound
    'MCH_NOT_EXISTS MCH_NOT_EXIST MCHID_NOT_EXIST', // 400: no such merchant
    'NO_AUTH NOAUTH', // 403: the merchant lacks the permission
  ],
  'no such order': [
    'ORDER_NOT_EXIST ORDERNOTEXIST', // 404: never arrived, or not yet
  ],
  signature: [
    'SIGN_ERROR SIGNERROR', // 401: wrong key, serial, time or bytes
  ],
  'refused for now': [
    'USER_PAYING USERPAYING', // 202: the user is at the password box
    'INVALID_REQUEST', // 400: also said of repeats and of too many calls
    'ORDER_CLOSED ORDERCLOSED', // 400: closed already: the query says so
    'ORDER_REVERSED ORDERREVERSED', // 400: reversed already: the query says so
    'REVERSE_EXPIRE', // 400: older than 7 days in APIv2; our own rule ends it
    'ACCOUNT_ERROR ACCOUNTERROR', // 403: the user's account is abnormal
    'NOT_ENOUGH NOTENOUGH', // 403: the merchant's balance must be topped up
    'OUT_TRADE_NO_USED OUTTRADENOUSED', // 403: not expected on a reverse
    'RULE_LIMIT RULELIMIT', // 403: a business rule or a frequency
    'TRADE_ERROR TRADEERROR', // 403: business failure, the message says which
    'FREQUENCY_LIMITED FREQUENCY_LIMIT FREQUENCY_LIMIT_EXCEED', // 429: too many calls, or two at once on one order
    'RATE_LIMITED RATE_LIMIT_EXCEEDED RATELIMIT_EXCEEDED RATELIMIT_EXCEED', // 429: the same
    'SYSTEM_ERROR SYSTEMERROR', // 500: repeat with the same parameters
    'BANK_ERROR BANKERROR', // 500: repeat with the same parameters
    'INVALID_TRANSACTIONID INVALID_TRANSACTION_ID', // 500: not expected: we name the order by out_trade_no
    'OPENID_MISMATCH', // 500: not expected on a reverse
    'SERVICE_UNAVAILABLE', // 503: service offline or overload protection

    // Known from the overseas reverse of contract payments; that the domestic one may say them is inferred.
    'NOT_FOUND', // 404: not said of the order itself, so no proof that there is none
    'ORDER_PAID', // 400: the query says so

    // Known from APIv2's reverse and refund pages; that they may come through the refund within a reverse is inferred.
    'REQUIRE_POST_METHOD', // 405: not expected: a reverse is a POST
    'USER_ACCOUNT_ABNORMAL', // 403: the user's account is closed or frozen
    'TRADE_OVERDUE', // 403: too old to be refunded; our own rule ends it sooner
    'BIZERR_NEED_RETRY', // 500: repeat with the same parameters
    'INVALID_REQ_TOO_MUCH', // 429: too many invalid calls: repeat after a minute
  ],
}

/**
 * Numbers at the end of `Request-ID` that decide, because the names of their codes are not documented (official: the
 * troubleshooting guide in https://github.com/wechatpay-apiv3/wechatpay-skills). The header is not signed: a number may lead
 * to a person, never to an outcome.
 */
export const NUMBERS: ReadonlyMap<string, CodeMeaning> = new Map([
  ['268447845', 'mismatch'], // sub_mchid is not the one of the order
  ['268443705', 'mismatch'], // sub_mchid is the service provider's own mchid
  ['268443704', 'mismatch'], // sub_mchid is missing
  ['268443701', 'mismatch'], // sub_mchid is no merchant of this service provider
])

const meanings = new Map(
  Object.entries(CODES).flatMap(([means, rows]) =>
    rows.flatMap((row) => row.split(' ').map((spelling) => [spelling, means as CodeMeaning] as const)),
  ),
)

/** An answer without a code is judged by its HTTP status. */
export function meaningOf({ code, status, request_id = '' }: ErrorAnswer): CodeMeaning | 'unknown' {
  const byNumber = NUMBERS.get(request_id.slice(request_id.lastIndexOf('-') + 1))
  if (byNumber !== undefined) return byNumber
  if (code !== undefined) return meanings.get(code) ?? 'unknown'
  if (status === 401) return 'signature'
  return status === 429 || status >= 500 ? 'refused for now' : 'unknown'
}

export interface ErrorAnswer {
  status: number
  code?: string | undefined
  request_id?: string | undefined
}
