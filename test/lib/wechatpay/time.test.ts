import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, describe, test } from 'node:test'
import type { CallResult } from '../../../lib/wechatpay/answer.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { createExchange } from '../../../lib/wechatpay/exchange.ts'
import { openBlackHole } from './black-hole.ts'
import { APPID, MCHID, merchantOf } from './keys-and-secrets.ts'
import { openRawServer, type RawServer } from './raw-server.ts'
import { messageOf, signedAnswer } from './signed-answer.ts'

const merchant = merchantOf()
const asked = { mchid: MCHID, appid: APPID, out_trade_no: 'A' }

/** What a busy machine may take on top of the time a call was given; without an end it would be for ever. */
const SLACK_MS = 2_000

const message = messageOf(signedAnswer())
const servers: Record<string, RawServer['url']> = {}
const closing: (() => unknown)[] = []
after(() => Promise.all(closing.map((close) => close())))

const blackHole = await openBlackHole()
closing.push(blackHole.close)
servers['connecting never ends'] = blackHole.url

for (const [title, respond] of Object.entries<Parameters<typeof openRawServer>[0]>({
  'it never answers': () => {},
  'the head drips': (_, socket) => {
    let at = 0
    const timer = setInterval(() => socket.write(message.subarray(at, ++at)), 20)
    socket.on('close', () => clearInterval(timer))
  },
  'the body drips': (_, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
    const timer = setInterval(() => socket.write(' '), 20)
    socket.on('close', () => clearInterval(timer))
  },
  'the body stops short of its end': (_, socket) => socket.write(message.subarray(0, message.length - 1)),
  'early hints without end': (_, socket) => {
    const timer = setInterval(() => socket.write('HTTP/1.1 103 -\r\n\r\n'), 20)
    socket.on('close', () => clearInterval(timer))
  },
})) {
  const server = await openRawServer(respond)
  closing.push(server.close)
  servers[title] = server.url
  // TLS over a port that does not speak it: the handshake waits for an answer that never comes.
  if (title === 'it never answers') servers['the TLS handshake never ends'] = server.url.replace('http:', 'https:')
}

async function timed(call: () => Promise<CallResult>) {
  const startedAt = performance.now()
  const { best: answer } = await call()
  return { answer, tookMs: performance.now() - startedAt }
}

function clientOf(list: string, timeoutMs: number) {
  const wechatPay = createWechatPay({ endpoints: parseEndpoints(list), timeoutMs })
  closing.push(wechatPay.close)
  return wechatPay
}

describe('one try ends within its time-out', { concurrency: true }, () => {
  for (const [title, url] of Object.entries(servers)) {
    test(title, async () => {
      const wechatPay = clientOf(url, 200)
      const { answer, tookMs } = await timed(() => wechatPay.reverse({ asked, merchant, msLeft: () => 60_000 }))
      assert.ok(answer.kind === 'none')
      assert.equal(answer.reason, 'timeout')
      assert.equal(answer.sent, !url.startsWith('https:'), 'a reverse that never left is known as such')
      assert.ok(tookMs < 200 + SLACK_MS, `${tookMs} ms`)
    })
  }
})

describe('all tries end within the time that is left, whatever the time-out says', { concurrency: true }, () => {
  for (const [title, url] of Object.entries(servers)) {
    test(title, async () => {
      const wechatPay = clientOf(`${url},${url}`, 1e15)
      const endsAt = performance.now() + 300
      const { answer, tookMs } = await timed(() =>
        wechatPay.query({ asked, merchant, msLeft: () => endsAt - performance.now() }),
      )
      assert.equal(answer.kind, 'none')
      assert.ok(tookMs < 300 + SLACK_MS, `${tookMs} ms`)
    })
  }

  test('a silent domain leaves the other one its part', async () => {
    const good = await openRawServer((_, socket) => socket.write(message))
    closing.push(good.close)
    const wechatPay = clientOf(`${servers['it never answers']},${good.url}`, 1e15)
    const endsAt = performance.now() + 400
    const { answer } = await timed(() => wechatPay.query({ asked, merchant, msLeft: () => endsAt - performance.now() }))
    assert.equal(answer.kind, 'verified')
  })

  test('without a limit, a time-out longer than any timer waits for a late answer all the same', async () => {
    const late = await openRawServer((_, socket) => setTimeout(() => socket.write(message), 100))
    closing.push(late.close)
    const { answer } = await timed(() =>
      clientOf(late.url, Number.MAX_VALUE).query({ asked, merchant, msLeft: () => Number.POSITIVE_INFINITY }),
    )
    assert.equal(answer.kind, 'verified')
  })

  test('when no time is left nothing is sent', async () => {
    const good = await openRawServer((_, socket) => socket.write(message))
    closing.push(good.close)
    for (const msLeft of [0, -5_000, 10, Number.NaN]) {
      const { answer } = await timed(() => clientOf(good.url, 5_000).reverse({ asked, merchant, msLeft: () => msLeft }))
      assert.deepEqual(answer, { kind: 'none', reason: 'no time left', sent: false })
    }
    assert.equal(good.connections(), 0)
  })

  test('a time-out shorter than a try is worth still lets it try', async () => {
    const good = await openRawServer((_, socket) => socket.write(message))
    closing.push(good.close)
    await clientOf(good.url, 1).query({ asked, merchant, msLeft: () => 60_000 })
    assert.equal(good.connections(), 1)
  })
})

describe('of the addresses of a domain', { concurrency: true }, () => {
  const request = { method: 'GET', target: '/', headers: {}, body: '' } as const
  const exchangeWith = (...addresses: string[]) => {
    const all = addresses.map((address) => ({ address, family: 4 }))
    const exchange = createExchange(Date.now, (_name, _options, done) => done(null, all))
    closing.push(exchange.close)
    return exchange
  }
  const endpointAt = (url: string) => ({
    ...parseEndpoints(url)[0]!,
    protocol: 'http:' as const,
    hostname: 'wechatpay.example',
  })

  test('a slow one is waited for: its packet may have to be sent a second time', async () => {
    const slow = await openBlackHole(600)
    closing.push(slow.close)
    // Nobody listens at the second one.
    const { kind } = await exchangeWith('127.0.0.1', '127.0.0.2').send(endpointAt(slow.url), request, 6_000)
    assert.equal(kind, 'answered')
  })

  test('one that takes no connection leaves the next one its time', async () => {
    const endpoint = endpointAt(blackHole.url)
    const good = createServer((_, response) => response.end('{}')).listen(endpoint.port, '127.0.0.2')
    closing.push(() => good.close())
    const { kind } = await exchangeWith('127.0.0.1', '127.0.0.2').send(endpoint, request, 1_500)
    assert.equal(kind, 'answered')
  })
})
