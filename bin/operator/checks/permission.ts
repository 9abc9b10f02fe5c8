import { isSignatureRefused } from '../../../lib/wechatpay/answer.ts'
import { meaningOf } from '../../../lib/wechatpay/codes.ts'
import { KEY_ID_WORDS, wordsOf } from './answer.ts'
import type { Heard } from './ask.ts'
import { type Finding, failed, ok, skipped } from './checklist.ts'
import { text } from './text.ts'

/** May this merchant ask at all? What stands against it shows as a code. */
export function checkPermission({ answer }: Heard): Finding {
  if (answer.kind === 'none') return skipped(text.noAnswer)
  if (isSignatureRefused(answer)) return skipped(text.permission.signatureFirst)
  const { code, status } = answer
  const said = wordsOf(answer)
  if (meaningOf(answer) === 'mismatch') {
    return failed(text.permission.refused(said, text.permission.mismatch), text.permission.mismatchFix)
  }
  const refusal = REFUSALS.find(
    ({ code: pattern, words }) => code !== undefined && pattern.test(code) && (words?.test(said) ?? true),
  )
  if (refusal !== undefined) return failed(text.permission.refused(said, refusal.because), refusal.fix)
  if (answer.kind !== 'verified') return skipped(text.permission.notVerified)
  if (status < 300 || meaningOf({ code, status }) === 'no such order') return ok(text.permission.granted)
  if (status === 429 || status >= 500) return skipped(text.notServed)
  return failed(said, text.permission.unknownFix)
}

/** What speaks against a merchant, in every spelling seen. */
const REFUSALS: readonly { code: RegExp; words?: RegExp; because: string; fix: string }[] = [
  {
    code: /^NO_?AUTH$/,
    because: text.permission.noAuth,
    fix: text.permission.noAuthFix,
  },
  { code: /^MCH(ID)?_NOT_EXISTS?$/, because: text.permission.noMerchant, fix: text.permission.noMerchantFix },
  {
    code: /^APPID_MCHID_NOT_MATCH$/,
    because: text.permission.notBound,
    fix: text.permission.notBoundFix,
  },
  {
    code: /^(PARAM_?ERROR|INVALID_?REQUEST)$/,
    words: KEY_ID_WORDS,
    because: text.ours.keyId,
    fix: text.keyIdFix,
  },
  {
    code: /^PARAM_?ERROR$/,
    because: text.permission.wrongForm,
    fix: text.permission.wrongFormFix,
  },
  {
    code: /^RESOURCE_NOT_EXISTS$/,
    because: text.permission.noSuchCall,
    fix: text.permission.noSuchCallFix,
  },
]

/** Does "no such order" come signed? Without that a reversal of an unknown order can never end as NOT_FOUND. */
export function checkUnknownOrder({ answer }: Heard): Finding {
  if (answer.kind === 'none') return skipped(text.noAnswer)
  const { code, status } = answer
  const isNoSuchOrder = meaningOf({ code, status }) === 'no such order'
  if (answer.kind === 'verified') {
    if (isNoSuchOrder) return ok(text.unknownOrder.signed)
    if (status >= 300) return skipped(text.unknownOrder.notCame)
    return failed(text.unknownOrder.existing, text.unknownOrder.existingFix)
  }
  if (isNoSuchOrder && answer.reason === 'unsigned') {
    return failed(text.unknownOrder.unsigned, text.unknownOrder.unsignedFix(text.direct))
  }
  return skipped(isNoSuchOrder ? text.unknownOrder.notVerified : text.unknownOrder.notCame)
}
