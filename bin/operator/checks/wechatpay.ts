import type { Endpoint } from '../../../lib/wechatpay/endpoints.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'
import { checkAnswer, checkClock, isWechatPays } from './answer.ts'
import { type Asking, ask, type Heard } from './ask.ts'
import { type Checklist, type Finding, ok, skipped } from './checklist.ts'
import { checkConnection } from './connection.ts'
import { checkPermission, checkUnknownOrder } from './permission.ts'
import { checkOurSignature, checkTheirSignature } from './signatures.ts'
import { text } from './text.ts'

export interface WechatPayChecks {
  endpoints: readonly Endpoint[]
  timeoutMs: number
  /** Undefined when the secret does not hold enough to sign with. */
  signer: Merchant | undefined
  /** Ask as a service provider for this merchant under it. */
  subMchid?: string | undefined
  /** Try a reverse under this appid too, of an order that cannot exist. */
  appid?: string | undefined
}

/** A very few answers carry a probe in place of a signature: another try gets a true one. */
const PROBES = 3

/** What can be learned from each of WeChat Pay's domains. */
export async function checkWechatPay(list: Checklist, checks: WechatPayChecks) {
  const { endpoints, timeoutMs, signer, subMchid, appid } = checks
  for (const endpoint of endpoints) {
    const isOpen = await checkConnection(list, endpoint, timeoutMs)
    const skipAll = (because: string) => {
      for (const check of CHECKS) list.add(endpoint.origin, text.checks[check], skipped(because), 0)
    }
    if (!isOpen) skipAll(text.connection.none)
    else if (signer === undefined) skipAll(text.cannotAsk)
    else await checkAnswers(list, { endpoint, signer, timeoutMs, subMchid }, appid)
  }
}

const CHECKS = ['answer', 'clock', 'ours', 'theirs', 'permission', 'unknownOrder'] as const

async function checkAnswers(list: Checklist, asking: Asking & { signer: Merchant }, appid: string | undefined) {
  const { endpoint, signer, timeoutMs } = asking
  const add = (check: (typeof CHECKS)[number] | 'reverse', finding: Finding, ms = 0) =>
    list.add(endpoint.origin, text.checks[check], finding, ms)

  const first = await askPastProbes(asking)
  add('answer', checkAnswer(first, timeoutMs), first.ms)
  if (!isWechatPays(first)) {
    for (const check of CHECKS.slice(1)) add(check, skipped(text.notAnswered))
    return
  }
  const clock = checkClock(first)
  add('clock', clock)
  // With a wrong clock everything is refused: what else is wrong shows with the time put right.
  const isHindered = clock.status === 'failed' && first.answer.kind !== 'verified'
  const correctionMs = isHindered ? first.behindSeconds! * 1000 : 0
  const heard = correctionMs === 0 ? first : await askPastProbes({ ...asking, correctionMs })
  const ours = checkOurSignature(heard, clock)
  const isCorrected = correctionMs !== 0 && ours.status === 'ok'
  add('ours', isCorrected ? ok(text.ours.acceptedOnceRight) : ours, heard === first ? 0 : heard.ms)
  add('theirs', checkTheirSignature(heard, signer))
  add('permission', checkPermission(heard))
  add('unknownOrder', checkUnknownOrder(heard))
  if (appid === undefined) return
  const reversed = await askPastProbes({ ...asking, correctionMs, appid })
  add('reverse', checkPermission(reversed), reversed.ms)
}

async function askPastProbes(asking: Asking): Promise<Heard> {
  let heard = await ask(asking)
  for (
    let tries = 1;
    tries < PROBES && heard.answer.kind === 'unverified' && heard.answer.reason === 'probe';
    tries++
  ) {
    heard = await ask(asking)
  }
  return heard
}
