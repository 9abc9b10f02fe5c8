import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { Answer } from '../../../lib/wechatpay/answer.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { createExchange } from '../../../lib/wechatpay/exchange.ts'
import { APPID, MCHID, merchantOf } from './keys-and-secrets.ts'
import { openRawServer } from './raw-server.ts'
import { type Headers, messageOf, type Parts, signedAnswer, stateOf } from './signed-answer.ts'

const TIMEOUT_MS = 2_000
const SHORT_MS = 100
/** What a busy machine may take on top. */
const SLACK_MS = 1_500

let respond: (socket: Socket) => void = () => {}
const server = await openRawServer((_, socket) => respond(socket))
const wechatPay = createWechatPay({ endpoints: [server.endpoint], timeoutMs: TIMEOUT_MS })
const merchant = merchantOf()
const asked = { mchid: MCHID, appid: APPID, out_trade_no: 'A' }
after(async () => {
  wechatPay.close()
  await server.close()
})

/** One query on a connection of its own, answered with these bytes; `then` is what becomes of the connection. */
async function answerTo(bytes: Buffer, then: 'stays open' | 'is closed', ms = TIMEOUT_MS): Promise<Answer> {
  respond = (socket) => (then === 'is closed' ? socket.end(bytes) : socket.write(bytes))
  server.drop()
  const startedAt = performance.now()
  const { best: answer } = await wechatPay.query({ asked, merchant, msLeft: () => ms })
  assert.ok(performance.now() - startedAt < ms + SLACK_MS)
  return answer
}

const summary = (answer: Answer) =>
  answer.kind === 'none'
    ? `none: ${answer.reason}${answer.reason === 'connection' ? ` ${answer.cause?.replace(/^HPE_.*/, 'not HTTP')}` : ''}`
    : answer.kind === 'verified'
      ? 'verified'
      : `unverified: ${answer.reason}`

const setting =
  (...added: Headers) =>
  (all: Headers): Headers => [...all, ...added]
const truth = (parts: Parts = {}) => messageOf(signedAnswer(parts))
const { headers, body } = signedAnswer()
const signedHead = (firstLine: string, more: string[] = []) =>
  Buffer.from([firstLine, ...headers.map(([name, value]) => `${name}: ${value}`), ...more, '', ''].join('\r\n'))
const chunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
const chunked = (...parts: Buffer[]) =>
  Buffer.concat([signedHead('HTTP/1.1 200 OK', ['Transfer-Encoding: chunked']), ...parts])
const LAST_CHUNK = Buffer.from('0\r\n\r\n')
const informational = (status: number) => Buffer.from(`HTTP/1.1 ${status} -\r\nLink: x\r\n\r\n`)
const text = (...lines: string[]) => Buffer.from(lines.join('\r\n'))
const zipped = gzipSync(body)

