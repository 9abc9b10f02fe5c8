import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { LookupFunction } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { addressTimeoutMs, createExchange, MAX_BODY_BYTES, type WireRequest } from '../../../lib/wechatpay/exchange.ts'
import { openRawServer } from './raw-server.ts'

const TIMEOUT_MS = 5_000
const GET = { method: 'GET', target: '/a?b=*', headers: { 'X-Own': 'c' }, body: '' } as const

type Respond = Parameters<typeof openRawServer>[0]

const message = (body = '{}', headers = '') =>
  `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`

/** A server, and an exchange with a clock of its own; both are closed when the test ends. */
async function world(t: TestContext, respond: Respond, lookup?: LookupFunction) {
  const clock = { ms: 1_000_000 }
  const server = await openRawServer(respond)
  const exchange = createExchange(() => clock.ms, lookup)
  t.after(async () => {
    exchange.close()
    await server.close()
  })
  const send = (otherwise: Partial<WireRequest> = {}, timeoutMs = TIMEOUT_MS) =>
    exchange.send(server.endpoint, { ...GET, ...otherwise }, timeoutMs)
  return { clock, server, exchange, send }
}

test('one address of a domain has a third of the time to connect, and never less than Node takes', () => {
  const rows: [tryMs: number, ms: number][] = [
    [6_000, 2_000],
    [100, 33],
    [31, 10],
    [1, 10],
    [Number.MAX_VALUE, 715_827_882],
  ]
  for (const [tryMs, ms] of rows) assert.equal(addressTimeoutMs(tryMs), ms)
})

