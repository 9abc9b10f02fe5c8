import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { keepLogLines } from './log-lines.ts'
import { ago, lambdaContext, openSurroundings } from './surroundings.ts'

const { simulator, sqs, fail, newNames, queueUrl, calls, strangerId, secrets } = await openSurroundings()
const log = keepLogLines()
const { handler } = await import('../../functions/http.ts')

type Names = ReturnType<typeof newNames>

const PATH = '/v3/pay/transactions/out-trade-no/'

function event(method: string, out_trade_no: string, more: Partial<APIGatewayProxyEventV2>): APIGatewayProxyEventV2 {
  const path = `${PATH}${out_trade_no}${method === 'POST' ? '/reverse' : ''}`
  return {
    version: '2.0',
    routeKey: `${method} ${PATH}{out_trade_no}${method === 'POST' ? '/reverse' : ''}`,
    rawPath: path,
    rawQueryString: '',
    headers: {},
    pathParameters: { out_trade_no },
    requestContext: { http: { method, path } } as APIGatewayProxyEventV2['requestContext'],
    isBase64Encoded: false,
    ...more,
  }
}

async function answerTo(request: APIGatewayProxyEventV2, functionMs?: number) {
  const response = (await handler(request, lambdaContext(functionMs))) as APIGatewayProxyStructuredResultV2
  return { status: response.statusCode, headers: response.headers ?? {}, body: JSON.parse(response.body!) }
}

/** A reverse of an order a minute old, unless its fields say otherwise. */
const post = ({ out_trade_no, ...names }: Names, fields: object = {}, headers: Record<string, string> = {}) =>
  answerTo(
    event('POST', out_trade_no, { headers, body: JSON.stringify({ ...names, attempted_at: ago(60), ...fields }) }),
  )

const get = ({ out_trade_no, mchid }: Pick<Names, 'out_trade_no' | 'mchid'>) =>
  answerTo(event('GET', out_trade_no, { queryStringParameters: { mchid } }))

const queued = async ({ out_trade_no }: Names) =>
  (await sqs.messages(queueUrl)).filter(({ body }) => JSON.parse(body).out_trade_no === out_trade_no)

beforeEach(() => {
  simulator.faults.clear()
  log.forget()
})

