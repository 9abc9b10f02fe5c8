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
      return `an answer from ${event.endpoint} does not verify (HTTP ${event.status}, ${event.reason}${event.serial === undefined ? '' : ` ${event.serial}`})`
    case 'FailOver':
      return `asking ${event.to} in place of ${event.from}`
    case 'UnknownState':
      return `a state or code this version does not know: ${event.code ?? String(event.trade_state)} (HTTP ${event.status})`
    case 'ReverseRefused':
      return `the reverse was refused: HTTP ${event.status} ${event.code} ${event.message ?? ''}`.trimEnd()
    case 'PaidHistoryIgnored':
      return `the history's proof of payment does not verify (key ${event.serial}) and is ignored`
    default:
      return undefined
  }
}
