import {
  type Answer,
  asksForFreshKeys,
  type CallResult,
  type Evidence,
  isSignatureRefused,
  resultOfTries,
} from '../wechatpay/answer.ts'
import type { WechatPay } from '../wechatpay/client.ts'
import type { Merchant } from '../wechatpay/merchant.ts'
import { type OrderId, type OrderRef, signerOf } from '../wechatpay/order-id.ts'
import { readEvidence } from '../wechatpay/read-answer.ts'
import { wordsOf } from '../wechatpay/words.ts'
import { ReversalError } from './errors.ts'
import type { Merchants, Renewed } from './merchants.ts'

export type Calls = Awaited<ReturnType<typeof createCalls>>

/**
 * The calls one attempt makes about one order. When WeChat Pay refuses our signature, or signs with a key we don't know,
 * the credentials are read again once and the call is repeated: a change of keys costs one call.
 *
 * @throws ReversalError UnknownMerchant, CredentialsUnavailable
 */
export async function createCalls(wechatPay: WechatPay, merchants: Merchants, asked: OrderId, msLeft: () => number) {
  let merchant = await merchants.find(signerOf(asked))
  let renewal: Promise<Renewed | undefined> | undefined
  let hasRepeated = false
  const results: CallResult[] = []

  function renew() {
    renewal ??= merchants.renew(merchant, msLeft)
    return renewal
  }

  async function ask(call: (merchant: Merchant) => Promise<CallResult>): Promise<CallResult> {
    const first = await call(merchant)
    const result = asksForFreshKeys(first.best) && !hasRepeated ? await repeat(first, call) : first
    results.push(result)
    return result
  }

  async function repeat(first: CallResult, call: (merchant: Merchant) => Promise<CallResult>): Promise<CallResult> {
    hasRepeated = true
    const renewed = await renew()
    if (renewed === undefined) return first
    const second = await call(renewed.merchant)
    if (second.best.kind === 'verified' && !isSignatureRefused(second.best)) {
      merchant = renewed.merchant
      renewed.adopt()
    }
    return resultOfTries([...first.tries, ...second.tries])
  }

  return {
    query: (onOwnConnection = false) =>
      ask((merchant) => wechatPay.query({ asked, merchant, msLeft, onOwnConnection })),
    reverse: (order: OrderRef) => ask((merchant) => wechatPay.reverse({ asked: order, merchant, msLeft })),

    /** Does an answer kept from an earlier attempt verify, and say that the order is paid? Its age doesn't matter. */
    async provesPaid(evidence: Evidence): Promise<boolean> {
      const saysSo = ({ wechatpayKeys }: Merchant) =>
        readEvidence(evidence, wechatpayKeys, asked)?.trade_state === 'SUCCESS'
      if (merchant.wechatpayKeys.has(evidence.serial.toUpperCase())) return saysSo(merchant)
      // The function that received it may have had newer keys.
      const renewed = await renew()
      return renewed !== undefined && saysSo(renewed.merchant)
    },

    /** @throws ReversalError CredentialsUnavailable when every call was answered by refusing our signature */
    assertAccepted() {
      const answers = results.map(({ best }) => best)
      const last = answers.at(-1)
      if (last === undefined || last.kind === 'none' || !answers.every(isSignatureRefused)) return
      throw new ReversalError('CredentialsUnavailable', refusedSignature(signerOf(asked), last), last)
    },
  }
}

function refusedSignature(mchid: string, answer: Answer): string {
  return (
    `WeChat Pay refused the signature of merchant ${mchid}, and no other credentials work: certificate_serial_no ` +
    'must be the serial of the certificate that private_key belongs to, and that certificate must be valid at WeChat Pay; ' +
    `the answer was ${wordsOf(answer)}`
  )
}
