import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { AwsClient } from 'aws4fetch'
import type { Json } from '../../../infra/local/cloudformation.ts'
import { findRoute, type Route } from '../../../infra/local/http-routes.ts'
import { startLocalStack } from '../../../infra/local/stack.ts'
import { fixture, taskRoot } from './fixtures/template.ts'

const stack = await startLocalStack({ template: fixture(), taskRoot })
after(() => stack.close())
const client = new AwsClient({ ...stack.credentials, service: 'execute-api', region: stack.region, retries: 0 })
const json = { 'content-type': 'application/json' }
const post = (path: string, body: Json = {}, headers: Record<string, string> = json) =>
  client.fetch(`${stack.apiUrl}${path}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

test('the function gets payload 2.0, the path decoded once', async () => {
  const answer = await post('/orders/A*1%2A%252A/reverse?a=1&a=2&b=x%20y', { some: 'text' })
  const event = (await answer.json()) as Json
  assert.equal(answer.headers.get('x-seen'), 'yes')
  assert.equal(event.version, '2.0')
  assert.equal(event.routeKey, 'POST /orders/{number}/reverse')
  assert.equal(event.pathParameters.number, 'A*1*%2A')
  assert.equal(event.rawPath, '/orders/A*1*%2A/reverse')
  assert.deepEqual(event.queryStringParameters, { a: '1,2', b: 'x y' })
  assert.equal(event.rawQueryString, 'a=1&a=2&b=x%20y')
  assert.equal(event.headers['content-type'], 'application/json')
  assert.deepEqual([event.body, event.isBase64Encoded], ['{"some":"text"}', false])
  assert.equal(event.requestContext.http.method, 'POST')
})

test('a body that is not text arrives in base64', async () => {
  const event = (await (
    await post('/orders/1/reverse', 'x=1', { 'content-type': 'application/x-www-form-urlencoded' })
  ).json()) as Json
  assert.deepEqual([event.body, event.isBase64Encoded], [Buffer.from('x=1').toString('base64'), true])
})

test('an unknown route is a 404', async () => {
  for (const path of ['/', '/orders/1', '/orders/1/2/reverse', '/orders//reverse']) {
    const answer = await post(path)
    assert.deepEqual([answer.status, await answer.json()], [404, { message: 'Not Found' }], path)
  }
  assert.equal((await fetch(`${stack.apiUrl}/orders/1/reverse`)).status, 404)
})

test('a function that fails is a 500 that says nothing', async () => {
  const answer = await post('/orders/1/reverse', { throw: true })
  assert.deepEqual([answer.status, await answer.json()], [500, { message: 'Internal Server Error' }])
})

test('the answer of the function is the answer of the API', async () => {
  const shaped = await post('/orders/1/reverse', {
    answer: {
      statusCode: 202,
      headers: { 'retry-after': '5' },
      cookies: ['a=1', 'b=2'],
      body: Buffer.from('hello').toString('base64'),
      isBase64Encoded: true,
    },
  })
  assert.deepEqual([shaped.status, shaped.headers.get('retry-after'), await shaped.text()], [202, '5', 'hello'])
  assert.deepEqual(shaped.headers.getSetCookie(), ['a=1', 'b=2'])
  const plain = await post('/orders/1/reverse', { answer: { anything: 1 } })
  assert.deepEqual([plain.status, await plain.json()], [200, { anything: 1 }])
})

test('a function that is too slow for the integration, or throttled, is a 503', async () => {
  const slow = post('/orders/1/reverse', { waitMs: 1_900 })
  const late = await slow
  const throttled = await post('/orders/1/reverse')
  for (const answer of [late, throttled]) {
    assert.deepEqual([answer.status, await answer.json()], [503, { message: 'Service Unavailable' }])
  }
})

test('the most exact route is taken, and $default last', () => {
  const routes = ['$default', 'GET /{any}/{of}', 'GET /{any}/orders', 'GET /fix/orders', 'ANY /deep/{path+}'].map(
    (routeKey) => ({ routeKey }) as Route,
  )
  const chosen = (method: string, path: string) => findRoute(routes, method, path)?.route.routeKey
  assert.equal(chosen('GET', '/fix/orders'), 'GET /fix/orders')
  assert.equal(chosen('GET', '/a/orders'), 'GET /{any}/orders')
  assert.equal(chosen('GET', '/a/b'), 'GET /{any}/{of}')
  assert.equal(chosen('PUT', '/deep/a/b'), 'ANY /deep/{path+}')
  assert.equal(chosen('PUT', '/a/b'), '$default')
  assert.deepEqual(findRoute(routes, 'PUT', '/deep/a/b')?.parameters, { path: 'a/b' })
})
