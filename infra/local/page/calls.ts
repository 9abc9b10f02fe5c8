import { parseMerchant, type WechatPayKeys } from '../../../lib/wechatpay/merchant.ts'
import { readAnswer } from '../../../lib/wechatpay/read-answer.ts'
import { redact, redactDeep } from '../../../lib/wechatpay/redact.ts'
import type { Reply } from '../wechatpay/delivery.ts'
import type { MerchantWithKeys } from '../wechatpay/merchants.ts'
import type { LogLine, Simulator } from '../wechatpay/simulator.ts'
import { valuesOf, type WireRequest } from '../wechatpay/wire.ts'
import type { CallEntry } from './parts.ts'
import { fitToShow } from './private.ts'

/** One call, and whose it is as far as the request tells. */
export interface Call {
  atMs: number
  mchid: string
  out_trade_no: string
  entry: CallEntry
}

const MOST = 5_000

/**
 * Records every call that WeChat Pay is asked from now on: what was signed, and whether the answer is one to believe, by the
 * keys the merchant had when the stack started. No signature and no `Authorization` is kept.
 */
export function recordCalls(simulator: Simulator, merchants: readonly MerchantWithKeys[]) {
  const keysOf = new Map(merchants.map(({ mchid, secret }) => [mchid, keysIn(secret)]))
  const calls: Call[] = []
  const { handle } = simulator
  simulator.handle = (request, at = simulator.now()) => {
    const reply = handle(request, at)
    const call = toCall(request, reply, simulator.log().at(-1)!, keysOf, at)
    if (call) calls.push(call)
    if (calls.length > MOST) calls.splice(0, MOST / 10)
    return reply
  }
  return calls as readonly Call[]
}

const keysIn = (secret: object) => parseMerchant(JSON.stringify(secret)).merchant.wechatpayKeys

const ORDER = /^\/v3\/pay\/(?:partner\/)?transactions\/out-trade-no\/([^/?]+)(\/reverse)?/

function toCall(
  request: WireRequest,
  reply: Reply,
  line: LogLine,
  keysOf: ReadonlyMap<string, WechatPayKeys>,
  atMs: number,
): Call | undefined {
  const authorization = valuesOf(request.headers, 'Authorization').join()
  const field = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(authorization)?.[1] ?? ''
  const body = request.body.toString()
  const [, inPath, reverse] = ORDER.exec(request.target) ?? []
  const out_trade_no = line.out_trade_no ?? inPath ?? jsonOf(body).out_trade_no
  const mchid = line.mchid ?? field('mchid')
  if (typeof out_trade_no !== 'string' || !mchid) return undefined
  return {
    atMs,
    mchid,
    out_trade_no,
    entry: {
      kind: 'call',
      endpoint: line.endpoint ?? (inPath === undefined ? 'codepay' : reverse ? 'reverse' : 'query'),
      host: line.host,
      signed: {
        method: request.method,
        target: request.target,
        timestamp: field('timestamp'),
        nonce: field('nonce_str'),
        body: fitToShow(body),
        serial: field('serial_no'),
      },
      refused: line.refused,
      acted: line.effect,
      fault: line.fault,
      answer: toAnswer(reply, keysOf.get(mchid), { mchid, out_trade_no }, field('signature'), atMs),
      rules: [],
    },
  }
}

/** Read as the service reads it. @param ourSignature cut out, should the answer echo it */
function toAnswer(
  { status, headers, body, delivery }: Reply,
  keys: WechatPayKeys | undefined,
  asked: { mchid: string; out_trade_no: string },
  ourSignature: string,
  nowMs: number,
): CallEntry['answer'] {
  const one = (name: string) => valuesOf(headers, name)[0] ?? null
  const { trade_state, code } = jsonOf(body.toString())
  const shown = {
    status,
    said: String(trade_state ?? code ?? status),
    serial: one('Wechatpay-Serial'),
    request_id: one('Request-ID'),
    body: fitToShow(readable(body.toString(), ourSignature)),
  }
  const isWhole = delivery.kind === 'whole' || delivery.kind === 'drip'
  if (!isWhole) return { ...shown, check: 'lost', why: null }
  // Repeated headers are joined, as Node joins them for the client.
  const joined = Object.fromEntries(
    headers.map(([name]) => [name.toLowerCase(), valuesOf(headers, name).join(', ')] as const),
  )
  const read = readAnswer(
    { kind: 'answered', status, headers: joined, body },
    keys ?? new Map(),
    asked,
    ourSignature,
    nowMs,
  )
  return read.kind === 'verified'
    ? { ...shown, check: 'verified', why: null }
    : { ...shown, check: 'unverified', why: read.reason }
}

/** JSON with a line for each field; anything else as it is. Our own signature is cut out, should it be echoed. */
function readable(body: string, ourSignature: string): string {
  try {
    return JSON.stringify(redactDeep(JSON.parse(body), ourSignature), null, 2)
  } catch {
    return redact(body, ourSignature)
  }
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const json = JSON.parse(text)
    return typeof json === 'object' && json !== null ? json : {}
  } catch {
    return {}
  }
}
