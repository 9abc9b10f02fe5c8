import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, test } from 'node:test'
import { parseStateRequest } from '../../../lib/http/request.ts'
import { definition, everEntered, named, run, state, statesOf } from './run-workflow.ts'

// CommonJS whose types say otherwise.
const validate = createRequire(import.meta.url)('asl-validator')

const ORDER = { mchid: '1900000001', appid: 'wx8888888888888888', out_trade_no: 'A*1' }
const SALE = { ...ORDER, pay: { auth_code: '130000000000000000', total: 1 } }
const REFUNDED = { ...ORDER, outcome: 'REFUNDED', refunded: true }
const NOTHING_VERIFIED = { statusCode: 503, body: '{"title":"NothingVerified","status":503}' }
const NOT_FOUND = { statusCode: 404, body: '{"title":"OrderNotFound","status":404}' }

const REFUSALS = ['InvalidOrder', 'UnknownMerchant', 'ReversalRejected', 'RefundedElsewhere', 'ReversalExpired']
const TROUBLES = [
  'CredentialsUnavailable',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
]

test('the machine is valid Amazon States Language', () => {
  const { isValid, errorsText } = validate(definition(), { checkArn: true, checkPaths: true })
  assert.ok(isValid, errorsText?.('\n'))
})

test('States.ALL stands alone and last, as AWS demands', () => {
  for (const [name, { Retry = [], Catch = [] }] of statesOf(definition())) {
    for (const handlers of [Retry, Catch]) {
      const at = handlers.findIndex(({ ErrorEquals }: { ErrorEquals: string[] }) => ErrorEquals.includes('States.ALL'))
      if (at < 0) continue
      assert.equal(at, handlers.length - 1, name)
      assert.deepEqual(handlers[at].ErrorEquals, ['States.ALL'], name)
    }
  }
})

test('polling goes every 5 s for 45 s', () => {
  const states = Object.fromEntries(statesOf(definition()))
  assert.equal(states.BeforeNextQuery.Seconds, 5)
  assert.equal(states.PollingTime.Seconds, 45)
})

test('an order reaches the function untouched, so that the function can refuse what it does not know', async () => {
  const order = { ...ORDER, if_payed: 'keep', history: { first_seen_at: '2026-01-01T00:00:00Z' } }
  const { calls } = await run(order, { Reverse: [REFUNDED] })
  assert.deepEqual(calls.Reverse, [order])
})

for (const [outcome, end] of [
  ['REFUNDED', 'Refunded'],
  ['REVERSED', 'Reversed'],
  ['CLOSED', 'Closed'],
  ['KEPT', 'Kept'],
  ['NOT_FOUND', 'NotFound'],
]) {
  test(`${outcome} ends the machine in ${end}, with the reversal as its output`, async () => {
    const reversal = { ...ORDER, outcome, evidence: [{ body: '{}' }] }
    const { output, entered } = await run(ORDER, { Reverse: [reversal] })
    assert.deepEqual(output, reversal)
    assert.equal(entered.at(-1)?.name, end)
  })
}

test('a pending order is tried again after retry_after, with its history and otherwise as it was', async () => {
  const pending = (step: number) => ({
    ...ORDER,
    outcome: 'PENDING',
    reason: 'not proved yet',
    retry_after: step,
    history: { first_seen_at: '2026-01-01T00:00:00Z', step },
  })
  const order = { ...ORDER, if_paid: 'keep', attempted_at: '2026-01-01T00:00:00Z' }
  const { output, calls, entered } = await run(order, { Reverse: [pending(1), pending(2), REFUNDED] })
  assert.deepEqual(output, REFUNDED)
  assert.deepEqual(calls.Reverse, [
    order,
    { ...order, history: pending(1).history },
    { ...order, history: pending(2).history },
  ])
  const waits = entered.filter(({ name }) => name === 'BeforeNextAttempt').map(({ input }) => input.result.retry_after)
  assert.deepEqual(waits, [1, 2])
})

