import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { AwsError, type SignedRequest } from './aws-api.ts'
import { readBody, type Server, serve } from './http-server.ts'
import type { Iam } from './iam.ts'
import { type Lambda, TooManyRequests } from './lambda.ts'

/** One route of the template's HTTP API. */
export type Route = {
  /** `POST /v3/…/{name}`, or `$default`. */
  routeKey: string
  functionName: string
  functionArn: string
  /** `AWS_IAM` routes ask for a signature. */
  authorizationType: string
  /** API Gateway's own limit is 30 s. */
  timeoutMs: number
}

/** Who signed a request, as the function sees it in `requestContext.authorizer.iam`. */
type IamCaller = { accessKey: string; accountId: string; callerId: string; userArn: string; userId: string }

export type HttpApiOptions = {
  apiId: string
  accountId: string
  lambda: Lambda
  iam: Iam
  region: string
  partition: string
}

export type HttpApi = Server & {
  /** Starts answering. The address is there before, because the template is resolved with it. */
  open(routes: Route[], options: HttpApiOptions): void
}

/** An answer that API Gateway gives by itself. */
export class HttpApiError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const maxBodyBytes = 10 * 1024 * 1024
const isText = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml)))/

/**
 * API Gateway's HTTP API, stage `$default`, with Lambda proxy integrations of payload format 2.0.
 * Throttling, CORS and custom domains are not simulated. That a body without a textual content type arrives in base64,
 * and 503 at the time-out, are inferred from AWS's troubleshooting pages.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export async function startHttpApi(): Promise<HttpApi> {
  let routes: Route[] = []
  let options: HttpApiOptions | undefined

  const answer = async (message: IncomingMessage, response: ServerResponse) => {
    const body = await readBody(message)
    if (body.length > maxBodyBytes) throw new HttpApiError(413, 'Request Entity Too Large')
    const { pathname, search } = new URL(message.url!, 'http://local')
    const found = findRoute(routes, message.method!, pathname)
    if (!found || !options) throw new HttpApiError(404, 'Not Found')
    const request = { method: message.method!, url: message.url!, headers: message.headers, body }
    const arn = executeApiArn(options, request.method, pathname)
    const caller = found.route.authorizationType === 'AWS_IAM' ? await authorize(options, request, arn) : undefined
    if (!mayInvoke(options, found.route, arn)) throw new HttpApiError(500, 'Internal Server Error')

    const event = toEvent(message, body, pathname, search, found, options, caller)
    const { payload, functionError } = await invokeInTime(options.lambda, found.route, JSON.stringify(event))
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

type Match = { route: Route; parameters: Record<string, string> }

/** The most exact route that fits: API Gateway prefers a full match over a parameter, and both over `$default`. */
function findRoute(routes: Route[], method: string, pathname: string): Match | undefined {
  const matches = routes.flatMap((route): Match[] => {
    if (route.routeKey === '$default') return [{ route, parameters: {} }]
    const [routeMethod, path = ''] = route.routeKey.split(' ')
    if (routeMethod !== method && routeMethod !== 'ANY') return []
    const pattern = path
      .split('/')
      .map((part) =>
        part
          .replaceAll('.', '\\.')
          .replace(/^\{(\w+)\}$/, '(?<$1>[^/]+)')
          .replace(/^\{(\w+)\+\}$/, '(?<$1>.+)'),
      )
      .join('/')
    const match = pathname.match(new RegExp(`^${pattern}$`))
    return match ? [{ route, parameters: { ...match.groups } }] : []
  })
  return matches.sort((a, b) => Object.keys(a.parameters).length - Object.keys(b.parameters).length)[0]
}

function toEvent(
  message: IncomingMessage,
  body: Buffer,
  pathname: string,
  search: string,
  { route, parameters }: Match,
  { apiId, accountId }: HttpApiOptions,
  caller: IamCaller | undefined,
): APIGatewayProxyEventV2 {
  const headers = Object.fromEntries(
    Object.entries(message.headersDistinct).map(([name, values]) => [name, values!.join(',')]),
  )
  const query = new URLSearchParams(search)
  const isBase64Encoded = body.length > 0 && !isText.test(headers['content-type'] ?? '')
  const now = new Date()
  const host = headers.host ?? ''
  return {
    version: '2.0',
    routeKey: route.routeKey,
    // The HTTP API hands the path over decoded, once.
    rawPath: decode(pathname),
    rawQueryString: search.slice(1),
    headers,
    ...(query.size > 0 && {
      queryStringParameters: Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name).join(',')])),
    }),
    requestContext: {
      accountId,
      apiId,
      ...(caller && { authorizer: { iam: { ...caller, cognitoIdentity: null, principalOrgId: '' } } }),
      domainName: host,
      domainPrefix: host.split('.')[0]!,
      http: {
        method: message.method!,
        path: decode(pathname),
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(parameters).length > 0 && {
      pathParameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, decode(value)])),
    }),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new HttpApiError(400, 'Bad Request')
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
