import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createWechatPay, type WireEvent } from '../../../lib/wechatpay/client.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import type { Exchange, WireRequest } from '../../../lib/wechatpay/exchange.ts'
import { APPID, keys, MCHID, merchantOf, PUBLIC_KEY_ID } from './keys-and-secrets.ts'
import { type Parts, signedAnswer, unsignedAnswer } from './signed-answer.ts'
import { wireAnswer } from './wire-answer.ts'

const MAIN = 'https://main.example'
const BACKUP = 'https://backup.example'
const NOW_MS = Date.UTC(2026, 0, 1)

const merchant = merchantOf()
const asked = { mchid: MCHID, appid: APPID, out_trade_no: 'A' }
const names = { mchid: MCHID, out_trade_no: 'A' }

type Sent = Awaited<ReturnType<Exchange['send']>>

const signed = (parts: Parts = {}): Sent => wireAnswer(signedAnswer({ timestamp: NOW_MS / 1000, ...parts }))
const unsigned = (parts: Parts = {}): Sent => wireAnswer(unsignedAnswer(parts))
const SILENCE: Sent = { kind: 'none', reason: 'timeout', sent: true }
const STALE: Sent = { kind: 'stale connection', cause: 'EPIPE' }

/** A client whose tries come to these ends: by their origin, or one after the other, the last one for all that follow. */
function world(ends: Sent[] | ((origin: string) => Sent), { timeoutMs = 1_000, waitMs = 0 } = {}) {
  const clock = { ms: NOW_MS }
  const tries: (WireRequest & { origin: string; tryMs: number })[] = []
  const events: WireEvent[] = []
  const exchange: Exchange = {
    send: async ({ origin }, request, tryMs) => {
      tries.push({ ...request, origin, tryMs })
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
      if (typeof ends === 'function') return ends(origin)
      return ends.length > 1 ? ends.shift()! : ends[0]!
    },
    close: () => {},
  }
  const { query, reverse, tradeBill } = createWechatPay({
    endpoints: parseEndpoints(`${MAIN},${BACKUP}`),
    timeoutMs,
    observe: (event) => events.push(event),
    now: () => clock.ms,
    exchange,
  })
  const ask = (msLeft = 60_000) => query({ asked, merchant, msLeft: () => msLeft })
  return { clock, tries, events, query, reverse, tradeBill, ask, asks: () => tries.map(({ origin }) => origin) }
}

describe('the time of a try', () => {
  const rows: [msLeft: number, timeoutMs: number, tries: number[]][] = [
    [60_000, 1_000, [1_000, 1_000]],
    [1_200, 1_000, [600, 1_000]],
    [100, 1_000, [50, 100]],
    [99, 1_000, []],
    [Number.NaN, 1_000, []],
    [Number.POSITIVE_INFINITY, 1_000, [1_000, 1_000]],
  ]
  for (const [msLeft, timeoutMs, expected] of rows) {
    test(`with ${msLeft} ms left, of two domains: ${expected.join(' and ') || 'none'}`, async () => {
      const { tries, ask } = world([SILENCE], { timeoutMs })
      await ask(msLeft)
      assert.deepEqual(
        tries.map(({ tryMs }) => tryMs),
        expected,
      )
    })
  }

  test('is looked at anew for each: the second is not begun when none is left', async () => {
    const { asks, query } = world([SILENCE])
    const left = [60_000, 49]
    const { best, tries } = await query({ asked, merchant, msLeft: () => left.shift()! })
    assert.deepEqual(asks(), [MAIN])
    assert.deepEqual(best, SILENCE)
    assert.equal(tries.length, 1)
  })

  test('is shared by the repeat after a broken connection', async () => {
    const { tries, ask } = world([STALE, signed()], { timeoutMs: 10_000, waitMs: 40 })
    await ask()
    assert.equal(tries[0]!.tryMs, 10_000)
    // On a busy machine a wait is longer than asked for.
    assert.ok(tries[1]!.tryMs > 6_000 && tries[1]!.tryMs <= 10_000 - 39, `${tries[1]!.tryMs}`)
  })

  test('of a repeat is never none, for it may yet be answered', async () => {
    const { tries, ask } = world([STALE, signed()], { timeoutMs: 5, waitMs: 20 })
    await ask()
    assert.deepEqual(
      tries.map(({ tryMs }) => tryMs),
      [5, 1],
    )
  })
})

