import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseOrder } from '../../../lib/reversal/order.ts'
import type { Answer, UnverifiedReason } from '../../../lib/wechatpay/answer.ts'
import type { OrderRef } from '../../../lib/wechatpay/order-id.ts'
import { readAnswer, readEvidence } from '../../../lib/wechatpay/read-answer.ts'
import { TRADE_STATES } from '../../../lib/wechatpay/trade-state.ts'
import { isSignedBy } from '../../../lib/wechatpay/verify.ts'
import { APPID, keys, MCHID, merchantOf, PLATFORM_SERIAL, PUBLIC_KEY_ID } from './keys-and-secrets.ts'
import { type Headers, type Parts, signedAnswer, stateOf } from './signed-answer.ts'
import { wireAnswer } from './wire-answer.ts'

const now = Date.UTC(2026, 0, 1)
const seconds = now / 1000
const asked: OrderRef = { mchid: MCHID, appid: APPID, out_trade_no: 'A' }
const { wechatpayKeys } = merchantOf()
const made = 'Ab+/'.repeat(86)

/** What we make of an answer, without a socket. Signed now unless told. */
function read(parts: Parts, about: OrderRef = asked): Exclude<Answer, { kind: 'none' }> {
  return readAnswer(wireAnswer(signedAnswer({ timestamp: seconds, ...parts })), wechatpayKeys, about, made, now)
}

const verdictOf = (answer: Answer) => (answer.kind === 'unverified' ? answer.reason : answer.kind)

const without = (name: string) => (all: Headers) => all.filter(([key]) => key !== name)
const replacing = (name: string, change: (value: string) => string) => (all: Headers) =>
  all.map(([key, value]): [string, string] => [key, key === name ? change(value) : value])
const adding =
  (name: string, change = (value: string) => value) =>
  (all: Headers) =>
    all.flatMap((header): Headers => (header[0] === name ? [header, [name, change(header[1])]] : [header]))

type Rows = Record<string, [Parts, UnverifiedReason | 'verified']>

const SIGNED = ['Timestamp', 'Nonce', 'Signature', 'Serial'].map((part) => `Wechatpay-${part}`)
const TYPE = 'Wechatpay-Signature-Type'

const HEADERS: Rows = {
  'as it should be': [{}, 'verified'],
  'signed with the platform certificate': [{ key: keys.platform, serial: PLATFORM_SERIAL }, 'verified'],
  ...Object.fromEntries(SIGNED.map((name) => [`without ${name}`, [{ headers: without(name) }, 'unsigned']])),
  ...Object.fromEntries(
    SIGNED.map((name) => [`${name} without a value`, [{ headers: replacing(name, () => '') }, 'unsigned']]),
  ),
  ...Object.fromEntries(
    [...SIGNED, TYPE].flatMap((name): [string, Rows[string]][] => [
      [`${name} twice, the same`, [{ headers: adding(name) }, 'doubled header']],
      [`${name} twice, first the right one`, [{ headers: adding(name, () => 'x') }, 'doubled header']],
      [`${name} twice, first a wrong one`, [{ headers: (all) => adding(name)(all).reverse() }, 'doubled header']],
    ]),
  ),
  'no signature at all': [{ headers: (all) => all.filter(([name]) => !name.startsWith('Wechatpay-')) }, 'unsigned'],
  'no type of signature, which the official utilities do not ask for': [{ headers: without(TYPE) }, 'verified'],
  'another type of signature': [{ headers: replacing(TYPE, () => 'WECHATPAY2-SM2-WITH-SM3') }, 'wrong signature'],
  'a type of signature without a value': [{ headers: replacing(TYPE, () => '') }, 'wrong signature'],
  'the type of signature in small letters': [
    { headers: replacing(TYPE, (value) => value.toLowerCase()) },
    'wrong signature',
  ],
  'the serial in small letters': [
    { headers: replacing('Wechatpay-Serial', (value) => value.toLowerCase()) },
    'verified',
  ],
  'the serial of the other key': [{ serial: PLATFORM_SERIAL }, 'wrong signature'],
  'an unknown serial': [{ serial: 'PUB_KEY_ID_UNKNOWN' }, 'unknown serial'],
  'an unknown serial that names a property of every object': [{ serial: 'constructor' }, 'unknown serial'],
  'the right serial twice in one line': [{ serial: `${PUBLIC_KEY_ID}, ${PUBLIC_KEY_ID}` }, 'doubled header'],
  'a key of nobody under the right serial': [{ key: keys.stranger }, 'wrong signature'],
  'the key of the merchant itself': [{ key: keys.merchant }, 'wrong signature'],
  'a probe': [
    { headers: replacing('Wechatpay-Signature', (value) => `WECHATPAY/SIGNTEST/${value.slice(0, 64)}`) },
    'probe',
  ],
}

