import { countNames } from '../wechatpay/parse-object.ts'
import { ReversalError } from './errors.ts'

/**
 * A field that stands twice is refused: of `if_paid` "keep" and "refund" each reader would pick another one.
 *
 * @throws ReversalError InvalidOrder
 */
export function parseOrderJson(text: string, what: 'body' | 'message' | 'line'): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new ReversalError('InvalidOrder', `the ${what} must be JSON`)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ReversalError('InvalidOrder', `the ${what} must be a JSON object`)
  }
  if (countNames(text).count !== Object.keys(json).length) {
    throw new ReversalError('InvalidOrder', `the ${what} must name each field once`)
  }
  return json as Record<string, unknown>
}
