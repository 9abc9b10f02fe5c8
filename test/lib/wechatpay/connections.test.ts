import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, type TestContext, test } from 'node:test'
import tls from 'node:tls'
import { createWechatPay, type WireEvent } from '../../../lib/wechatpay/client.ts'
import { APPID, certificatePem, createPrivateKey, MCHID, merchantOf, privatePem, SERIAL } from './keys-and-secrets.ts'
import { openRawServer } from './raw-server.ts'
import { messageOf, signedAnswer, stateOf } from './signed-answer.ts'

const merchant = merchantOf()
const context = { asked: { mchid: MCHID, appid: APPID, out_trade_no: 'A' }, merchant, msLeft: () => 60_000 }

const key = createPrivateKey()
const certificate = { key: privatePem(key), cert: certificatePem(key, SERIAL) }
const trusted = tls.getCACertificates('default')
tls.setDefaultCACertificates([...trusted, certificate.cert])
after(() => tls.setDefaultCACertificates(trusted))

type Respond = Parameters<typeof openRawServer>[0]

/** A server and a client with a clock of its own; both are closed when the test ends. */
async function world(t: TestContext, respond?: Respond, { isTls = false } = {}) {
  const clock = { ms: Date.now() }
  const truth = () => messageOf(signedAnswer({ timestamp: Math.floor(clock.ms / 1000) }))
  const server = await openRawServer(respond ?? ((_, socket) => socket.write(truth())), isTls ? certificate : undefined)
  const events: WireEvent[] = []
  const wechatPay = createWechatPay({
    endpoints: [server.endpoint],
    timeoutMs: 2_000,
    now: () => clock.ms,
    observe: (event) => events.push(event),
  })
  t.after(async () => {
    wechatPay.close()
    await server.close()
  })
  const query = async () => (await wechatPay.query(context)).best.kind
  return { clock, server, events, wechatPay, query, truth }
}

for (const isTls of [true, false]) {
  describe(isTls ? 'over TLS' : 'over plain HTTP', () => {
    test('many calls, one after the other, share one connection', async (t) => {
      const { server, query, wechatPay } = await world(t, undefined, { isTls })
      for (let call = 0; call < 10; call++) {
        assert.equal(await query(), 'verified')
        assert.equal((await wechatPay.reverse(context)).best.kind, 'verified')
      }
      assert.equal(server.connections(), 1)
    })

    test('a reverse that nobody answers may have arrived, once its connection was made', async (t) => {
      const { wechatPay } = await world(t, (_, socket) => socket.destroy(), { isTls })
      const { best } = await wechatPay.reverse(context)
      assert.deepEqual(best, { kind: 'none', reason: 'connection', cause: 'ECONNRESET', sent: true })
    })

    test('a query that is alone has a connection that serves nothing else, and leaves the shared one as it is', async (t) => {
      const { server, query, wechatPay } = await world(t, undefined, { isTls })
      assert.equal(await query(), 'verified')
      for (const opened of [2, 3]) {
        assert.equal((await wechatPay.query({ ...context, onOwnConnection: true })).best.kind, 'verified')
        assert.equal(server.connections(), opened)
      }
      assert.equal(await query(), 'verified')
      assert.equal(server.connections(), 3)
    })

    test('so do calls that come after calls that ran side by side', async (t) => {
      const { server, query } = await world(t, undefined, { isTls })
      await Promise.all(Array.from({ length: 10 }, query))
      const opened = server.connections()
      assert.ok(opened <= 10)
      for (let call = 0; call < 10; call++) await query()
      await Promise.all(Array.from({ length: 10 }, query))
      assert.equal(server.connections(), opened)
    })

    test('a connection idle for 7 s is never used again, though no timer ran', async (t) => {
      const { clock, server, query } = await world(t, undefined, { isTls })
      await query()
      clock.ms += 6_999
      assert.equal(await query(), 'verified')
      assert.equal(server.connections(), 1)
      clock.ms += 7_000
      assert.equal(await query(), 'verified')
      assert.equal(server.connections(), 2)
      clock.ms -= 3_600_000
      assert.equal(await query(), 'verified')
      assert.equal(server.connections(), 3, 'a clock that was set back tells no age')
    })

    test('of many idle connections, only the old ones go', async (t) => {
      const { clock, server, query } = await world(t, undefined, { isTls })
      await Promise.all([query(), query(), query()])
      clock.ms += 5_000
      await query()
      clock.ms += 5_000
      await query()
      assert.equal(server.connections(), 3)
      await Promise.all([query(), query()])
      assert.equal(server.connections(), 4)
    })

    test('a connection that the server dropped meanwhile costs one repeat, on a new one, freshly signed', async (t) => {
      let fails = false
      const { server, query, events, truth } = await world(
        t,
        (_, socket) => {
          if (fails) socket.destroy()
          else socket.write(truth())
          fails = false
        },
        { isTls },
      )
      await query()
      fails = true
      assert.equal(await query(), 'verified')
      assert.deepEqual([server.connections(), server.requests.length], [2, 3])
      const [, first, second] = server.requests.map(({ headers }) => headers.authorization)
      assert.notEqual(first, second)
      assert.deepEqual(events, [], 'nobody needs to hear of it')
    })
  })
}

