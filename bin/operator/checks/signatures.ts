import type { UnverifiedAnswer } from '../../../lib/wechatpay/answer.ts'
import { isSignatureRefused } from '../../../lib/wechatpay/answer.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'
import { isSameId, showId } from '../../../lib/wechatpay/serial.ts'
import { isSignedBy } from '../../../lib/wechatpay/verify.ts'
import { AGAIN, DIRECT, KEY_ID_FIX, KEY_ID_WORDS, PLATFORM, wordsOf } from './answer.ts'
import type { Heard } from './ask.ts'
import { type Finding, failed, ok, skipped, warning } from './checklist.ts'

/** Does WeChat Pay accept the signature we make? It signs only answers to requests it accepts. */
export function checkOurSignature({ answer }: Heard, clock: Finding): Finding {
  if (answer.kind === 'none') return skipped('there is no answer')
  if (!isSignatureRefused(answer)) {
    if (answer.kind === 'verified') return ok('accepted')
    return skipped('not refused, but nothing verified says that it is accepted')
  }
  const said = wordsOf(answer)
  if (clock.status === 'failed') return failed(`${said}; the clock is the reason`, 'Set the clock, then look again.')
  const words = `${answer.message ?? ''} ${fieldOf(answer.detail)}`
  const { because, fix, isElsewhere } = REFUSALS.find(({ words: pattern }) => pattern.test(words))!
  const together =
    'See with --certificate apiclient_cert.pem whether key and serial belong together, and whether they are of the ' +
    `certificate in use of this merchant (${PLATFORM}).`
  return failed(`${said}; ${because}`, isElsewhere ? fix : `${fix} ${together}`.trim())
}

function fieldOf(detail: unknown): string {
  const { field } = (typeof detail === 'object' && detail !== null ? detail : {}) as { field?: unknown }
  return typeof field === 'string' ? field : ''
}

/** What a refused signature comes from, by the words of WeChat Pay's message: as seen in the field, not documented. */
const REFUSALS: readonly { words: RegExp; because: string; fix: string; isElsewhere?: true }[] = [
  {
    words: /timestamp|分钟|时间戳|expire/i,
    because: 'it finds the time of our signature wrong',
    fix: 'Set the clock of this machine, best by NTP.',
    isElsewhere: true,
  },
  {
    words: KEY_ID_WORDS,
    because: 'it does not know the key we ask it to sign with: wechatpay_public_key_id is wrong',
    fix: KEY_ID_FIX,
  },
  {
    words: /authorization.*(格式|不合法|必须有且只有一个|format|invalid|malformed)/i,
    because: 'the Authorization header did not reach it as it was sent: something in between changes or doubles it',
    fix: DIRECT,
    isElsewhere: true,
  },
  {
    words: /序列号|证书|serial|certificate/i,
    because:
      'it knows no such certificate of this merchant: certificate_serial_no is wrong, was replaced, or key and serial are another merchant’s',
    fix: "Put the serial of the merchant's certificate in use into certificate_serial_no.",
  },
  {
    words: /商户号|mch_?id|merchant/i,
    because: 'it knows no such merchant, or key and serial are another merchant’s',
    fix: 'Check mchid.',
  },
  {
    words: /验签|签名|sign/i,
    because: 'private_key does not belong to the certificate with this certificate_serial_no',
    fix: "Put the private key of that certificate into private_key, or the key's own serial into certificate_serial_no.",
  },
  { words: /(?:)/, because: 'mchid, certificate_serial_no and private_key do not belong together', fix: '' },
]

/** Does the answer verify with a key of the secret? If not, which key would do? */
export function checkTheirSignature(heard: Heard, signer: Merchant): Finding {
  const { answer } = heard
  if (answer.kind === 'none') return skipped('there is no answer')
  if (answer.kind === 'verified') return verifiedWith(answer.evidence.serial, signer)
  if (isSignatureRefused(answer)) return skipped('WeChat Pay signs no answer to a request whose signature it refuses')
  if (answer.reason === 'unsigned' && answer.status >= 500) return skipped('WeChat Pay does not serve us for now')
  if (answer.reason === 'unknown serial') return unknownSerial(heard, signer)
  if (answer.reason === 'wrong signature') return wrongSignature(heard, signer)
  return UNVERIFIED[answer.reason] ?? failed(`it does not verify: ${answer.reason}`, DIRECT)
}

/** WeChat Pay signs with the key it is asked for, unless it does not know that one. */
function verifiedWith(serial: string, { wechatpayPublicKeyId: asked }: Merchant): Finding {
  if (isSameId(serial, asked)) return ok(`verifies with ${serial}`)
  return warning(
    `verifies with ${serial}, another key of the secret than wechatpay_public_key_id ${showId(asked)}: WeChat Pay does not know that id, or does not sign with it yet`,
    `Correct wechatpay_public_key_id and see that public keys are enabled (${PLATFORM}); until then keep ${serial} in other_wechatpay_keys.`,
  )
}

const UNVERIFIED: Partial<Record<UnverifiedAnswer['reason'], Finding>> = {
  unsigned: failed(
    'the answer is unsigned: nobody can tell that it is WeChat Pay’s',
    `${DIRECT} Some strip the Wechatpay-… headers.`,
  ),
  'doubled header': failed('a Wechatpay-… header stands there twice', DIRECT),
  stale: failed(
    'it was signed 5 minutes or more from now: an old answer repeated, or a wrong clock',
    'Set the clock; if it is right, something in between repeats old answers.',
  ),
  probe: failed('only signature probes (WECHATPAY/SIGNTEST/…) came back', AGAIN),
  'not JSON': failed('it is signed, but no JSON', AGAIN),
  'another order': failed('it is signed, but speaks of another order or merchant', DIRECT),
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
    return failed(
      `the answer names ${serial}; its key is in the secret, but under the wrong id ${showId(fits)}`,
      `Put ${serial} in place of ${showId(fits)}.`,
    )
  }
  const wanted = `the key that would verify is ${serial}, which is not in the secret`
  if (/^PUB_KEY_ID_/i.test(serial)) {
    return failed(
      wanted,
      `Download the public key ${serial} (${PLATFORM}) and put it with its id into wechatpay_public_key, or into other_wechatpay_keys.`,
    )
  }
  return failed(
    `${wanted}: a platform certificate; WeChat Pay signs with it when it does not know the wechatpay_public_key_id it is asked for`,
    `Correct wechatpay_public_key_id and see that public keys are enabled (${PLATFORM}), or put the platform certificate ${serial} into other_wechatpay_keys.`,
  )
}

function wrongSignature(heard: Heard, signer: Merchant): Finding {
  const serial = header(heard, 'serial')
  const fits = keyThatFits(heard, signer)
  if (fits !== undefined) {
    return failed(
      `the answer names ${serial}, but verifies with the key that stands under ${showId(fits)}: the two are mixed up`,
      `Put the key that stands under ${showId(fits)} under ${serial}.`,
    )
  }
  return failed(
    `what stands under ${serial} in the secret is not WeChat Pay's key ${serial}`,
    `Download ${serial} again (${PLATFORM}). If it is the same, something in between changes the answers.`,
  )
}