describe('POST …/reverse', () => {
  test('answers 200 with the reversal', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    const { status, headers, body } = await post(names)
    assert.equal(status, 200)
    assert.equal(headers['Content-Type'], 'application/json')
    const { attempted_at, confirmed_at, request_id, evidence, ...rest } = body
    assert.ok(
      Date.parse(attempted_at) < Date.parse(confirmed_at),
      `attempted_at ${attempted_at} of a result is no time before its confirmed_at`,
    )
    assert.deepEqual(rest, { ...names, outcome: 'REFUNDED', trade_state: 'REVOKED', refunded: true })
    assert.equal(evidence.length, 2)
    assert.equal(request_id, evidence[1].request_id)
    assert.ok(Math.abs(Date.parse(confirmed_at) - Date.now()) < 60_000)
    assert.deepEqual(simulator.refusals(), [])
  })

  test("gives a client of WeChat Pay's own API back what it expects: appid, mchid, out_trade_no", async () => {
    const { out_trade_no, ...body } = newNames()
    simulator.placeOrder({ out_trade_no, ...body }, 'CLOSED')
    const answer = await answerTo(event('POST', out_trade_no, { body: JSON.stringify(body) }))
    assert.equal(answer.status, 200)
    assert.deepEqual(
      [answer.body.appid, answer.body.mchid, answer.body.out_trade_no],
      [body.appid, body.mchid, out_trade_no],
    )
  })

  test('decodes a base64 body', async () => {
    const { out_trade_no, ...names } = newNames()
    simulator.placeOrder({ out_trade_no, ...names }, 'REVOKED')
    const body = Buffer.from(JSON.stringify(names)).toString('base64')
    const { status } = await answerTo(event('POST', out_trade_no, { body, isBase64Encoded: true }))
    assert.equal(status, 200)
  })

  test('takes an out_trade_no in the body that equals the path, and no other', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'REVOKED')
    assert.equal((await post(names, { out_trade_no: names.out_trade_no })).status, 200)
    for (const other of ['B', names.out_trade_no.toLowerCase(), '', null, 1]) {
      const { status, body } = await post(names, { out_trade_no: other })
      assert.deepEqual([status, body.title], [400, 'InvalidOrder'])
      assert.match(body.detail, /^out_trade_no: /)
    }
  })

  test('keeps what is paid with if_paid keep', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    const { body } = await post(names, { if_paid: 'keep' })
    assert.deepEqual([body.outcome, body.refunded], ['KEPT', false])
  })

  test('answers 202 for what is not known yet, once the queue has the order with all that was learned', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    const attempted_at = ago(0)
    const { status, headers, body } = await post(names, { attempted_at, if_paid: 'refund' })
    assert.equal(status, 202)
    const { reason, retry_after, history, ...rest } = body
    assert.deepEqual(rest, { ...names, outcome: 'PENDING' })
    assert.equal(reason, 'too early to reverse')
    assert.ok(retry_after >= 14 && retry_after <= 15)
    assert.equal(headers['Retry-After'], String(retry_after))
    assert.equal(headers.Location, `${PATH}${names.out_trade_no}?mchid=${names.mchid}`)
    const [message, ...more] = await queued(names)
    assert.deepEqual(JSON.parse(message!.body), { ...names, attempted_at, if_paid: 'refund', history })
    assert.equal(JSON.parse(history.paid.body).trade_state, 'SUCCESS')
    assert.equal(message!.state, 'delayed')
    assert.deepEqual(more, [])
  })

  test('its Location answers with the state of the order', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'USERPAYING')
    const { headers } = await post(names, { attempted_at: ago(20) })
    const [path, query] = String(headers.Location).split('?')
    const { status, body } = await get({
      out_trade_no: path!.slice(PATH.length),
      mchid: new URLSearchParams(query).get('mchid')!,
    })
    assert.deepEqual([status, body.trade_state], [200, 'USERPAYING'])
  })

  for (const [how, fault] of [
    ['refuses', { error: 'AccessDenied', status: 403 }],
    ['is down', { error: 'ServiceUnavailable', status: 503 }],
    ['drops the connection', { reset: true }],
    ['is silent', { delayMs: 1_600, error: 'InternalError', status: 500 }],
  ] as const) {
    test(`answers 503 HandOverFailed when SQS ${how}: nobody is told 202 for an order the queue doesn't have`, async () => {
      const names = newNames()
      simulator.placeOrder(names, 'NOTPAY')
      const stop = fail('sqs', { operation: 'SendMessage', ...fault })
      const { status, headers, body } = await post(names, { attempted_at: ago(0) })
      stop()
      assert.deepEqual([status, body.title], [503, 'HandOverFailed'])
      assert.equal(headers['Retry-After'], '5')
      assert.deepEqual(log.metric('HandOverFailed'), [1])
      assert.deepEqual(await queued(names), [])
    })
  }

  test('hands over although the attempt took all its time', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    simulator.faults.add({ fault: 'silence', out_trade_no: names.out_trade_no, times: 'always' })
    const { out_trade_no, ...rest } = names
    const request = event('POST', out_trade_no, { body: JSON.stringify({ ...rest, attempted_at: ago(60) }) })
    const { status, body } = await answerTo(request, 4_000)
    assert.equal(status, 202)
    assert.match(body.reason, /^(no answer to the reverse|the reverse could not be sent)$/)
    assert.equal((await queued(names)).length, 1)
  })
})

