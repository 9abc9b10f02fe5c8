import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { kindOfRequest, parseReverseRequest, parseStateRequest, prefersAsync } from '../../../lib/http/request.ts'
import { accepted } from '../../../lib/http/response.ts'

const DIRECT = '/v3/pay/transactions/out-trade-no/'
const PARTNER = '/v3/pay/partner/transactions/out-trade-no/'

const get = (path: string, query: Record<string, string> | undefined) =>
  ({
    routeKey: `GET ${path}{out_trade_no}`,
    rawPath: `${path}A1`,
    pathParameters: { out_trade_no: 'A1' },
    queryStringParameters: query,
  }) as unknown as APIGatewayProxyEventV2

describe('the path says whose order it is', () => {
  const PATHS: [routeKey: string, rawPath: string, kind: string][] = [
    [`POST ${DIRECT}{out_trade_no}/reverse`, `${DIRECT}A1/reverse`, 'direct'],
    [`POST ${PARTNER}{out_trade_no}/reverse`, `${PARTNER}A1/reverse`, 'partner'],
    [`GET ${PARTNER}{out_trade_no}`, `/a/b${PARTNER}A1`, 'partner'],
    ['$default', `${PARTNER}A1`, 'partner'],
    ['$default', `/prod${PARTNER}A1`, 'partner'],
    ['$default', `/prod${DIRECT}A1`, 'direct'],
    [`GET ${DIRECT}{out_trade_no}`, `${DIRECT}/v3/pay/partner/`, 'direct'],
  ]
  for (const [routeKey, rawPath, kind] of PATHS) {
    test(`${routeKey}, ${rawPath}: ${kind}`, () => assert.equal(kindOfRequest({ routeKey, rawPath }), kind))
  }

  test('no path at all: direct', () => {
    assert.equal(kindOfRequest({} as unknown as APIGatewayProxyEventV2), 'direct')
  })
})

const post = (body: string | undefined, more: object = {}) =>
  ({
    pathParameters: { out_trade_no: 'A1' },
    body,
    isBase64Encoded: false,
    ...more,
  }) as unknown as APIGatewayProxyEventV2

const inBase64 = (bytes: Uint8Array) => post(Buffer.from(bytes).toString('base64'), { isBase64Encoded: true })

describe('a request for a reversal', () => {
  const TAKEN: [what: string, event: APIGatewayProxyEventV2, order: object][] = [
    ['has its number from the path', post('{"mchid":"1"}'), { mchid: '1', out_trade_no: 'A1' }],
    ['may name it in the body, too', post('{"out_trade_no":"A1"}'), { out_trade_no: 'A1' }],
    ['may come in base64', inBase64(Buffer.from('{"appid":"微"}')), { appid: '微', out_trade_no: 'A1' }],
    [
      'keeps a path without a number for the check of orders',
      post('{}', { pathParameters: undefined }),
      {
        out_trade_no: undefined,
      },
    ],
  ]
  for (const [what, event, order] of TAKEN) test(what, () => assert.deepEqual(parseReverseRequest(event), order))

  const REFUSED: [event: APIGatewayProxyEventV2, message: string][] = [
    [post(undefined), 'the body is missing'],
    [post(''), 'the body is missing'],
    [post('[]'), 'the body must be a JSON object'],
    [post('{"out_trade_no":"A2"}'), 'out_trade_no: the body says another than the path'],
    [inBase64(Buffer.from([0x7b, 0xff, 0x7d])), 'the body must be JSON in UTF-8'],
  ]
  for (const [event, message] of REFUSED) {
    test(`is refused: ${message}`, () => {
      assert.throws(() => parseReverseRequest(event), { name: 'InvalidOrder', message })
    })
  }
})

describe('whether a caller wants to wait', () => {
  const PREFERENCES: [headers: Record<string, string> | undefined, isAsync: boolean][] = [
    [undefined, false],
    [{}, false],
    [{ accept: 'respond-async' }, false],
    [{ prefer: 'wait=10' }, false],
    [{ prefer: 'respond-asynchronously' }, false],
    [{ accept: '*/*', prefer: 'respond-async' }, true],
    [{ Prefer: 'wait=10, Respond-Async ; x=1' }, true],
  ]
  for (const [headers, isAsync] of PREFERENCES) {
    test(`${JSON.stringify(headers)}: ${isAsync ? 'no' : 'yes'}`, () => {
      assert.equal(prefersAsync({ headers } as APIGatewayProxyEventV2), isAsync)
    })
  }
})

describe('a request for a state', () => {
  test('names the merchant, and what else it says is ignored', () => {
    assert.deepEqual(parseStateRequest(get(DIRECT, { mchid: '1', sub_mchid: '2', x: '3' })), {
      mchid: '1',
      out_trade_no: 'A1',
    })
  })

  test('of a service provider names both merchants', () => {
    assert.deepEqual(parseStateRequest(get(PARTNER, { sp_mchid: '1', sub_mchid: '2', mchid: '3' })), {
      sp_mchid: '1',
      sub_mchid: '2',
      out_trade_no: 'A1',
    })
  })

  for (const out_trade_no of [undefined, '', 'A/1', 'A'.repeat(33)]) {
    test(`of the number ${out_trade_no} is refused`, () => {
      const message = 'out_trade_no: must be 1 to 32 digits, letters, "_", "-" or "*"'
      const event = {
        ...get(DIRECT, { mchid: '1' }),
        pathParameters: out_trade_no === undefined ? undefined : { out_trade_no },
      }
      assert.throws(() => parseStateRequest(event as APIGatewayProxyEventV2), { name: 'InvalidOrder', message })
    })
  }

  const REFUSED: [path: string, query: Record<string, string> | undefined, says: string][] = [
    [DIRECT, undefined, 'mchid: is missing in the query string'],
    [DIRECT, {}, 'mchid: is missing in the query string'],
    [DIRECT, { mchid: '../1' }, 'mchid: must be 1 to 32 digits or letters'],
    [PARTNER, { mchid: '1' }, 'sp_mchid: is missing in the query string'],
    [PARTNER, { sp_mchid: '1' }, 'sub_mchid: is missing in the query string'],
    [PARTNER, { sp_mchid: '1', sub_mchid: '' }, 'sub_mchid: must be 1 to 32 digits or letters'],
  ]
  for (const [path, query, message] of REFUSED) {
    test(message, () => assert.throws(() => parseStateRequest(get(path, query)), { name: 'InvalidOrder', message }))
  }
})

test('an order that is not finished is looked at under the path it came by', () => {
  const rest = { outcome: 'PENDING', reason: '', retry_after: 5, history: {} } as const
  const at = (names: Parameters<typeof accepted>[0]) => accepted(names).headers?.Location
  assert.equal(at({ mchid: '1', appid: 'wx', out_trade_no: 'A*', ...rest }), `${DIRECT}A*?mchid=1`)
  assert.equal(
    at({ sp_mchid: '1', sub_mchid: '2', out_trade_no: 'A*', ...rest }),
    `${PARTNER}A*?sp_mchid=1&sub_mchid=2`,
  )
})
