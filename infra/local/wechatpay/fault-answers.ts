import { type Answer, plainHeaders, signatureHeaders, signedAnswer, unsignedAnswer } from './answer.ts'
import { type Delivery, httpMessage } from './delivery.ts'
import { ok, type Result } from './error-codes.ts'
import type { KeyRing, SigningKey } from './keys.ts'
import { wireNames } from './names.ts'
import type { Call } from './request.ts'

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
  /** Where a reset cuts the HTTP message, from the plan. */
  atByte?: number | undefined
}

/** The true answer, as it would go out without a fault. */
export const truth = ({ result, key, now }: Occasion) => signedAnswer(result, { key, now })

/** The true answer with its signed headers changed. */
const withHeaders = (change: (headers: [string, string][]) => [string, string][]) => (occasion: Occasion) => {
  const answer = truth(occasion)
  return { ...answer, headers: change(answer.headers.map(([name, value]) => [name, value])) }
}

/** The true answer with other bytes for a body, its length told right, its signature left as it was. */
export const withBody = (change: (body: Buffer) => Buffer) => (occasion: Occasion) => {
  const answer = truth(occasion)
  const body = change(answer.body)
  const headers = answer.headers.map(([name, value]): [string, string] =>
    name === 'Content-Length' ? [name, String(body.length)] : [name, value],
  )
  return { ...answer, headers, body }
}

/** Other bytes for a body, signed well. */
export const signedBytes =
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

/** Another result, signed well or not at all. */
export const signed = (result: (occasion: Occasion) => Result) => (occasion: Occasion) =>
  signedAnswer(result(occasion), occasion)
export const unsigned = (result: (occasion: Occasion) => Result) => (occasion: Occasion) =>
  unsignedAnswer(result(occasion))

/** The true body with some fields set; an error answer is replaced by a success. */
export const saying =
  (fields: object) =>
  ({ call, result }: Occasion): Result => {
    if (result.status < 300) return { ...result, body: { ...result.body, ...fields } }
    const { out_trade_no } = call
    return ok({
      ...wireNames(call),
      out_trade_no,
      ...(call.endpoint === 'query' ? { trade_state: 'REVOKED' } : {}),
      ...fields,
    })
  }

/** A page as gateways and proxies show it: never signed. */
export const page = (status: number, title: string) => (): Answer => {
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

/** Elsewhere, where nobody listens. */
export const redirect = (status: number) => (): Answer => ({
  status,
  headers: [
    ['Location', 'http://127.0.0.1:9/elsewhere'],
    ['Content-Length', '0'],
  ],
  body: Buffer.alloc(0),
})

/** The true answer with one header missing, standing twice, or saying something else. */
export const without = (name: string) => withHeaders((headers) => headers.filter(([key]) => key !== name))
export const doubled = (name: string) =>
  withHeaders((headers) => headers.flatMap((header) => (header[0] === name ? [header, header] : [header])))
export const replaced = (name: string, value: (value: string) => string) =>
  withHeaders((headers) => headers.map(([key, old]) => [key, key === name ? value(old) : old]))

/** Another number of the same length and kind. */
export const another = (value: string) => `${value.slice(0, -1)}${value.endsWith('0') ? '1' : '0'}`

/** A body that says something else: another state or code, or at least other bytes. */
export function lie(body: Buffer) {
  const text = body.toString()
  const told = text
    .replace(/"trade_state":"(\w+)"/, (_, state) => `"trade_state":"${state === 'REVOKED' ? 'SUCCESS' : 'REVOKED'}"`)
    .replace(/"code":"\w+"/, '"code":"PARAM_ERROR"')
  return Buffer.from(told === text ? text.replace('mchid":"', 'mchid": "') : told)
}

/** No bytes at all. */
export const silence = (): Delivery => ({ kind: 'silence' })
/** Cut after so many bytes of the whole HTTP message, never after its last. */
export const reset =
  (at: number | ((answer: Answer) => number)) =>
  (answer: Answer, { atByte }: Occasion): Delivery => {
    const afterBytes = atByte ?? (typeof at === 'number' ? at : at(answer))
    return { kind: 'reset', afterBytes: Math.min(afterBytes, httpMessage(answer).length - 1) }
  }
/** Blanks instead of the body. */
export const flood = (bytes: number) => (): Delivery => ({ kind: 'flood', bytes })

/** The whole answer, so many ms late; the plan may say how many. */
export const slow =
  (usualMs: number) =>
  (_: Answer, { ms = usualMs }: Occasion): Delivery => ({ kind: 'whole', afterMs: ms })

/** A byte each so many ms; the plan may say how many. */
export const drip =
  (usualMs: number) =>
  (_: Answer, { ms = usualMs }: Occasion): Delivery => ({ kind: 'drip', everyMs: ms })