const TIMES: Rows = {
  'signed 299 s ago': [{ timestamp: seconds - 299 }, 'verified'],
  'signed 300 s ago': [{ timestamp: seconds - 300 }, 'stale'],
  'signed 299 s from now': [{ timestamp: seconds + 299 }, 'verified'],
  'signed 300 s from now': [{ timestamp: seconds + 300 }, 'stale'],
  'signed in 1970': [{ timestamp: 0 }, 'stale'],
  'a time in milliseconds': [{ timestamp: now }, 'stale'],
  'a time with a fraction': [{ timestamp: `${seconds}.0` }, 'stale'],
  'a time with a sign': [{ timestamp: `+${seconds}` }, 'stale'],
  'a time in hex': [{ timestamp: `0x${seconds.toString(16)}` }, 'stale'],
  'a time with an exponent': [{ timestamp: '1.7672256e9' }, 'stale'],
  'a time in Arabic digits': [
    { timestamp: [...String(seconds)].map((digit) => String.fromCharCode(0x660 + Number(digit))).join('') },
    'stale',
  ],
  'a time too long for a number': [{ timestamp: `${'0'.repeat(400)}${seconds}` }, 'stale'],
  'a time that is none': [{ timestamp: 'soon' }, 'stale'],
}

const signature = (change: (value: string) => string): Rows[string] => [
  { headers: replacing('Wechatpay-Signature', change) },
  'wrong signature',
]

const SIGNATURES: Rows = {
  'cut short': signature((value) => value.slice(0, -8)),
  'of one character': signature(() => 'A'),
  'without its padding': signature((value) => value.replace(/=+$/, '')),
  'with more padding': signature((value) => `${value}=`),
  'in the URL alphabet': signature((value) => `-_${value.replaceAll('+', '-').replaceAll('/', '_')}`),
  'with a space in it': signature((value) => `${value.slice(0, 76)} ${value.slice(76)}`),
  'with noise in it that base64 readers skip': signature((value) => `${value.slice(0, 76)}!${value.slice(76)}`),
  'with noise after it': signature((value) => `${value}!!!!`),
  'with unused bits set': signature(
    (value) => `${value.slice(0, -3)}${String.fromCharCode(value.charCodeAt(value.length - 3) + 1)}==`,
  ),
  'in hex': signature((value) => Buffer.from(value, 'base64').toString('hex')),
  'of another length': signature((value) =>
    Buffer.concat([Buffer.from(value, 'base64'), Buffer.of(0)]).toString('base64'),
  ),
  'of nothing but zeros': signature(() => Buffer.alloc(256).toString('base64')),
  'very long': signature((value) => value.repeat(40)),
  'not ASCII': signature(() => '签名'),
}

