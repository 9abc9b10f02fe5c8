import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, test } from 'node:test'
import { createGzip, gzipSync } from 'node:zlib'
import { BILL_FAULTS, type BillFault } from '../../../infra/local/wechatpay/bill-faults.ts'
import { createKeys, generatePrivateKey } from '../../../infra/local/wechatpay/keys.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { type BillRequest, createBills } from '../../../lib/wechatpay/bills.ts'
import { createWechatPay } from '../../../lib/wechatpay/client.ts'
import { parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { isSignedBy } from '../../../lib/wechatpay/verify.ts'
import { billText, payment, sha1 } from './bill-text.ts'
import { merchantOf } from './keys-and-secrets.ts'
import { signedAnswer } from './signed-answer.ts'

const DATE = '2026-11-27'
const MADE_AT = Date.parse('2026-11-28T10:00:00+08:00')
const time = { now: Date.parse('2026-11-27T12:00:00+08:00') }
const now = () => time.now

describe('a bill of the simulator', async () => {
  const running = await startSimulator({ keys: createKeys(1024), now })
  const { simulator } = running
  const account = simulator.openMerchant({ privateKey: generatePrivateKey(1024) })
  const { merchant } = parseMerchant(JSON.stringify(account.secret))
  const endpoints = parseEndpoints(running.endpoints.join(','))
  const wechatPay = createWechatPay({ endpoints, timeoutMs: 2_000, now })
  const bills = createBills({ wechatPay, endpoints, now })
  after(async () => {
    wechatPay.close()
    await running.close()
  })

  const names = { mchid: account.mchid, appid: account.appid, total: 1230, description: '拿铁 "大杯", 热' }
  simulator.placeOrder({ ...names, out_trade_no: 'PAID' }, 'SUCCESS')
  simulator.placeOrder({ ...names, out_trade_no: 'REVERSED' }, 'REVOKED', true)
  simulator.placeOrder({ ...names, out_trade_no: 'UNPAID' }, 'REVOKED')
  simulator.placeOrder({ ...names, out_trade_no: 'BACK' }, 'REFUND')
  simulator.placeOrder({ ...names, out_trade_no: 'OTHER' }, 'SUCCESS')

  const ask = (otherwise: Partial<BillRequest> = {}) =>
    bills.fetchBill({
      merchant,
      date: DATE,
      wants: (out_trade_no) => out_trade_no !== 'OTHER',
      msLeft: () => 10_000,
      ...otherwise,
    })
  const calls = () => simulator.log().filter(({ endpoint }) => endpoint !== null).length
  const given = (options: Partial<typeof simulator.options>, at = MADE_AT) => {
    Object.assign(simulator.options, { billFault: null, billLayout: 'current', ...options })
    time.now = at
  }

  for (const billLayout of ['current', 'older'] as const) {
    for (const billRevokedRow of ['with refund numbers', 'without refund numbers'] as const) {
      test(`in the ${billLayout} layout, ${billRevokedRow}, is whole`, async () => {
        given({ billLayout, billRevokedRow })
        const bill = await ask()
        assert.ok(bill.kind === 'whole', JSON.stringify(bill))
        assert.equal(bill.count, 6)
        assert.deepEqual(
          bill.rows.map(({ out_trade_no, state, paidFen, returnedFen }) => [out_trade_no, state, paidFen, returnedFen]),
          [
            ['PAID', 'SUCCESS', 1230, 0],
            ['REVERSED', 'SUCCESS', 1230, 0],
            ['REVERSED', 'REVOKED', 0, 1230],
            ['BACK', 'SUCCESS', 1230, 0],
            ['BACK', 'REFUND', 0, 1230],
          ],
        )
        assert.ok(isSignedBy(merchant.wechatpayKeys, bill.evidence, bill.evidence.body))
      })
    }
  }

  test('can be saved, and the saved bytes are those of the signed hash', async () => {
    given({})
    const chunks: Buffer[] = []
    const bill = await ask({
      save: async (chunk) => {
        chunks.push(Buffer.from(chunk))
      },
    })
    assert.ok(bill.kind === 'whole')
    assert.equal(sha1(Buffer.concat(chunks)), JSON.parse(bill.evidence.body).hash_value)
  })

  test('is not asked for before 10:00 of the next day in China, and is at 10:00', async () => {
    given({}, MADE_AT - 1)
    const before = calls()
    assert.equal((await ask()).kind, 'not ready')
    assert.equal(calls(), before)
    given({})
    assert.equal((await ask()).kind, 'whole')
  })

  const EXPECTED: Record<BillFault, string> = {
    'not ready': 'not ready',
    none: 'whole 0',
    'wrong hash': 'refused: wrong hash',
    cut: 'refused: cut',
    'wrong count': 'refused: wrong count',
    'another host': 'refused: another host',
    expired: 'refused: expired',
    forged: 'refused: wrong hash',
    redirected: 'refused: redirect',
  }
  for (const billFault of Object.keys(BILL_FAULTS) as BillFault[]) {
    test(`${billFault}: ${EXPECTED[billFault]}`, async () => {
      given({ billFault })
      const bill = await ask()
      const said =
        bill.kind === 'whole' ? `whole ${bill.count}` : bill.kind === 'refused' ? `refused: ${bill.reason}` : bill.kind
      assert.equal(said, EXPECTED[billFault])
    })
  }

  test('whose signed answer is forged is not looked at', async () => {
    given({})
    simulator.faults.add({ fault: 'wrong-key', endpoint: 'tradebill' })
    const before = calls()
    const bill = await ask()
    assert.ok(bill.kind === 'refused' && bill.reason === 'unverified')
    assert.equal(calls(), before + 1)
  })

  test('of a day without trade is empty, by the signed word for it', async () => {
    given({}, MADE_AT + 86_400_000)
    const bill = await ask({ date: '2026-11-28' })
    assert.ok(bill.kind === 'whole' && bill.count === 0, JSON.stringify(bill))
    assert.match(bill.evidence.body, /NO_STATEMENT_EXIST/)
    assert.ok(isSignedBy(merchant.wechatpayKeys, bill.evidence, bill.evidence.body))
  })

  test('of a service provider holds all merchants under it, or one', async () => {
    given({}, Date.parse('2026-11-27T13:00:00+08:00'))
    for (const sub_mchid of ['1900000109', '1900000110']) {
      simulator.addSubMerchant({ sp_mchid: account.mchid, sub_mchid })
      simulator.placeOrder({ ...names, sub_mchid, out_trade_no: `SUB${sub_mchid}` }, 'SUCCESS')
    }
    given({})
    const wants = (out_trade_no: string) => out_trade_no.startsWith('SUB')
    const whole = await ask({ wants })
    assert.ok(whole.kind === 'whole')
    assert.deepEqual([whole.count, whole.rows.map(({ sub_mchid }) => sub_mchid)], [8, ['1900000109', '1900000110']])
    const one = await ask({ wants, subMchid: '1900000110' })
    assert.ok(one.kind === 'whole')
    assert.deepEqual([one.count, one.rows.map(({ sub_mchid }) => sub_mchid)], [1, ['1900000110']])
  })
})

describe('a bill server of nobody we trust', async () => {
  const merchant = merchantOf()
  let file: RequestListener = (_, response) => response.end()
  let address: (origin: string) => string = (origin) => `${origin}/v3/billdownload/file?token=a%2Bb`
  let body = billText([payment('A')])
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!)
    if (!request.url!.startsWith('/v3/bill/tradebill')) return file(request, response)
    const content = { hash_type: 'SHA1', hash_value: sha1(body), download_url: address(origin) }
    const answer = signedAnswer({ body: JSON.stringify(content) })
    response.writeHead(answer.status, answer.headers.flat()).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const endpoints = parseEndpoints(origin)
  const wechatPay = createWechatPay({ endpoints, timeoutMs: 2_000 })
  after(() => {
    wechatPay.close()
    server.closeAllConnections()
    server.close()
  })

  const fetchBill = (otherwise: { msLeft?: number; maxBytes?: number } = {}) => {
    const { msLeft = 5_000, maxBytes } = otherwise
    const bills = createBills({ wechatPay, endpoints, ...(maxBytes !== undefined && { maxBytes }) })
    return bills.fetchBill({ merchant, date: DATE, wants: () => true, msLeft: () => msLeft })
  }
  const reasonOf = async (otherwise = {}) => {
    const bill = await fetchBill(otherwise)
    return bill.kind === 'refused' ? bill.reason : bill.kind
  }
  const whole: RequestListener = (_, response) => response.end(gzipSync(body))

  test('gets a signed request for exactly the address it gave', async () => {
    file = (request, response) => {
      assert.match(request.headers.authorization!, /^WECHATPAY2-SHA256-RSA2048 mchid="1900000001",/)
      whole(request, response)
    }
    assert.equal(await reasonOf(), 'whole')
    assert.deepEqual(asked.slice(-2), [
      `/v3/bill/tradebill?bill_date=${DATE}&bill_type=ALL&tar_type=GZIP`,
      '/v3/billdownload/file?token=a%2Bb',
    ])
  })

  const ADDRESSES = {
    'another host': () => 'https://api.mch.weixin.qq.com.example.com/v3/billdownload/file?token=1',
    'another port': (origin: string) => `${origin.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))}/file`,
    'another scheme': (origin: string) => `${origin.replace('http:', 'https:')}/file`,
    'a name and a password': (origin: string) => `${origin.replace('://', '://name:password@')}/file`,
    'our host as a name': (origin: string) => `${origin}@example.com/file`,
    'a path only': () => '/v3/billdownload/file',
  }
  for (const [what, otherwise] of Object.entries(ADDRESSES)) {
    test(`is not followed to ${what}`, async () => {
      const before = address
      address = otherwise
      const count = asked.length
      assert.equal(await reasonOf(), 'another host')
      assert.equal(asked.length, count + 1)
      address = before
    })
  }

  const zeros =
    (bytes: number): RequestListener =>
    (_, response) => {
      const gzip = createGzip({ level: 9 })
      gzip.pipe(response)
      const chunk = Buffer.alloc(1024 * 1024)
      for (let sent = 0; sent < bytes; sent += chunk.length) gzip.write(chunk)
      gzip.end()
    }
  test('signed bytes that are no bill of ours say so; others say that they are not those signed', async () => {
    const good = body
    body = billText([payment('A', { 商户号: '1900000002' })])
    file = whole
    const told = async () => {
      const bill = await fetchBill()
      return bill.kind === 'refused' && [bill.reason, bill.detail]
    }
    assert.deepEqual(await told(), ['another merchant', 'row 1'])
    file = (_, response) => response.end(gzipSync(good))
    assert.deepEqual(await told(), ['wrong hash', 'the bytes are not those WeChat Pay signed'])
    body = good
  })

  test('what fails on our side is no fault of the bill’s', async () => {
    file = whole
    const bills = createBills({ wechatPay, endpoints })
    const full = new Error('no space left')
    const fails = () => {
      throw full
    }
    const request = { merchant, date: DATE, wants: () => true, msLeft: () => 5_000 }
    await assert.rejects(bills.fetchBill({ ...request, save: async () => fails() }), full)
    await assert.rejects(bills.fetchBill({ ...request, wants: fails }), full)
  })

  const FILES: [string, string, RequestListener][] = [
    ['that is no gzip', 'not gzip', (_, response) => response.end(body)],
    ['with nothing in it', 'cut', (_, response) => response.end()],
    [
      'that breaks off',
      'cut',
      (_, response) => {
        response.writeHead(200, { 'Content-Length': 1000 }).write(gzipSync(body).subarray(0, 100))
        setTimeout(() => response.destroy(), 20)
      },
    ],
    ['of other bytes', 'wrong hash', (_, response) => response.end(gzipSync(body.replace('12.30', '99.30')))],
    [
      'of another merchant, unsigned',
      'wrong hash',
      (_, response) => response.end(gzipSync(billText([payment('A', { 商户号: '1' })]))),
    ],
    [
      'answered 400 INVALID_REQUEST',
      'expired',
      (_, response) => response.writeHead(400).end('{"code":"INVALID_REQUEST"}'),
    ],
    ['answered 403 NO_AUTH', 'refused', (_, response) => response.writeHead(403).end('{"code":"NO_AUTH"}')],
    ['answered 503', 'no answer', (_, response) => response.writeHead(503).end('<html>')],
    ['answered 302', 'redirect', (_, response) => response.writeHead(302, { Location: '/elsewhere' }).end()],
    ['of a hung-up connection', 'no answer', (request) => request.socket.destroy()],
  ]
  for (const [what, reason, listener] of FILES) {
    test(`a file ${what} is refused: ${reason}`, async () => {
      file = listener
      const count = asked.length
      assert.equal(await reasonOf(), reason)
      assert.equal(asked.length, count + 2)
    })
  }

  test('a gzip bomb ends at its first line, long before its end', async () => {
    file = zeros(2 * 1024 ** 3)
    const began = process.memoryUsage().rss
    assert.equal(await reasonOf(), 'too large')
    assert.ok(process.memoryUsage().rss - began < 200 * 1024 ** 2)
  })

  test('more bytes than a bill may have end it, coming in and inflated', async () => {
    file = whole
    assert.equal(await reasonOf({ maxBytes: Buffer.byteLength(body) }), 'whole')
    assert.equal(await reasonOf({ maxBytes: Buffer.byteLength(body) - 1 }), 'too large')
    assert.equal(await reasonOf({ maxBytes: 10 }), 'too large')
  })

  test('a file that comes too slowly is given up in time', async () => {
    file = (_, response) => {
      const zipped = gzipSync(body)
      let at = 0
      const timer = setInterval(() => response.write(zipped.subarray(at, ++at)), 20)
      response.on('close', () => clearInterval(timer))
    }
    const startedAt = performance.now()
    assert.equal(await reasonOf({ msLeft: 300 }), 'too slow')
    // An upper bound with room for a busy machine: the file alone would take ten seconds.
    assert.ok(performance.now() - startedAt < 5_000)
  })

  test('a hash of another kind, or none, is no hash', async () => {
    file = whole
    const good = body
    for (const content of [
      { hash_type: 'MD5', hash_value: 'd41d8cd98f00b204e9800998ecf8427e' },
      { hash_type: 'SHA1', hash_value: 'x' },
      { hash_type: 'SHA1', hash_value: sha1(body), download_url: 1 },
      {},
    ]) {
      const wechatPay = {
        tradeBill: async () => {
          const evidence = { body: '', timestamp: '0', nonce: '', signature: '', serial: '', request_id: '' }
          const best = { kind: 'verified' as const, status: 200, body: content, evidence }
          return { best, tries: [best] }
        },
      }
      const bill = await createBills({ wechatPay, endpoints }).fetchBill({
        merchant,
        date: DATE,
        wants: () => true,
        msLeft: () => 1_000,
      })
      assert.ok(bill.kind === 'refused' && bill.reason === 'no hash')
    }
    body = good
  })

  test('"no statement" said before 10:00 proves nothing, even when it comes later', async () => {
    for (const [saidAt, kind] of [
      [MADE_AT - 1_000, 'not ready'],
      [MADE_AT, 'whole'],
    ] as const) {
      const evidence = {
        body: '',
        timestamp: String(saidAt / 1000),
        nonce: '',
        signature: '',
        serial: '',
        request_id: '',
      }
      const best = { kind: 'verified' as const, status: 400, code: 'NO_STATEMENT_EXIST', body: {}, evidence }
      const bills = createBills({ wechatPay: { tradeBill: async () => ({ best, tries: [best] }) }, endpoints })
      const bill = await bills.fetchBill({ merchant, date: DATE, wants: () => true, msLeft: () => 1_000 })
      assert.equal(bill.kind, kind)
    }
  })
})
