import middy from '@middy/core'
import { type FunctionName, RESERVED_MS } from './patience.ts'
import { beginInvocation, endInvocation } from './telemetry.ts'

/**
 * A Lambda handler in middy: log lines carry the request's id, metrics are written however the invocation ends.
 *
 * @param handle is told how many milliseconds are left for an attempt: those for what must follow it are kept back
 */
export function lambdaFunction<Event, Result>(
  name: FunctionName,
  handle: (event: Event, msLeft: () => number) => Promise<Result>,
) {
  return middy<Event, Result>()
    .use({ before: ({ context }) => beginInvocation(context), after: endInvocation, onError: endInvocation })
    .handler((event, context) => handle(event, () => context.getRemainingTimeInMillis() - RESERVED_MS[name]))
}