const BODIES: Rows = {
  empty: [{ body: '' }, 'verified'],
  'empty, 204': [{ status: 204, body: '' }, 'verified'],
  'after a byte order mark': [{ body: `\uFEFF${stateOf('REVOKED')}` }, 'verified'],
  'with line breaks': [{ body: JSON.stringify(JSON.parse(stateOf('REVOKED')), null, 2) }, 'verified'],
  'of another type': [{ headers: replacing('Content-Type', () => 'text/html') }, 'verified'],
  'in another charset, as it says': [
    { headers: replacing('Content-Type', () => 'application/json; charset=gbk') },
    'verified',
  ],
  'in GBK indeed': [{ body: Buffer.from('{"trade_state_desc":"\xD6\xA7\xB8\xB6"}', 'latin1') }, 'not JSON'],
  'in UTF-16': [{ body: Buffer.from(stateOf('REVOKED'), 'utf16le') }, 'not JSON'],
  'an HTML page': [{ body: '<html><body>Sign in</body></html>' }, 'not JSON'],
  'a number': [{ body: '1e999' }, 'not JSON'],
  'a string': [{ body: '"REVOKED"' }, 'not JSON'],
  null: [{ body: 'null' }, 'not JSON'],
  'an array': [{ body: `[${stateOf('REVOKED')}]` }, 'not JSON'],
  'two objects': [{ body: `${stateOf('REVOKED')}${stateOf('REVOKED')}` }, 'not JSON'],
  'cut in half': [{ body: stateOf('REVOKED').slice(0, 40) }, 'not JSON'],
  blanks: [{ body: ' '.repeat(1000) }, 'not JSON'],
  'nested deeper than a stack': [{ body: '['.repeat(65_536) }, 'not JSON'],
  'nested deeply, and valid': [{ body: `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}` }, 'verified'],
  'with numbers no number can hold': [{ body: stateOf('NOTPAY', { amount: 0 }).replace(':0', `:1e400`) }, 'verified'],
  'with names of every object': [
    { body: stateOf('NOTPAY').replace('{', '{"__proto__":{"trade_state":"REVOKED"},') },
    'verified',
  ],
}

const TWICE: Rows = {
  'two states': [{ body: stateOf('NOTPAY').replace('}', ',"trade_state":"REVOKED"}') }, 'not JSON'],
  'the same state twice': [{ body: stateOf('REVOKED').replace('}', ',"trade_state":"REVOKED"}') }, 'not JSON'],
  'two merchants': [{ body: stateOf('REVOKED').replace('{', '{"mchid":"1900000002",') }, 'not JSON'],
  'two orders, one name written otherwise': [
    { body: stateOf('REVOKED').replace('{', '{"out_trade\\u005fno" : "B",') },
    'not JSON',
  ],
  'two states, far from each other': [
    { body: stateOf('NOTPAY', { detail: ['}', '{"', { a: '\\"' }] }).replace(/}$/, ' , "trade_state" : "REVOKED" }') },
    'not JSON',
  ],
  'a name twice, but not in one object': [
    { body: stateOf('REVOKED', { scene: { trade_state: 'NOTPAY', mchid: 'x' }, a: [{ mchid: 'y' }] }) },
    'verified',
  ],
  'a name that also stands as a value': [
    { body: stateOf('REVOKED', { attach: 'trade_state', b: ['mchid'] }) },
    'verified',
  ],
  'a name within a value': [{ body: stateOf('REVOKED', { attach: '","trade_state":"NOTPAY' }) }, 'verified'],
}

const other = (fields: object): Rows[string] => [{ body: stateOf('REVOKED', fields) }, 'another order']
const NAMES: Rows = {
  'another order': other({ out_trade_no: 'B' }),
  'an order of other case': other({ out_trade_no: 'a' }),
  'an order with a blank more': other({ out_trade_no: 'A ' }),
  'another merchant': other({ mchid: '1900000002' }),
  'another app': [{ body: stateOf('REVOKED', { appid: 'wx0000000000000000' }) }, 'another appid'],
  'another app of another order': other({ appid: 'wx0000000000000000', out_trade_no: 'B' }),
  'the merchant as a number': other({ mchid: Number(MCHID) }),
  'the order in an array': other({ out_trade_no: ['A'] }),
  'an order that is null': other({ out_trade_no: null }),
  ...Object.fromEntries(
    ['SUCCESS', 'REFUND', 'CLOSED', 'REVOKED'].flatMap((state): [string, Rows[string]][] => [
      [`${state} without out_trade_no`, [{ body: stateOf(state, { out_trade_no: undefined }) }, 'another order']],
      [`${state} without mchid`, [{ body: stateOf(state, { mchid: undefined }) }, 'another order']],
      [`${state} without appid`, [{ body: stateOf(state, { appid: undefined }) }, 'verified']],
    ]),
  ),
  'USERPAYING alone': [{ status: 202, body: '{"trade_state":"USERPAYING"}' }, 'verified'],
  'an error, which names no order': [{ status: 404, body: '{"code":"ORDER_NOT_EXIST"}' }, 'verified'],
}

