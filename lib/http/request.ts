import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { ReversalError } from '../reversal/errors.ts'
import { parseOrderJson } from '../reversal/order-json.ts'
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

/** The order of a state request. @throws ReversalError InvalidOrder that names the field */
export function parseStateRequest(event: APIGatewayProxyEventV2): { mchid: string; out_trade_no: string } {
  const out_trade_no = event.pathParameters?.out_trade_no ?? ''
  const mchid = event.queryStringParameters?.mchid
  if (!OUT_TRADE_NO.test(out_trade_no)) {
    throw new ReversalError('InvalidOrder', 'out_trade_no: must be 1 to 32 digits, letters, "_", "-" or "*"')
  }
  if (mchid === undefined) throw new ReversalError('InvalidOrder', 'mchid: is missing in the query string')
  if (mchid.length < 1 || mchid.length > 32)
    throw new ReversalError('InvalidOrder', 'mchid: must have 1 to 32 characters')
  return { mchid, out_trade_no }
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
