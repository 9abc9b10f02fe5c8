import { TIMES } from './decision/conditions.ts'
import { ReversalError } from './errors.ts'

/**
 * What passes, such as wrong credentials, may keep an order on the queue for 7 days, not for ever: in the end the queue would
 * drop it without a word. Any other error, and one of a younger order, comes back as it is.
 *
 * @param firstSeenAt, now milliseconds since the epoch
 */
export function expireAtLast(error: unknown, firstSeenAt: number, now: number): unknown {
  const isPassing = !(error instanceof ReversalError) || error.name === 'CredentialsUnavailable'
  if (!isPassing || (now - firstSeenAt) / 1000 <= TIMES.reversible) return error
  const { name, message } = error as Error
  const detail = `more than 7 days have passed; last reason: ${name}: ${message}; last verified state: none`
  return new ReversalError('ReversalExpired', detail, error instanceof ReversalError ? error : {}, { cause: error })
}
