import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware'
import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { logger, metrics } from './telemetry.ts'

/** A Lambda handler in middy: log lines carry the request's id, metrics are written however the invocation ends. */
export function lambdaFunction<Event, Result>(handle: (event: Event, context: Context) => Promise<Result>) {
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics()
  }
  return (
    middy<Event, Result>()
      // Never the event, whatever the environment says: its history may hold personal data.
      .use(injectLambdaContext(logger, { logEvent: false }))
      .use({ after: publish, onError: publish })
      .handler((event, context) => handle(event, context))
  )
}

/** Milliseconds an invocation may still use when `reservedMs` are kept for what must come after. */
export function timeLeft(context: Pick<Context, 'getRemainingTimeInMillis'>, reservedMs: number): () => number {
  return () => context.getRemainingTimeInMillis() - reservedMs
}
