import { type Answer, bytesOf, signedAnswer } from './answer.ts'
import { type Delivery, httpMessage } from './delivery.ts'
import {
  type Code,
  ERROR_CODES,
  errorResult,
  NUMBERED_REFUSALS,
  type RefusalName,
  refusalResult,
} from './error-codes.ts'
import type { Occasion } from './fault-answers.ts'
import * as make from './fault-answers.ts'
import { type Mode, type Names, wireNames } from './names.ts'
import type { Endpoint } from './operation.ts'

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
  /** It makes sense for a provider's calls alone. */
  mode?: 'partner'
}

/** Does the fault make sense for such a call? */
export function appliesTo({ only, mode: wanted }: FaultFacts, endpoint: Endpoint, mode: Mode = 'direct'): boolean {
  return (only?.includes(endpoint) ?? true) && (wanted ?? mode) === mode
}

type MakeAnswer = (occasion: Occasion) => Answer

export interface Fault extends FaultFacts {
  answer: MakeAnswer
  delivery?: (answer: Answer, occasion: Occasion) => Delivery
}

const fault = (
  facts: Omit<FaultFacts, 'does' | 'effect'>,
  effect: 'done' | 'undone',
  does: string,
  answer: Fault['answer'],
  delivery?: Fault['delivery'],
): Fault => ({ ...facts, effect: effect === 'done', does, answer, ...(delivery ? { delivery } : {}) })

const never = { arrives: 'never', verifies: false, about: 'nothing' } as const
const late = { arrives: 'late', verifies: true, about: 'this order' } as const
const gateway = { arrives: 'at once', verifies: false, about: 'nothing' } as const
const forged = { arrives: 'at once', verifies: false, about: 'this order' } as const
const signed = { arrives: 'at once', verifies: true, about: 'this order' } as const
const foreign = { ...signed, about: 'another order' } as const
const empty = { ...signed, about: 'nothing' } as const
const outdated = { ...signed, about: 'outdated' } as const

const { truth, silence, reset, flood, page, redirect, saying, withBody, signedBytes } = make

const bodyOf = ({ result }: Occasion) => bytesOf(result)
const bytes = (text: string) => signedBytes(() => Buffer.from(text, 'latin1'))
const marked = signedBytes((occasion) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bodyOf(occasion)]))
const error = (status: number, body: object | null) => make.signed(() => ({ status, body, subCode: 0 }))
const unsigned = (code: Code) => make.unsigned(() => errorResult(code))
const unsignedTruth = make.unsigned(({ result }) => result)
const unsignedRevoked = make.unsigned(saying({ trade_state: 'REVOKED' }))
const otherOrder = make.signed((occasion) =>
  saying({ out_trade_no: make.another(occasion.call.out_trade_no ?? '0') })(occasion),
)
/** About somebody else, under the names the call's mode spells. */
const otherNames = (change: (names: Names) => Partial<Names>) =>
  make.signed((occasion) => saying(wireNames({ ...occasion.call, ...change(occasion.call) }))(occasion))
const otherMerchant = otherNames(({ mchid }) => ({ mchid: make.another(mchid) }))
const otherSubMerchant = otherNames(({ sub_mchid }) => ({ sub_mchid: make.another(sub_mchid!) }))
const otherAppid = otherNames(() => ({ appid: 'wx0000000000000000' }))
const asDirect = make.signed((occasion) => {
  const { status, body, subCode } = saying({})(occasion)
  const { sp_appid: appid, sp_mchid: mchid, sub_appid: _, sub_mchid: __, ...rest } = body as Record<string, unknown>
  return { status, subCode, body: { ...(appid === undefined ? {} : { appid }), mchid, ...rest } }
})
const otherState = make.signed(saying({ trade_state: 'ACCEPT' }))
const before = make.signed((occasion) => occasion.before())
const halfBody = withBody((body) => body.subarray(0, Math.floor(body.length / 2)))
const longerBody = withBody((body) => Buffer.concat([body, Buffer.from('\n')]))
const midBody = (answer: Answer) => httpMessage(answer).length - Math.ceil(answer.body.length / 2)
const forger: MakeAnswer = ({ result, key, keys, now }) =>
  signedAnswer(result, { key: keys.stranger, now, serial: key.id })
