import type { Answer, NoAnswer, UnverifiedAnswer } from './answer.ts'
import { meaningOf } from './codes.ts'
import { createPreference, type Endpoint } from './endpoints.ts'
import { createExchange, type Exchange, type StaleConnection, type WireRequest } from './exchange.ts'
import type { Merchant } from './merchant.ts'
import { orderPath } from './order-number.ts'
import { type Asked, readAnswer } from './read-answer.ts'
import { authorize } from './sign.ts'

/** What happened on the wire, about which order, for somebody to count and to find. */
export type WireEvent =
  | ({ name: 'NoAnswer'; endpoint: string; reason: NoAnswer['reason']; cause?: string | undefined } & OrderNames)
  | ({
      name: 'UnverifiedAnswer'
      endpoint: string
      reason: UnverifiedAnswer['reason']
      status: number
      serial?: string | undefined
      request_id?: string | undefined
    } & OrderNames)
  | { name: 'UnverifiedInARow'; mchid: string; count: number }
  | ({ name: 'SignTestProbe'; endpoint: string } & OrderNames)
  | ({ name: 'FailOver'; from: string; to: string } & OrderNames)

export interface OrderNames {
  mchid: string
  out_trade_no: string
}

/** Verified answers may fail to come for a while; so many unverified ones in a row are no accident. */
export const UNVERIFIED_IN_A_ROW = 10

/** A try with less time than this is not begun: it could hardly end in an answer. */
const LEAST_TRY_MS = 50

export interface WechatPayOptions {
  endpoints: readonly Endpoint[]
  /** One try at one endpoint, connecting included. */
  timeoutMs: number
  observe?: (event: WireEvent) => void
  /** Milliseconds since the epoch. */
  now?: () => number
  /** How a request reaches an endpoint; over HTTPS unless told. */
  exchange?: Exchange
}

/** Whose order it is, whose keys sign, and how long the calls may take together. */
export interface CallContext {
  asked: Asked
  merchant: Merchant
  /** Milliseconds left for this call and everything that must come after it. */
  msLeft: () => number
}

/** `isAlone`: over a connection of its own, for WeChat Pay says "no such order" without naming the order. */
type QueryContext = CallContext & { isAlone?: boolean }

type Unsigned = Omit<WireRequest, 'headers'>

export type WechatPay = ReturnType<typeof createWechatPay>

const USER_AGENT = `wechatpay-reversal (node ${process.versions.node})`

