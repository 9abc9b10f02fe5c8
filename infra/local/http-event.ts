import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Match } from './http-routes.ts'

/** Who signed a request, as the function sees it in `requestContext.authorizer.iam`. */
export interface IamCaller {
  accessKey: string
  accountId: string
  callerId: string
  userArn: string
  userId: string
}

/** An answer that API Gateway gives by itself. */
export class HttpApiError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const isText = /^(text\/|application\/(json|javascript|xml|[\w.-]+\+(json|xml)))/

export interface ProxyRequest {
  message: IncomingMessage
  body: Buffer
  url: URL
  match: Match
  /** Whoever signed it. */
  caller: IamCaller | undefined
}

/**
 * The event of payload format 2.0. That a body without a textual content type arrives in base64 is inferred from AWS's
 * troubleshooting pages.
 * @throws HttpApiError when the path is not well encoded
 */
export function toEvent(
  { message, body, url: { pathname, search }, match: { route, parameters }, caller }: ProxyRequest,
  { apiId, accountId, now }: { apiId: string; accountId: string; now: () => number },
): APIGatewayProxyEventV2 {
  const headers = Object.fromEntries(
    Object.entries(message.headersDistinct).map(([name, values]) => [name, values!.join(',')]),
  )
  const query = new URLSearchParams(search)
  const isBase64Encoded = body.length > 0 && !isText.test(headers['content-type'] ?? '')
  const at = new Date(now())
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
      time: at.toUTCString(),
      timeEpoch: at.getTime(),
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