const stranger: MakeAnswer = ({ result, keys, now }) => signedAnswer(result, { key: keys.stranger, now })
const signedAt =
  (offsetMs: number): MakeAnswer =>
  ({ result, key, now }) =>
    signedAnswer(result, { key, now: now + offsetMs })
const timestamp = (value: string) => make.replaced('Wechatpay-Timestamp', () => value)
const signature = (change: (value: string) => string) => make.replaced('Wechatpay-Signature', change)
const probe = signature((value) => `WECHATPAY/SIGNTEST/${value.slice(0, 64)}`)
const noBase64 = signature(() => '!')
const unknownCode = error(403, { code: 'SOMETHING_NEW', message: '' })
const numberForCode = error(400, { code: 22, message: null })

/** Every fault by name: what arrives, whether what was asked is done (unless the plan says otherwise), and in words. */
const rows: Record<string, Fault> = {
  // No answer
  silence: fault(never, 'undone', 'no answer', truth, silence),
  'silence-after-effect': fault(never, 'done', 'no answer', truth, silence),
  reset: fault(never, 'undone', 'the connection is reset (at_byte of the answer)', truth, reset(0)),
  'reset-after-effect': fault(never, 'done', 'the connection is reset: the lost answer', truth, reset(0)),
  'reset-mid-head': fault(never, 'done', 'reset within the status line', truth, reset(12)),
  'reset-mid-body': fault(never, 'done', 'reset half-way through the body', truth, reset(midBody)),
  'endless-body': fault(never, 'done', 'a body without end', truth, flood(Number.POSITIVE_INFINITY)),
  'huge-body': fault(never, 'done', 'a body of 50 MB', truth, flood(50_000_000)),

  // Late answers
  slow: fault(late, 'done', 'the true answer after ms (3,000)', truth, make.slow(3_000)),
  drip: fault(late, 'done', 'the true answer, a byte each ms (100)', truth, make.drip(100)),

  // Gateways in between
  'bad-gateway-page': fault(gateway, 'undone', '502, an HTML page', page(502, '502 Bad Gateway')),
  'unavailable-page': fault(gateway, 'undone', '503, an HTML page', page(503, '503 Service Unavailable')),
  'timeout-page-after-effect': fault(gateway, 'done', '504, an HTML page', page(504, '504 Gateway Time-out')),
  'unauthorized-page': fault(gateway, 'undone', '401, the HTML page of a proxy', page(401, '401 Unauthorized')),
  'proxy-page': fault(gateway, 'undone', '200, the HTML page of a proxy', page(200, 'Sign in to this network')),
  redirect: fault(gateway, 'undone', '302 elsewhere', redirect(302)),
  'redirect-keeping-method': fault(gateway, 'undone', '307 elsewhere', redirect(307)),

  // Answers that must not be believed
  unsigned: fault(forged, 'done', 'the true answer without its signature', unsignedTruth),
  'unsigned-not-exist': fault(forged, 'undone', '404 ORDER_NOT_EXIST without a signature', unsigned('ORDER_NOT_EXIST')),
  'unsigned-param-error': fault(forged, 'undone', '400 PARAM_ERROR without a signature', unsigned('PARAM_ERROR')),
  'unsigned-revoked': fault(forged, 'undone', '200 and REVOKED without a signature', unsignedRevoked),
  'sign-error': fault(forged, 'undone', '401 SIGN_ERROR, unsigned as the real one', unsigned('SIGN_ERROR')),
  'tampered-body': fault(forged, 'done', 'another state, code or spacing than was signed', withBody(make.lie)),
  'truncated-body': fault(gateway, 'done', 'half the body, its length told right', halfBody),
  'trailing-bytes': fault(forged, 'done', 'one byte more than was signed', longerBody),
  'wrong-key': fault(forged, 'done', 'signed by a stranger under the right serial', forger),
  'unknown-serial': fault(forged, 'done', 'signed by a stranger under its own serial', stranger),
  probe: fault(forged, 'done', 'a WECHATPAY/SIGNTEST/ probe for a signature', probe),
  'stale-past': fault(forged, 'done', 'signed 310 s ago', signedAt(-310_000)),
  'stale-future': fault(forged, 'done', 'signed 310 s from now', signedAt(310_000)),
  'timestamp-not-a-number': fault(forged, 'done', 'a timestamp that is no number', timestamp('soon')),
  'signature-not-base64': fault(forged, 'done', 'a signature that is not base64', noBase64),

  // Signed well, and still no proof
  'other-order': fault(foreign, 'done', 'about another out_trade_no', otherOrder),
  'other-merchant': fault(foreign, 'done', 'about another mchid', otherMerchant),
  'other-appid': fault(foreign, 'done', 'about another appid', otherAppid),
  'other-sub-merchant': fault({ ...foreign, mode: 'partner' }, 'done', 'about another sub_mchid', otherSubMerchant),
  'direct-names': fault({ ...foreign, mode: 'partner' }, 'done', 'named as a direct merchant of the number', asDirect),
  'empty-body': fault(empty, 'done', 'an empty body', bytes('')),
  'no-content': fault(empty, 'done', '204', error(204, null)),
  'not-json': fault(empty, 'done', 'a body that is not JSON', bytes('OK')),
  'json-null': fault(empty, 'done', 'the JSON null', bytes('null')),
  'json-array': fault(empty, 'done', 'a JSON array', bytes('[]')),
  'invalid-utf8': fault(empty, 'done', 'JSON that is not UTF-8', bytes('{"a":"\xff\xfe"}')),
  'unknown-code': fault(signed, 'undone', '403 and a code nobody knows', unknownCode),
  'code-not-text': fault(signed, 'undone', '400 and a number for a code', numberForCode),
  'unknown-trade-state': fault({ ...signed, only: ['query'] }, 'done', 'a state of other products', otherState),
  'stale-read': fault({ ...outdated, only: ['query'] }, 'done', 'the order before its last change', before),

  // Signed well, but dressed wrongly
  'wrong-content-type': fault(signed, 'done', 'text/html', signedBytes(bodyOf, 'text/html')),
  'wrong-charset': fault(signed, 'done', 'charset=gbk', signedBytes(bodyOf, 'application/json; charset=gbk')),
  'byte-order-mark': fault(signed, 'done', 'a byte order mark first', marked),
}