describe('a connection that broke', () => {
  test('costs one more try, which the result tells, and nobody is told otherwise', async () => {
    const { asks, events, ask } = world([STALE, signed()])
    const { best, tries } = await ask()
    assert.equal(best.kind, 'verified')
    assert.deepEqual(tries[0], { kind: 'none', reason: 'connection', cause: 'EPIPE', sent: true })
    assert.equal(tries.length, 2)
    assert.deepEqual(asks(), [MAIN, MAIN])
    assert.deepEqual(events, [])
  })

  test('twice at one domain is no answer, and told once; then the other is asked', async () => {
    const { asks, events, ask } = world([STALE, STALE, signed()])
    const { best, tries } = await ask()
    assert.equal(best.kind, 'verified')
    assert.equal(tries.length, 3)
    assert.deepEqual(asks(), [MAIN, MAIN, BACKUP])
    assert.deepEqual(events, [
      { name: 'NoAnswer', endpoint: MAIN, reason: 'connection', cause: 'EPIPE', ...names },
      { name: 'FailOver', from: MAIN, to: BACKUP, ...names },
    ])
  })
})

describe('the next domain is asked', () => {
  const rows: [title: string, end: Sent, isNext: boolean][] = [
    ['after silence', SILENCE, true],
    ['after 500', unsigned({ status: 500 }), true],
    ['not after 499', unsigned({ status: 499 }), false],
    ['not after 200', signed(), false],
  ]
  for (const [title, end, isNext] of rows) {
    test(title, async () => {
      const { asks, ask } = world([end])
      await ask()
      assert.deepEqual(asks(), isNext ? [MAIN, BACKUP] : [MAIN])
      await ask()
      assert.equal(asks().at(isNext ? 2 : 1), MAIN, 'when both failed, or none, the first listed comes first')
    })
  }

  test('first by the calls that follow, until the main one answers one of them', async () => {
    const { asks, ask } = world([SILENCE, signed(), unsigned({ status: 502 }), signed()])
    await ask()
    await ask()
    assert.deepEqual(asks().slice(2), [BACKUP, MAIN])
    await ask()
    assert.deepEqual(asks().slice(4), [MAIN])
  })
})

test('when the main domain answers again, all calls go there', async () => {
  const { clock, asks, ask } = world([SILENCE, signed(), signed(), signed()])
  await ask()
  clock.ms += 30_001
  await ask()
  await ask()
  assert.deepEqual(asks(), [MAIN, BACKUP, MAIN, MAIN])
})

test('a query only asks, a reverse tells', async () => {
  const { tries, query, reverse } = world([signed()])
  await query({ asked, merchant, msLeft: () => 60_000 })
  await reverse({ asked, merchant, msLeft: () => 60_000 })
  const PATH = '/v3/pay/transactions/out-trade-no/A'
  assert.deepEqual(
    tries.map(({ method, target, body }) => [method, target, body]),
    [
      ['GET', `${PATH}?mchid=${MCHID}`, ''],
      ['POST', `${PATH}/reverse`, JSON.stringify({ appid: APPID, mchid: MCHID })],
    ],
  )
})

test('while the main domain is down, one call in 30 s pays to find out whether it is back', async () => {
  let isBack = false
  const { clock, tries, asks, ask } = world((origin) => (isBack || origin === BACKUP ? signed() : SILENCE))
  const ten = () => Promise.all(Array.from({ length: 10 }, () => ask()))
  const asksOfMain = () => asks().filter((origin) => origin === MAIN).length
  await ask()
  assert.equal(asksOfMain(), 1)
  await ten()
  clock.ms += 29_999
  await ten()
  assert.equal(asksOfMain(), 1, 'the following calls go to the backup at once')
  clock.ms += 1
  await ten()
  assert.equal(asksOfMain(), 2, 'one of them looks')
  isBack = true
  clock.ms += 30_000
  await ask()
  tries.length = 0
  await ten()
  assert.deepEqual(new Set(asks()), new Set([MAIN]), 'and when it is, it is used again')
})

describe('a request for a bill', () => {
  const billOf = async (subMchid?: string) => {
    const { tries, tradeBill } = world([signed({ body: '{}' })])
    const { best } = await tradeBill({ merchant, date: '2026-01-31', subMchid, msLeft: () => 60_000 })
    assert.equal(best.kind, 'verified')
    const { method, target, body } = tries[0]!
    assert.deepEqual([method, body], ['GET', ''])
    return target
  }

  test('names the day, all kinds of trades, and the form of the file', async () => {
    assert.equal(await billOf(), '/v3/bill/tradebill?bill_date=2026-01-31&bill_type=ALL&tar_type=GZIP')
  })

  test('of one merchant under a service provider names it', async () => {
    assert.match(await billOf('1900000201'), /&sub_mchid=1900000201$/)
  })

  test('that nobody answers is told of the merchant alone', async () => {
    const { events, tradeBill } = world([SILENCE])
    await tradeBill({ merchant, date: '2026-01-31', msLeft: () => 60_000 })
    assert.deepEqual(events, [
      { name: 'NoAnswer', endpoint: MAIN, reason: 'timeout', cause: undefined, mchid: MCHID },
      { name: 'FailOver', from: MAIN, to: BACKUP, mchid: MCHID },
      { name: 'NoAnswer', endpoint: BACKUP, reason: 'timeout', cause: undefined, mchid: MCHID },
    ])
  })
})