const PARTNER = { sp_mchid: MCHID, sub_mchid: '1900000201', out_trade_no: 'A', sub_appid: 'wxsub' }
const partnerStateOf = (trade_state: string, otherwise: object = {}) =>
  JSON.stringify({ ...PARTNER, sp_appid: 'wxsp', trade_state, ...otherwise })
const ofPartner = (fields: object, verdict: Rows[string][1], state = 'REVOKED'): Rows[string] => [
  { body: partnerStateOf(state, fields) },
  verdict,
]
const PARTNERS: Rows = {
  'as it should be': ofPartner({}, 'verified'),
  'another merchant of this provider': ofPartner({ sub_mchid: '1900000202' }, 'another order'),
  'the same merchant under another provider': ofPartner({ sp_mchid: '1900000101' }, 'another order'),
  'another order': ofPartner({ out_trade_no: 'B' }, 'another order'),
  'no merchant of the provider': ofPartner({ sub_mchid: undefined }, 'another order'),
  'no provider': ofPartner({ sp_mchid: undefined }, 'another order'),
  "the provider's own order": [{ body: stateOf('REVOKED') }, 'another order'],
  "another app of the provider's, where the order names none": ofPartner({ sp_appid: 'wxother' }, 'verified'),
  'another app of the merchant': ofPartner({ sub_appid: 'wxother' }, 'another appid'),
  'no apps': ofPartner({ sp_appid: undefined, sub_appid: undefined }, 'verified'),
  'USERPAYING alone': [{ status: 202, body: '{"trade_state":"USERPAYING"}' }, 'verified'],
  'the echo of another reverse': [
    { body: JSON.stringify({ sp_mchid: MCHID, sub_mchid: '1900000202', out_trade_no: 'A' }) },
    'another order',
  ],
}

const STATUSES: Rows = {
  ...Object.fromEntries(
    [200, 202, 204, 301, 302, 307, 400, 401, 403, 404, 429, 500, 502, 503].flatMap(
      (status): [string, Rows[string]][] => [
        [`${status}, signed`, [{ status, body: '{}' }, 'verified']],
        [
          `${status}, unsigned`,
          [
            { status, body: '{}', headers: (all) => all.filter(([name]) => !name.startsWith('Wechatpay-')) },
            'unsigned',
          ],
        ],
        [`${status}, signed by a stranger`, [{ status, body: '{}', key: keys.stranger }, 'wrong signature']],
      ],
    ),
  ),
}

const TABLES = { HEADERS, TIMES, SIGNATURES, BODIES, TWICE, NAMES, STATUSES }
const ABOUT: Record<keyof typeof TABLES, string> = {
  HEADERS: 'the headers of the signature',
  TIMES: 'its time: less than 300 s either way, in whole seconds',
  SIGNATURES: 'a signature that is not written as it should be',
  BODIES: 'a signed body',
  TWICE: 'a signed body in which a name stands twice says two things',
  NAMES: 'a signed answer about somebody else',
  STATUSES: 'errors and redirects are verified like successes',
}

for (const [table, rows] of Object.entries(TABLES)) {
  describe(ABOUT[table as keyof typeof TABLES], () => {
    for (const [title, [parts, verdict]] of Object.entries(rows)) {
      test(`${title}: ${verdict}`, () => {
        const answer = read(parts)
        assert.equal(verdictOf(answer), verdict)
        assert.equal(answer.status, parts.status ?? 200)
      })
    }
  })
}

