import type { BillRefusal } from '../../../lib/wechatpay/bill-refused.ts'
import type { RefusedBill } from '../../../lib/wechatpay/bills.ts'
import { text } from '../../texts/settle.ts'
import { Failure } from '../failure.ts'
import { inOneLine } from '../table.ts'
import { billTroubleInWords } from './words.ts'

/** What a person does about each. */
const NEXT: Readonly<Record<BillRefusal, string>> = {
  'another host': text.inBetween,
  redirect: text.inBetween,
  expired: text.tryAgain,
  'no answer': text.tryAgain,
  refused: text.putRight,
  unverified: text.lookAtKeys,
  'no hash': text.askWechatPay,
  'wrong hash': text.changedOnWay,
  cut: text.tryAgain,
  'not gzip': text.tryAgain,
  'not a bill': text.changed,
  'wrong count': text.changed,
  'another merchant': text.changed,
  'another day': text.changed,
  'too large': text.downloadThere,
  'too slow': text.tryAgain,
}

/** Why bills prove nothing, in WeChat Pay's own words where there are any, and what to do. */
export function refusedBills(bills: readonly RefusedBill[], merchant: string): Failure {
  const words = bills.map(({ date, reason, detail, request_id }) => {
    const what =
      reason === 'refused'
        ? text.refusedByWechatPay(date, detail)
        : text.refused(date, billTroubleInWords(`${reason}: ${detail}`))
    return inOneLine(request_id === undefined ? what : text.withRequest(what, request_id))
  })
  const { reason } = bills[0]!
  return new Failure(words.join('\n✘ '), reason === 'unverified' ? `${NEXT[reason]} ${merchant}` : NEXT[reason])
}
