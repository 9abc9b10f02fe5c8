/**
 * How a reversal can be refused, under one name everywhere: its HTTP status (RFC 9457), and what becomes of it on the
 * queue. What passes stays there and backs off; the rest needs a person and goes to the dead letters at once.
 */
export const ERRORS = {
  InvalidOrder: { status: 400, onQueue: 'dead letter' },
  UnknownMerchant: { status: 403, onQueue: 'dead letter' },
  ReversalRejected: { status: 422, onQueue: 'dead letter' },
  RefundedElsewhere: { status: 409, onQueue: 'dead letter' },
  ReversalExpired: { status: 410, onQueue: 'dead letter' },
  CredentialsUnavailable: { status: 503, onQueue: 'stays' },
  HandOverFailed: { status: 503, onQueue: 'stays' },
} as const

export type ErrorName = keyof typeof ERRORS

/** What WeChat Pay said with it, where it said anything. */
export interface Said {
  code?: string | undefined
  message?: string | undefined
  request_id?: string | undefined
}

/** `name` is set from a literal, so that minifying cannot rename what Step Functions matches in Retry and Catch. */
export class ReversalError extends Error {
  override readonly name: ErrorName
  readonly code: string | undefined
  readonly request_id: string | undefined

  constructor(name: ErrorName, detail: string, said: Said = {}, options?: ErrorOptions) {
    super(detail, options)
    this.name = name
    this.code = said.code
    this.request_id = said.request_id
  }
}

/** True when repeating is of no use and a person must look. */
export function isFinal(error: unknown): error is ReversalError {
  return error instanceof ReversalError && ERRORS[error.name].onQueue === 'dead letter'
}
