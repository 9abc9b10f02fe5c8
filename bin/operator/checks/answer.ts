import type { Answer } from '../../../lib/wechatpay/answer.ts'
import { FRESH_SECONDS } from '../../../lib/wechatpay/verify.ts'
import { messageOf } from '../../../lib/wechatpay/words.ts'
import type { Heard } from './ask.ts'
import { type Finding, failed, ok, skipped, warning } from './checklist.ts'

export const DIRECT =
  'Connect to it directly, or have the proxy or firewall in between let its answers through untouched.'
export const AGAIN = 'Try again in a few minutes.'

export const PLATFORM = 'merchant platform: 账户中心 → API安全'

/** How WeChat Pay names a wrong Wechatpay-Serial of ours (https://github.com/wechatpay-apiv3/wechatpay-java/issues/200). */
export const KEY_ID_WORDS = /wechatpay-?serial|平台证书|微信支付公钥/i
export const KEY_ID_FIX = `Put the id that stands beside the public key into wechatpay_public_key_id (${PLATFORM}).`

/** WeChat Pay's own words: its code and message, what its detail names, and the Request-ID that its support asks for. */
export function wordsOf(answer: Exclude<Answer, { kind: 'none' }>): string {
  const { status, code, request_id } = answer
  const message = messageOf(answer)
  const words = [`HTTP ${status}`, code, message && `“${message}”`, request_id && `(Request-ID ${request_id})`]
  return `${words.filter(Boolean).join(' ')}${answer.kind === 'verified' ? '' : `, unverified: ${answer.reason}`}`
}

/** Is there an answer at all, and can it be one of WeChat Pay's? */
export function checkAnswer(heard: Heard, timeoutMs: number): Finding {
  const { answer } = heard
  if (answer.kind === 'none') return noAnswer(answer, timeoutMs)
  const packed = compression(heard)
  if (packed !== undefined) return packed
  const stranger = strangeness(heard)
  if (stranger !== undefined) {
    const [what, fix = DIRECT] = stranger
    return failed(`HTTP ${answer.status}: ${what}, not WeChat Pay's APIv3`, fix)
  }
  if (answer.status === 429) return failed(`${wordsOf(answer)}: too many calls`, AGAIN)
  if (answer.status >= 500) return failed(`${wordsOf(answer)}: WeChat Pay is out of order for now`, AGAIN)
  return ok(wordsOf(answer))
}

/** True when there is an answer that can be WeChat Pay's, signed or not: something for the other checks to look at. */
export const isWechatPays = (heard: Heard): boolean =>
  heard.answer.kind !== 'none' && strangeness(heard) === undefined && compression(heard) === undefined

function noAnswer({ reason, cause }: Extract<Answer, { kind: 'none' }>, timeoutMs: number): Finding {
  if (reason === 'timeout') {
    return failed(
      `the connection is taken, but no answer came within ${timeoutMs} ms: a silent server`,
      'Try again; if it stays silent, look at what stands between this machine and WeChat Pay.',
    )
  }
  if (reason === 'too long') return failed('it sends more than an answer can hold: not WeChat Pay', DIRECT)
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE/.test(cause ?? '')) {
    return failed(`it wants a certificate of this client (${cause}), which WeChat Pay's APIv3 does not`, DIRECT)
  }
  return failed(`the connection broke before the answer was whole (${cause ?? reason})`, DIRECT)
}

/** An answer that cannot be verified because something packed it, though it was asked for as it is. */
function compression({ answer, wire }: Heard): Finding | undefined {
  const encoding = wire?.headers['content-encoding'] ?? 'identity'
  if (answer.kind === 'verified' || encoding === 'identity') return undefined
  return failed(
    `HTTP ${wire?.status} came compressed (${encoding}), though it was asked for uncompressed: something in between changes it`,
    DIRECT,
  )
}

/** What shows that an unsigned answer comes from something in between; undefined when nothing does. */
function strangeness({ answer, wire }: Heard): readonly [what: string, fix?: string] | undefined {
  if (answer.kind !== 'unverified' || wire === undefined || wire.headers['wechatpay-signature'] !== undefined) return
  const type = wire.headers['content-type'] ?? 'no content type'
  const text = wire.body.toString('utf8')
  if (/^\s*<(\?xml[^>]*>\s*<)?xml\b/i.test(text)) {
    return ['XML, as APIv2 answers', 'Look at --endpoints: scheme and domain of APIv3 only, and nothing in between.']
  }
  if (/html/i.test(type) || /^\s*</.test(text)) {
    const whose = answer.status >= 500 ? 'a gateway that is down or a proxy' : 'a proxy, a firewall or a login page'
    return [`an HTML page of ${whose} in between`]
  }
  if (answer.status >= 300 && answer.status < 400) return [`a redirect to ${wire.headers.location ?? 'nowhere'}`]
  return isJsonObject(text) || answer.status >= 500 ? undefined : [`neither signed nor JSON (${type})`]
}

function isJsonObject(text: string): boolean {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null
  } catch {
    return false
  }
}

/** From 5 minutes on WeChat Pay refuses our signatures, and we its; a drift is told earlier. */
const DRIFT_SECONDS = 60

/** Does this machine's clock agree with WeChat Pay's `Date`? */
export function checkClock({ behindSeconds }: Heard): Finding {
  if (behindSeconds === undefined) return skipped('the answer has no Date header')
  const off = Math.abs(behindSeconds)
  const words = `this machine's clock is ${off} s ${behindSeconds > 0 ? 'behind' : 'ahead of'} WeChat Pay's`
  const fix = 'Set the clock, best by NTP: timedatectl set-ntp true'
  if (off >= FRESH_SECONDS) return failed(`${words}: from 5 minutes on every signature is refused (SIGN_ERROR)`, fix)
  if (off > DRIFT_SECONDS) return warning(`${words}; from 5 minutes on every signature is refused`, fix)
  return ok(`within ${Math.max(1, off)} s of WeChat Pay's`)
}