describe('Prefer: respond-async', () => {
  test('puts the order straight on the queue, and asks WeChat Pay nothing', async () => {
    const names = newNames()
    const { status, headers, body } = await post(names, { if_paid: 'keep' }, { prefer: 'respond-async' })
    assert.equal(status, 202)
    assert.equal(headers['Preference-Applied'], 'respond-async')
    assert.equal(headers['Retry-After'], '5')
    assert.ok(headers.Location)
    assert.equal(body.reason, 'queued as asked')
    const [message] = await queued(names)
    assert.equal(message!.state, 'ready')
    const order = JSON.parse(message!.body)
    assert.equal(order.if_paid, 'keep')
    assert.ok(Math.abs(Date.parse(order.history.first_seen_at) - Date.now()) < 60_000)
    assert.deepEqual(calls(names.out_trade_no), [])
  })

  test('also among other preferences, in any case', async () => {
    for (const prefer of ['wait=10, respond-async', 'Respond-Async; foo=bar', 'return=minimal,respond-async']) {
      const { headers } = await post(newNames(), {}, { Prefer: prefer })
      assert.equal(headers['Preference-Applied'], 'respond-async', prefer)
    }
  })

  test('but no other preference', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'CLOSED')
    assert.equal((await post(names, {}, { prefer: 'wait=10, respond-asynchronously' })).status, 200)
  })

  test('keeps a history that came along', async () => {
    const names = newNames()
    const history = { first_seen_at: ago(600), reverse_sent_at: ago(500) }
    await post(names, { history }, { prefer: 'respond-async' })
    assert.deepEqual(JSON.parse((await queued(names))[0]!.body).history, history)
  })

  test('refuses a bad order and an unknown merchant at once', async () => {
    const prefer = { prefer: 'respond-async' }
    assert.equal((await post(newNames(), { if_paid: null }, prefer)).status, 400)
    const unknown = { ...newNames(), mchid: '1999999999' }
    const { status, body } = await post(unknown, {}, prefer)
    assert.deepEqual([status, body.title], [403, 'UnknownMerchant'])
    assert.deepEqual(await queued(unknown), [])
  })

  test('answers 503 when the queue cannot take it', async () => {
    const stop = fail('sqs', { error: 'InternalError', status: 500 })
    const { status, body } = await post(newNames(), {}, { prefer: 'respond-async' })
    stop()
    assert.deepEqual([status, body.title], [503, 'HandOverFailed'])
  })
})

describe("a service provider's paths", () => {
  const PARTNER = '/v3/pay/partner/transactions/out-trade-no/'
  const partnerEvent = (method: string, out_trade_no: string, more: Partial<APIGatewayProxyEventV2>) =>
    event(method, out_trade_no, {
      routeKey: `${method} ${PARTNER}{out_trade_no}${method === 'POST' ? '/reverse' : ''}`,
      rawPath: `${PARTNER}${out_trade_no}${method === 'POST' ? '/reverse' : ''}`,
      ...more,
    })
  const newOrder = () => {
    const { mchid: sp_mchid, out_trade_no } = newNames()
    return { sp_mchid, sub_mchid: '1900000201', sub_appid: 'wxsub', out_trade_no }
  }

  test('take an order under its own names: in the answer, where to look, on the queue', async () => {
    const order = newOrder()
    const { out_trade_no, ...names } = order
    const body = JSON.stringify({ ...names, if_paid: 'keep' })
    const answer = await answerTo(partnerEvent('POST', out_trade_no, { body, headers: { prefer: 'respond-async' } }))
    assert.equal(answer.status, 202)
    const query = `sp_mchid=${order.sp_mchid}&sub_mchid=${order.sub_mchid}`
    assert.equal(answer.headers.Location, `${PARTNER}${out_trade_no}?${query}`)
    const { outcome, reason, retry_after, history, ...named } = answer.body
    assert.deepEqual(named, order)
    const { history: kept, ...message } = JSON.parse((await queued({ ...newNames(), out_trade_no }))[0]!.body)
    assert.deepEqual(message, { ...order, if_paid: 'keep' })
    assert.deepEqual(kept, history)
  })

  test("take no order of a merchant's own, nor do those of a merchant take a provider's", async () => {
    const { out_trade_no, sub_appid: _, ...partner } = newOrder()
    const { mchid, appid } = newNames()
    const post = (make: typeof event, fields: object) =>
      answerTo(make('POST', out_trade_no, { body: JSON.stringify(fields) }))
    const direct = await post(partnerEvent, { mchid, appid })
    assert.deepEqual([direct.status, direct.body.title], [400, 'InvalidOrder'])
    assert.match(direct.body.detail, /^mchid: /)
    const provider = await post(event, partner)
    assert.deepEqual([provider.status, provider.body.title], [400, 'InvalidOrder'])
    assert.match(provider.body.detail, /^sp_mchid: /)
    assert.ok(log.all().some(({ sp_mchid, error }) => sp_mchid === partner.sp_mchid && error === 'InvalidOrder'))
  })

  test('tell no state without both merchants', async () => {
    const { out_trade_no, sp_mchid } = newOrder()
    const answer = await answerTo(partnerEvent('GET', out_trade_no, { queryStringParameters: { sp_mchid } }))
    assert.deepEqual([answer.status, answer.body.detail], [400, 'sub_mchid: is missing in the query string'])
  })
})

