import { isSignatureRefused } from '../../../lib/wechatpay/answer.ts'
import { meaningOf } from '../../../lib/wechatpay/codes.ts'
import { DIRECT, KEY_ID_FIX, KEY_ID_WORDS, wordsOf } from './answer.ts'
import type { Heard } from './ask.ts'
import { type Finding, failed, ok, skipped } from './checklist.ts'

/** May this merchant ask at all? What stands against it shows as a code. */
export function checkPermission({ answer }: Heard): Finding {
  if (answer.kind === 'none') return skipped('there is no answer')
  if (isSignatureRefused(answer)) return skipped('WeChat Pay refuses our signature first')
  const { code, status } = answer
  const said = wordsOf(answer)
  if (meaningOf(answer) === 'mismatch') {
    return failed(
      `${said}: sub_mchid is no merchant under this service provider`,
      'Correct --sub-mchid, or bind the merchant (service provider platform: 服务商功能 → 特约商户).',
    )
  }
  const refusal = REFUSALS.find(
    ({ code: pattern, words }) => code !== undefined && pattern.test(code) && (words?.test(said) ?? true),
  )
  if (refusal !== undefined) return failed(`${said}: ${refusal.because}`, refusal.fix)
  if (answer.kind !== 'verified') return skipped('nothing verified says so')
  if (status < 300 || meaningOf({ code, status }) === 'no such order') return ok('granted')
  if (status === 429 || status >= 500) return skipped('WeChat Pay does not serve us for now')
  return failed(said, 'Try again; if it stays, ask the support of WeChat Pay what the code means.')
}

/** What speaks against a merchant, in every spelling seen. */
const REFUSALS: readonly { code: RegExp; words?: RegExp; because: string; fix: string }[] = [
  {
    code: /^NO_?AUTH$/,
    because: 'the merchant lacks the permission for pay-code payments (付款码支付) over APIv3',
    fix: 'Apply for it (merchant platform: 产品中心 → 付款码支付).',
  },
  { code: /^MCH(ID)?_NOT_EXISTS?$/, because: 'WeChat Pay knows no such merchant', fix: 'Correct mchid.' },
  {
    code: /^APPID_MCHID_NOT_MATCH$/,
    because: 'appid and mchid are not bound to each other',
    fix: 'Bind the appid (merchant platform: 产品中心 → AppID账号管理), or correct it.',
  },
  {
    code: /^(PARAM_?ERROR|INVALID_?REQUEST)$/,
    words: KEY_ID_WORDS,
    because: 'it does not know the key we ask it to sign with: wechatpay_public_key_id is wrong',
    fix: KEY_ID_FIX,
  },
  {
    code: /^PARAM_?ERROR$/,
    because: 'a value has the wrong form',
    fix: 'Correct mchid (and appid, where given): the message names the field.',
  },
  {
    code: /^RESOURCE_NOT_EXISTS$/,
    because: 'there is no such call at this address',
    fix: 'Look at --endpoints: scheme and domain only.',
  },
]

/** Does "no such order" come signed? Without that a reversal of an unknown order can never end as NOT_FOUND. */
export function checkUnknownOrder({ answer }: Heard): Finding {
  if (answer.kind === 'none') return skipped('there is no answer')
  const { code, status } = answer
  const isNoSuchOrder = meaningOf({ code, status }) === 'no such order'
  if (answer.kind === 'verified') {
    if (isNoSuchOrder) return ok('ORDER_NOT_EXIST comes signed: NOT_FOUND can be reached')
    if (status >= 300) return skipped('no such answer came')
    return failed('it tells the state of an order that cannot exist', 'Look at --endpoints: this is not WeChat Pay.')
  }
  if (isNoSuchOrder && answer.reason === 'unsigned') {
    return failed(
      'the 404 ORDER_NOT_EXIST comes unsigned: NOT_FOUND cannot be reached, such orders end as ReversalExpired after 7 days',
      `${DIRECT} If WeChat Pay itself leaves it unsigned, ask its support; orders that exist are not affected.`,
    )
  }
  return skipped(isNoSuchOrder ? 'the answer does not verify' : 'no such answer came')
}
