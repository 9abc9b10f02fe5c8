import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { type Download, downloadBill } from '../../../lib/wechatpay/bill-download.ts'
import { BillRefused } from '../../../lib/wechatpay/bill-refused.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { MAX_BODY_BYTES } from '../../../lib/wechatpay/exchange.ts'
import { certificatePem, createPrivateKey, merchantOf, privatePem, SERIAL } from './keys-and-secrets.ts'

const merchant = merchantOf()
const content = randomBytes(10_000)
const zipped = gzipSync(content)

let answer: RequestListener
const server = createServer((request, response) => answer(request, response))
const tls = { key: createPrivateKey(), cert: '' }
tls.cert = certificatePem(tls.key, SERIAL)
const tlsServer = createTlsServer({ key: privatePem(tls.key), cert: tls.cert }, (request, response) =>
  answer(request, response),
)
after(() => {
  for (const running of [server, tlsServer]) {
    running.closeAllConnections()
    running.close()
  }
})

async function listening(server: Server, scheme: string): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const origin = await listening(server, 'http')
const tlsOrigin = await listening(tlsServer, 'https')

const download = (otherwise: Partial<Download> = {}, from = origin) =>
  downloadBill({
    url: `${from}/v3/billdownload/file?token=1`,
    endpoints: parseEndpoints(from),
    merchant,
    timeoutMs: 5_000,
    now: Date.now,
    ...otherwise,
  })

/** What the file is refused for: the reason, and what is said of it. */
async function refusalOf(otherwise: Partial<Download> = {}): Promise<[reason: string, detail: string]> {
  try {
    for await (const _ of download(otherwise));
  } catch (error) {
    assert.ok(error instanceof BillRefused, String(error))
    return [error.reason, error.message]
  }
  assert.fail('it was not refused')
}

async function bytesOf(file: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of file) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The file, over a connection that is not kept. */
const whole: RequestListener = (request, response) => {
  assert.equal(request.headers.connection, 'close')
  response.end(zipped)
}

test('the file comes inflated, over a connection of its own', async () => {
  answer = whole
  assert.ok(content.equals(await bytesOf(download())))
})

test('over TLS only from a host that proves its name', async () => {
  await assert.rejects(bytesOf(download({}, tlsOrigin)), {
    reason: 'no answer',
    message: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  })
  answer = whole
  setDefaultCACertificates([...getCACertificates(), tls.cert])
  assert.ok(content.equals(await bytesOf(download({}, tlsOrigin))))
})

describe('an answer that is no file says why, as a hint', () => {
  const words = { code: 'NO_AUTH', message: 'not yours' }
  const ANSWERS: [status: number, body: unknown, reason: string, detail: string][] = [
    [299, '', 'refused', 'the download was answered 299'],
    [300, '', 'redirect', '300: a redirect is not followed'],
    [399, '', 'redirect', '399: a redirect is not followed'],
    [400, '', 'refused', 'the download was answered 400'],
    [400, { code: 'INVALID_REQUEST' }, 'expired', 'the download was answered 400 INVALID_REQUEST'],
    [403, words, 'refused', 'the download was answered 403 NO_AUTH: not yours'],
    [403, { ...words, code: 7 }, 'refused', 'the download was answered 403 not yours'],
    [429, words, 'no answer', 'the download was answered 429 NO_AUTH: not yours'],
    [499, words, 'refused', 'the download was answered 499 NO_AUTH: not yours'],
    [500, '<html>', 'no answer', 'the download was answered 500'],
  ]
  for (const [status, body, reason, detail] of ANSWERS) {
    test(`${status} ${JSON.stringify(body)}: ${reason}`, async () => {
      answer = (_, response) => response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
      assert.deepEqual(await refusalOf(), [reason, detail])
    })
  }

  test('as far as it is of a size that answers have', async () => {
    const [begin, end] = ['{"code":"INVALID_REQUEST"', '}']
    const filled = (bytes: number) => begin + ' '.repeat(bytes - begin.length - end.length) + end
    for (const [bytes, reason] of [
      [MAX_BODY_BYTES, 'expired'],
      [MAX_BODY_BYTES + 1, 'refused'],
    ] as const) {
      answer = (_, response) => response.writeHead(400).end(filled(bytes))
      assert.equal((await refusalOf())[0], reason)
    }
  })

  test('our signature, when it is said back, is not repeated', async () => {
    answer = (request, response) => {
      const [, signature] = /signature="([^"]+)"/.exec(request.headers.authorization!)!
      response.writeHead(401).end(JSON.stringify({ code: 'SIGN_ERROR', message: signature }))
    }
    const [, detail] = await refusalOf()
    assert.match(detail, /^the download was answered 401 SIGN_ERROR: .*$/)
    assert.doesNotMatch(detail, /[\w+/]{40}/)
  })
})

