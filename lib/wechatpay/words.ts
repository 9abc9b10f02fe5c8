import type { Answer } from './answer.ts'

/** Longer words help nobody, and what does not verify may be of any length. */
const MAX_LENGTH = 300

/**
 * What an answer says of a failure, in its own words, for the person on call: status, code, message, the issue of its
 * detail, and the Request-ID that WeChat Pay's support asks for. Undefined when it says nothing of a failure.
 */
export function wordsOf(answer: Answer): string | undefined {
  if (answer.kind === 'none') return undefined
  const { status, code, request_id } = answer
  if (status < 400 && code === undefined) return undefined
  const words = [status, code, messageOf(answer), request_id && `(Request-ID ${request_id})`].filter(Boolean).join(' ')
  return answer.kind === 'verified' ? words : `${words}, unverified: ${answer.reason}`
}

/** The message with the issue of its detail. */
export function messageOf({ message, detail }: Exclude<Answer, { kind: 'none' }>): string | undefined {
  return [message, issueOf(detail)].filter(Boolean).join(' ').slice(0, MAX_LENGTH) || undefined
}

/** Only what says which field is wrong, and how: the value itself may be personal data. */
function issueOf(detail: unknown): string | undefined {
  if (typeof detail === 'string') return detail
  if (typeof detail !== 'object' || detail === null) return undefined
  const { field, issue } = detail as { field?: unknown; issue?: unknown }
  const parts = [field, issue].filter((part) => typeof part === 'string' && part !== '')
  return parts.length > 0 ? `[${parts.join(': ')}]` : undefined
}