describe('a problem (RFC 9457)', () => {
  function assertProblem(answer: Awaited<ReturnType<typeof answerTo>>, status: number, title: string, detail: RegExp) {
    assert.equal(answer.status, status)
    assert.equal(answer.headers['Content-Type'], 'application/problem+json')
    assert.equal(answer.body.status, status)
    assert.equal(answer.body.title, title)
    assert.match(answer.body.type, new RegExp(`${title}$`))
    assert.match(answer.body.detail, detail)
  }

  const BODIES: [what: string, body: string | undefined, detail: RegExp][] = [
    ['no body', undefined, /body is missing/],
    ['an empty body', '', /body is missing/],
    ['no JSON', '{"mchid":', /body must be JSON/],
    ['a form', 'mchid=1&appid=2', /body must be JSON/],
    ['a field twice', '{"if_paid":"keep","if_paid":"refund"}', /each field once/],
    ['a field twice, once escaped', '{"if_paid":"keep","if\\u005fpaid":"refund"}', /each field once/],
    ['a list', '[]', /body must be a JSON object/],
    ['a null', 'null', /body must be a JSON object/],
    ['a text', '"order"', /body must be a JSON object/],
    ['no fields', '{}', /^mchid: is missing/],
    ['an unknown field', '{"mchid":"1","appid":"2","refund":true}', /^refund: unknown field/],
    ['a prototype', '{"mchid":"1","appid":"2","__proto__":{}}', /^__proto__: unknown field/],
    ['a null field', '{"mchid":"1","appid":"2","if_paid":null}', /^if_paid: /],
    ['a wrong time', '{"mchid":"1","appid":"2","attempted_at":"now"}', /^attempted_at: /],
    ['a wrong history', '{"mchid":"1","appid":"2","history":{"paid":1}}', /^history.paid: /],
  ]
  for (const [what, body, detail] of BODIES) {
    test(`InvalidOrder, 400: ${what}`, async () => {
      const names = newNames()
      const more = body === undefined ? {} : { body }
      assertProblem(await answerTo(event('POST', names.out_trade_no, more)), 400, 'InvalidOrder', detail)
      assert.deepEqual(calls(names.out_trade_no), [])
    })
  }

  test('InvalidOrder, 400: a base64 body that is not UTF-8', async () => {
    const body = Buffer.from([0x22, 0xff, 0x22]).toString('base64')
    assertProblem(
      await answerTo(event('POST', 'A', { body, isBase64Encoded: true })),
      400,
      'InvalidOrder',
      /must be JSON/,
    )
  })

  test('InvalidOrder, 400: a path that is no out_trade_no, decoded once and no more', async () => {
    for (const out_trade_no of ['a b', 'a%2A', 'é', 'a'.repeat(33)]) {
      assertProblem(await post({ ...newNames(), out_trade_no }), 400, 'InvalidOrder', /^out_trade_no: /)
    }
  })

  test('UnknownMerchant, 403', async () => {
    const names = { ...newNames(), mchid: '1999999999' }
    assertProblem(await post(names), 403, 'UnknownMerchant', /^mchid: /)
    assert.deepEqual(calls(names.out_trade_no), [])
  })

  test("ReversalRejected, 422, with WeChat Pay's code and request_id", async () => {
    const names = newNames()
    simulator.placeOrder(names, 'NOTPAY')
    simulator.faults.add({ fault: 'param-error', endpoint: 'reverse' })
    const answer = await post(names)
    assertProblem(answer, 422, 'ReversalRejected', /PARAM_ERROR/)
    assert.equal(answer.body.code, 'PARAM_ERROR')
    assert.match(answer.body.request_id, /^08.*-268435461$/)
  })

  test('RefundedElsewhere, 409', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'REFUND')
    assertProblem(await post(names), 409, 'RefundedElsewhere', /a person must look.*REFUND/)
  })

  test('ReversalExpired, 410', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    const answer = await post(names, { attempted_at: ago(8 * 24 * 60 * 60) })
    assertProblem(answer, 410, 'ReversalExpired', /more than 7 days.*SUCCESS/)
  })

  test('CredentialsUnavailable, 503, says what is wrong, and to come again', async () => {
    const answer = await post({ ...newNames(), mchid: strangerId })
    assertProblem(
      answer,
      503,
      'CredentialsUnavailable',
      /1900000002.*certificate_serial_no.*nothing was queued: send it again$/,
    )
    assert.deepEqual(await queued({ ...newNames(), mchid: strangerId }), [])
    assert.equal(answer.headers['Retry-After'], '5')
    assert.equal(answer.body.code, 'SIGN_ERROR')
    assert.deepEqual(log.metric('CredentialsUnavailable'), [1])
  })

  test('405 for any other method', async () => {
    assertProblem(await answerTo(event('DELETE', 'A', {})), 405, 'MethodNotAllowed', /POST/)
  })
})

