import { type Authorization, checkAuthorization, type NonceLog, type Refusal } from './authorization.ts'
import { type CodepayBody, codepayBody, type ReadBody, type ReverseBody, readBody, reverseBody } from './bodies.ts'
import { errorResult, type Result } from './error-codes.ts'
import type { Merchants } from './merchants.ts'
import { type Endpoint, type Host, valuesOf, type WireRequest } from './wire.ts'

/** A request that passed every check. */
export type Call = {
  host: Host
  mchid: string
  out_trade_no: string
  /** The value of the request's own `Wechatpay-Serial`: the key it wants the answer signed with. */
  wantsKey: string | undefined
} & (
  | { endpoint: 'query' }
  | { endpoint: 'reverse'; appid: string }
  | { endpoint: 'codepay'; appid: string; body: CodepayBody }
)

export type Checked = { call: Call } | { refusal: Refusal }

const transactions = '/v3/pay/transactions'
const route = new RegExp(`^${transactions}/(?:(codepay)|out-trade-no/([^/?]*)(/reverse)?)(?:\\?(.*))?$`)
const outTradeNo = /^[0-9A-Za-z_\-*]{1,32}$/

const parameterError = (field: string, value: unknown, issue: string, location: string) =>
  errorResult('PARAM_ERROR', `参数错误: ${field} ${issue}`, { field, value, issue, location })

/** The header rules of APIv3 (official basic rules); null when all are kept. Statuses and codes partly inferred. */
function headerFault(request: WireRequest): Result | null {
  const one = (name: string) => {
    const values = valuesOf(request.headers, name)
    return values.length === 1 ? values[0] : undefined
  }
  if (!one('User-Agent')) return errorResult('PARAM_ERROR', 'Http头缺少Accept或User-Agent: User-Agent')
  const accept = one('Accept')
    ?.split(',')
    .map((range) => range.split(';')[0]?.trim().toLowerCase())
  if (!accept?.includes('application/json')) {
    return errorResult('PARAM_ERROR', 'Http头缺少Accept或User-Agent: Accept must be application/json')
  }
  if (request.method === 'POST' && !/^application\/json(; ?charset=utf-8)?$/i.test(one('Content-Type') ?? '')) {
    return errorResult('INVALID_REQUEST', 'Content-Type must be application/json')
  }
  if (valuesOf(request.headers, 'Wechatpay-Serial').length > 1) {
    return errorResult('INVALID_REQUEST', 'Wechatpay-Serial must stand once')
  }
  return null
}

/** Everything the real gateway checks, in its order: signature, headers, path, body. Pure but for the nonce log. */
export function checkRequest(request: WireRequest, merchants: Merchants, nonces: NonceLog, now: number): Checked {
  const authorized = checkAuthorization(request, merchants, nonces, now)
  if ('refusal' in authorized) return authorized
  const result = refuse(request, authorized, merchants)
  if ('endpoint' in result) return { call: result }
  const wantsKey = valuesOf(request.headers, 'Wechatpay-Serial')[0]
  return { refusal: { signed: true, wantsKey, result, reason: reasonOf(result) } }
}

const reasonOf = ({ body }: Result) => {
  const { code, message } = body as { code: string; message: string }
  return `${code}: ${message}`
}

function refuse(request: WireRequest, { mchid }: Authorization, merchants: Merchants): Call | Result {
  const headers = headerFault(request)
  if (headers) return headers
  const matched = route.exec(request.target)
  if (!matched) return errorResult('RESOURCE_NOT_EXISTS')
  const [, codepay, number = '', reverse, query] = matched
  const endpoint: Endpoint = codepay ? 'codepay' : reverse ? 'reverse' : 'query'
  if (request.method !== (endpoint === 'query' ? 'GET' : 'POST')) return errorResult('METHOD_NOT_ALLOWED')

  const base = { host: request.host ?? 'main', mchid, wantsKey: valuesOf(request.headers, 'Wechatpay-Serial')[0] }
  if (endpoint !== 'codepay' && !outTradeNo.test(number)) {
    // Percent-encoded characters end here too: none of the allowed ones needs it.
    return parameterError('out_trade_no', number, 'must be 1 to 32 of 0-9A-Za-z_-*', 'path')
  }

  if (endpoint === 'query') {
    if (request.body.length > 0) return errorResult('INVALID_REQUEST', 'GET takes no body')
    if (query !== `mchid=${mchid}`) {
      return parameterError('mchid', query ?? null, 'must be the mchid that signed, and nothing else', 'query')
    }
    return { ...base, endpoint, out_trade_no: number }
  }

  if (query !== undefined) return parameterError('query', query, 'must be absent', 'query')
  const read: ReadBody<ReverseBody | CodepayBody> =
    endpoint === 'reverse' ? readBody(reverseBody, request.body) : readBody(codepayBody, request.body)
  if ('issue' in read) return parameterError(read.field, read.value, read.issue, 'body')
  const { body } = read
  const { appid } = body
  if (body.mchid !== mchid) return parameterError('mchid', body.mchid, 'must be the mchid that signed', 'body')
  if (!merchants.find(mchid)!.appids.includes(appid)) return errorResult('APPID_MCHID_NOT_MATCH')
  return 'out_trade_no' in body
    ? { ...base, endpoint: 'codepay', appid, out_trade_no: body.out_trade_no, body }
    : { ...base, endpoint: 'reverse', appid, out_trade_no: number }
}