for (const refusal of REFUSALS) {
  test(`${refusal} is not repeated: a person must look, and sees the name and why`, async () => {
    const { error, calls, entered } = await run(ORDER, { Reverse: [named(refusal, 'because')] })
    assert.deepEqual(error, { name: refusal, message: 'because' })
    assert.equal(calls.Reverse.length, 1)
    assert.equal(entered.at(-1)?.name, 'PersonMustLook')
  })
}

for (const trouble of TROUBLES) {
  test(`${trouble} passes: the order is tried again until it is proved`, async () => {
    const { output, calls } = await run(ORDER, { Reverse: [...Array(20).fill(named(trouble)), REFUNDED] })
    assert.deepEqual(output, REFUNDED)
    assert.equal(calls.Reverse.length, 21)
  })
}

test('a task that hangs is ended and tried again', async () => {
  const machine = definition()
  machine.States.Reverse.TimeoutSeconds = 0.02
  const { output, calls } = await run(ORDER, { Reverse: [new Promise(() => {}), REFUNDED] }, { machine })
  assert.deepEqual(output, REFUNDED)
  assert.equal(calls.Reverse.length, 2)
})

test('missing credentials are waited for as long as a reversal is possible, then a person must look', async () => {
  const { error, calls, entered } = await run(ORDER, { Reverse: [named('CredentialsUnavailable')] })
  assert.equal(error?.name, 'CredentialsUnavailable')
  assert.equal(entered.at(-1)?.name, 'PersonMustLook')
  const { IntervalSeconds, MaxDelaySeconds, MaxAttempts } = definition().States.Reverse.Retry[1]
  assert.equal(calls.Reverse.length, 1 + MaxAttempts)
  assert.ok(IntervalSeconds < MaxDelaySeconds)
  // Full jitter waits half of the longest delay on average.
  assert.ok((MaxAttempts * MaxDelaySeconds) / 2 >= 7 * 86_400)
})

test('what nobody foresaw is repeated for a while, then a person must look', async () => {
  const { error, calls } = await run(ORDER, { Reverse: [named('TypeError', 'of undefined')] })
  assert.deepEqual(error, { name: 'TypeError', message: 'of undefined' })
  assert.equal(calls.Reverse.length, 101)
})

test('what a function answered is looked for before it decides: a path that leads nowhere would end the execution', () => {
  const choices = statesOf(definition()).flatMap(([name, { Choices = [] }]) =>
    Choices.length > 0 ? [{ name, Choices }] : [],
  )
  for (const { name, Choices } of choices) {
    const decidesBy = [...JSON.stringify(Choices).matchAll(/"Variable":"(\$\.(?:answer\.order|result)[^"]*)"/g)].map(
      ([, path]) => path,
    )
    for (const path of decidesBy) assert.deepEqual(Choices[0].Not, { Variable: path, IsPresent: true }, name)
  }
})

test('an answer without an outcome needs a person', async () => {
  const { error } = await run(ORDER, { Reverse: [{ ...ORDER }] })
  assert.equal(error?.name, 'UnknownOutcome')
})

test('an answer without a state is no end of a sale', async () => {
  const empty = { statusCode: 200, body: '{}' }
  const { output, calls } = await run(SALE, { Pay: [{}], Query: [empty, state('SUCCESS')] })
  assert.equal(output.trade_state, 'SUCCESS')
  assert.equal(calls.Query.length, 2)
})

test('an outcome the machine does not know needs a person', async () => {
  const { error } = await run(ORDER, { Reverse: [{ ...ORDER, outcome: 'SHRUG' }] })
  assert.equal(error?.name, 'UnknownOutcome')
})

test('a sale that is paid at once ends Paid with the verified state, and nothing is reversed', async () => {
  const { output, calls, entered } = await run(SALE, { Pay: [{}], Query: [state('SUCCESS')] })
  assert.equal(output.trade_state, 'SUCCESS')
  assert.equal(entered.at(-1)?.name, 'Paid')
  assert.deepEqual(calls.Pay, [SALE])
  assert.equal(calls.Query.length, 1)
  assert.equal(calls.Reverse.length, 0)
})