describe('GET …/{out_trade_no}', () => {
  test('answers 200 with the verified state, and reverses nothing', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    const { status, body } = await get(names)
    assert.equal(status, 200)
    const { transaction_id, success_time, request_id, evidence, ...rest } = body
    assert.deepEqual(rest, { ...names, trade_state: 'SUCCESS' })
    assert.ok(transaction_id && Date.parse(success_time) && request_id)
    assert.deepEqual([JSON.parse(evidence[0].body).trade_state, evidence.length], ['SUCCESS', 1])
    assert.deepEqual(calls(names.out_trade_no), ['query'])
  })

  for (const state of ['NOTPAY', 'USERPAYING', 'REVOKED', 'CLOSED', 'REFUND', 'PAYERROR'] as const) {
    test(`tells ${state} as it is`, async () => {
      const names = newNames()
      simulator.placeOrder(names, state)
      assert.equal((await get(names)).body.trade_state, state)
    })
  }

  test('tells a state it does not know as it is', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'NOTPAY')
    simulator.faults.add({ fault: 'unknown-trade-state' })
    assert.equal((await get(names)).body.trade_state, 'ACCEPT')
  })

  test('404 OrderNotFound on a verified ORDER_NOT_EXIST', async () => {
    const { status, body } = await get(newNames())
    assert.deepEqual([status, body.title, body.code], [404, 'OrderNotFound', 'ORDER_NOT_EXIST'])
    assert.match(body.request_id, /-268512771$/)
  })

  test('503 NothingVerified, with Retry-After, when nothing verified says where the order stands', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    for (const fault of ['unsigned-not-exist', 'unsigned', 'reset', 'wrong-key', 'system-error']) {
      simulator.faults.add({ fault, times: 'always' })
      const { status, headers, body } = await get(names)
      assert.deepEqual([status, body.title, headers['Retry-After']], [503, 'NothingVerified', '5'], fault)
      simulator.faults.clear()
    }
  })

  test('400, 403 and 503 for what it cannot ask', async () => {
    const { out_trade_no, mchid } = newNames()
    assert.equal((await get({ out_trade_no: 'a b', mchid })).status, 400)
    assert.equal((await answerTo(event('GET', out_trade_no, {}))).status, 400)
    assert.equal((await get({ out_trade_no, mchid: '' })).status, 400)
    assert.equal((await get({ out_trade_no, mchid: '1999999999' })).status, 403)
    assert.equal((await get({ out_trade_no, mchid: strangerId })).status, 503)
    const names = log.saying('query failed').map((line) => [line.out_trade_no, line.mchid])
    assert.deepEqual(names, [
      [undefined, mchid],
      [out_trade_no, undefined],
      [out_trade_no, undefined],
      [out_trade_no, '1999999999'],
      [out_trade_no, strangerId],
    ])
    assert.deepEqual(log.saying('reversal failed'), [])
  })
})

