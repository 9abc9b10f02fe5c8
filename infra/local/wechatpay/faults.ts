import { type Answer, bytesOf, plainHeaders, signatureHeaders, signedAnswer, unsignedAnswer } from './answer.ts'
import { type Delivery, httpMessage } from './delivery.ts'
import { type Code, errorCodes, errorResult, ok, type Result } from './error-codes.ts'
import type { KeyRing, SigningKey } from './keys.ts'
import type { Call } from './request.ts'
import type { Endpoint } from './wire.ts'

/** What a fault is made from: the call, what it would truly be answered, and the keys. */
export interface Occasion {
  call: Call
  /** The true answer, not signed yet. */
  result: Result
  /** The order's state before its last change, as a query would have told it. */
  before: () => Result
  /** The key the true answer would be signed with. */
  key: SigningKey
  keys: KeyRing
  /** In ms. */
  now: number
  /** Milliseconds of `slow` and `drip`, from the plan. */
  ms?: number | undefined
  /** Where `reset-at` cuts, from the plan. */
  atByte?: number | undefined
}

/** What anybody looping over the table may rely on. */
export interface FaultFacts {
  /** One line for people. */
  does: string
  /** Does WeChat Pay carry out what was asked? */
  effect: boolean
  /** `late` depends on the client's patience. */
  arrives: 'at once' | 'late' | 'never'
  /** Signature, time and serial are good over the bytes that arrive. */
  verifies: boolean
  /** What the body tells of. `outdated`: this order, before its last change. */
  about: 'this order' | 'another order' | 'outdated' | 'nothing'
  /** The endpoints it makes sense for; all unless told. */
  only?: Endpoint[]
}

export interface Fault extends FaultFacts {
  answer: (occasion: Occasion) => Answer
  delivery?: (answer: Answer, occasion: Occasion) => Delivery
}

// Ways to make an answer.

const truth = ({ result, key, now }: Occasion) => signedAnswer(result, { key, now })

/** The true answer with its signed headers changed. */
const withHeaders = (change: (headers: [string, string][]) => [string, string][]) => (occasion: Occasion) => {
  const answer = truth(occasion)
  return { ...answer, headers: change(answer.headers.map(([name, value]) => [name, value])) }
}

/** The true answer with other bytes for a body, its length told right, its signature left as it was. */
const withBody = (change: (body: Buffer) => Buffer) => (occasion: Occasion) => {
  const answer = truth(occasion)
  const body = change(answer.body)
  const headers = answer.headers.map(([name, value]): [string, string] =>
    name === 'Content-Length' ? [name, String(body.length)] : [name, value],
  )
  return { ...answer, headers, body }
}

/** Other bytes for a body, signed well. */
const signedBytes =
  (bytes: (occasion: Occasion) => Buffer, contentType = 'application/json; charset=utf-8') =>
  (occasion: Occasion): Answer => {
    const body = bytes(occasion)
    const { status } = occasion.result
    const plain = plainHeaders(body, { status, subCode: 0 })
    const headers = plain.map(([name, value]): [string, string] => [
      name,
      name === 'Content-Type' ? contentType : value,
    ])
    return { status, headers: [...headers, ...signatureHeaders(body, occasion)], body }
  }

const signed = (result: (occasion: Occasion) => Result) => (occasion: Occasion) =>
  signedAnswer(result(occasion), occasion)
const unsigned = (result: (occasion: Occasion) => Result) => (occasion: Occasion) => unsignedAnswer(result(occasion))

/** The true body with some fields set; an error answer is replaced by a success. */
const saying =
  (fields: (call: Call) => object) =>
  ({ call, result }: Occasion): Result => {
    const isError = result.status >= 300
    const { mchid, out_trade_no } = call
    const made = { mchid, out_trade_no, ...(call.endpoint === 'query' ? { trade_state: 'REVOKED' } : {}) }
    const body = isError ? made : result.body
    return ok({ ...body, ...fields(call) }, isError ? 200 : result.status)
  }