test('when many kept connections are broken, each call is repeated once, on a new one', async (t) => {
  let broken = 0
  const { server, query, truth } = await world(t, ({ connection }, socket) => {
    if (connection < broken) socket.resetAndDestroy()
    else socket.write(truth())
  })
  await Promise.all(Array.from({ length: 10 }, query))
  broken = server.connections()
  const before = server.requests.length
  const kinds = await Promise.all(Array.from({ length: 10 }, query))
  assert.deepEqual(new Set(kinds), new Set(['verified']))
  assert.ok(server.requests.length - before <= 20)
})

test('when all kept connections are broken, one call meets one of them', async (t) => {
  let broken = 0
  const { server, query, truth } = await world(t, ({ connection }, socket) => {
    if (connection < broken) socket.resetAndDestroy()
    else socket.write(truth())
  })
  await Promise.all([query(), query(), query()])
  broken = server.connections()
  assert.equal(await query(), 'verified')
  assert.equal(server.requests.length, 3 + 2)
})

test('a connection whose answer did not come in time is closed: a late answer finds nobody', async (t) => {
  const closed: Promise<unknown>[] = []
  const { wechatPay } = await world(t, (_, socket) => void closed.push(once(socket, 'close')))
  await wechatPay.query({ ...context, msLeft: () => 60 })
  assert.equal(closed.length, 1)
  await closed[0]
})

test('a repeat that fails too is no answer, and so is a reset on a new connection', async (t) => {
  let fails = false
  const { server, query, truth } = await world(t, (_, socket) => {
    if (fails) socket.resetAndDestroy()
    else socket.write(truth())
  })
  await query()
  fails = true
  assert.equal(await query(), 'none')
  assert.equal(server.requests.length, 3)
  assert.equal(await query(), 'none')
  assert.equal(server.requests.length, 4)
})

test('a repeat stays within the time of its try', async (t) => {
  let calls = 0
  const { wechatPay, truth } = await world(t, (_, socket) => {
    calls += 1
    if (calls === 1) socket.write(truth())
    else if (calls === 2) setTimeout(() => socket.destroy(), 1_000)
  })
  await wechatPay.query(context)
  const startedAt = performance.now()
  const { best: answer } = await wechatPay.query({ ...context, msLeft: () => 1_200 })
  assert.deepEqual(answer, { kind: 'none', reason: 'timeout', sent: true })
  assert.ok(performance.now() - startedAt < 1_000 + 1_200, 'its own time does not begin anew')
})

test('calls side by side do not wait for each other', async (t) => {
  const waiting: (() => void)[] = []
  const { query, truth } = await world(t, (_, socket) => {
    // Nobody is answered before all have asked.
    waiting.push(() => socket.write(truth()))
    if (waiting.length === 50) for (const answer of waiting) answer()
  })
  const kinds = await Promise.all(Array.from({ length: 50 }, query))
  assert.deepEqual(new Set(kinds), new Set(['verified']))
})

describe('bytes after an answer do not poison the next one', () => {
  const noises: Record<string, (truth: () => Buffer) => Buffer> = {
    'a line break': () => Buffer.from('\r\n'),
    noise: () => Buffer.from('noise\r\n\r\n'),
    'the beginning of an answer': (truth) => truth().subarray(0, 60),
    'a whole answer, about another order': () =>
      messageOf(signedAnswer({ body: stateOf('REVOKED', { out_trade_no: 'B' }) })),
    'a page of a proxy': () => Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html'),
  }
  for (const [title, noise] of Object.entries(noises)) {
    for (const when of ['with it', 'a moment later'] as const) {
      test(`${title}, ${when}`, async (t) => {
        let isNoisy = true
        const { server, query, truth } = await world(t, (_, socket) => {
          if (!isNoisy) return void socket.write(truth())
          isNoisy = false
          if (when === 'with it') return void socket.write(Buffer.concat([truth(), noise(truth)]))
          socket.write(truth())
          setImmediate(() => socket.write(noise(truth)))
        })
        assert.equal(await query(), 'verified')
        // As when the function thinks for a moment between two calls.
        await new Promise((resolve) => setTimeout(resolve, 20))
        assert.equal(await query(), 'verified')
        assert.equal(await query(), 'verified')
        assert.ok(server.connections() <= 2)
      })
    }
  }

  test('noise that comes while the next request is under way costs one repeat on a new connection', async (t) => {
    let calls = 0
    const { server, query, truth } = await world(t, (_, socket) => {
      calls += 1
      socket.write(calls === 2 ? Buffer.concat([Buffer.from('noise\r\n'), truth()]) : truth())
    })
    await query()
    assert.equal(await query(), 'verified')
    assert.deepEqual([server.connections(), server.requests.length], [2, 3])
  })
})

test('an answer that says it is the last closes its connection', async (t) => {
  const { server, query } = await world(t, (_, socket) =>
    socket.end(messageOf(signedAnswer({ headers: (all) => [...all, ['Connection', 'close']] }))),
  )
  for (let call = 0; call < 3; call++) assert.equal(await query(), 'verified')
  assert.equal(server.connections(), 3)
})

test('closing leaves nothing open', async (t) => {
  const { server, query, wechatPay } = await world(t)
  await query()
  wechatPay.close()
  assert.equal(await query(), 'verified')
  assert.equal(server.connections(), 2)
})