describe('one exchange', () => {
  test('sends the target byte for byte, and gives what came back', async (t) => {
    const { server, send } = await world(t, (_, socket) => {
      socket.write('HTTP/1.1 202 -\r\nX-A: 1\r\nx-a: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
      setTimeout(() => socket.write('2\r\nde\r\n0\r\n\r\n'), 20)
    })
    const answer = await send()
    assert.ok(answer.kind === 'answered')
    assert.deepEqual([answer.status, answer.headers['x-a'], answer.body.toString()], [202, '1, 2', 'abcde'])
    const { method, target, headers, body } = server.requests[0]!
    assert.deepEqual([method, target, headers['x-own'], body.length], ['GET', '/a?b=*', 'c', 0])
    assert.equal(headers['content-length'], undefined)
    assert.equal(headers['transfer-encoding'], undefined)
  })

  test('sends a body as it is', async (t) => {
    const { server, exchange } = await world(t, (_, socket) => socket.write(message()))
    const request = { method: 'POST', target: '/', headers: { 'Content-Length': 3 }, body: 'a=b' } as const
    await exchange.send(server.endpoint, request, TIMEOUT_MS)
    assert.equal(server.requests[0]!.body.toString(), 'a=b')
  })

  test('ends when its time is over, and closes its connection', async (t) => {
    const closed: Promise<unknown>[] = []
    const { send } = await world(t, (_, socket) => void closed.push(once(socket, 'close')))
    assert.deepEqual(await send({}, 30), { kind: 'none', reason: 'timeout', sent: true })
    await closed[0]
  })

  test('is told with the system’s code when its connection breaks', async (t) => {
    const { send } = await world(t, (_, socket) => socket.resetAndDestroy())
    assert.deepEqual(await send(), { kind: 'none', reason: 'connection', cause: 'ECONNRESET', sent: true })
  })

  test('is told as never sent when nobody listens', async (t) => {
    const { server, send } = await world(t, () => {})
    await server.close()
    assert.deepEqual(await send(), { kind: 'none', reason: 'connection', cause: 'ECONNREFUSED', sent: false })
  })

  test('breaks when the answer does, and not after its end', async (t) => {
    const { send } = await world(t, (_, socket) => socket.end(message('{}').slice(0, -1)))
    assert.deepEqual(await send(), { kind: 'none', reason: 'connection', cause: 'ECONNRESET', sent: true })
    const whole = await world(t, (_, socket) => socket.write(message(), () => socket.resetAndDestroy()))
    assert.equal((await whole.send()).kind, 'answered')
  })

  test('may end with its connection', async (t) => {
    const { send } = await world(t, (_, socket) => socket.end('HTTP/1.0 200 -\r\n\r\nabc'))
    const answer = await send()
    assert.ok(answer.kind === 'answered')
    assert.equal(answer.body.toString(), 'abc')
  })

  test('leaves no timer behind', async (t) => {
    const { send } = await world(t, (_, socket) => socket.write(message()))
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    await send()
    assert.equal(timers(), before)
  })

  test('that ends in another protocol is no answer', async (t) => {
    const { send } = await world(t, (_, socket) =>
      socket.write('HTTP/1.1 101 -\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'),
    )
    assert.deepEqual(await send(), { kind: 'none', reason: 'connection', cause: 'ECONNRESET', sent: true })
  })

  test('reads an answer of the most that is read, and not a byte more', async (t) => {
    let length = MAX_BODY_BYTES
    const { send } = await world(t, (_, socket) => socket.write(message('x'.repeat(length))))
    const answer = await send()
    assert.ok(answer.kind === 'answered')
    assert.equal(answer.body.length, MAX_BODY_BYTES)
    length += 1
    assert.deepEqual(await send(), { kind: 'none', reason: 'too long', sent: true })
  })

  test('asks the given way for the addresses of a name', async (t) => {
    const asked: string[] = []
    const { server, exchange } = await world(
      t,
      (_, socket) => socket.write(message()),
      (name, _options, done) => {
        asked.push(name)
        done(null, [{ address: '127.0.0.1', family: 4 }])
      },
    )
    const endpoint = { ...server.endpoint, hostname: 'wechatpay.example' }
    for (const onOwnConnection of [false, true]) {
      assert.equal((await exchange.send(endpoint, { ...GET, onOwnConnection }, TIMEOUT_MS)).kind, 'answered')
    }
    assert.deepEqual(asked, ['wechatpay.example', 'wechatpay.example'])
  })
})

describe('connections', () => {
  test('are kept, and apart for each port', async (t) => {
    const respond: Respond = (_, socket) => socket.write(message())
    const { server, exchange, send } = await world(t, respond)
    const other = await openRawServer(respond)
    t.after(other.close)
    for (let call = 0; call < 3; call++) {
      await send()
      await exchange.send(other.endpoint, GET, TIMEOUT_MS)
    }
    assert.deepEqual([server.connections(), other.connections()], [1, 1])
  })

  test('of their own are used once', async (t) => {
    const { server, send } = await world(t, (_, socket) => socket.write(message()))
    await send()
    await send({ onOwnConnection: true })
    await send({ onOwnConnection: true })
    await send()
    assert.equal(server.connections(), 3)
  })

  test('idle for 7 s are closed, whichever way the clock went, and no sooner', async (t) => {
    const { clock, server, send } = await world(t, (_, socket) => socket.write(message()))
    const rows: [stepMs: number, connections: number][] = [
      [0, 1],
      [6_999, 1],
      [7_000, 2],
      [-6_999, 2],
      [-7_000, 3],
    ]
    for (const [stepMs, connections] of rows) {
      clock.ms += stepMs
      assert.equal((await send()).kind, 'answered')
      assert.equal(server.connections(), connections, `${stepMs} ms later`)
    }
  })

  test('that were kept and break are told as stale, and all the others kept are closed with it', async (t) => {
    let isBroken = false
    const waiting: (() => void)[] = []
    const { server, send } = await world(t, (_, socket) => {
      if (isBroken) return void socket.destroy()
      waiting.push(() => socket.write(message()))
      // Nobody is answered before three have asked: each has a connection of its own.
      if (waiting.length >= 3) for (const answer of waiting.splice(0)) answer()
    })
    await Promise.all([send(), send(), send()])
    isBroken = true
    assert.deepEqual(await send(), { kind: 'stale connection', cause: 'ECONNRESET' })
    assert.deepEqual(await send(), { kind: 'none', reason: 'connection', cause: 'ECONNRESET', sent: true })
    assert.equal(server.connections(), 4)
  })

  test('that break in the middle of an answer are not stale: it may have been acted on', async (t) => {
    let isBroken = false
    const { send } = await world(t, (_, socket) => {
      if (isBroken) socket.end(message().slice(0, -1))
      else socket.write(message())
    })
    await send()
    isBroken = true
    assert.deepEqual(await send(), { kind: 'none', reason: 'connection', cause: 'ECONNRESET', sent: true })
  })

  test('are closed with the exchange', async (t) => {
    const closed: Promise<unknown>[] = []
    const { exchange, send } = await world(t, (_, socket) => {
      closed.push(once(socket, 'close'))
      socket.write(message())
    })
    await send()
    exchange.close()
    await closed[0]
  })
})