describe('a signed answer that does not name its order', () => {
  for (const trade_state of TRADE_STATES) {
    const verdict = trade_state === 'USERPAYING' ? 'verified' : 'another order'
    test(`${trade_state}: ${verdict}`, () => {
      const said = verdictOf(read({ body: JSON.stringify({ trade_state }) }))
      const why = 'of these only USERPAYING leads to nothing that cannot be undone, and comes without names'
      assert.equal(said, verdict, `${trade_state} without an order's names is ${said}, and must be ${verdict}: ${why}`)
    })
  }
})

test('any byte of a signed body changed makes it unverified', () => {
  const body = Buffer.from(stateOf('REVOKED'))
  for (let index = 0; index < body.length; index++) {
    const changed = Buffer.from(body)
    changed[index]! ^= 1
    const wire = wireAnswer({ ...signedAnswer({ timestamp: seconds, body }), body: changed })
    const answer = readAnswer(wire, wechatpayKeys, asked, made, now)
    assert.equal(verdictOf(answer), 'wrong signature', `byte ${index}`)
  }
})

test('an answer that is verified keeps what anybody needs to verify it again', () => {
  const body = `\uFEFF${stateOf('SUCCESS', { attach: 'é支付 \\' })}`
  const answer = read({ body })
  assert.ok(answer.kind === 'verified')
  assert.deepEqual(answer.evidence.body, body)
  assert.equal(answer.evidence.serial, PUBLIC_KEY_ID)
  assert.equal(answer.evidence.timestamp, String(seconds))
  assert.deepEqual(readEvidence(JSON.parse(JSON.stringify(answer.evidence)), wechatpayKeys, asked), answer.body)
})

test('the longest evidence we make is taken back in the history of an order', () => {
  const nonce = 'n'.repeat(1024)
  const headers = replacing('Request-ID', (value) => `${value} `.repeat(400))
  const answer = read({ body: stateOf('SUCCESS', { attach: '' }).padEnd(64 * 1024), nonce, headers })
  assert.ok(
    answer.kind === 'verified',
    `a nonce of ${nonce.length} characters, which a history takes: ${verdictOf(answer)}`,
  )
  const order = { mchid: MCHID, appid: APPID, out_trade_no: 'A', history: { paid: answer.evidence } }
  assert.deepEqual(parseOrder(order, now).message, order)
})

test('an answer that no history takes back is no evidence', () => {
  const nonce = 'n'.repeat(1025)
  const signed = { body: '{}', timestamp: '1', signature: 's', serial: PUBLIC_KEY_ID, request_id: '' }
  const answer = read({ body: stateOf('SUCCESS'), nonce })
  const order = { mchid: MCHID, appid: APPID, out_trade_no: 'A', history: { paid: { ...signed, nonce } } }
  assert.throws(() => parseOrder(order, now), /history.paid.nonce: is too long/)
  const why = 'the next attempt would refuse the order with its history'
  assert.equal(verdictOf(answer), 'wrong signature', `a nonce of ${nonce.length} characters is ${answer.kind}: ${why}`)
})

describe("a signed answer about a service provider's order", () => {
  for (const [title, [parts, verdict]] of Object.entries(PARTNERS)) {
    test(`${title}: ${verdict}`, () => assert.equal(verdictOf(read(parts, PARTNER)), verdict))
  }

  test('is not evidence that there is none when its number says that the merchants do not match', () => {
    const headers = (all: Headers) =>
      all.map(([name, value]): [string, string] => [name, name === 'Request-ID' ? '08C5-268447845' : value])
    const answer = read({ status: 404, body: '{"code":"ORDER_NOT_EXIST"}', headers }, PARTNER)
    assert.ok(answer.kind === 'verified' && answer.request_id === '08C5-268447845')
  })
})

