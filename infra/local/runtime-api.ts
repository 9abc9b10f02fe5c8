import type { ServerResponse } from 'node:http'
import { readBody, type Server, serve } from './http-server.ts'

/** One piece of work for an execution environment. */
export interface Invocation {
  requestId: string
  payload: string
  deadlineMs: number
  functionArn: string
  traceHeader: string
}

export interface RuntimeEvents {
  /** The environment asks for work: its init, or its last invocation, is over. */
  onNext(): void
  /** It answered an invocation. `isError` when the handler threw. */
  onAnswer(requestId: string, payload: string, isError: boolean): void
  /** Its module could not be loaded. */
  onInitError(payload: string): void
}

export type RuntimeApi = Server & { send(invocation: Invocation): void }

/**
 * The Runtime API that Lambda shows to one execution environment.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export async function startRuntimeApi(events: RuntimeEvents): Promise<RuntimeApi> {
  let waiting: ServerResponse | undefined
  const server = await serve(async (request, response) => {
    const path = request.url!.replace('/2018-06-01/runtime', '')
    if (path === '/invocation/next') {
      waiting = response
      return events.onNext()
    }
    const body = (await readBody(request)).toString()
    response.writeHead(202).end()
    if (path === '/init/error') return events.onInitError(body)
    const [, requestId, kind] = path.match(/^\/invocation\/([^/]+)\/(response|error)$/) ?? []
    if (requestId) events.onAnswer(decodeURIComponent(requestId), body, kind === 'error')
  })
  return {
    ...server,
    send: ({ requestId, payload, deadlineMs, functionArn, traceHeader }) => {
      waiting?.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': deadlineMs,
        'lambda-runtime-invoked-function-arn': functionArn,
        'lambda-runtime-trace-id': traceHeader,
      })
      waiting?.end(payload)
      waiting = undefined
    },
  }
}
