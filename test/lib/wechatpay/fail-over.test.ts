import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { after, beforeEach, describe, test } from 'node:test'
import { createWechatPay, type WireEvent } from '../../../lib/wechatpay/client.ts'
import {
  APPID,
  certificatePem,
  createPrivateKey,
  keys,
  MCHID,
  merchantOf,
  privatePem,
  SERIAL,
} from './keys-and-secrets.ts'
import { openRawServer, type RawRequest } from './raw-server.ts'
import { messageOf, type Parts, signedAnswer, unsignedAnswer } from './signed-answer.ts'

const merchant = merchantOf()
const asked = { mchid: MCHID, appid: APPID, out_trade_no: 'A' }
const clock = { ms: Date.now() }

type Answer = (socket: Socket) => void
const saying =
  (parts: Parts = {}): Answer =>
  (socket) =>
    socket.write(messageOf(signedAnswer({ timestamp: Math.floor(clock.ms / 1000), ...parts })))
const unsigned =
  (parts: Parts): Answer =>
  (socket) =>
    socket.write(messageOf(unsignedAnswer(parts)))

const SILENCE: Answer = () => {}

const domains = { main: saying(), backup: saying() }
const main = await openRawServer((_, socket) => domains.main(socket))
const backup = await openRawServer((_, socket) => domains.backup(socket))
const stranger = createPrivateKey()
const tls = { key: privatePem(stranger), cert: certificatePem(stranger, SERIAL) }
const selfSigned = await openRawServer((_, socket) => saying()(socket), tls)
const closing: (() => unknown)[] = [main.close, backup.close, selfSigned.close]
after(() => Promise.all(closing.map((close) => close())))

const events: WireEvent[] = []
function clientOf(first = main.endpoint) {
  const endpoints = [first, backup.endpoint]
  const wechatPay = createWechatPay({
    endpoints,
    // Silence takes all of it; an answer on a busy machine may take long.
    timeoutMs: Object.values(domains).includes(SILENCE) ? 300 : 2_000,
    now: () => clock.ms,
    observe: (event) => events.push(event),
  })
  closing.push(wechatPay.close)
  return wechatPay
}
const context = { asked, merchant, msLeft: () => 60_000 }
const names = { mchid: MCHID, out_trade_no: asked.out_trade_no }

beforeEach(() => {
  domains.main = saying()
  domains.backup = saying()
  main.requests.length = 0
  backup.requests.length = 0
  events.length = 0
})