describe('evidence kept from earlier', () => {
  const answer = read({ body: stateOf('SUCCESS') })
  assert.ok(answer.kind === 'verified')
  const { evidence } = answer
  const isBelieved = (changed: Partial<typeof evidence>, about: OrderRef = asked) =>
    readEvidence({ ...evidence, ...changed }, wechatpayKeys, about) !== undefined

  test('is believed as it was, however old, under its serial in any case', () => {
    assert.ok(isBelieved({}))
    assert.ok(isBelieved({ serial: PUBLIC_KEY_ID.toLowerCase() }))
    assert.ok(isBelieved({ request_id: 'another' }), 'the request id is not signed')
  })

  test('is not believed about another order, with any part changed, or without one', () => {
    assert.ok(!isBelieved({}, { ...asked, out_trade_no: 'B' }))
    assert.ok(!isBelieved({}, { ...asked, mchid: '1' }))
    for (const part of ['body', 'timestamp', 'nonce', 'signature', 'serial'] as const) {
      assert.ok(!isBelieved({ [part]: `${evidence[part]} ` }), part)
      assert.ok(!isBelieved({ [part]: '' }), part)
    }
  })

  test('is not believed when it is signed, and no JSON', () => {
    const headers = new Map(signedAnswer({ body: 'a page', timestamp: seconds }).headers)
    const signature = headers.get('Wechatpay-Signature')!
    const nonce = headers.get('Wechatpay-Nonce')!
    assert.ok(isSignedBy(wechatpayKeys, { ...evidence, signature, nonce }, 'a page'))
    assert.ok(!isBelieved({ body: 'a page', signature, nonce }))
  })

  test('is not believed when line breaks are moved between its parts', () => {
    const { timestamp, nonce, body } = evidence
    assert.ok(!isBelieved({ timestamp: `${timestamp}\n${nonce}`, nonce: body, body: '' }))
    const inner = stateOf('SUCCESS')
    const outer = signedAnswer({ body: `x\n${inner}`, timestamp: seconds })
    const sent = (name: string) => outer.headers.find(([key]) => key === name)![1]
    const moved = {
      timestamp: String(seconds),
      nonce: `${sent('Wechatpay-Nonce')}\nx`,
      signature: sent('Wechatpay-Signature'),
      body: inner,
    }
    assert.ok(!isBelieved(moved))
    assert.ok(!isBelieved({ ...moved, timestamp: `${seconds}\n${sent('Wechatpay-Nonce')}`, nonce: 'x' }))
  })
})

describe('what is kept of an answer', () => {
  const said = (body: unknown, headers?: Parts['headers']) =>
    read({ status: 400, body: JSON.stringify(body), ...(headers && { headers }) })

  test('status, code, message, detail, headers and Request-ID, verified or not', () => {
    const body = { code: 'PARAM_ERROR', message: '参数错误', detail: { field: 'appid', value: 22, location: null } }
    for (const headers of [(all: Headers) => all, without('Wechatpay-Signature')]) {
      const { status, code, message, detail, request_id, headers: kept } = said(body, headers)
      assert.deepEqual({ status, code, message, detail }, { status: 400, ...body })
      assert.equal(request_id, '08C5D2F9A30610A50218F7C8B1DA0420-0')
      assert.equal(kept!['content-type'], 'application/json; charset=utf-8')
    }
  })

  test('a code that is not text is none, and a message that is not text neither', () => {
    for (const odd of [null, {}, [], true, '']) {
      const { code, message } = said({ code: odd, message: odd === '' ? 1 : odd })
      assert.deepEqual([code, message], [undefined, undefined])
    }
  })

  test('a code that is a number decides nothing, and is kept in the words for people', () => {
    const { code, message } = said({ code: 40001, message: 'no' })
    assert.deepEqual([code, message], [undefined, '40001 no'])
  })

  test('detail however deep, without running out of stack', () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    for (const headers of [(all: Headers) => all, without('Wechatpay-Signature')]) {
      const answer = read({ status: 400, body: `{"code":"PARAM_ERROR","detail":${deep}}`, headers })
      assert.equal(answer.code, 'PARAM_ERROR')
      assert.ok(JSON.stringify(answer.detail).length < 1000)
    }
  })

  test('no more of a text than a log line can bear', () => {
    const long = 'x y '.repeat(10_000)
    const answer = said(
      { code: long, message: long, detail: { issue: long } },
      replacing('Request-ID', () => long.slice(0, 15_000)),
    )
    assert.ok(JSON.stringify({ ...answer, headers: {}, body: '', evidence: {} }).length < 5_000)
    assert.ok(answer.kind === 'verified')
    assert.ok(answer.evidence.request_id.length <= 256, 'an order takes it back in its history')
  })
})

