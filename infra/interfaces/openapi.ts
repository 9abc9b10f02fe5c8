import { STATUS } from '../../lib/http/response.ts'
import { MERCHANT_NUMBER, type OrderKind } from '../../lib/wechatpay/order-id.ts'
import { OUT_TRADE_NO } from '../../lib/wechatpay/order-number.ts'
import { type InterfaceName, jsonSchemaOf, orderJsonSchema, SCHEMAS } from './schemas.ts'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const json = (name: string, contentType = 'application/json') => ({ content: { [contentType]: { schema: ref(name) } } })

const seconds = { schema: { type: 'integer', minimum: 1 }, description: 'Seconds until it is worth asking again.' }
const retryAfter = { 'Retry-After': seconds }

const outTradeNo = {
  name: 'out_trade_no',
  in: 'path',
  required: true,
  description: "The merchant's order number. Case counts.",
  schema: { type: 'string', pattern: OUT_TRADE_NO.source },
}

/** One response for each HTTP status an error of the contract can have, naming the errors that have it. */
function problems(names: readonly string[], statusOf: (name: string) => number, on503 = '') {
  const byStatus = Map.groupBy(names, statusOf)
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [
      String(status),
      {
        description: titles.join(', ') + (status === 503 ? on503 : ''),
        ...(status === 503 && { headers: retryAfter }),
        ...json('problem', 'application/problem+json'),
      },
    ]),
  )
}

const NOT_QUEUED = '. The order is not on the queue: send it again after `Retry-After` seconds.'

const status = (name: string) => ({ ...EXTRA, ...STATUS })[name]!
const EXTRA: Readonly<Record<string, number>> = { OrderNotFound: 404, NothingVerified: 503, InternalError: 500 }

/** The body of the reverse request: the order without what the path says, though it may say it too. */
function requestBody(kind: OrderKind) {
  const { required, ...order } = orderJsonSchema(kind)
  return {
    ...order,
    title: 'The order, its number being in the path',
    required: required.filter((name) => name !== 'out_trade_no'),
  }
}

interface Paths {
  /** Of WeChat Pay's own path, after which ours are made. */
  path: string
  operationId: string
  whose: string
  body: string
  merchants: readonly string[]
}

const DIRECT: Paths = {
  path: '/v3/pay/transactions/out-trade-no/{out_trade_no}',
  operationId: '',
  whose: 'an order',
  body: 'reverse-request',
  merchants: ['mchid'],
}

const PARTNER: Paths = {
  path: '/v3/pay/partner/transactions/out-trade-no/{out_trade_no}',
  operationId: 'partner-',
  whose: "a service provider's order",
  body: 'partner-reverse-request',
  merchants: ['sp_mchid', 'sub_mchid'],
}

const merchantParameter = (name: string) => ({
  name,
  in: 'query',
  required: true,
  schema: { type: 'string', pattern: MERCHANT_NUMBER.source },
})

/** Both operations on an order. */
const pathsOf = ({ path, operationId, whose, body, merchants }: Paths) => ({
  [`${path}/reverse`]: {
    post: {
      operationId: `${operationId}reverse`,
      summary: `Reverse ${whose}: WeChat Pay's own path and body. Read \`outcome\` in the answer: 202 is not success.`,
      parameters: [
        outTradeNo,
        {
          name: 'Prefer',
          in: 'header',
          description: '`respond-async` (RFC 7240): straight to the queue.',
          schema: { type: 'string' },
        },
      ],
      requestBody: { required: true, content: { 'application/json': { schema: ref(body) } } },
      responses: {
        200: { description: 'How the order ended, proved.', ...json('reversal') },
        202: {
          description: 'Not known yet, and on the queue until it is. Poll `Location`.',
          headers: {
            ...retryAfter,
            Location: { schema: { type: 'string' }, description: 'Where to ask for the state.' },
          },
          ...json('pending'),
        },
        ...problems([...Object.keys(STATUS), 'InternalError'], status, NOT_QUEUED),
      },
    },
  },
  [path]: {
    get: {
      operationId: `${operationId}state`,
      summary: `The verified state of ${whose} now. Nothing is reversed.`,
      parameters: [outTradeNo, ...merchants.map(merchantParameter)],
      responses: {
        200: { description: 'What WeChat Pay says of it, verified.', ...json('state') },
        ...problems(
          [
            'InvalidOrder',
            'UnknownMerchant',
            'OrderNotFound',
            'CredentialsUnavailable',
            'NothingVerified',
            'InternalError',
          ],
          status,
        ),
      },
    },
  },
})

/** The HTTP way in, as OpenAPI 3.1. */
export function openApi() {
  const schemas = (['reversal', 'pending', 'state', 'problem'] as const satisfies InterfaceName[]).map((name) => {
    const { $schema, ...schema } = jsonSchemaOf(name)
    return [name, { ...schema, description: SCHEMAS[name].title }] as const
  })
  return {
    openapi: '3.1.0',
    info: {
      title: 'WeChat Pay reversal',
      version: '1',
      description:
        'Reverses a payment whose outcome is uncertain and proves how it ended. Requests are signed with AWS Signature Version 4 (service execute-api).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: 'https://{api}', variables: { api: { default: 'example.execute-api.ap-southeast-1.amazonaws.com' } } },
    ],
    security: [{ iam: [] }],
    paths: { ...pathsOf(DIRECT), ...pathsOf(PARTNER) },
    components: {
      securitySchemes: {
        iam: {
          type: 'apiKey',
          name: 'Authorization',
          in: 'header',
          description: 'AWS Signature Version 4.',
          'x-amazon-apigateway-authtype': 'awsSigv4',
        },
      },
      schemas: {
        'reverse-request': requestBody('direct'),
        'partner-reverse-request': requestBody('partner'),
        ...Object.fromEntries(schemas),
      },
    },
  }
}
