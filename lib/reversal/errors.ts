/**
 * How a reversal can be refused, under one name everywhere, and what becomes of it: what may pass is repeated; the rest is
 * final, and needs a person.
 */
export const ERRORS = {
  InvalidOrder: 'final',
  UnknownMerchant: 'final',
  ReversalRejected: 'final',
  RefundedElsewhere: 'final',
  ReversalExpired: 'final',
  CredentialsUnavailable: 'may pass',
  HandOverFailed: 'may pass',
} as const

export type ErrorName = keyof typeof ERRORS

export interface WechatPayError {
  code?: string | undefined
  message?: string | undefined
  request_id?: string | undefined
}

/** `name` is set from a literal, so that minifying cannot rename what Step Functions matches in Retry and Catch. */
export class ReversalError extends Error {
  override readonly name: ErrorName
  readonly code: string | undefined
  readonly request_id: string | undefined

  constructor(name: ErrorName, detail: string, said: WechatPayError = {}, options?: ErrorOptions) {
    super(detail, options)
    this.name = name
    this.code = said.code
    this.request_id = said.request_id
  }
}

export function isFinal(error: unknown): error is ReversalError {
  return error instanceof ReversalError && ERRORS[error.name] === 'final'
}