const page = (status: number, title: string) => (): Answer => {
  const body = Buffer.from(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center></body>\r\n</html>\r\n`,
  )
  return {
    status,
    headers: [
      ['Content-Type', 'text/html'],
      ['Content-Length', String(body.length)],
    ],
    body,
  }
}

const redirect = (status: number) => (): Answer => ({
  status,
  headers: [
    ['Location', 'http://127.0.0.1:9/elsewhere'],
    ['Content-Length', '0'],
  ],
  body: Buffer.alloc(0),
})

const without = (name: string) => withHeaders((headers) => headers.filter(([key]) => key !== name))
const doubled = (name: string) =>
  withHeaders((headers) => headers.flatMap((header) => (header[0] === name ? [header, header] : [header])))
const replaced = (name: string, value: (value: string) => string) =>
  withHeaders((headers) => headers.map(([key, old]) => [key, key === name ? value(old) : old]))

/** Another number of the same length and kind. */
const another = (value: string) => `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`

const lie = (body: Buffer) => {
  const text = body.toString()
  const told = text
    .replace(/"trade_state":"(\w+)"/, (_, state) => `"trade_state":"${state === 'REVOKED' ? 'SUCCESS' : 'REVOKED'}"`)
    .replace(/"code":"\w+"/, '"code":"PARAM_ERROR"')
  return Buffer.from(told === text ? text.replace('"mchid":"', '"mchid": "') : told)
}

// Ways to deliver it.

const silence = (): Delivery => ({ kind: 'silence' })
const reset =
  (afterBytes: (answer: Answer) => number) =>
  (answer: Answer, { atByte }: Occasion): Delivery => ({
    kind: 'reset',
    afterBytes: Math.min(atByte ?? afterBytes(answer), httpMessage(answer).length - 1),
  })
const flood = (bytes: number) => (): Delivery => ({ kind: 'flood', bytes })

const late = ({ ms }: Occasion, usual: number) => ms ?? usual

const good = { effect: true, arrives: 'at once', verifies: true, about: 'this order' } as const
const lost = { effect: true, arrives: 'never', verifies: false, about: 'nothing' } as const
const forged = { effect: true, arrives: 'at once', verifies: false, about: 'this order' } as const
const gateway = { effect: false, arrives: 'at once', verifies: false, about: 'nothing' } as const

const signatureParts = ['Timestamp', 'Nonce', 'Signature', 'Serial']

/** Every fault by name. `effect` is what happens unless the plan says otherwise. */
const rows: Record<string, Fault> = {
  // No answer
  silence: { ...lost, effect: false, does: 'no answer, nothing done', answer: truth, delivery: silence },
  'silence-after-effect': { ...lost, does: 'done, but no answer', answer: truth, delivery: silence },
  reset: { ...lost, effect: false, does: 'connection reset, nothing done', answer: truth, delivery: reset(() => 0) },
  'reset-after-effect': {
    ...lost,
    does: 'done, then the connection is reset: the lost answer',
    answer: truth,
    delivery: reset(() => 0),
  },
  'reset-mid-head': { ...lost, does: 'done, reset within the status line', answer: truth, delivery: reset(() => 12) },
  'reset-mid-body': {
    ...lost,
    does: 'done, reset half-way through the body (or at_byte of the whole message)',
    answer: truth,
    delivery: reset((answer) => httpMessage(answer).length - Math.ceil(answer.body.length / 2)),
  },
  'endless-body': {
    ...lost,
    does: 'done, a body without end',
    answer: truth,
    delivery: flood(Number.POSITIVE_INFINITY),
  },
  'huge-body': { ...lost, does: 'done, a body of 50 MB', answer: truth, delivery: flood(50_000_000) },

  // Late answers
  slow: {
    ...good,
    arrives: 'late',
    does: 'the true answer after ms (3,000)',
    answer: truth,
    delivery: (_, occasion) => ({ kind: 'whole', afterMs: late(occasion, 3_000) }),
  },
  drip: {
    ...good,
    arrives: 'late',
    does: 'the true answer, a byte each ms (100)',
    answer: truth,
    delivery: (_, occasion) => ({ kind: 'drip', everyMs: late(occasion, 100) }),
  },

  // Gateways in between
  'bad-gateway-page': { ...gateway, does: '502, an HTML page', answer: page(502, '502 Bad Gateway') },
  'service-unavailable-page': { ...gateway, does: '503, an HTML page', answer: page(503, '503 Service Unavailable') },
  'gateway-timeout-page-after-effect': {
    ...gateway,
    effect: true,
    does: 'done, but 504, an HTML page',
    answer: page(504, '504 Gateway Time-out'),
  },
  'proxy-page': { ...gateway, does: '200, the HTML page of a proxy', answer: page(200, 'Sign in to this network') },
  redirect: { ...gateway, does: '302 elsewhere, unsigned', answer: redirect(302) },
  'redirect-keeping-method': { ...gateway, does: '307 elsewhere, unsigned', answer: redirect(307) },

  // Answers that must not be believed
  unsigned: { ...forged, does: 'the true answer without its signature', answer: unsigned(({ result }) => result) },
  'unsigned-not-exist': {
    ...forged,
    effect: false,
    does: 'ORDER_NOT_EXIST, unsigned',
    answer: unsigned(() => errorResult('ORDER_NOT_EXIST')),
  },
  'unsigned-param-error': {
    ...forged,
    effect: false,
    does: 'PARAM_ERROR, unsigned',
    answer: unsigned(() => errorResult('PARAM_ERROR')),
  },
  'unsigned-revoked': {
    ...forged,
    effect: false,
    does: '200 and REVOKED, unsigned',
    answer: unsigned(saying(() => ({ trade_state: 'REVOKED' }))),
  },
  'sign-error': {
    ...forged,
    effect: false,
    does: '401 SIGN_ERROR, unsigned as the real one',
    answer: unsigned(() => errorResult('SIGN_ERROR')),
  },
  'tampered-body': {
    ...forged,
    does: 'another state, code or spacing in the body than was signed',
    answer: withBody(lie),
  },
  'truncated-body': {
    ...forged,
    about: 'nothing',
    does: 'the body cut in half, its length told right',
    answer: withBody((body) => body.subarray(0, Math.floor(body.length / 2))),
  },
  'trailing-bytes': {
    ...forged,
    does: 'more bytes in the body than were signed',
    answer: withBody((body) => Buffer.concat([body, Buffer.from('\n')])),
  },
  'wrong-key': {
    ...forged,
    does: 'signed by a stranger under the right serial',
    answer: (o) => signedAnswer(o.result, { key: o.keys.stranger, now: o.now, serial: o.key.id }),
  },
  'unknown-serial': {
    ...forged,
    does: 'signed by a stranger under its own serial',
    answer: (o) => signedAnswer(o.result, { key: o.keys.stranger, now: o.now }),
  },
  probe: {
    ...forged,
    does: 'a WECHATPAY/SIGNTEST/ probe for a signature',
    answer: replaced('Wechatpay-Signature', (value) => `WECHATPAY/SIGNTEST/${value.slice(0, 64)}`),
  },
  'stale-past': {
    ...forged,
    does: 'signed 310 s ago',
    answer: (o) => signedAnswer(o.result, { key: o.key, now: o.now - 310_000 }),
  },
  'stale-future': {
    ...forged,
    does: 'signed 310 s from now',
    answer: (o) => signedAnswer(o.result, { key: o.key, now: o.now + 310_000 }),
  },
  'timestamp-not-a-number': {
    ...forged,
    does: 'a timestamp that is no number',
    answer: replaced('Wechatpay-Timestamp', () => 'soon'),
  },
  'signature-not-base64': {
    ...forged,
    does: 'a signature that is not base64',
    answer: replaced('Wechatpay-Signature', () => '!'),
  },

  // Validly signed, and still no proof
  'other-order': {
    ...good,
    about: 'another order',
    does: 'signed well, about another out_trade_no',
    answer: signed(saying((call) => ({ out_trade_no: another(call.out_trade_no) }))),
  },
  'other-merchant': {
    ...good,
    about: 'another order',
    does: 'signed well, about another mchid',
    answer: signed(saying((call) => ({ mchid: another(call.mchid) }))),
  },
  'other-appid': {
    ...good,
    about: 'another order',
    does: 'signed well, about another appid',
    answer: signed(saying(() => ({ appid: 'wx0000000000000000' }))),
  },
  'empty-body': {
    ...good,
    about: 'nothing',
    does: 'signed well over an empty body',
    answer: signedBytes(() => Buffer.alloc(0)),
  },
  'no-content': {
    ...good,
    about: 'nothing',
    does: 'done, 204, signed well',
    answer: signed(() => ({ status: 204, body: null, subCode: 0 })),
  },
  'not-json': {
    ...good,
    about: 'nothing',
    does: 'signed well, not JSON',
    answer: signedBytes(() => Buffer.from('OK')),
  },
  'json-null': {
    ...good,
    about: 'nothing',
    does: 'signed well, the JSON null',
    answer: signedBytes(() => Buffer.from('null')),
  },
  'json-array': {
    ...good,
    about: 'nothing',
    does: 'signed well, a JSON array',
    answer: signedBytes(() => Buffer.from('[]')),
  },
  'invalid-utf8': {
    ...good,
    about: 'nothing',
    does: 'signed well, not UTF-8',
    answer: signedBytes(() => Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])),
  },
  'unknown-trade-state': {
    ...good,
    only: ['query'],
    does: 'signed well, a trade_state of other products',
    answer: signed(saying(() => ({ trade_state: 'ACCEPT' }))),
  },
  'unknown-code': {
    ...good,
    effect: false,
    does: '403 with a code nobody knows',
    answer: signed(() => ({ status: 403, body: { code: 'SOMETHING_NEW', message: '' }, subCode: 0 })),
  },
  'code-not-text': {
    ...good,
    effect: false,
    does: '400 with a number for a code',
    answer: signed(() => ({ status: 400, body: { code: 22, message: null, detail: null }, subCode: 0 })),
  },
  'stale-read': {
    ...good,
    about: 'outdated',
    only: ['query'],
    does: 'the order as it was before its last change',
    answer: signed(({ before }) => before()),
  },

  // Signed well, but dressed wrongly
  'wrong-content-type': {
    ...good,
    does: 'the true answer as text/html',
    answer: signedBytes(bytesOfResult, 'text/html'),
  },
  'wrong-charset': {
    ...good,
    does: 'the true answer as charset=gbk',
    answer: signedBytes(bytesOfResult, 'application/json; charset=gbk'),
  },
  'byte-order-mark': {
    ...good,
    does: 'the true answer after a byte order mark',
    answer: signedBytes((o) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytesOfResult(o)])),
  },
}

function bytesOfResult({ result }: Occasion) {
  return bytesOf(result)
}

for (const part of signatureParts) {
  const name = `Wechatpay-${part}`
  rows[`missing-${part.toLowerCase()}`] = { ...forged, does: `no ${name}`, answer: without(name) }
  rows[`doubled-${part.toLowerCase()}`] = { ...forged, does: `${name} twice`, answer: doubled(name) }
}

// Every business error, signed, before the effect and after it: an error does not prove that nothing was done.
for (const code of Object.keys(errorCodes) as Code[]) {
  if (code === 'SIGN_ERROR') continue
  const { status } = errorCodes[code]
  const name = code.toLowerCase().replaceAll('_', '-')
  const answer = signed(() => errorResult(code))
  rows[name] = {
    ...good,
    effect: false,
    does: `${status} ${code}, nothing done`,
    answer,
  }
  rows[`${name}-after-effect`] = { ...good, does: `${status} ${code}, but done`, answer }
}

export const faults: Readonly<Record<string, Fault>> = rows
