import type { Answer, Evidence } from '../wechatpay/answer.ts'
import type { WechatPay } from '../wechatpay/client.ts'
import { idOf, type OrderId } from '../wechatpay/order-id.ts'
import { wordsOf } from '../wechatpay/words.ts'
import { createCalls } from './calls.ts'
import type { WechatPayError } from './errors.ts'
import { eventsOfQuery, type ReversalEvent } from './events.ts'
import type { Merchants } from './merchants.ts'
import { readState } from './read-state.ts'

export type OrderState = OrderId & {
  appid?: string
  sp_appid?: string
  sub_appid?: string
  trade_state: string
  transaction_id?: string
  success_time?: string
  request_id: string
  evidence: Evidence[]
}

export type LookUpResult =
  | { kind: 'found'; state: OrderState }
  | { kind: 'none'; error: WechatPayError }
  /** `words`: what was said instead, for people. */
  | { kind: 'unverified'; words?: string | undefined; error: WechatPayError }

/** "No such order" and "the user is paying" may be about another order: they are asked for again, on a connection of their own. */
const mayBeOfAnother = (answer: Answer) =>
  /^(ORDER_NOT_EXIST|USERPAYING)$/.test(readState(answer)) &&
  answer.kind === 'verified' &&
  answer.body.out_trade_no === undefined

/** Looks only: one verified query, nothing is reversed. */
export function createLookUp({
  wechatPay,
  merchants,
  observe = () => {},
}: {
  wechatPay: WechatPay
  merchants: Merchants
  observe?: (event: ReversalEvent) => void
}) {
  /** @throws ReversalError UnknownMerchant, CredentialsUnavailable */
  return async function lookUp(asked: OrderId, msLeft: () => number): Promise<LookUpResult> {
    const calls = await createCalls(wechatPay, merchants, asked, msLeft)
    const { best: first } = await calls.query()
    const answer = mayBeOfAnother(first) ? (await calls.query(true)).best : first
    calls.assertAccepted()
    for (const event of eventsOfQuery(idOf(asked), answer)) observe(event)
    const words = wordsOf(answer)
    if (answer.kind !== 'verified') return { kind: 'unverified', words, error: answer.kind === 'none' ? {} : answer }
    const seen = readState(answer)
    if (seen === 'ORDER_NOT_EXIST') return { kind: 'none', error: answer }
    // A state this version doesn't know is returned as it is.
    const trade_state = seen === 'UNKNOWN' && answer.status === 200 ? answer.body.trade_state : seen
    if (seen === 'NOTHING' || trade_state === 'UNKNOWN' || typeof trade_state !== 'string') {
      return { kind: 'unverified', words, error: answer }
    }
    const said = (name: string) => {
      const value = answer.body[name]
      return typeof value === 'string' ? { [name]: value } : {}
    }
    const apps = asked.sp_mchid === undefined ? said('appid') : { ...said('sp_appid'), ...said('sub_appid') }
    return {
      kind: 'found',
      state: {
        ...idOf(asked),
        ...apps,
        trade_state,
        ...said('transaction_id'),
        ...said('success_time'),
        request_id: answer.evidence.request_id,
        evidence: [answer.evidence],
      },
    }
  }
}
