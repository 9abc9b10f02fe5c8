import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { ReversalError } from '../reversal/errors.ts'
import { parseOrderJson } from '../reversal/order-json.ts'
import { MERCHANT_NUMBER, type OrderId, type OrderKind } from '../wechatpay/order-id.ts'
import { OUT_TRADE_NO } from '../wechatpay/order-number.ts'

/** The order of a reverse request: the body's fields, and the path's out_trade_no. Not yet checked as an order. */
export function parseReverseRequest(event: APIGatewayProxyEventV2): Record<string, unknown> {
  const body = parseBody(event)
  const out_trade_no = event.pathParameters?.out_trade_no
  if ('out_trade_no' in body && body.out_trade_no !== out_trade_no) {
    throw new ReversalError('InvalidOrder', 'out_trade_no: the body says another than the path')
  }
  return { ...body, out_trade_no }
}

/** Whose orders a path is about: a service provider's have their own, as at WeChat Pay. */
export function kindOfRequest({ rawPath, routeKey }: Pick<APIGatewayProxyEventV2, 'rawPath' | 'routeKey'>): OrderKind {
  const isPartner = /^(\w+ )?(\/[\w-]+)?\/v3\/pay\/partner\//
  return isPartner.test(routeKey ?? '') || isPartner.test(rawPath ?? '') ? 'partner' : 'direct'
}

/** The order of a state request. @throws ReversalError InvalidOrder that names the field */
export function parseStateRequest(event: APIGatewayProxyEventV2): OrderId {
  const out_trade_no = event.pathParameters?.out_trade_no ?? ''
  if (!OUT_TRADE_NO.test(out_trade_no)) {
    throw new ReversalError('InvalidOrder', 'out_trade_no: must be 1 to 32 digits, letters, "_", "-" or "*"')
  }
  const merchant = (name: string) => {
    const number = event.queryStringParameters?.[name]
    if (number === undefined) throw new ReversalError('InvalidOrder', `${name}: is missing in the query string`)
    if (!MERCHANT_NUMBER.test(number)) {
      throw new ReversalError('InvalidOrder', `${name}: must be 1 to 32 digits or letters`)
    }
    return number
  }
  return kindOfRequest(event) === 'direct'
    ? { mchid: merchant('mchid'), out_trade_no }
    : { sp_mchid: merchant('sp_mchid'), sub_mchid: merchant('sub_mchid'), out_trade_no }
}

/** True for `Prefer: respond-async` (RFC 7240), alone or among other preferences. */
export function prefersAsync(event: APIGatewayProxyEventV2): boolean {
  const prefer = Object.entries(event.headers ?? {}).find(([name]) => name.toLowerCase() === 'prefer')?.[1] ?? ''
  return prefer.split(',').some((preference) => preference.split(';')[0]!.trim().toLowerCase() === 'respond-async')
}

function parseBody({ body, isBase64Encoded }: APIGatewayProxyEventV2): Record<string, unknown> {
  if (!body) throw new ReversalError('InvalidOrder', 'the body is missing')
  return parseOrderJson(isBase64Encoded ? decode(body) : body, 'body')
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(base64: string): string {
  try {
    return utf8.decode(Buffer.from(base64, 'base64'))
  } catch {
    throw new ReversalError('InvalidOrder', 'the body must be JSON in UTF-8')
  }
}