describe('the log', () => {
  test('tells what WeChat Pay refused, in its own words', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'NOTPAY')
    simulator.faults.add({ fault: 'trade-error', endpoint: 'reverse' })
    assert.equal((await post(names)).status, 202)
    const [line] = log.saying('ReverseRefused')
    assert.deepEqual([line!.code, line!.detail, line!.status], ['TRADE_ERROR', '交易错误', 403])
    assert.equal(line!.out_trade_no, names.out_trade_no)
    assert.deepEqual(log.metric('ReverseRefused'), [1])
    assert.doesNotMatch(log.text(), /reserved key/)
  })

  test('tells what WeChat Pay refused to say, and so does the answer', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    simulator.faults.add({ fault: 'no-auth', endpoint: 'query', times: 'always' })
    const { status, body } = await post(names, { if_paid: 'keep' })
    const { body: looked } = await get(names)
    assert.equal(status, 202)
    assert.match(
      body.reason,
      /^no verified answer to our query \(answered to the query 403 NO_AUTH \S+ \(Request-ID 08/,
    )
    assert.match(looked.detail, /\(403 NO_AUTH \S+ \(Request-ID 08/)
    const lines = log.saying('QueryRefused')
    assert.deepEqual([lines.length, log.metric('QueryRefused').length], [2, 2])
    for (const { code, detail, request_id, out_trade_no } of lines) {
      assert.deepEqual([code, out_trade_no], ['NO_AUTH', names.out_trade_no])
      assert.ok(detail && request_id)
    }
  })

  test('keeps what was said unsigned, marked as such', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    simulator.faults.add({ fault: 'unsigned-not-exist', endpoint: 'query', times: 'always' })
    const { body } = await post(names, { if_paid: 'keep' })
    assert.match(body.reason, /ORDER_NOT_EXIST .*unverified: unsigned\)$/)
    const [line] = log.saying('UnverifiedAnswer')
    assert.equal(line!.code, 'ORDER_NOT_EXIST')
    assert.ok(line!.detail && line!.request_id)
  })

  test('has one structured line for each final result, without its evidence', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    const { body } = await post(names)
    const [line, ...more] = log.saying('reversal completed')
    assert.deepEqual(more, [])
    assert.deepEqual(
      [line!.outcome, line!.trade_state, line!.mchid, line!.appid, line!.out_trade_no, line!.request_id],
      ['REFUNDED', 'REVOKED', names.mchid, names.appid, names.out_trade_no, body.request_id],
    )
    assert.ok(!('evidence' in line!))
    assert.deepEqual(log.metric('ReversalCompleted'), [1])
  })

  test('has one for each refusal, with its name', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'REFUND')
    await post(names)
    const [line, ...more] = log.saying('reversal failed')
    assert.deepEqual(more, [])
    assert.deepEqual(
      [line!.error, line!.out_trade_no, line!.mchid],
      ['RefundedElsewhere', names.out_trade_no, names.mchid],
    )
    assert.ok(line!.request_id)
    assert.deepEqual(log.metric('ReversalFailed'), [1])
  })

  test('and one for what is not known yet, with its reason', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'USERPAYING')
    await post(names, { attempted_at: ago(20) })
    const [line] = log.saying('reversal pending')
    assert.deepEqual(
      [line!.reason, line!.retry_after, line!.out_trade_no],
      ['the user is paying', 5, names.out_trade_no],
    )
    assert.ok(!('history' in line!))
  })

  test('never holds personal data, keys or signatures', async () => {
    for (const state of ['SUCCESS', 'REFUND', 'USERPAYING'] as const) {
      const names = newNames()
      simulator.placeOrder(names, state)
      await post(names, { attempted_at: ago(20) })
      await get(names)
    }
    await post({ ...newNames(), mchid: strangerId })
    await post(newNames(), { history: { paid: { body: 'o-payer', signature: 'sig' } } })
    assert.match(log.text(), /reversal completed/)
    assert.doesNotMatch(log.text(), /payer|openid|PRIVATE KEY|signature"|WECHATPAY2-|"nonce/)
    secrets.put('merchant/two', '{"mchid": "1900000003", "private_key": "-----BEGIN PRIVATE KEY-----x"')
    await post({ ...newNames(), mchid: '1900000003' })
    assert.doesNotMatch(log.text(), /PRIVATE KEY/)
  })
})
