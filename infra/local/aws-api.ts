import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Json } from './cloudformation.ts'
import { readBody, type Server, serve } from './http-server.ts'
import type { Right } from './policy.ts'

/** An error as an AWS service gives it: the name its clients know, what it says, and its HTTP status. */
export class AwsError extends Error {
  readonly status: number
  readonly headers: Record<string, string>
  constructor(name: string, message: string, status = 400, headers = {}) {
    super(message)
    this.name = name
    this.status = status
    this.headers = headers
  }
}

/** One AWS service of this stack. */
export interface AwsService {
  /** Its name in signatures and in `arn:`s, such as `sqs`. */
  name: string
  /** What stands before the dot in `X-Amz-Target`, such as `AmazonSQS`. */
  target: string
  contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1'
  /** What a caller must be allowed to do for this call: all of it. */
  rights(operation: string, input: Json): Right[]
  /** @throws AwsError as the service itself would answer */
  call(operation: string, input: Json, request?: SignedRequest): Promise<Json> | Json
}

/** Decides whether a request is from somebody who may do this. @throws AwsError when not */
export type Guard = (request: SignedRequest, service: string, rights: Right[]) => Promise<void> | void

/** A request with everything its signature covers. */
export interface SignedRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: Buffer
}

/** A disturbance of one service, for as many calls as `times` says. */
export interface Fault {
  /** Only calls of this operation. */
  operation?: string
  /** Only calls this says yes to. */
  matching?: (input: Json) => boolean
  /** Answer with this error (name and status), such as `ThrottlingException`. Without one the call goes through, late. */
  error?: string
  status?: number
  /** Close the connection without an answer. */
  reset?: boolean
  /** Wait so long first. */
  delayMs?: number
  /** How many calls are disturbed; all until it is stopped, when left out. */
  times?: number
}

export type AwsApi = Server & {
  /** Starts answering. The address is there before, because the template is resolved with it. */
  open(services: AwsService[], lambda: RestService, guard: Guard): void
  /** Disturbs a service from now on. Returns a function that ends it. */
  fail(service: string, fault: Fault): () => void
}

/** A service with REST calls, which carry no `X-Amz-Target`. */
export interface RestService {
  name: string
  /** Undefined when the request is not for it. */
  rights(request: SignedRequest): Right[] | undefined
  call(request: SignedRequest): Promise<{ status: number; headers?: Record<string, string>; body: string }>
}

/**
 * One address that speaks the AWS JSON protocols for every service of the stack, as the AWS SDK does on the wire.
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export async function startAwsApi(): Promise<AwsApi> {
  let services: AwsService[] = []
  let lambda: RestService | undefined
  let guard: Guard = () => undefined
  const faults: (Fault & { service: string })[] = []

  const disturb = async (service: string, operation: string, input: Json) => {
    const fault = faults.find(
      (one) =>
        one.service === service &&
        (one.operation ?? operation) === operation &&
        (one.times ?? 1) > 0 &&
        (one.matching?.(input) ?? true),
    )
    if (!fault) return
    if (fault.times !== undefined) fault.times--
    if (fault.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
    if (fault.reset) throw new ConnectionReset()
    if (fault.error) throw new AwsError(fault.error, `${fault.error}, as asked for`, fault.status)
  }

  const answerJson = async (request: SignedRequest, response: ServerResponse, target: string) => {
    const [prefix = '', operation = ''] = target.split('.')
    const service = services.find((one) => one.target === prefix)
    if (!service) throw new AwsError('UnknownOperationException', `No service here answers to ${target}`)
    response.setHeader('content-type', service.contentType)
    const input = JSON.parse(request.body.toString() || '{}')
    await disturb(service.name, operation, input)
    await guard(request, service.name, service.rights(operation, input))
    response.end(JSON.stringify(await service.call(operation, input, request)))
  }

  const answerRest = async (request: SignedRequest, response: ServerResponse) => {
    const rights = lambda?.rights(request)
    if (!lambda || !rights)
      throw new AwsError('UnknownOperationException', `Nothing here answers to ${request.url}`, 404)
    await disturb(lambda.name, 'Invoke', {})
    await guard(request, lambda.name, rights)
    const { status, headers, body } = await lambda.call(request)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }

  const server = await serve(async (message, response) => {
    response.setHeader('x-amzn-requestid', randomUUID())
    try {
      const { method, url, headers } = message
      const request = { method: method!, url: url!, headers, body: await readBody(message) }
      const target = headers['x-amz-target']
      await (target ? answerJson(request, response, String(target)) : answerRest(request, response))
    } catch (error) {
      if (error instanceof ConnectionReset) return response.destroy()
      const { name, message: text, status, headers } = error instanceof AwsError ? error : internalFailure(error)
      response.setHeader('x-amzn-errortype', name)
      response.writeHead(status, headers).end(JSON.stringify({ __type: name, message: text, Message: text }))
    }
  })

  return {
    ...server,
    open: (...opened) => {
      ;[services, lambda, guard] = opened
    },
    fail: (service, fault) => {
      const entry = { ...fault, service }
      faults.push(entry)
      return () => {
        faults.splice(faults.indexOf(entry), 1)
      }
    },
  }
}

class ConnectionReset extends Error {}

const internalFailure = (error: unknown) => new AwsError('InternalFailure', String(error), 500)
