import type { ReversalEvent } from '../../lib/reversal/events.ts'
import type { WireEvent } from '../../lib/wechatpay/client.ts'
import { paint, tell } from './paint.ts'

/** Tells a person what happened on the way, in a quiet line each. */
export function tellEvent(event: WireEvent | ReversalEvent) {
  const words = wordsFor(event)
  if (words !== undefined) tell(paint.quiet(`  ${words}`, process.stderr))
}

function wordsFor(event: WireEvent | ReversalEvent): string | undefined {
  switch (event.name) {
    case 'NoAnswer':
      return `no answer from ${event.endpoint} (${event.cause ?? event.reason})`
    case 'UnverifiedAnswer':
      return `an answer from ${event.endpoint} does not verify (${event.reason}${event.serial === undefined ? '' : ` ${event.serial}`}): ${said(event)}`
    case 'FailOver':
      return `asking ${event.to} in place of ${event.from}`
    case 'UnknownState':
      return `a state or code this version does not know: ${event.trade_state === undefined ? '' : `${event.trade_state}, `}${said(event)}`
    case 'QueryRefused':
      return `the query was refused: ${said(event)}`
    case 'ReverseRefused':
      return `the reverse was refused: ${said(event)}`
    case 'PaidHistoryIgnored':
      return `the history's proof of payment does not verify (key ${event.serial}) and is ignored`
    default:
      return undefined
  }
}

interface Answered {
  status: number
  code?: string | undefined
  message?: string | undefined
  request_id?: string | undefined
}

/** The answer's own words. */
const said = ({ status, code, message, request_id }: Answered) =>
  [`HTTP ${status}`, code, message, request_id && `(Request-ID ${request_id})`].filter(Boolean).join(' ')
