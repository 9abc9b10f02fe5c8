import { type Authorization, checkAuthorization, type NonceLog, type Refusal } from './authorization.ts'
import { errorResult, type Result } from './error-codes.ts'
import type { Merchants } from './merchants.ts'
import { type Mode, modeOf, type Names } from './names.ts'
import type { Asked, Endpoint } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { type Host, valuesOf, type WireRequest } from './wire.ts'

/** A request that passed every check. */
export interface Call extends Names {
  host: Host
  endpoint: Endpoint
  mode: Mode
  /** Null where the request is about no order. */
  out_trade_no: string | null
  /** The value of the request's own `Wechatpay-Serial`: the key it wants the answer signed with. */
  wantsKey: string | undefined
}

export type Checked = { call: Call; handle: Asked['handle'] } | { refusal: Refusal }

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
  // The page asks for application/json; the official SDK for Go sends */*, and works.
  if (!accept?.some((range) => range === 'application/json' || range === '*/*')) {
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
  const result = read(request, authorized, merchants)
  if ('call' in result) return result
  const wantsKey = valuesOf(request.headers, 'Wechatpay-Serial')[0]
  return { refusal: { signed: true, wantsKey, result, reason: reasonOf(result) } }
}

function reasonOf({ body }: Result): string {
  const { code, message } = body as { code: string; message: string }
  return `${code}: ${message}`
}

type Read = Exclude<Checked, { refusal: Refusal }>

function read(request: WireRequest, { mchid }: Authorization, merchants: Merchants): Read | Result {
  const fault = headerFault(request)
  if (fault) return fault
  const [pathname = '', ...search] = request.target.split('?')
  const matching = OPERATIONS.filter(({ path }) => path.test(pathname))
  if (matching.length === 0) return errorResult('RESOURCE_NOT_EXISTS')
  const operation = matching.find(({ method }) => method === request.method)
  if (!operation) return errorResult('METHOD_NOT_ALLOWED')

  const { endpoint } = operation
  const asked = operation.read({
    merchant: merchants.find(mchid)!,
    path: operation.path.exec(pathname)!.slice(1),
    query: search.length > 0 ? search.join('?') : undefined,
    body: request.body,
  })
  if ('status' in asked) return asked
  const { names, out_trade_no, handle } = asked
  const wantsKey = valuesOf(request.headers, 'Wechatpay-Serial')[0]
  return {
    call: { ...names, host: request.host ?? 'main', endpoint, mode: modeOf(names), out_trade_no, wantsKey },
    handle,
  }
}