const page = Buffer.from('<html>Bad Gateway</html>')
const AT_MAIN: Record<string, [Answer, 'backup asked' | 'backup left alone']> = {
  'never answers': [SILENCE, 'backup asked'],
  'resets the connection': [(socket) => socket.resetAndDestroy(), 'backup asked'],
  'answers without end': [(socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${' '.repeat(70_000)}`), 'backup asked'],
  'does not speak HTTP': [(socket) => socket.write('what?\r\n\r\n'), 'backup asked'],
  'answers with the page of a gateway, 502': [unsigned({ status: 502, body: page }), 'backup asked'],
  'answers 500 SYSTEM_ERROR, signed': [saying({ status: 500, body: '{"code":"SYSTEM_ERROR"}' }), 'backup asked'],
  'answers 503, signed': [saying({ status: 503, body: '{"code":"SERVICE_UNAVAILABLE"}' }), 'backup asked'],
  'answers 200, signed': [saying(), 'backup left alone'],
  'answers 200, unsigned': [unsigned({}), 'backup left alone'],
  'answers 200 with a page': [unsigned({ body: page }), 'backup left alone'],
  'answers 200, signed by a stranger': [saying({ key: keys.stranger }), 'backup left alone'],
  'answers 202, signed': [saying({ status: 202, body: '{"trade_state":"USERPAYING"}' }), 'backup left alone'],
  'answers 302': [unsigned({ status: 302, body: '' }), 'backup left alone'],
  'answers 400, signed': [saying({ status: 400, body: '{"code":"PARAM_ERROR"}' }), 'backup left alone'],
  'answers 401, unsigned': [unsigned({ status: 401, body: '{"code":"SIGN_ERROR"}' }), 'backup left alone'],
  'answers 404, unsigned': [unsigned({ status: 404, body: page }), 'backup left alone'],
  'answers 404, signed': [saying({ status: 404, body: '{"code":"ORDER_NOT_EXIST"}' }), 'backup left alone'],
  'answers 429': [saying({ status: 429, body: '{"code":"FREQUENCY_LIMITED"}' }), 'backup left alone'],
}

describe('the backup is asked on no answer or 5xx, within the same call, and not otherwise', () => {
  for (const [title, [answer, expected]] of Object.entries(AT_MAIN)) {
    for (const call of ['query', 'reverse'] as const) {
      test(`the main domain ${title}, on a ${call}: ${expected}`, async () => {
        domains.main = answer
        const { best: result } = await clientOf()[call](context)
        assert.equal(backup.requests.length, expected === 'backup asked' ? 1 : 0)
        assert.deepEqual(
          events.filter(({ name }) => name === 'FailOver'),
          expected === 'backup asked' ? [{ name: 'FailOver', from: main.url, to: backup.url, ...names }] : [],
        )
        if (expected === 'backup asked') assert.equal(result.kind, 'verified')
      })
    }
  }

  test('nobody listens', async () => {
    const gone = await openRawServer(() => {})
    await gone.close()
    assert.equal((await clientOf(gone.endpoint).reverse(context)).best.kind, 'verified')
  })

  test('its certificate is of nobody we trust: nothing is sent there', async () => {
    assert.equal((await clientOf(selfSigned.endpoint).reverse(context)).best.kind, 'verified')
    assert.equal(selfSigned.requests.length, 0)
    assert.deepEqual(events[0], {
      name: 'NoAnswer',
      endpoint: selfSigned.url,
      reason: 'connection',
      cause: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      ...names,
    })
  })

  test('the backup gets the same request under a signature of its own', async () => {
    domains.main = unsigned({ status: 502 })
    await clientOf().reverse(context)
    const fields = ({ headers }: RawRequest) =>
      Object.fromEntries(
        [...headers.authorization!.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
      )
    const [first, second] = [main.requests[0]!, backup.requests[0]!]
    assert.notEqual(fields(first).nonce_str, fields(second).nonce_str)
    assert.notEqual(fields(first).signature, fields(second).signature)
    assert.deepEqual([first.method, first.target, first.body], [second.method, second.target, second.body])
  })
})

describe('of two answers the one that proves more counts', () => {
  const refusal = saying({ status: 500, body: '{"code":"SYSTEM_ERROR"}' })
  const rows: Record<string, [main: Answer, backup: Answer, kind: string, code?: string]> = {
    'a signed 500, then silence': [refusal, SILENCE, 'verified', 'SYSTEM_ERROR'],
    'a signed 500, then a page': [refusal, unsigned({ status: 502, body: page }), 'verified', 'SYSTEM_ERROR'],
    'a page, then a signed 404': [
      unsigned({ status: 502, body: page }),
      saying({ status: 404, body: '{"code":"ORDER_NOT_EXIST"}' }),
      'verified',
      'ORDER_NOT_EXIST',
    ],
    'a page, then silence': [unsigned({ status: 502, body: page }), SILENCE, 'unverified'],
    'silence, twice': [SILENCE, SILENCE, 'none'],
  }
  for (const [title, [atMain, atBackup, kind, code]] of Object.entries(rows)) {
    test(`${title}: ${kind}`, async () => {
      domains.main = atMain
      domains.backup = atBackup
      const { best: answer } = await clientOf().query(context)
      assert.equal(answer.kind, kind)
      if (code !== undefined) assert.ok(answer.kind !== 'none' && answer.code === code)
    })
  }

  test('a reverse that may have reached one domain was sent, though the other refused the connection', async () => {
    const gone = await openRawServer(() => {})
    await gone.close()
    domains.main = SILENCE
    const endpoints = [main.endpoint, gone.endpoint]
    for (const order of [endpoints, endpoints.toReversed()]) {
      const wechatPay = createWechatPay({ endpoints: order, timeoutMs: 100 })
      closing.push(wechatPay.close)
      const { best: answer } = await wechatPay.reverse(context)
      assert.ok(answer.kind === 'none' && answer.sent)
    }
    const wechatPay = createWechatPay({ endpoints: [gone.endpoint, gone.endpoint], timeoutMs: 100 })
    const { best: answer } = await wechatPay.reverse(context)
    assert.ok(answer.kind === 'none' && !answer.sent)
  })
})
