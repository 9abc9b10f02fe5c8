import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { BACKOFF } from '../reversal/backoff.ts'
import { type ErrorName, ReversalError, type WechatPayError } from '../reversal/errors.ts'
import type { LookUpResult } from '../reversal/look-up.ts'
import type { Pending } from '../reversal/result.ts'
import { queryTarget } from '../wechatpay/order-id.ts'

type Headers = Record<string, string>
type Response = APIGatewayProxyStructuredResultV2

const RETRY_SOON = { 'Retry-After': String(BACKOFF.firstSeconds) }

export function jsonResponse(statusCode: number, body: unknown, headers: Headers = {}): Response {
  return { statusCode, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** 202: not known yet, when to ask again, and where. */
export function accepted(pending: Pending, headers: Headers = {}): Response {
  return jsonResponse(202, pending, {
    ...headers,
    'Retry-After': String(pending.retry_after),
    // Our paths are WeChat Pay's own.
    Location: queryTarget(pending),
  })
}

/** 202 without an attempt, as `Prefer: respond-async` asked (RFC 7240). */
export const queuedAsAsked = (pending: Pending): Response =>
  accepted(pending, { 'Preference-Applied': 'respond-async' })

/** The state of an order, or why none can be told. */
export function stateResponse(result: LookUpResult): Response {
  switch (result.kind) {
    case 'found':
      return jsonResponse(200, result.state)
    case 'none':
      return problem(
        404,
        'OrderNotFound',
        'WeChat Pay knows no such order under this merchant, or not yet',
        result.error,
      )
    case 'unverified': {
      const words = result.words === undefined ? '' : ` (${result.words})`
      const detail = `no verified answer about the order came back${words}: try again`
      return problem(503, 'NothingVerified', detail, result.error, RETRY_SOON)
    }
  }
}

/** A problem (RFC 9457), with WeChat Pay's `code` and `request_id` where there are any. */
export function problem(
  status: number,
  title: string,
  detail: string,
  { code, request_id }: WechatPayError = {},
  headers: Headers = {},
): Response {
  const body = { type: `urn:wechatpay-reversal:problem:${title}`, title, status, detail, code, request_id }
  return {
    statusCode: status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: JSON.stringify(body),
  }
}

/** The HTTP status of each error (RFC 9110). */
export const STATUS = {
  InvalidOrder: 400,
  UnknownMerchant: 403,
  ReversalRejected: 422,
  RefundedElsewhere: 409,
  ReversalExpired: 410,
  CredentialsUnavailable: 503,
  HandOverFailed: 503,
} as const satisfies Record<ErrorName, number>

/** An error of ours under its name; any other tells the caller nothing about our inside. */
export function problemOf(error: unknown): Response {
  if (!(error instanceof ReversalError)) {
    return problem(500, 'InternalError', 'something unexpected went wrong: send it again')
  }
  const status = STATUS[error.name]
  return problem(status, error.name, error.message, error, status === 503 ? RETRY_SOON : {})
}

/** On the queue an order waits for its keys. Over HTTP nobody but the caller knows of it, and has to send it again. */
export function problemOfReverse(error: unknown): Response {
  if (!(error instanceof ReversalError) || error.name !== 'CredentialsUnavailable') return problemOf(error)
  return problemOf(new ReversalError(error.name, `${error.message}; nothing was queued: send it again`, error))
}