describe('a signature we made is cut out of whatever echoes it', () => {
  const echoes: Record<string, string> = {
    'the signature': made,
    'a part of it': made.slice(40, 90),
    'the signature URL-encoded': encodeURIComponent(made),
    'the signature in the URL alphabet': made.replaceAll('+', '-').replaceAll('/', '_'),
    'the Authorization header': `WECHATPAY2-SHA256-RSA2048 mchid="${MCHID}",signature="${made}",nonce_str="x"`,
    'the header in base64': Buffer.from(`WECHATPAY2-SHA256-RSA2048 signature="${made}"`).toString('base64'),
    'the header URL-encoded': encodeURIComponent(`WECHATPAY2-SHA256-RSA2048 signature="${made}"`),
    'the header as JSON in a string': JSON.stringify(JSON.stringify({ a: `signature="${made}"` })),
    'another signature of ours': 'Qx7/'.repeat(86),
  }
  for (const [title, echo] of Object.entries(echoes)) {
    test(title, () => {
      const body = JSON.stringify({ code: echo, message: `refused: ${echo}.`, detail: { [echo]: [{ deep: echo }] } })
      const headers = (all: Headers): Headers => [
        ...all.map(([name, value]): [string, string] => [name, name === 'Request-ID' ? echo : value]),
        ['X-Echo', echo],
      ]
      for (const parts of [{}, { serial: echo }, { key: keys.stranger }, { headers: without('Wechatpay-Nonce') }]) {
        const answer = read({ status: 401, body, ...parts, headers: (all) => headers(parts.headers?.(all) ?? all) })
        const kept = JSON.stringify({
          ...answer,
          body: '',
          ...(answer.kind === 'verified' && { evidence: { ...answer.evidence, body: '', signature: '' } }),
        })
        for (const part of [echo.slice(8, 48), made.slice(0, 40), made.slice(-40), 'nonce_str='])
          assert.ok(!kept.includes(part), kept)
      }
    })
  }

  test('and an answer that would be evidence with our signature in it is none', () => {
    for (const echo of [
      made,
      `x ${made}-x`,
      made.slice(20, 60),
      encodeURIComponent(made),
      made.match(/.{1,60}/g)!.join(' '),
    ]) {
      assert.equal(verdictOf(read({ body: stateOf('REVOKED', { attach: echo }) })), 'our signature in it')
      const escaped = stateOf('REVOKED', { attach: echo }).replaceAll('/', '\\/')
      assert.equal(verdictOf(read({ body: escaped })), 'our signature in it')
      assert.equal(verdictOf(read({ nonce: echo })), 'our signature in it')
      const refused = (code: string) => read({ status: 400, body: JSON.stringify({ code, message: echo }) })
      assert.equal(verdictOf(refused('ORDER_NOT_EXIST')), 'our signature in it')
      assert.equal(verdictOf(refused('PARAM_ERROR')), 'verified', 'of a refusal only what was cleaned goes further')
    }
  })

  test('while what WeChat Pay says stays as it is', () => {
    const message = 'Http头Authorization值格式错误，请检查: WECHATPAY2-SHA256-RSA2048 认证类型'
    const detail = {
      field: '/appid',
      url: '/v3/pay/transactions/out-trade-no/1217752501201407033233368018/reverse',
      n: [1, null],
    }
    const answer = read({ status: 401, body: JSON.stringify({ code: 'SIGN_ERROR', message, detail }) })
    assert.equal(answer.message, message)
    assert.deepEqual(answer.detail, detail)
  })
})