test('what the pay function says is a hint: only a query ends a sale', async () => {
  const { output, calls } = await run(SALE, {
    Pay: [{ trade_state: 'PAYERROR', refund_me: true }],
    Query: [state('SUCCESS')],
  })
  assert.equal(output.trade_state, 'SUCCESS')
  assert.equal(calls.Reverse.length, 0)
})

test('a pay function that fails leaves the sale unknown, not failed, and is not called again', async () => {
  const { output, calls } = await run(SALE, { Pay: [named('Sandbox.Timedout')], Query: [state('SUCCESS')] })
  assert.equal(output.trade_state, 'SUCCESS')
  assert.equal(calls.Pay.length, 1)
})

test('a pay function that hangs is ended, and the sale is polled', async () => {
  const machine = definition()
  machine.States.Sale.Branches[0].States.Pay.TimeoutSeconds = 0.02
  const { output } = await run(SALE, { Pay: [new Promise(() => {})], Query: [state('SUCCESS')] }, { machine })
  assert.equal(output.trade_state, 'SUCCESS')
})

test('a sale that is paid while polling ends Paid, whatever came before', async () => {
  const before = [
    state('USERPAYING'),
    state('NOTPAY'),
    NOT_FOUND,
    NOTHING_VERIFIED,
    named('Lambda.Unknown'),
    state('ACCEPT'),
  ]
  const { output, calls } = await run(SALE, { Pay: [{}], Query: [...before, state('SUCCESS')] })
  assert.equal(output.trade_state, 'SUCCESS')
  assert.equal(calls.Query.length, before.length + 1)
  assert.equal(calls.Reverse.length, 0)
})

for (const over of ['PAYERROR', 'REVOKED', 'CLOSED', 'REFUND']) {
  test(`a sale that turns ${over} is reversed at once: no time is left to wait for`, async () => {
    const { output, calls } = await run(SALE, { Pay: [{}], Query: [state(over)], Reverse: [REFUNDED] })
    assert.deepEqual(output, REFUNDED)
    assert.equal(calls.Query.length, 1)
    assert.equal(calls.Reverse.length, 1)
  })
}

describe('when the time is up, the sale is given up and reversed though', { concurrency: true }, () => {
  for (const [what, answer] of [
    ['the customer is still paying', state('USERPAYING')],
    ['nobody has paid', state('NOTPAY')],
    ['WeChat Pay knows no such order', NOT_FOUND],
    ['nothing verified comes back', NOTHING_VERIFIED],
    ['the query fails', named('Lambda.Unknown')],
    ['the state is one nobody has seen before', state('SHRUG')],
  ] as const) {
    test(what, async () => {
      // Long enough for many queries, on a machine that is busy as well.
      const { output, calls } = await run(SALE, { Pay: [{}], Query: [answer], Reverse: [REFUNDED] }, { pollingMs: 500 })
      assert.deepEqual(output, REFUNDED)
      assert.ok(calls.Query.length > 1, `asked ${calls.Query.length} times: it must poll on until the time is up`)
      assert.equal(calls.Reverse.length, 1)
    })
  }
})

test('a sale given up becomes an order of its own: what to do if it is paid, and since when, are said', async () => {
  const before = new Date().toISOString()
  const given = await run(SALE, { Pay: [{}], Query: [state('PAYERROR')], Reverse: [REFUNDED] })
  const { attempted_at, ...order } = given.calls.Reverse[0]
  assert.deepEqual(order, { ...ORDER, if_paid: 'refund' })
  assert.ok(before <= attempted_at && attempted_at <= new Date().toISOString())
})

test('a sale that is to be kept when paid late says so', async () => {
  const kept = { ...ORDER, outcome: 'KEPT' }
  const { output, calls } = await run(
    { ...SALE, if_paid: 'keep' },
    { Pay: [{}], Query: [state('PAYERROR')], Reverse: [kept] },
  )
  assert.equal(calls.Reverse[0].if_paid, 'keep')
  assert.deepEqual(output, kept)
})

