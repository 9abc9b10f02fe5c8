/** HTTP status, message, and the number WeChat Pay appends to Request-ID (0 where none is known). */
export interface ErrorCode {
  status: number
  message: string
  subCode: number
}

function row(status: number, message: string, subCode = 0): ErrorCode {
  return { status, message, subCode }
}

/**
 * The business errors of the transactions family, in both spellings WeChat Pay's pages use.
 * The reverse page itself lists only the public ones (PARAM_ERROR, INVALID_REQUEST, SIGN_ERROR, SYSTEM_ERROR):
 * that the others may answer a reverse is inferred from its siblings, query and close.
 */
export const ERROR_CODES = {
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

export type Code = keyof typeof ERROR_CODES

/** What an endpoint answers, before it is signed. A null body is an empty one. */
export interface Result {
  status: number
  body: object | null
  subCode: number
  /** A file instead of a body: it goes out as it is, and unsigned. */
  file?: Buffer
  /** Where a redirect leads; it is unsigned too. */
  location?: string
}

export function ok(body: object, status = 200): Result {
  return { status, body, subCode: 0 }
}

/** An error answer `{code, message, detail}`. `detail` is left out where there is none, as observed. */
export function errorResult(code: Code, message?: string, detail?: object): Result {
  const { status, message: usual, subCode } = ERROR_CODES[code]
  return { status, body: { code, message: message ?? usual, ...(detail ? { detail } : {}) }, subCode }
}

/** A refusal that only the number in Request-ID tells apart. */
interface NumberedRefusal {
  /** Inferred: the official page of numbers names neither the code nor the HTTP status. */
  code: Code
  message: string
  subCode: number
}

/** Official numbers and meanings (the troubleshooting manual of WeChat Pay's own skills); codes and statuses inferred. */
export const NUMBERED_REFUSALS = {
  'sub_mchid does not match': { code: 'INVALID_REQUEST', message: 'sub_mchid与订单不匹配', subCode: 268447845 },
  'sub_mchid is the own mchid': { code: 'PARAM_ERROR', message: 'sub_mchid不能与sp_mchid相同', subCode: 268443705 },
  'sub_mchid is missing': { code: 'PARAM_ERROR', message: '缺少参数sub_mchid', subCode: 268443704 },
  'no such relation': { code: 'NO_AUTH', message: '受理关系不存在', subCode: 268443701 },
  'mchid does not own the order': { code: 'INVALID_REQUEST', message: '商户号与订单不匹配', subCode: 268447843 },
} as const satisfies Record<string, NumberedRefusal>

/** Why an order is not closed: official numbers of the same manual; codes and statuses inferred. */
export const CLOSE_REFUSALS = {
  'by pay code': { code: 'INVALID_REQUEST', message: '付款码支付的订单不能关单，只能撤销', subCode: 268449641 },
  paid: { code: 'INVALID_REQUEST', message: '订单已支付', subCode: 268449538 },
} as const satisfies Record<string, NumberedRefusal>

/** The same refund number for something else: official number and meaning; code and status inferred. */
export const REFUND_REPEATED_OTHERWISE: NumberedRefusal = {
  code: 'INVALID_REQUEST',
  message: '同一退款单号的请求参数不一致',
  subCode: 268498688,
}

export type RefusalName = keyof typeof NUMBERED_REFUSALS

/** A numbered refusal, under its usual code or another one. */
export function refusalResult(name: RefusalName, code: Code = NUMBERED_REFUSALS[name].code): Result {
  return numberedResult({ ...NUMBERED_REFUSALS[name], code })
}

export function numberedResult({ code, message, subCode }: NumberedRefusal): Result {
  return { ...errorResult(code, message), subCode }
}