const WHOLE: Record<string, [bytes: Buffer, then: 'stays open' | 'is closed', summary: string]> = {
  'an answer of told length': [truth(), 'stays open', 'verified'],
  'the same, and the connection is closed': [truth(), 'is closed', 'verified'],
  'an answer in chunks': [
    chunked(chunk(body.subarray(0, 9)), chunk(body.subarray(9)), LAST_CHUNK),
    'stays open',
    'verified',
  ],
  'chunks with a signature only after them': [
    Buffer.concat([
      text('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '', ''),
      chunk(body),
      text('0', ...headers.map(([name, value]) => `${name}: ${value}`), '', ''),
    ]),
    'stays open',
    'unverified: unsigned',
  ],
  'chunks without an end': [chunked(chunk(body)), 'stays open', 'none: timeout'],
  'chunks without an end, closed': [chunked(chunk(body)), 'is closed', 'none: connection ECONNRESET'],
  'a chunk whose size is none': [chunked(Buffer.from('zz\r\n')), 'stays open', 'none: connection not HTTP'],
  'HTTP/1.0 without a length, closed': [Buffer.concat([signedHead('HTTP/1.0 200 OK'), body]), 'is closed', 'verified'],
  'HTTP/1.0 without a length, never closed': [
    Buffer.concat([signedHead('HTTP/1.0 200 OK'), body]),
    'stays open',
    'none: timeout',
  ],
  'HTTP/1.0 without a length, cut short': [
    Buffer.concat([signedHead('HTTP/1.0 200 OK'), body.subarray(0, 20)]),
    'is closed',
    'unverified: wrong signature',
  ],
  'fewer bytes than told': [
    truth({ headers: setting(['Content-Length', '1000']) }),
    'is closed',
    'none: connection ECONNRESET',
  ],
  'more bytes than told': [Buffer.concat([truth(), Buffer.from('more')]), 'stays open', 'verified'],
  'a shorter length told than signed': [
    truth({ headers: setting(['Content-Length', '20']) }),
    'stays open',
    'unverified: wrong signature',
  ],
  'two answers at once': [Buffer.concat([truth(), truth({ body: stateOf('CLOSED') })]), 'stays open', 'verified'],
  'two lengths': [
    truth({ headers: setting(['Content-Length', '9'], ['Content-Length', '99']) }),
    'stays open',
    'none: connection not HTTP',
  ],
  'a negative length': [
    truth({ headers: setting(['Content-Length', '-1']) }),
    'stays open',
    'none: connection not HTTP',
  ],
  'a length and chunks': [
    truth({ headers: setting(['Content-Length', String(body.length)], ['Transfer-Encoding', 'chunked']) }),
    'stays open',
    'none: connection not HTTP',
  ],
  'a length no memory holds': [
    truth({ headers: setting(['Content-Length', '999999999999']) }),
    'stays open',
    'none: timeout',
  ],
  'early hints before the answer': [
    Buffer.concat([informational(100), informational(103), truth()]),
    'stays open',
    'verified',
  ],
  'nothing but early hints': [Buffer.concat(Array(500).fill(informational(103))), 'stays open', 'none: timeout'],
  'another protocol instead of an answer': [
    text('HTTP/1.1 101 Switching Protocols', 'Upgrade: h2c', 'Connection: Upgrade', '', ''),
    'stays open',
    'none: connection ECONNRESET',
  ],
  '304, whose body is not read': [truth({ status: 304 }), 'is closed', 'unverified: wrong signature'],
  '204 with a body, which is not read': [truth({ status: 204 }), 'is closed', 'unverified: wrong signature'],
  'signed headers of more than 16 KB': [
    truth({ headers: setting(['X-Pad', 'x'.repeat(17_000)]) }),
    'stays open',
    'none: connection not HTTP',
  ],
  'many headers': [truth({ headers: setting(...Array(500).fill(['X-Pad', 'x'])) }), 'stays open', 'verified'],
  'a header folded over two lines': [
    truth({ headers: setting(['X-Pad', 'x\r\n y']) }),
    'stays open',
    'none: connection not HTTP',
  ],
  'a NUL in a header': [truth({ headers: setting(['X-Pad', 'x\0y']) }), 'stays open', 'none: connection not HTTP'],
  'a line break smuggled by a bare line feed': [
    Buffer.from(truth().toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
    'stays open',
    'none: connection not HTTP',
  ],
  'no HTTP at all': [Buffer.from('SSH-2.0-OpenSSH_9.9\r\n'), 'stays open', 'none: connection not HTTP'],
  'HTTP of the future': [text('HTTP/9.9 200 OK', '', ''), 'stays open', 'none: connection not HTTP'],
  'the beginning of HTTP/2': [Buffer.from([0, 0, 18, 4, 0, 0, 0, 0, 0]), 'stays open', 'none: connection not HTTP'],
  'a status that is none': [text('HTTP/1.1 99999 -', '', ''), 'stays open', 'none: connection not HTTP'],
  'nothing, closed': [Buffer.alloc(0), 'is closed', 'none: connection ECONNRESET'],
  'compressed, signed over what is not': [
    messageOf({ status: 200, headers: [...headers, ['Content-Encoding', 'gzip']], body: zipped }),
    'stays open',
    'unverified: wrong signature',
  ],
  'compressed, signed so': [
    truth({ body: zipped, headers: setting(['Content-Encoding', 'gzip']) }),
    'stays open',
    'unverified: not JSON',
  ],
  'a body as long as we read': [truth({ body: stateOf('NOTPAY').padEnd(64 * 1024) }), 'stays open', 'verified'],
  'a byte more': [truth({ body: stateOf('NOTPAY').padEnd(64 * 1024 + 1) }), 'stays open', 'none: too long'],
  'a redirect, signed': [
    truth({ status: 302, headers: setting(['Location', 'http://127.0.0.1:9/']) }),
    'stays open',
    'verified',
  ],
}

describe('what comes over the wire', () => {
  for (const [title, [bytes, then, expected]] of Object.entries(WHOLE)) {
    test(`${title}: ${expected}`, async () => {
      const ms = expected === 'none: timeout' ? SHORT_MS : TIMEOUT_MS
      assert.equal(summary(await answerTo(bytes, then, ms)), expected)
    })
  }

  test('a redirect is not followed', () => {
    assert.equal(server.requests.length, Object.keys(WHOLE).length)
  })
})

describe('an answer cut at any byte is no answer', () => {
  const message = truth()
  const request = { method: 'GET', target: '/', headers: {}, body: '' } as const
  for (const way of ['reset', 'closed'] as const) {
    test(way, async () => {
      const exchange = createExchange()
      let cutAt = 0
      respond = (socket) => {
        const end = () => (way === 'reset' ? socket.resetAndDestroy() : socket.end())
        if (cutAt === 0) end()
        else socket.write(message.subarray(0, cutAt), end)
      }
      for (; cutAt < message.length; cutAt++) {
        const { kind } = await exchange.send(server.endpoint, request, 1_000)
        assert.equal(kind, 'none', `byte ${cutAt}`)
      }
      assert.equal((await exchange.send(server.endpoint, request, 1_000)).kind, 'answered')
      exchange.close()
    })
  }
})

test('whatever bytes come, the answer is none or unverified, and nothing crashes', async () => {
  const whole = truth()
  const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes))
  const bytes = fc.oneof(
    noise,
    fc.tuple(fc.nat(whole.length), noise).map(([at, some]) => Buffer.concat([whole.subarray(0, at), some])),
    fc
      .tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, mask]) => whole.map((byte, index) => (index === at ? byte ^ mask : byte)))
      .map((changed) => Buffer.from(changed)),
  )
  const said: string[] = []
  await fc.assert(
    fc.asyncProperty(bytes, async (sent) => {
      const answer = await answerTo(sent, 'is closed')
      said.push(answer.kind)
      // Bytes nobody signed may differ without harm: a reason phrase, another header, the case of a serial.
      if (answer.kind === 'verified') assert.equal(answer.evidence.body, body.toString())
    }),
    { numRuns: 300 },
  )
  assert.ok(said.includes('none') && said.includes('unverified'))
})
