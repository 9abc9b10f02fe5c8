/** HTTP status, message, and the number WeChat Pay appends to Request-ID (0 where none is known). */
export interface ErrorCode {
  status: number
  message: string
  subCode: number
}

const row = (status: number, message: string, subCode = 0): ErrorCode => ({ status, message, subCode })

/**
 * The business errors of the transactions family, in both spellings WeChat Pay's pages use.
 * The reverse page itself lists only the public ones (PARAM_ERROR, INVALID_REQUEST, SIGN_ERROR, SYSTEM_ERROR):
 * that the others may answer a reverse is inferred from its siblings, query and close.
 */
export const errorCodes = {
  USER_PAYING: row(202, '用户支付中'),
  USERPAYING: row(202, '正在支付中不能发起撤销'),
  APPID_MCHID_NOT_MATCH: row(400, 'appid和mchid不匹配', 268445527),
  INVALID_REQUEST: row(400, '无效请求'),
  MCH_NOT_EXISTS: row(400, '商户号不存在'),
  ORDER_CLOSED: row(400, '订单已关闭', 268447914),
  ORDERCLOSED: row(400, '订单已关闭', 268447914),
  PARAM_ERROR: row(400, '参数错误', 268435461),
  SIGN_ERROR: row(401, '验证不通过', 268443699),
  ACCOUNT_ERROR: row(403, '用户账户异常'),
  ACCOUNTERROR: row(403, '用户账户异常'),
  NO_AUTH: row(403, '商户无权限'),
  NOAUTH: row(403, '商户无权限'),
  NOT_ENOUGH: row(403, '余额不足'),
  NOTENOUGH: row(403, '余额不足'),
  OUT_TRADE_NO_USED: row(403, '商户订单号重复', 268498688),
  RULE_LIMIT: row(403, '业务规则限制'),
  RULELIMIT: row(403, '业务规则限制'),
  TRADE_ERROR: row(403, '交易错误'),
  ORDER_NOT_EXIST: row(404, '订单不存在', 268512771),
  ORDERNOTEXIST: row(404, '订单不存在', 268512771),
  RESOURCE_NOT_EXISTS: row(404, '资源不存在'),
  METHOD_NOT_ALLOWED: row(405, '请求方法不支持'),
  FREQUENCY_LIMITED: row(429, '频率超限', 268447840),
  RATELIMIT_EXCEEDED: row(429, '频率超限', 268447840),
  RATE_LIMITED: row(429, '频率超限', 268447840),
  FREQUENCY_LIMIT: row(429, '频率超限', 268447840),
  FREQUENCY_LIMIT_EXCEED: row(429, '频率超限', 268447840),
  SYSTEM_ERROR: row(500, '系统异常，请稍后重试'),
  SYSTEMERROR: row(500, '系统异常，请稍后重试'),
  BANK_ERROR: row(500, '银行系统异常'),
  BANKERROR: row(500, '银行系统异常'),
  INVALID_TRANSACTIONID: row(500, '订单号非法'),
  OPENID_MISMATCH: row(500, 'openid和appid不匹配'),
  SERVICE_UNAVAILABLE: row(503, '服务不可用'),
} satisfies Record<string, ErrorCode>

export type Code = keyof typeof errorCodes

/** What an endpoint answers, before it is signed. A null body is an empty one. */
export interface Result {
  status: number
  body: object | null
  subCode: number
}

export const ok = (body: object, status = 200): Result => ({ status, body, subCode: 0 })

/** An error answer `{code, message, detail}`. `detail` is left out where there is none, as observed. */
export function errorResult(code: Code, message?: string, detail?: object): Result {
  const { status, message: usual, subCode } = errorCodes[code]
  return { status, body: { code, message: message ?? usual, ...(detail ? { detail } : {}) }, subCode }
}