/** The two signed calls of WeChat Pay this product is about. They never reject: whatever happens is an `Answer`. */
export function createWechatPay(options: WechatPayOptions) {
  const { endpoints, timeoutMs, observe = () => {}, now = Date.now, exchange = createExchange(now) } = options
  const preference = createPreference(endpoints, now)
  const unverifiedInARow = new Map<string, number>()

  /** 查单: GET /v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=… (official: the query page). */
  function query(context: QueryContext): Promise<Answer> {
    const { mchid, out_trade_no } = context.asked
    const target = `${orderPath(out_trade_no)}?mchid=${encodeURIComponent(mchid)}`
    return call({ method: 'GET', target, body: '', isAlone: context.isAlone }, context)
  }

  /** 撤销: POST /v3/pay/transactions/out-trade-no/{out_trade_no}/reverse (official: the reverse page). Re-entrant. */
  function reverse(context: CallContext & { asked: { appid: string } }): Promise<Answer> {
    const { appid, mchid, out_trade_no } = context.asked
    return call(
      { method: 'POST', target: `${orderPath(out_trade_no)}/reverse`, body: JSON.stringify({ appid, mchid }) },
      context,
    )
  }

  /** The preferred domain, then the other on no answer or 5xx. Of two answers the one that proves more counts. */
  async function call(unsigned: Unsigned, context: CallContext): Promise<Answer> {
    const candidates = preference.inOrder()
    const tries: Answer[] = []
    for (const [index, endpoint] of candidates.entries()) {
      // The time that is left is shared with the endpoints still to come, so that a silent one leaves them their part.
      const shareMs = context.msLeft() / (candidates.length - index)
      if (!(shareMs >= LEAST_TRY_MS)) break
      if (index > 0) {
        observe({ name: 'FailOver', from: candidates[index - 1]!.origin, to: endpoint.origin, ...namesOf(context) })
      }
      tries.push(...(await tryAt(endpoint, unsigned, context, Math.min(timeoutMs, shareMs))))
      if (!isDown(tries.at(-1)!)) {
        preference.answered(endpoint)
        break
      }
      preference.failed(endpoint)
    }
    return bestOf(tries)
  }

  /** What came of one try; of two when a connection from an earlier call broke. */
  async function tryAt(endpoint: Endpoint, unsigned: Unsigned, context: CallContext, tryMs: number): Promise<Answer[]> {
    const startedAt = performance.now()
    const sent = [await sendSigned(endpoint, unsigned, context, tryMs)]
    if (sent[0]!.kind === 'stale connection') {
      const leftMs = Math.max(1, tryMs - (performance.now() - startedAt))
      sent.push(await sendSigned(endpoint, unsigned, context, leftMs))
    }
    const tries = sent.map((answer) => (answer.kind === 'stale connection' ? brokenOff(answer) : answer))
    report(endpoint, context, tries.at(-1)!)
    return tries
  }

  /** Every try has a signature of its own: a fresh time, a fresh nonce. */
  async function sendSigned(endpoint: Endpoint, unsigned: Unsigned, { asked, merchant }: CallContext, tryMs: number) {
    const { method, target, body } = unsigned
    const { header, signature } = authorize(merchant, method, target, body, Math.floor(now() / 1000))
    const headers = {
      Accept: 'application/json',
      'Accept-Encoding': 'identity',
      Authorization: header,
      'User-Agent': USER_AGENT,
      'Wechatpay-Serial': merchant.wechatpayPublicKeyId,
      ...(method === 'POST' && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    }
    const wire = await exchange.send(endpoint, { ...unsigned, headers }, tryMs)
    return wire.kind === 'answered' ? readAnswer(wire, merchant.wechatpayKeys, asked, signature, now()) : wire
  }

  /** Counted for each merchant alone: the good answers of one must not hide that another's keys are wrong. */
  function report({ origin: endpoint }: Endpoint, context: CallContext, answer: Answer) {
    const { mchid } = context.merchant
    if (answer.kind === 'verified') unverifiedInARow.delete(mchid)
    if (answer.kind === 'none') {
      observe({ name: 'NoAnswer', endpoint, reason: answer.reason, cause: answer.cause, ...namesOf(context) })
    }
    if (answer.kind !== 'unverified') return
    const { reason, status, serial, request_id } = answer
    observe({ name: 'UnverifiedAnswer', endpoint, reason, status, serial, request_id, ...namesOf(context) })
    if (reason === 'probe') observe({ name: 'SignTestProbe', endpoint, ...namesOf(context) })
    const count = (unverifiedInARow.get(mchid) ?? 0) + 1
    unverifiedInARow.set(mchid, count)
    if (count >= UNVERIFIED_IN_A_ROW) observe({ name: 'UnverifiedInARow', mchid, count })
  }

  return { query, reverse, close: exchange.close }
}

const namesOf = ({ asked: { mchid, out_trade_no } }: CallContext): OrderNames => ({ mchid, out_trade_no })

const isDown = (answer: Answer) => answer.kind === 'none' || answer.status >= 500

const brokenOff = ({ cause }: StaleConnection): NoAnswer => ({ kind: 'none', reason: 'connection', cause, sent: true })

const RANK = { verified: 2, unverified: 1, none: 0 } satisfies Record<Answer['kind'], number>

/** Of those that prove as much the last one. That a call was sent holds for all its tries together. */
function bestOf(tries: readonly Answer[]): Answer {
  const best = tries.reduce<Answer>((before, after) => (RANK[after.kind] >= RANK[before.kind] ? after : before), {
    kind: 'none',
    reason: 'no time left',
    sent: false,
  })
  if (tries.length < 2) return best
  if (best.kind === 'none') return { ...best, sent: tries.some((answer) => answer.kind === 'none' && answer.sent) }
  return { ...best, otherTries: tries.filter((answer) => answer !== best) }
}

/** True when fresh credentials might get another answer: our signature was refused, or a key of theirs is new to us. */
export function asksForFreshKeys(answer: Answer): boolean {
  return isSignatureRefused(answer) || (answer.kind === 'unverified' && answer.reason === 'unknown serial')
}

/**
 * True when WeChat Pay (or somebody in its place: such answers are unsigned) refused the signature we made. The page of a
 * proxy that wants a password has no code.
 */
export function isSignatureRefused(answer: Answer): boolean {
  if (answer.kind === 'none' || answer.status < 400 || answer.code === undefined) return false
  return meaningOf(answer.code, answer.status) === 'signature'
}
