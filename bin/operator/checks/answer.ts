import type { Answer } from '../../../lib/wechatpay/answer.ts'
import { FRESH_SECONDS } from '../../../lib/wechatpay/verify.ts'
import { messageOf } from '../../../lib/wechatpay/words.ts'
import type { Heard } from './ask.ts'
import { type Finding, failed, ok, skipped, warning } from './checklist.ts'
import { text } from './text.ts'

/** How WeChat Pay names a wrong Wechatpay-Serial of ours (https://github.com/wechatpay-apiv3/wechatpay-java/issues/200). */
export const KEY_ID_WORDS = /wechatpay-?serial|平台证书|微信支付公钥/i

/** WeChat Pay's own words: its code and message, what its detail names, and the Request-ID that its support asks for. */
export function wordsOf(answer: Exclude<Answer, { kind: 'none' }>): string {
  const { status, code, request_id } = answer
  const message = messageOf(answer)
  const words = [`HTTP ${status}`, code, message && `“${message}”`, request_id && `(Request-ID ${request_id})`]
  const said = words.filter(Boolean).join(' ')
  return answer.kind === 'verified' ? said : text.answer.unverified(said, answer.reason)
}

/** Is there an answer at all, and can it be one of WeChat Pay's? */
export function checkAnswer(heard: Heard, timeoutMs: number): Finding {
  const { answer } = heard
  if (answer.kind === 'none') return noAnswer(answer, timeoutMs)
  const packed = compression(heard)
  if (packed !== undefined) return packed
  const stranger = strangeness(heard)
  if (stranger !== undefined) {
    const [what, fix = text.direct] = stranger
    return failed(text.answer.stranger(answer.status, what), fix)
  }
  if (answer.status === 429) return failed(text.answer.tooMany(wordsOf(answer)), text.again)
  if (answer.status >= 500) return failed(text.answer.outOfOrder(wordsOf(answer)), text.again)
  return ok(wordsOf(answer))
}

/** True when there is an answer that can be WeChat Pay's, signed or not: something for the other checks to look at. */
export const isWechatPays = (heard: Heard): boolean =>
  heard.answer.kind !== 'none' && strangeness(heard) === undefined && compression(heard) === undefined

function noAnswer({ reason, cause }: Extract<Answer, { kind: 'none' }>, timeoutMs: number): Finding {
  if (reason === 'timeout') {
    return failed(text.answer.silent(timeoutMs), text.answer.silentFix)
  }
  if (reason === 'too long') return failed(text.answer.tooLong, text.direct)
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE/.test(cause ?? '')) {
    return failed(text.answer.wantsCertificate(String(cause)), text.direct)
  }
  return failed(text.answer.broken(cause ?? reason), text.direct)
}

/** An answer that cannot be verified because something packed it, though it was asked for as it is. */
function compression({ answer, wire }: Heard): Finding | undefined {
  const encoding = wire?.headers['content-encoding'] ?? 'identity'
  if (answer.kind === 'verified' || encoding === 'identity') return undefined
  return failed(text.answer.compressed(String(wire?.status), encoding), text.direct)
}

/** What shows that an unsigned answer comes from something in between; undefined when nothing does. */
function strangeness({ answer, wire }: Heard): readonly [what: string, fix?: string] | undefined {
  if (answer.kind !== 'unverified' || wire === undefined || wire.headers['wechatpay-signature'] !== undefined) return
  const type = wire.headers['content-type'] ?? text.answer.noContentType
  const body = wire.body.toString('utf8')
  if (/^\s*<(\?xml[^>]*>\s*<)?xml\b/i.test(body)) {
    return [text.answer.xml, text.answer.xmlFix]
  }
  if (/html/i.test(type) || /^\s*</.test(body)) {
    return [answer.status >= 500 ? text.answer.gatewayPage : text.answer.proxyPage]
  }
  if (answer.status >= 300 && answer.status < 400) return [text.answer.redirect(String(wire.headers.location ?? '?'))]
  return isJsonObject(body) || answer.status >= 500 ? undefined : [text.answer.neither(type)]
}

function isJsonObject(body: string): boolean {
  try {
    const json: unknown = JSON.parse(body)
    return typeof json === 'object' && json !== null
  } catch {
    return false
  }
}

/** From 5 minutes on WeChat Pay refuses our signatures, and we its; a drift is told earlier. */
const DRIFT_SECONDS = 60

/** Does this machine's clock agree with WeChat Pay's `Date`? */
export function checkClock({ behindSeconds }: Heard): Finding {
  if (behindSeconds === undefined) return skipped(text.clock.noDate)
  const off = Math.abs(behindSeconds)
  const words = behindSeconds > 0 ? text.clock.behind(off) : text.clock.ahead(off)
  if (off >= FRESH_SECONDS) return failed(text.clock.refused(words), text.clock.fix)
  if (off > DRIFT_SECONDS) return warning(text.clock.soonRefused(words), text.clock.fix)
  return ok(text.clock.within(Math.max(1, off)))
}
