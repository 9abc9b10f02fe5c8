import type { BillRefusal } from '../../../lib/wechatpay/bill-refused.ts'
import type { RefusedBill } from '../../../lib/wechatpay/bills.ts'
import { Failure } from '../failure.ts'
import { inOneLine } from '../table.ts'

const AGAIN = 'Run it again; if it stays so, look at the network between here and WeChat Pay.'
const IN_BETWEEN =
  'If WeChat Pay has a new domain, name it with --endpoints (WECHATPAY_ENDPOINTS); else somebody stands in between.'
const CHANGED = 'WeChat Pay signed these bytes, and we cannot read them: keep them with --save, and look at them.'

/** What a person does about each. */
const NEXT: Readonly<Record<BillRefusal, string>> = {
  'another host': IN_BETWEEN,
  redirect: IN_BETWEEN,
  expired: AGAIN,
  'no answer': AGAIN,
  refused:
    'Put right what WeChat Pay names. NO_AUTH: this merchant may not read bills; the merchant platform gives the permission.',
  unverified: 'See whether the keys are right: npm run doctor -- --merchant',
  'no hash': 'Ask WeChat Pay, and quote the Request-ID.',
  'wrong hash': 'Run it again; if it stays so, somebody changes the bill on its way.',
  cut: AGAIN,
  'not gzip': AGAIN,
  'not a bill': CHANGED,
  'wrong count': CHANGED,
  'another merchant': CHANGED,
  'another day': CHANGED,
  'too large': 'Download it on the merchant platform (交易中心 → 交易账单).',
  'too slow': AGAIN,
}

/** Why bills prove nothing, in WeChat Pay's own words where there are any, and what to do. */
export function refusedBills(bills: readonly RefusedBill[], merchant: string): Failure {
  const words = bills.map(({ date, reason, detail, request_id }) => {
    const what =
      reason === 'refused' ? `WeChat Pay refuses the bill of ${date}` : `the bill of ${date} is refused: ${reason}`
    return inOneLine(`${what}: ${detail}${request_id === undefined ? '' : ` (Request-ID ${request_id})`}`)
  })
  const { reason } = bills[0]!
  return new Failure(words.join('\n✘ '), reason === 'unverified' ? `${NEXT[reason]} ${merchant}` : NEXT[reason])
}
