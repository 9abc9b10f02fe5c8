import type { Answer } from '../wechatpay/answer.ts'
import { asksForFreshKeys, isSignatureRefused, type WechatPay } from '../wechatpay/client.ts'
import type { Merchant } from '../wechatpay/merchant.ts'
import { type ErrorName, ReversalError } from './errors.ts'
import type { Merchants } from './merchants.ts'

interface Asked {
  mchid: string
  appid?: string
  out_trade_no: string
}

/**
 * The calls one attempt makes about one order. When WeChat Pay refuses our signature, or answers with a key we don't
 * know, the credentials are read anew once and the call is repeated: a change of keys costs one call.
 */
export async function createCalls(wechatPay: WechatPay, merchants: Merchants, asked: Asked, msLeft: () => number) {
  let merchant = await merchants.find(asked.mchid)
  let hasRenewed = false
  let refusal: Answer | undefined
  let hasVerified = false

  async function ask(call: (merchant: Merchant) => Promise<Answer>): Promise<Answer> {
    let answer = await call(merchant)
    if (asksForFreshKeys(answer) && !hasRenewed) {
      hasRenewed = true
      const renewed = await merchants.renew(merchant)
      if (renewed !== undefined) {
        answer = await call(renewed.merchant)
        if (answer.kind === 'verified' && !isSignatureRefused(answer)) {
          merchant = renewed.merchant
          renewed.adopt()
        }
      }
    }
    if (isSignatureRefused(answer)) refusal = answer
    else if (answer.kind === 'verified') hasVerified = true
    return answer
  }

  return {
    keys: merchant.wechatpayKeys,
    query: () => ask((merchant) => wechatPay.query({ asked, merchant, msLeft })),
    reverse: (appid: string) => ask((merchant) => wechatPay.reverse({ asked: { ...asked, appid }, merchant, msLeft })),

    /** @throws ReversalError CredentialsUnavailable when every answer was that our signature is not accepted */
    assertAccepted() {
      if (refusal === undefined || refusal.kind === 'none' || hasVerified) return
      throw new ReversalError('CredentialsUnavailable' satisfies ErrorName, refusedSignature(asked.mchid), refusal)
    },
  }
}

function refusedSignature(mchid: string): string {
  return (
    `WeChat Pay refused the signature of merchant ${mchid}, also with freshly read credentials: certificate_serial_no ` +
    'must be the serial of the certificate that private_key belongs to, and that certificate must be valid at WeChat Pay'
  )
}