describe('what is kept of an answer', () => {
  const refused = (status: number, code: string) => read({ status, body: JSON.stringify({ code }) })

  test('the serial it claims, when no key of ours has it; and only then', () => {
    const serialOf = (parts: Parts) => (read(parts) as { serial?: string }).serial
    assert.equal(serialOf({ serial: 'PUB_KEY_ID_UNKNOWN' }), 'PUB_KEY_ID_UNKNOWN')
    assert.ok(!('serial' in read({ key: keys.stranger })), 'a known serial explains nothing')
  })

  test('the headers of one that does not verify, and of a verified one from 300 on: they say who refused', () => {
    assert.ok('headers' in read({ key: keys.stranger }))
    for (const status of [300, 302, 404, 500]) assert.ok('headers' in read({ status, body: '{}' }), String(status))
    for (const status of [200, 202, 299]) assert.ok(!('headers' in read({ status })), String(status))
  })

  test('its detail and its words where it has any, and no empty ones', () => {
    assert.deepEqual(Object.keys(refused(400, 'PARAM_ERROR')).sort(), [
      'body',
      'code',
      'evidence',
      'headers',
      'kind',
      'request_id',
      'status',
    ])
  })

  test('an empty Request-ID in the evidence where there is none, so that every proof has the same fields', () => {
    const answer = read({ headers: without('Request-ID') })
    assert.ok(answer.kind === 'verified' && !('request_id' in answer))
    assert.equal(answer.evidence.request_id, '')
  })

  test('of those that can end an order, nothing that holds a signature of ours', () => {
    const holding = (status: number, code: string) =>
      verdictOf(read({ status, body: JSON.stringify({ code, message: made }) }))
    assert.equal(holding(404, 'ORDER_NOT_EXIST'), 'our signature in it')
    assert.equal(holding(400, 'NO_STATEMENT_EXIST'), 'our signature in it', 'it proves an empty bill')
    assert.equal(holding(300, 'PARAM_ERROR'), 'verified', 'it proves nothing, and is cleaned')
  })
})

test('whatever the bytes and headers are, reading them never throws, and nothing unsigned is verified', () => {
  const header = fc.oneof(
    fc.constant(undefined),
    fc.array(fc.oneof(fc.string(), fc.constant(PUBLIC_KEY_ID), fc.constant(String(seconds))), { maxLength: 3 }),
  )
  const json = fc.oneof(
    fc.json().map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  )
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      json,
      fc.tuple(header, header, header, header, header),
      (status, body, values) => {
        const names = [...SIGNED, TYPE].map((name) => name.toLowerCase())
        const headers = Object.fromEntries(names.map((name, index) => [name, values[index]]))
        const answer = readAnswer({ kind: 'answered', status, headers, body }, wechatpayKeys, asked, made, now)
        assert.equal(answer.kind, 'unverified')
      },
    ),
    { numRuns: 500 },
  )
})

test('whatever WeChat Pay signs, reading it never throws, and it is verified only when it is about this order', () => {
  const value = fc.oneof(fc.constantFrom('A', 'B', MCHID, APPID, 'REVOKED', 'SUCCESS', 'NOTPAY'), fc.jsonValue())
  const fields = fc.dictionary(
    fc.constantFrom('mchid', 'out_trade_no', 'appid', 'trade_state', 'code', 'message', 'detail', '__proto__'),
    value,
  )
  fc.assert(
    fc.property(fc.constantFrom(200, 202, 204, 302, 400, 404, 500), fields, (status, body) => {
      const answer = read({ status, body: JSON.stringify(body) })
      const names = (name: 'mchid' | 'out_trade_no' | 'appid') => body[name] === undefined || body[name] === asked[name]
      const isOurs = names('mchid') && names('out_trade_no') && names('appid')
      if (answer.kind === 'verified') assert.ok(isOurs)
      else if (answer.reason === 'another appid') assert.ok(names('mchid') && names('out_trade_no') && !names('appid'))
      else assert.equal(answer.reason, 'another order')
    }),
    { numRuns: 200 },
  )
})
