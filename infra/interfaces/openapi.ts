import { STATUS } from '../../lib/http/response.ts'
import { OUT_TRADE_NO } from '../../lib/wechatpay/order-number.ts'
import { type InterfaceName, jsonSchemaOf, SCHEMAS } from './schemas.ts'

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
function problems(names: readonly string[], statusOf: (name: string) => number) {
  const byStatus = Map.groupBy(names, statusOf)
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [
      String(status),
      {
        description: titles.join(', '),
        ...(status === 503 && { headers: retryAfter }),
        ...json('problem', 'application/problem+json'),
      },
    ]),
  )
}

const status = (name: string) => ({ ...EXTRA, ...STATUS })[name]!
const EXTRA: Readonly<Record<string, number>> = { OrderNotFound: 404, NothingVerified: 503, InternalError: 500 }

/** The body of the reverse request: the order without what the path says, though it may say it too. */
function requestBody() {
  const { $schema, title, ...order } = jsonSchemaOf('order') as { $schema: string; title: string; required: string[] }
  return {
    ...order,
    title: 'The order, its number being in the path',
    required: order.required.filter((name) => name !== 'out_trade_no'),
  }
}

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
      { url: 'https://{api}', variables: { api: { default: 'example.execute-api.eu-central-1.amazonaws.com' } } },
    ],
    security: [{ iam: [] }],
    paths: {
      '/v3/pay/transactions/out-trade-no/{out_trade_no}/reverse': {
        post: {
          operationId: 'reverse',
          summary:
            "Reverse an order: WeChat Pay's own path and body. Read `outcome` in the answer: 202 is not success.",
          parameters: [
            outTradeNo,
            {
              name: 'Prefer',
              in: 'header',
              description: '`respond-async` (RFC 7240): straight to the queue.',
              schema: { type: 'string' },
            },
          ],
          requestBody: { required: true, content: { 'application/json': { schema: ref('reverse-request') } } },
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
            ...problems([...Object.keys(STATUS), 'InternalError'], status),
          },
        },
      },
      '/v3/pay/transactions/out-trade-no/{out_trade_no}': {
        get: {
          operationId: 'state',
          summary: 'The verified state of an order now. Nothing is reversed.',
          parameters: [
            outTradeNo,
            { name: 'mchid', in: 'query', required: true, schema: { type: 'string', minLength: 1, maxLength: 32 } },
          ],
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
    },
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
      schemas: { 'reverse-request': requestBody(), ...Object.fromEntries(schemas) },
    },
  }
}
