import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { BACKOFF } from '../reversal/backoff.ts'
import { ERRORS, ReversalError, type Said } from '../reversal/errors.ts'

type Headers = Record<string, string>

export function jsonResponse(
  statusCode: number,
  body: unknown,
  headers: Headers = {},
): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/** A problem (RFC 9457), with WeChat Pay's `code` and `request_id` where there are any. */
export function problem(
  status: number,
  title: string,
  detail: string,
  { code, request_id }: Said = {},
  headers: Headers = {},
): APIGatewayProxyStructuredResultV2 {
  const body = { type: `urn:wechatpay-reversal:problem:${title}`, title, status, detail, code, request_id }
  return {
    statusCode: status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: JSON.stringify(body),
  }
}

/** An error of ours under its name; any other tells the caller nothing about our inside. */
export function problemOf(error: unknown): APIGatewayProxyStructuredResultV2 {
  if (!(error instanceof ReversalError))
    return problem(500, 'InternalError', 'something unexpected went wrong: send it again')
  const { status } = ERRORS[error.name]
  return problem(
    status,
    error.name,
    error.message,
    error,
    status === 503 ? { 'Retry-After': String(BACKOFF.firstSeconds) } : {},
  )
}
