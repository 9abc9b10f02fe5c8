import type { UnverifiedAnswer } from '../../../lib/wechatpay/answer.ts'
import { isSignatureRefused } from '../../../lib/wechatpay/answer.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'
import { isSameId, showId } from '../../../lib/wechatpay/serial.ts'
import { isSignedBy } from '../../../lib/wechatpay/verify.ts'
import { KEY_ID_WORDS, wordsOf } from './answer.ts'
import type { Heard } from './ask.ts'
import { type Finding, failed, ok, skipped, warning } from './checklist.ts'
import { text } from './text.ts'

/** Does WeChat Pay accept the signature we make? It signs only answers to requests it accepts. */
export function checkOurSignature({ answer }: Heard, clock: Finding): Finding {
  if (answer.kind === 'none') return skipped(text.noAnswer)
  if (!isSignatureRefused(answer)) {
    if (answer.kind === 'verified') return ok(text.ours.accepted)
    return skipped(text.ours.notRefused)
  }
  const said = wordsOf(answer)
  if (clock.status === 'failed') return failed(text.ours.refused(said, text.ours.clock), text.ours.clockFix)
  const words = `${answer.message ?? ''} ${fieldOf(answer.detail)}`
  const { because, fix, isElsewhere } = REFUSALS.find(({ words: pattern }) => pattern.test(words))!
  return failed(text.ours.refused(said, because), isElsewhere ? fix : text.ours.together(fix))
}

function fieldOf(detail: unknown): string {
  const { field } = (typeof detail === 'object' && detail !== null ? detail : {}) as { field?: unknown }
  return typeof field === 'string' ? field : ''
}

/** What a refused signature comes from, by the words of WeChat Pay's message: as seen in the field, not documented. */
const REFUSALS: readonly { words: RegExp; because: string; fix: string; isElsewhere?: true }[] = [
  {
    words: /timestamp|分钟|时间戳|expire/i,
    because: text.ours.time,
    fix: text.ours.timeFix,
    isElsewhere: true,
  },
  {
    words: KEY_ID_WORDS,
    because: text.ours.keyId,
    fix: text.keyIdFix,
  },
  {
    words: /authorization.*(格式|不合法|必须有且只有一个|format|invalid|malformed)/i,
    because: text.ours.header,
    fix: text.direct,
    isElsewhere: true,
  },
  {
    words: /序列号|证书|serial|certificate/i,
    because: text.ours.serial,
    fix: text.ours.serialFix,
  },
  {
    words: /商户号|mch_?id|merchant/i,
    because: text.ours.merchant,
    fix: text.ours.merchantFix,
  },
  {
    words: /验签|签名|sign/i,
    because: text.ours.key,
    fix: text.ours.keyFix,
  },
  { words: /(?:)/, because: text.ours.any, fix: '' },
]

/** Does the answer verify with a key of the secret? If not, which key would do? */
export function checkTheirSignature(heard: Heard, signer: Merchant): Finding {
  const { answer } = heard
  if (answer.kind === 'none') return skipped(text.noAnswer)
  if (answer.kind === 'verified') return verifiedWith(answer.evidence.serial, signer)
  if (isSignatureRefused(answer)) return skipped(text.theirs.signsNone)
  if (answer.reason === 'unsigned' && answer.status >= 500) return skipped(text.notServed)
  if (answer.reason === 'unknown serial') return unknownSerial(heard, signer)
  if (answer.reason === 'wrong signature') return wrongSignature(heard, signer)
  return UNVERIFIED[answer.reason] ?? failed(text.theirs.not(answer.reason), text.direct)
}

/** WeChat Pay signs with the key it is asked for, unless it does not know that one. */
function verifiedWith(serial: string, { wechatpayPublicKeyId: asked }: Merchant): Finding {
  if (isSameId(serial, asked)) return ok(text.theirs.verifies(serial))
  return warning(text.theirs.otherKey(serial, showId(asked)), text.theirs.otherKeyFix(serial))
}

const UNVERIFIED: Partial<Record<UnverifiedAnswer['reason'], Finding>> = {
  unsigned: failed(text.theirs.unsigned, text.theirs.unsignedFix(text.direct)),
  'doubled header': failed(text.theirs.doubled, text.direct),
  stale: failed(text.theirs.stale, text.theirs.staleFix),
  probe: failed(text.theirs.probe, text.again),
  'not JSON': failed(text.theirs.notJson, text.again),
  'another order': failed(text.theirs.another, text.direct),
}

const header = ({ wire }: Heard, name: string) => String(wire?.headers[`wechatpay-${name}`] ?? '')

/** Under which id of the secret the key stands that made the signature, whatever serial the answer names. */
function keyThatFits(heard: Heard, { wechatpayKeys }: Merchant): string | undefined {
  const [timestamp, nonce, signature, serial] = ['timestamp', 'nonce', 'signature', 'serial'].map((name) =>
    header(heard, name),
  ) as [string, string, string, string]
  const made = ([, key]: [string, typeof wechatpayKeys extends ReadonlyMap<string, infer Key> ? Key : never]) =>
    isSignedBy(new Map([[serial.toUpperCase(), key]]), { timestamp, nonce, signature, serial }, heard.wire!.body)
  return [...wechatpayKeys].find(made)?.[0]
}

function unknownSerial(heard: Heard, signer: Merchant): Finding {
  const serial = header(heard, 'serial')
  const fits = keyThatFits(heard, signer)
  if (fits !== undefined) {
    return failed(text.theirs.wrongId(serial, showId(fits)), text.theirs.wrongIdFix(serial, showId(fits)))
  }
  if (/^PUB_KEY_ID_/i.test(serial)) return failed(text.theirs.wanted(serial), text.theirs.wantedFix(serial))
  return failed(text.theirs.wantedPlatform(serial), text.theirs.wantedPlatformFix(serial))
}

function wrongSignature(heard: Heard, signer: Merchant): Finding {
  const serial = header(heard, 'serial')
  const fits = keyThatFits(heard, signer)
  if (fits !== undefined) {
    return failed(text.theirs.mixedUp(serial, showId(fits)), text.theirs.mixedUpFix(serial, showId(fits)))
  }
  return failed(text.theirs.notTheirs(serial), text.theirs.notTheirsFix(serial))
}
