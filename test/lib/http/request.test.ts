import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { kindOfRequest, parseStateRequest } from '../../../lib/http/request.ts'
import { accepted, stateResponse } from '../../../lib/http/response.ts'

const DIRECT = '/v3/pay/transactions/out-trade-no/'
const PARTNER = '/v3/pay/partner/transactions/out-trade-no/'

const get = (path: string, query: Record<string, string>) =>
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
    ['$default', `${PARTNER}A1`, 'partner'],
    ['$default', `/prod${PARTNER}A1`, 'partner'],
    ['$default', `/prod${DIRECT}A1`, 'direct'],
    [`GET ${DIRECT}{out_trade_no}`, `${DIRECT}/v3/pay/partner/`, 'direct'],
  ]
  for (const [routeKey, rawPath, kind] of PATHS) {
    test(`${routeKey}, ${rawPath}: ${kind}`, () => assert.equal(kindOfRequest({ routeKey, rawPath }), kind))
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

  const REFUSED: [path: string, query: Record<string, string>, says: string][] = [
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

test('what is not found or not verified says why', () => {
  const titleOf = (kind: 'none' | 'unverified') => JSON.parse(stateResponse({ kind, error: {} }).body!).title
  assert.deepEqual([titleOf('none'), titleOf('unverified')], ['OrderNotFound', 'NothingVerified'])
})
