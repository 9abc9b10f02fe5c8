import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { beginInvocation, endInvocation } from './telemetry.ts'

/** A Lambda handler in middy: log lines carry the request's id, metrics are written however the invocation ends. */
export function lambdaFunction<Event, Result>(handle: (event: Event, context: Context) => Promise<Result>) {
  return middy<Event, Result>()
    .use({ before: ({ context }) => beginInvocation(context), after: endInvocation, onError: endInvocation })
    .handler((event, context) => handle(event, context))
}

/** Milliseconds an invocation may still use when `reservedMs` are kept for what must come after. */
export function timeLeft(context: Pick<Context, 'getRemainingTimeInMillis'>, reservedMs: number): () => number {
  return () => context.getRemainingTimeInMillis() - reservedMs
}