describe('an answer that does not verify', () => {
  test('is told with all that helps to find out why', async () => {
    const { events, ask } = world([
      signed({
        status: 403,
        key: keys.stranger,
        body: '{"code":"NO_AUTH","message":"no","detail":{"field":"mchid","issue":"odd"}}',
      }),
    ])
    await ask()
    assert.deepEqual(events, [
      {
        name: 'UnverifiedAnswer',
        endpoint: MAIN,
        reason: 'wrong signature',
        status: 403,
        code: 'NO_AUTH',
        message: 'no [mchid: odd]',
        serial: undefined,
        request_id: '08C5D2F9A30610A50218F7C8B1DA0420-0',
        ...names,
      },
    ])
  })

  test('counts toward ten in a row, told from the tenth on, until one verifies', async () => {
    const ends = [...Array.from({ length: 11 }, () => unsigned()), signed(), unsigned()]
    const { events, ask } = world(ends)
    for (let call = 1; call <= 22; call++) await ask()
    assert.deepEqual(
      events.filter(({ name }) => name === 'UnverifiedInARow'),
      [10, 11, 10].map((count) => ({ name: 'UnverifiedInARow', count, ...names })),
    )
  })

  test('counts for each merchant alone: the good answers of one do not hide that another has the wrong keys', async () => {
    const { events, ask, query } = world([signed()])
    const mchid = '1900000002'
    const other = merchantOf({ mchid, wechatpay_public_key_id: 'PUB_KEY_ID_2', other_wechatpay_keys: {} })
    for (let call = 1; call <= 10; call++) {
      await query({ asked: { ...asked, mchid }, merchant: other, msLeft: () => 60_000 })
      await ask()
    }
    assert.deepEqual(events.slice(-2), [
      {
        name: 'UnverifiedAnswer',
        endpoint: MAIN,
        reason: 'unknown serial',
        status: 200,
        code: undefined,
        message: undefined,
        serial: PUBLIC_KEY_ID,
        request_id: '08C5D2F9A30610A50218F7C8B1DA0420-0',
        mchid,
        out_trade_no: 'A',
      },
      { name: 'UnverifiedInARow', count: 10, mchid, out_trade_no: 'A' },
    ])
  })

  test('does not count when it refuses our signature', async () => {
    const { events, ask } = world([unsigned({ status: 401, body: '{"code":"SIGN_ERROR"}' })])
    for (let call = 1; call <= 10; call++) await ask()
    assert.deepEqual(
      events.map(({ name }) => name),
      Array(10).fill('UnverifiedAnswer'),
    )
  })

  test('is a probe of its own name when WeChat Pay tests whether we verify', async () => {
    const probe = signed({
      headers: (all) =>
        all.map(([name, value]) => [name, name === 'Wechatpay-Signature' ? `WECHATPAY/SIGNTEST/${value}` : value]),
    })
    const { events, ask } = world([probe])
    await ask()
    assert.deepEqual(events.at(-1), { name: 'SignTestProbe', endpoint: MAIN, ...names })
  })
})

test('each try is signed with a time and a nonce of its own, for the key we want the answer signed with', async () => {
  const { tries, reverse } = world([STALE, SILENCE, signed()])
  await reverse({ asked, merchant, msLeft: () => 60_000 })
  const authorizations = tries.map(({ headers }) => headers.Authorization)
  assert.equal(new Set(authorizations).size, 3)
  for (const { headers } of tries) {
    assert.match(String(headers.Authorization), new RegExp(`timestamp="${NOW_MS / 1000}"`))
    assert.equal(headers['Wechatpay-Serial'], PUBLIC_KEY_ID)
  }
})

test('only a query that wants it goes over a connection of its own', async () => {
  const { tries, query, reverse } = world([signed()])
  await query({ asked, merchant, msLeft: () => 60_000, onOwnConnection: true })
  await query({ asked, merchant, msLeft: () => 60_000 })
  await reverse({ asked, merchant, msLeft: () => 60_000 })
  assert.deepEqual(
    tries.map(({ onOwnConnection }) => onOwnConnection),
    [true, undefined, undefined],
  )
})
