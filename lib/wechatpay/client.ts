import {
  type Answer,
  type CallResult,
  isSignatureRefused,
  type NoAnswer,
  resultOfTries,
  type UnverifiedAnswer,
} from './answer.ts'
import { createPreference, type Endpoint } from './endpoints.ts'
import { createExchange, type Exchange, type StaleConnection, type WireRequest } from './exchange.ts'
import type { Merchant } from './merchant.ts'
import {
  namesOf,
  type OrderId,
  type OrderRef,
  queryTarget,
  reverseBody,
  reverseTarget,
  type Subject,
} from './order-id.ts'
import { readAnswer } from './read-answer.ts'
import { signedHeaders } from './sign.ts'
import { messageOf } from './words.ts'

export type WireEvent =
  | ({ name: 'NoAnswer'; endpoint: string; reason: NoAnswer['reason']; cause?: string | undefined } & Subject)
  | ({
      name: 'UnverifiedAnswer'
      endpoint: string
      reason: UnverifiedAnswer['reason']
      status: number
      code?: string | undefined
      /** Anybody may have written it. */
      message?: string | undefined
      serial?: string | undefined
      request_id?: string | undefined
    } & Subject)
  | ({ name: 'UnverifiedInARow'; count: number } & Subject)
  | ({ name: 'SignTestProbe'; endpoint: string } & Subject)
  | ({ name: 'FailOver'; from: string; to: string } & Subject)

/** So many unverified answers in a row are no accident: our keys are wrong, or somebody stands in between. */
export const UNVERIFIED_IN_A_ROW = 10

/** With less time than this a try could hardly end in an answer. */
const LEAST_TRY_MS = 50

export interface WechatPayOptions {
  endpoints: readonly Endpoint[]
  /** For one try at one endpoint, connecting included. */
  timeoutMs: number
  observe?: (event: WireEvent) => void
  /** Milliseconds since the epoch. */
  now?: () => number
  exchange?: Exchange
}

export interface CallContext<Asked extends Subject = OrderId> {
  asked: Asked
  merchant: Merchant
  /** Milliseconds left for this call and all that must follow it. */
  msLeft: () => number
}

type QueryContext = CallContext & { onOwnConnection?: boolean }

export interface BillQuestion {
  merchant: Merchant
  /** `yyyy-mm-dd`, a day in China. */
  date: string
  /** Of a service provider: one merchant under it; all of them unless told. */
  subMchid?: string | undefined
  msLeft: () => number
}

type Unsigned = Omit<WireRequest, 'headers'>

export type WechatPay = ReturnType<typeof createWechatPay>

/** The signed calls of WeChat Pay this product is about. They never reject: whatever happens is a result. */
export function createWechatPay(options: WechatPayOptions) {
  const { endpoints, timeoutMs, observe = () => {}, now = Date.now, exchange = createExchange(now) } = options
  const preference = createPreference(endpoints, now)
  const unverifiedInARow = new Map<string, number>()

  function query(context: QueryContext): Promise<CallResult> {
    const { asked, onOwnConnection } = context
    return call({ method: 'GET', target: queryTarget(asked), body: '', onOwnConnection }, context)
  }

  /** Re-entrant: it may be sent again when its result is unclear. */
  function reverse(context: CallContext<OrderRef>): Promise<CallResult> {
    const { asked } = context
    return call({ method: 'POST', target: reverseTarget(asked), body: reverseBody(asked) }, context)
  }

  /** 申请交易账单 (official: https://pay.weixin.qq.com/doc/v3/merchant/4012556654): the answer says where the bill is, and its hash. */
  function tradeBill({ merchant, date, subMchid, msLeft }: BillQuestion): Promise<CallResult> {
    const query = new URLSearchParams({ bill_date: date, bill_type: 'ALL', tar_type: 'GZIP' })
    if (subMchid !== undefined) query.set('sub_mchid', subMchid)
    const asked = { mchid: merchant.mchid }
    return call({ method: 'GET', target: `/v3/bill/tradebill?${query}`, body: '' }, { asked, merchant, msLeft })
  }

  /** The preferred domain, then the other on no answer or 5xx. */
  async function call(unsigned: Unsigned, context: CallContext<Subject>): Promise<CallResult> {
    const candidates = preference.inOrder()
    const tries: Answer[] = []
    for (const [index, endpoint] of candidates.entries()) {
      // A silent endpoint must leave the next ones their share of the time.
      const shareMs = context.msLeft() / (candidates.length - index)
      if (!(shareMs >= LEAST_TRY_MS)) break
      if (index > 0) {
        observe({
          name: 'FailOver',
          from: candidates[index - 1]!.origin,
          to: endpoint.origin,
          ...namesOf(context.asked),
        })
      }
      tries.push(...(await tryAt(endpoint, unsigned, context, Math.min(timeoutMs, shareMs))))
      if (!isDown(tries.at(-1)!)) {
        preference.answered(endpoint)
        break
      }
      preference.failed(endpoint)
    }
    return resultOfTries(tries)
  }

  /** Tries twice when a connection kept from an earlier call broke. */
  async function tryAt(
    endpoint: Endpoint,
    unsigned: Unsigned,
    context: CallContext<Subject>,
    tryMs: number,
  ): Promise<Answer[]> {
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

  /** With a fresh time and nonce for every try. */
  async function sendSigned(
    endpoint: Endpoint,
    unsigned: Unsigned,
    { asked, merchant }: CallContext<Subject>,
    tryMs: number,
  ) {
    const { headers, signature } = signedHeaders(merchant, unsigned, now())
    const wire = await exchange.send(endpoint, { ...unsigned, headers }, tryMs)
    return wire.kind === 'answered' ? readAnswer(wire, merchant.wechatpayKeys, asked, signature, now()) : wire
  }

  /** Counts each merchant alone: the good answers of one must not hide that another's keys are wrong. */
  function report({ origin: endpoint }: Endpoint, context: CallContext<Subject>, answer: Answer) {
    const { mchid } = context.merchant
    if (answer.kind === 'verified') unverifiedInARow.delete(mchid)
    if (answer.kind === 'none') {
      observe({ name: 'NoAnswer', endpoint, reason: answer.reason, cause: answer.cause, ...namesOf(context.asked) })
    }
    if (answer.kind !== 'unverified') return
    const { reason, status, code, serial, request_id } = answer
    const message = messageOf(answer)
    observe({
      name: 'UnverifiedAnswer',
      endpoint,
      reason,
      status,
      code,
      message,
      serial,
      request_id,
      ...namesOf(context.asked),
    })
    if (reason === 'probe') observe({ name: 'SignTestProbe', endpoint, ...namesOf(context.asked) })
    // That is never signed, says that our key is wrong and not WeChat Pay's, and becomes `CredentialsUnavailable`.
    if (isSignatureRefused(answer)) return
    const count = (unverifiedInARow.get(mchid) ?? 0) + 1
    unverifiedInARow.set(mchid, count)
    if (count >= UNVERIFIED_IN_A_ROW) observe({ name: 'UnverifiedInARow', count, ...namesOf(context.asked) })
  }

  return { query, reverse, tradeBill, close: exchange.close }
}

const isDown = (answer: Answer) => answer.kind === 'none' || answer.status >= 500

const brokenOff = ({ cause }: StaleConnection): NoAnswer => ({ kind: 'none', reason: 'connection', cause, sent: true })
