import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { AwsError, type SignedRequest } from './aws-api.ts'
import { HttpApiError, type IamCaller, toEvent } from './http-event.ts'
import { findRoute, type Route } from './http-routes.ts'
import { readBody, type Server, serve } from './http-server.ts'
import type { Iam } from './iam.ts'
import { type Lambda, TooManyRequests } from './lambda.ts'

export interface HttpApiOptions {
  apiId: string
  accountId: string
  lambda: Lambda
  iam: Iam
  region: string
  partition: string
  now: () => number
}

export type HttpApi = Server & {
  /** Starts answering. The address is there before, because the template is resolved with it. */
  open(routes: Route[], options: HttpApiOptions): void
}

const MAX_BODY_BYTES = 10 * 1024 * 1024

/**
 * API Gateway's HTTP API, stage `$default`, with Lambda proxy integrations of payload format 2.0.
 * Throttling, CORS and custom domains are not simulated. 503 at the time-out is inferred from AWS's troubleshooting pages.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export async function startHttpApi(): Promise<HttpApi> {
  let routes: Route[] = []
  let options: HttpApiOptions | undefined

  const answer = async (message: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(message)
    if (body.length > MAX_BODY_BYTES) throw new HttpApiError(413, 'Request Entity Too Large')
    const url = new URL(`http://local${message.url}`)
    const match = findRoute(routes, message.method!, url.pathname)
    if (!match || !options) throw new HttpApiError(404, 'Not Found')
    const request = { method: message.method!, url: message.url!, headers: message.headers, body }
    const arn = executeApiArn(options, request.method, url.pathname)
    const caller = match.route.authorizationType === 'AWS_IAM' ? await authorize(options, request, arn) : undefined
    if (!mayInvoke(options, match.route, arn)) throw new HttpApiError(500, 'Internal Server Error')

    const event = toEvent({ message, body, url, match, caller }, options)
    const { payload, functionError } = await invokeInTime(options.lambda, match.route, JSON.stringify(event))
    if (functionError) throw new HttpApiError(500, 'Internal Server Error')
    send(response, payload)
  }

  const server = await serve(async (message, response) => {
    const requestId = randomUUID()
    response.setHeader('apigw-requestid', requestId)
    try {
      await answer(message, response)
    } catch (error) {
      const { status, message: text } = error instanceof HttpApiError ? error : failed(error)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message: text }))
    }
  })
  return {
    ...server,
    open: (newRoutes: Route[], newOptions: HttpApiOptions) => {
      routes = newRoutes
      options = newOptions
    },
  }
}

const executeApiArn = ({ partition, region, accountId, apiId }: HttpApiOptions, method: string, pathname: string) =>
  `arn:${partition}:execute-api:${region}:${accountId}:${apiId}/$default/${method}${pathname}`

/** `AWS_IAM`: whatever is wrong, the caller learns nothing but that it is forbidden. */
async function authorize(
  { iam, accountId }: HttpApiOptions,
  request: SignedRequest,
  resource: string,
): Promise<IamCaller> {
  try {
    const who = await iam.authenticate(request, 'execute-api')
    iam.require(who, [{ action: 'execute-api:Invoke', resource }])
    const id = who.credentials.accessKeyId
    return { accessKey: id, accountId, callerId: id, userArn: who.session, userId: id }
  } catch (error) {
    if (error instanceof AwsError) throw new HttpApiError(403, 'Forbidden')
    throw error
  }
}

/** The function's own policy has to let this API in. */
const mayInvoke = ({ iam }: HttpApiOptions, { functionArn }: Route, sourceArn: string) =>
  iam.serviceMay('apigateway.amazonaws.com', {
    action: 'lambda:InvokeFunction',
    resource: functionArn,
    context: { 'aws:SourceArn': sourceArn },
  })

const failed = (error: unknown) =>
  error instanceof TooManyRequests
    ? new HttpApiError(503, 'Service Unavailable')
    : new HttpApiError(500, 'Internal Server Error')

async function invokeInTime(lambda: Lambda, { functionName, timeoutMs }: Route, payload: string) {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HttpApiError(503, 'Service Unavailable')), timeoutMs)
  })
  try {
    return await Promise.race([lambda.invoke(functionName, payload), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Format 2.0 takes a whole answer, or anything else as the body of a 200. */
function send(response: ServerResponse, payload: string): void {
  const result: APIGatewayProxyStructuredResultV2 | string | null = JSON.parse(payload)
  if (typeof result !== 'object' || result === null || result.statusCode === undefined) {
    response.writeHead(200, { 'content-type': 'application/json' })
    return void response.end(typeof result === 'string' ? result : payload)
  }
  const { statusCode, headers = {}, body = '', cookies = [], isBase64Encoded } = result
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value))
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain;charset=UTF-8')
  response.writeHead(statusCode)
  response.end(isBase64Encoded ? Buffer.from(body, 'base64') : body)
}
