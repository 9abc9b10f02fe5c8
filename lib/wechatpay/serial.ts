import { Refusal } from './refusal.ts'

/** X.509 allows 20 bytes (RFC 5280, 4.1.2.2), and WeChat Pay's serials have them. */
const MOST_DIGITS = 40

/** Invisible marks that come along when a serial is copied from a window. */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060\uFEFF]/g

/** `serial=` of openssl, `Serial Number:` of other tools. */
const LABEL = /^["']?(serial([ _-]?(number|no))?|序列号)\s*[:=：]\s*/i

/**
 * A serial number as WeChat Pay writes it: hex, upper case, whole bytes. WeChat Pay refuses any other spelling of a merchant's
 * serial with SIGN_ERROR. Reads what tools print for it: lower case, `51:57:F0`, `51 57 F0`, `[ 5157f09e fdc096de ]`, `0x5157F0`,
 * `serial=5157F0`, and a decimal number where it is too long for hex.
 *
 * @returns undefined for what is no serial number for certain
 */
export function readSerial(text: string): string | undefined {
  const plain = text
    .replace(INVISIBLE, '')
    .trim()
    .replace(LABEL, '')
    .replace(/^["']|["']$/g, '')
    .trim()
  const groups = plain.replace(/^\[\s*|\s*\]$/g, '')
  const digits = /^(?:[0-9a-f]{2})+(?:[: -](?:[0-9a-f]{2})+)+$/i.test(groups)
    ? groups.replace(/[: -]/g, '')
    : plain.replace(/^0x(?=[0-9a-f])/i, '')
  if (/^\d{41,50}$/.test(digits) && !digits.startsWith('0')) return align(BigInt(digits).toString(16))
  return /^[0-9a-f]{1,64}$/i.test(digits) ? align(digits) : undefined
}

/** An odd number of digits lacks its first zero; zeros beyond 20 bytes are too many. */
function align(digits: string): string | undefined {
  const even = `${digits.length % 2 ? '0' : ''}${digits.toUpperCase()}`
  return /^0*?(.{1,40})$/.exec(even)?.[1]
}

/** The name of a key of WeChat Pay's: `PUB_KEY_ID_…` of a public key, or the serial of a platform certificate. @throws Refusal */
export function readKeyId(text: string): string {
  const plain = text.replace(INVISIBLE, '').trim()
  const serial = readSerial(plain)
  if (serial !== undefined) return serial
  if (/^PUB_KEY_ID_\w{1,50}$/i.test(plain)) return plain.toUpperCase()
  if (/^[0-9A-Za-z_]{1,64}$/.test(plain)) return plain
  throw new Refusal('must be letters and digits only', 'put the id here that stands beside the key: PUB_KEY_ID_…')
}

/** How an answer may write the name of a key, in upper case: tools differ in the zeros that a serial begins with. */
export function spellingsOf(id: string): string[] {
  const upper = id.toUpperCase()
  if (!isSerial(upper)) return [upper]
  const bare = upper.replace(/^0+(?=.)/, '')
  const whole = bare.padStart(bare.length + (bare.length % 2), '0')
  return [...new Set([upper, bare, whole, bare.padStart(MOST_DIGITS, '0')])]
}

/** Do both name the same certificate or key? */
export const isSameId = (one: string, other: string): boolean => wholeOf(one) === wholeOf(other)

/** A serial with all the zeros it may begin with; any other id in upper case. */
function wholeOf(id: string): string {
  const upper = (readSerial(id) ?? id.trim()).toUpperCase()
  return isSerial(upper) ? upper.padStart(MOST_DIGITS, '0') : upper
}

const isSerial = (upper: string) => /^[0-9A-F]{1,40}$/.test(upper)

/** An id or serial may be shown; anything else may be a secret that stands in the wrong place. */
export const showId = (id: string): string =>
  /^(PUB_KEY_ID_\w{1,50}|[0-9A-F]{36,40})$/i.test(id) ? id : 'what stands there'