for (const part of ['Timestamp', 'Nonce', 'Signature', 'Serial']) {
  const name = `Wechatpay-${part}`
  rows[`missing-${part.toLowerCase()}`] = fault(forged, 'done', `no ${name}`, make.without(name))
  rows[`doubled-${part.toLowerCase()}`] = fault(forged, 'done', `${name} twice`, make.doubled(name))
}

// Every business error, signed, before the effect and after it: an error does not prove that nothing was done.
// ORDER_NOT_EXIST is what a replica says that has not heard of the order yet.
for (const code of Object.keys(ERROR_CODES) as Code[]) {
  if (code === 'SIGN_ERROR') continue
  const { status } = ERROR_CODES[code]
  const name = code.toLowerCase().replaceAll('_', '-')
  const facts = code === 'ORDER_NOT_EXIST' || code === 'ORDERNOTEXIST' ? outdated : signed
  const answer = make.signed(() => errorResult(code))
  rows[name] = fault(facts, 'undone', `${status} ${code}`, answer)
  rows[`${name}-after-effect`] = fault(facts, 'done', `${status} ${code}`, answer)
}

// What only the number in Request-ID tells, in the usual code and in one that says something else.
for (const name of Object.keys(NUMBERED_REFUSALS) as RefusalName[]) {
  const { code, subCode } = NUMBERED_REFUSALS[name]
  const facts = { ...signed, mode: 'partner' } as const
  const title = `${subCode}: ${name}`
  rows[name.replaceAll(/[ _]/g, '-')] = fault(
    facts,
    'undone',
    `${code} ${title}`,
    make.signed(() => refusalResult(name)),
  )
}
const asNotExist = make.signed(() => refusalResult('sub_mchid does not match', 'ORDER_NOT_EXIST'))
rows['sub-mchid-does-not-match-as-not-exist'] = fault(
  { ...signed, mode: 'partner' },
  'undone',
  'ORDER_NOT_EXIST 268447845: sub_mchid does not match',
  asNotExist,
)

/** The table of faults, by name. */
export const faults: Readonly<Record<string, Fault>> = rows
