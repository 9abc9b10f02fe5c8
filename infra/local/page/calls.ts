import { createPublicKey, type KeyObject } from 'node:crypto'
import type { WechatPayKeys } from '../../../lib/wechatpay/merchant.ts'
import type { OrderId } from '../../../lib/wechatpay/order-id.ts'
import { readAnswer } from '../../../lib/wechatpay/read-answer.ts'
import { redact, redactDeep } from '../../../lib/wechatpay/redact.ts'
import { signedAtMs } from '../wechatpay/authorization.ts'
import { arrival, type Reply } from '../wechatpay/delivery.ts'
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

/** How long the service waits for an answer, unless `WECHATPAY_TIMEOUT_MS` says otherwise. */
const PATIENCE_MS = 5_000

/**
 * Records every call that WeChat Pay is asked from now on: what was signed, and whether the answer that left is one to
 * believe, by the keys WeChat Pay signs with. (Whether the service knows these keys, it says itself.) No signature and no
 * `Authorization` is kept.
 */
export function recordCalls(simulator: Simulator) {
  const keys = keysOf(simulator)
  const calls: Call[] = []
  const { handle } = simulator
  simulator.handle = (request, at = simulator.now()) => {
    const reply = handle(request, at)
    const call = toCall(request, reply, simulator.log().at(-1)!, keys(), at)
    if (call) calls.push(call)
    if (calls.length > MOST) calls.splice(0, MOST / 10)
    return reply
  }
  return calls as readonly Call[]
}

/** WeChat Pay's own keys by their serial, as they are now. */
function keysOf({ keys }: Simulator) {
  const read = new Map<string, KeyObject>()
  return (): WechatPayKeys => {
    for (const { id, pem } of keys.list()) if (!read.has(id)) read.set(id, createPublicKey(pem))
    return new Map(keys.list().map(({ id }) => [id.toUpperCase(), read.get(id)!]))
  }
}

const ORDER = /^\/v3\/pay\/(?:partner\/)?transactions\/out-trade-no\/([^/?]+)(?:\/(reverse|close))?/

function toCall(
  request: WireRequest,
  reply: Reply,
  line: LogLine,
  keys: WechatPayKeys,
  atMs: number,
): Call | undefined {
  const authorization = valuesOf(request.headers, 'Authorization').join()
  const field = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(authorization)?.[1] ?? ''
  const body = request.body.toString()
  const [, inPath, posted] = ORDER.exec(request.target) ?? []
  const out_trade_no = line.out_trade_no ?? inPath ?? jsonOf(body).out_trade_no
  const mchid = line.mchid ?? field('mchid')
  if (typeof out_trade_no !== 'string' || !mchid) return undefined
  const { sub_mchid } = line
  const asked: OrderId = sub_mchid === null ? { mchid, out_trade_no } : { sp_mchid: mchid, sub_mchid, out_trade_no }
  return {
    atMs,
    mchid,
    out_trade_no,
    entry: {
      kind: 'call',
      endpoint: line.endpoint ?? (inPath === undefined ? 'codepay' : (posted ?? 'query')),
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
      answer: toAnswer(reply, keys, asked, field('signature'), signedAtMs(request) ?? atMs),
      rules: [],
    },
  }
}

/** Read as the service reads it. @param ourSignature cut out, should the answer echo it */
function toAnswer(
  reply: Reply,
  keys: WechatPayKeys,
  asked: OrderId,
  ourSignature: string,
  nowMs: number,
): CallEntry['answer'] {
  const { status, headers, body } = reply
  const one = (name: string) => valuesOf(headers, name)[0] ?? null
  const { trade_state, code } = jsonOf(body.toString())
  const shown = {
    status,
    said: String(trade_state ?? code ?? status),
    serial: one('Wechatpay-Serial'),
    request_id: one('Request-ID'),
    body: fitToShow(readable(body.toString(), ourSignature)),
  }
  if (!arrival(reply, PATIENCE_MS).arrived) return { ...shown, check: 'lost', why: null }
  // Repeated headers are joined, as Node joins them for the client.
  const joined = Object.fromEntries(
    headers.map(([name]) => [name.toLowerCase(), valuesOf(headers, name).join(', ')] as const),
  )
  const read = readAnswer({ kind: 'answered', status, headers: joined, body }, keys, asked, ourSignature, nowMs)
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
