import type { Answer, Evidence } from '../wechatpay/answer.ts'
import { asksForFreshKeys, isSignatureRefused, type WechatPay } from '../wechatpay/client.ts'
import type { Merchant } from '../wechatpay/merchant.ts'
import { type Asked, readEvidence } from '../wechatpay/read-answer.ts'
import { ReversalError } from './errors.ts'
import type { Merchants, Renewed } from './merchants.ts'

export type Calls = Awaited<ReturnType<typeof createCalls>>

/**
 * The calls one attempt makes about one order. When WeChat Pay refuses our signature, or answers with a key we don't
 * know, the credentials are read anew once and the call is repeated: a change of keys costs one call.
 *
 * @throws ReversalError UnknownMerchant, CredentialsUnavailable
 */
export async function createCalls(wechatPay: WechatPay, merchants: Merchants, asked: Asked, msLeft: () => number) {
  let merchant = await merchants.find(asked.mchid)
  let renewal: Promise<Renewed | undefined> | undefined
  let hasRepeated = false
  const answers: Answer[] = []

  function renew() {
    renewal ??= merchants.renew(merchant, msLeft)
    return renewal
  }

  async function ask(call: (merchant: Merchant) => Promise<Answer>): Promise<Answer> {
    const first = await call(merchant)
    const answer = asksForFreshKeys(first) && !hasRepeated ? await repeat(first, call) : first
    answers.push(answer)
    return answer
  }

  async function repeat(first: Answer, call: (merchant: Merchant) => Promise<Answer>): Promise<Answer> {
    hasRepeated = true
    const renewed = await renew()
    if (renewed === undefined) return first
    const second = await call(renewed.merchant)
    const tries = [first, second].flatMap((answer) => [answer, ...(answer.otherTries ?? [])])
    // The first one was answered, so it reached somebody: "no answer" must not hide that.
    const best = second.kind === 'none' ? first : second
    if (second.kind === 'verified' && !isSignatureRefused(second)) {
      merchant = renewed.merchant
      renewed.adopt()
    }
    return { ...best, otherTries: tries.filter((answer) => answer !== best) }
  }

  return {
    query: (isAlone = false) => ask((merchant) => wechatPay.query({ asked, merchant, msLeft, isAlone })),
    reverse: (appid: string) => ask((merchant) => wechatPay.reverse({ asked: { ...asked, appid }, merchant, msLeft })),

    /** Is this, kept from an earlier attempt, an answer of WeChat Pay that says the order is paid? Its age doesn't matter. */
    async provesPaid(evidence: Evidence): Promise<boolean> {
      const saysSo = ({ wechatpayKeys }: Merchant) =>
        readEvidence(evidence, wechatpayKeys, asked)?.trade_state === 'SUCCESS'
      if (merchant.wechatpayKeys.has(evidence.serial.toUpperCase())) return saysSo(merchant)
      // Another function may have had newer keys when it received this.
      const renewed = await renew()
      return renewed !== undefined && saysSo(renewed.merchant)
    },

    /** @throws ReversalError CredentialsUnavailable when all that came of our calls was that our signature is refused */
    assertAccepted() {
      const last = answers.at(-1)
      if (last === undefined || last.kind === 'none' || !answers.every(isSignatureRefused)) return
      throw new ReversalError('CredentialsUnavailable', refusedSignature(asked.mchid), last)
    },
  }
}

function refusedSignature(mchid: string): string {
  return (
    `WeChat Pay refused the signature of merchant ${mchid}, and no other credentials work: certificate_serial_no ` +
    'must be the serial of the certificate that private_key belongs to, and that certificate must be valid at WeChat Pay'
  )
}