test('the query is one the HTTP function takes', async () => {
  const { calls } = await run(SALE, { Pay: [{}], Query: [state('SUCCESS')] })
  const [event] = calls.Query
  assert.deepEqual({ ...parseStateRequest(event) }, { mchid: ORDER.mchid, out_trade_no: ORDER.out_trade_no })
  assert.equal(event.requestContext.http.method, 'GET')
  assert.equal(event.rawPath, '/v3/pay/transactions/out-trade-no/A*1')
})

const PARTNER = { sp_mchid: '1900000100', sub_mchid: '1900000201', out_trade_no: 'A*1' }

for (const apps of [{}, { sp_appid: 'wx1' }, { sub_appid: 'wx2' }, { sp_appid: 'wx1', sub_appid: 'wx2' }]) {
  test(`a service provider's sale is made and reversed under its names: ${Object.keys(apps).join(', ') || 'no apps'}`, async () => {
    const order = { ...PARTNER, ...apps }
    const sale = { ...order, pay: SALE.pay, if_paid: 'keep' }
    const { calls, output } = await run(sale, { Pay: [{}], Query: [state('PAYERROR')], Reverse: [REFUNDED] })
    assert.deepEqual(output, REFUNDED)
    assert.deepEqual(calls.Pay, [{ ...order, pay: SALE.pay }])
    const { attempted_at, ...reversed } = calls.Reverse[0]
    assert.deepEqual(reversed, { ...order, if_paid: 'keep' })
    const [event] = calls.Query
    assert.deepEqual({ ...parseStateRequest(event) }, PARTNER)
    assert.equal(event.rawPath, '/v3/pay/partner/transactions/out-trade-no/A*1')
  })
}

test('a sale of no kind, or of both, is refused before anything is paid', async () => {
  const partner = { ...PARTNER, pay: SALE.pay }
  const wrong = [
    { ...partner, mchid: '1900000001' },
    { ...partner, appid: 'wx1' },
    { ...partner, sub_mchid: undefined },
    { ...partner, sp_mchid: 1900000100 },
    { ...partner, sp_appid: null },
    { ...partner, sub_appid: 1 },
    { ...SALE, sub_mchid: '1900000201' },
    { ...SALE, sp_appid: 'wx1' },
    { ...SALE, sub_appid: 'wx1' },
  ]
  for (const sale of wrong) {
    const { error, calls } = await run(JSON.parse(JSON.stringify(sale)), {})
    assert.equal(error?.name, 'InvalidOrder', JSON.stringify(sale))
    assert.deepEqual(calls, { Pay: [], Query: [], Reverse: [] })
  }
})

test('a sale that could not be reversed is refused before anything is paid', async () => {
  const wrong = [
    { mchid: 1900000001 },
    { mchid: undefined },
    { appid: undefined },
    { out_trade_no: undefined },
    { out_trade_no: null },
    { if_paid: 'refuse' },
    { if_paid: true },
    { if_paid: null },
    { attempted_at: '2026-01-01T00:00:00Z' },
    { history: {} },
  ]
  for (const change of wrong) {
    const { error, calls } = await run(JSON.parse(JSON.stringify({ ...SALE, ...change })), {})
    assert.equal(error?.name, 'InvalidOrder', JSON.stringify(change))
    assert.deepEqual(calls, { Pay: [], Query: [], Reverse: [] })
  }
})

test('a deployment without a pay function refuses a sale, and still reverses orders', async () => {
  const machine = definition({ hasPayFunction: 'no' })
  const { error, calls } = await run(SALE, {}, { machine })
  assert.equal(error?.name, 'NoPayFunction')
  assert.deepEqual(calls.Pay, [])
  assert.deepEqual((await run(ORDER, { Reverse: [REFUNDED] }, { machine })).output, REFUNDED)
})

test('every state of the machine was entered by these tests', () => {
  const names = statesOf(definition()).map(([name]) => name)
  assert.deepEqual([...everEntered].sort(), names.sort())
})