describe('a file that is none, or not whole, says what is wrong', () => {
  const cut = (_: unknown, response: Parameters<RequestListener>[1]) => {
    response.writeHead(200, { 'Content-Length': zipped.length }).write(zipped.subarray(0, 100))
    setTimeout(() => response.destroy(), 20)
  }
  const FILES: [what: string, listener: RequestListener, reason: string, detail: string][] = [
    ['nothing', (_, response) => response.end(), 'cut', 'the file ends too early'],
    ['half of it', (_, response) => response.end(zipped.subarray(0, 100)), 'cut', 'the file ends too early'],
    ['a connection that breaks', cut, 'cut', 'ECONNRESET'],
    ['text', (_, response) => response.end('交易时间'), 'not gzip', 'Z_DATA_ERROR'],
    ['no connection', (request) => request.socket.destroy(), 'no answer', 'ECONNRESET'],
  ]
  for (const [what, listener, reason, detail] of FILES) {
    test(`${what}: ${reason}`, async () => {
      answer = listener
      assert.deepEqual(await refusalOf(), [reason, detail])
    })
  }

  test('more than a bill has, coming in or inflated', async () => {
    answer = (_, response) => response.end(zipped)
    // Chance cannot be compressed: the file is longer than what is in it.
    assert.ok(zipped.length > content.length)
    assert.ok(content.equals(await bytesOf(download({ maxBytes: zipped.length }))))
    const less = zipped.length - 1
    assert.deepEqual(await refusalOf({ maxBytes: less }), ['too large', `more than ${less} bytes`])

    const zeros = gzipSync(Buffer.alloc(1_000_000))
    answer = (_, response) => response.end(zeros)
    assert.equal((await bytesOf(download({ maxBytes: 1_000_000 }))).length, 1_000_000)
    const detail = 'more than 999999 bytes when inflated'
    assert.deepEqual(await refusalOf({ maxBytes: 999_999 }), ['too large', detail])
  })

  test('one in which nothing comes any more', async () => {
    const stops: RequestListener[] = [
      () => {},
      (_, response) => response.writeHead(200).flushHeaders(),
      (_, response) => response.writeHead(200).write(zipped.subarray(0, 100)),
    ]
    for (const stop of stops) {
      answer = stop
      assert.deepEqual(await refusalOf({ idleMs: 50 }), ['too slow', 'nothing came for 0.05 s'])
    }
  })

  test('one that has no end within its time', async () => {
    answer = () => {}
    assert.deepEqual(await refusalOf({ timeoutMs: 50 }), ['too slow', 'no end within the time a bill may take'])
  })
})

test('whoever stops early, or is refused, leaves no connection behind', { timeout: 10_000 }, async () => {
  const endless =
    (status: number): RequestListener =>
    (_, response) =>
      response.writeHead(status).write(zipped)
  const closed = async (listener: RequestListener, read: () => Promise<unknown>) => {
    const closing = Promise.withResolvers<void>()
    answer = (request, response) => {
      response.on('close', closing.resolve)
      listener(request, response)
    }
    await read()
    await closing.promise
  }
  await closed(endless(200), async () => {
    for await (const _ of download({ timeoutMs: 60_000 })) break
  })
  await closed(endless(302), () => refusalOf({ timeoutMs: 60_000 }))
})
