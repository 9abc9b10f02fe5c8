import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type PublicKey, readPrivateKey, readPublicKey } from '../../../lib/wechatpay/pem.ts'
import { type Finding, failed, ok, skipped, warning } from './checklist.ts'
import { type Fields, idOf, looksLikeApiv3Key, OTHER_KEYS } from './fields.ts'

const DAY_MS = 86_400_000

/** SHA-256 over the public half (SubjectPublicKeyInfo, DER): what can be compared and told on without harm. */
export function fingerprint(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
  return `SHA-256 ${createHash('sha256').update(spki).digest('hex')}`
}

interface Read<Key> {
  key?: Key
  finding: Finding
}

/** "is a public key: put the private key here" of the parser, as what is wrong and what to do. */
function refusal(error: unknown): Finding {
  const [detail = '', ...fix] = (error as Error).message.split(': ')
  return failed(detail, fix.length > 0 ? sentence(fix.join(': ')) : 'Put the whole content of the file there.')
}

const sentence = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}.`

/** Written otherwise than a PEM file, though it can be read. */
const oddity = (pem: string) =>
  /^-----BEGIN [A-Z ]+-----\r?\n/.test(pem) ? '' : ', not written as in a PEM file but legible'

export function checkPrivateKey(pem: string | undefined): Read<KeyObject> {
  if (pem === undefined) return { finding: skipped('there is none') }
  try {
    const key = readPrivateKey(pem)
    return { key, finding: ok(`${sizeOf(key)}${oddity(pem)}; its public half: ${fingerprint(key)}`) }
  } catch (error) {
    return { finding: refusal(error) }
  }
}

const sizeOf = (key: KeyObject) => `RSA, ${key.asymmetricKeyDetails?.modulusLength} bits`

/** A key of WeChat Pay's: `wechatpay_public_key` under its id, or one of `other_wechatpay_keys` under its serial. */
export function checkWechatpayKey(
  pem: string | undefined,
  id: string | undefined,
  privateKey: KeyObject | undefined,
): Read<PublicKey> {
  if (pem === undefined) return { finding: skipped('there is none') }
  let read: PublicKey
  try {
    read = readPublicKey(pem)
  } catch (error) {
    return { finding: refusal(error) }
  }
  const { key, serial } = read
  if (privateKey !== undefined && key.equals(createPublicKey(privateKey))) {
    const own = serial === undefined ? "the merchant's own public key" : "the merchant's own certificate"
    return {
      finding: failed(
        `is ${own}, not WeChat Pay's key`,
        "Put WeChat Pay's public key there (pub_key.pem; merchant platform: 账户中心 → API安全 → 微信支付公钥).",
      ),
    }
  }
  if (serial !== undefined && id !== undefined && serial !== id.trim().toUpperCase()) {
    return {
      key: read,
      finding: failed(
        `is the platform certificate with the serial ${serial}, but stands under ${idOf(id.trim())}`,
        `Put WeChat Pay's public key there (pub_key.pem), and the certificate into ${OTHER_KEYS} under its serial.`,
      ),
    }
  }
  const what = serial === undefined ? sizeOf(key) : `platform certificate ${serial}, ${sizeOf(key)}`
  const validity = serial === undefined ? undefined : checkValidity(pem)
  if (validity !== undefined && validity.status !== 'ok')
    return { key: read, finding: { ...validity, status: 'warning' } }
  return { key: read, finding: ok(`${what}${oddity(pem)}; ${fingerprint(key)}`) }
}

/** Where `other_wechatpay_keys` stands, is it a map of keys? */
export function checkOtherKeys(
  { other_wechatpay_keys: others }: Fields,
  privateKey: KeyObject | undefined,
): { keys: [id: string, key: KeyObject][]; finding: Finding } | undefined {
  if (others === undefined) return undefined
  const form = `Write it as { "<serial or PUB_KEY_ID>": "<PEM>" }, an object and not text: edit the secret as plaintext.`
  if (typeof others !== 'object' || others === null || Array.isArray(others)) {
    return { keys: [], finding: failed('is not an object', form) }
  }
  const read = Object.entries(others).map(([id, pem]): [string, Read<PublicKey>] => [
    id,
    typeof pem === 'string' ? checkWechatpayKey(pem, id, privateKey) : { finding: failed('is not text', form) },
  ])
  const keys = read.flatMap(([id, { key }]): [string, KeyObject][] => (key ? [[id.toUpperCase(), key.key]] : []))
  const [worst] = read.filter(([, { finding }]) => finding.status !== 'ok')
  if (worst === undefined)
    return { keys, finding: ok(read.length === 0 ? 'empty' : keys.map(([id]) => idOf(id)).join(', ')) }
  const [id, { finding }] = worst
  return { keys, finding: { ...finding, detail: `${idOf(id)}: ${finding.detail}` } }
}

/** Is `wechatpay_public_key_id` an id of WeChat Pay's, and of the kind of key that stands beside it? */
export function checkKeyId(fields: Fields, key: PublicKey | undefined): Finding {
  const id = fields.wechatpay_public_key_id?.trim()
  if (id === undefined) return skipped('there is none')
  const take = 'Put the id there that the merchant platform shows beside the public key: PUB_KEY_ID_…'
  if (id.toUpperCase() === fields.certificate_serial_no?.trim().toUpperCase()) {
    return failed("is the same as certificate_serial_no, the merchant's own", take)
  }
  if (!/^\w{1,64}$/.test(id)) return failed('is not letters and digits only', take)
  if (looksLikeApiv3Key(id)) return failed('looks like the APIv3 key, a secret that is not needed here', take)
  if (/^PUB_KEY_ID_/i.test(id) || key?.serial !== undefined) return ok(idOf(id))
  return warning('does not begin with PUB_KEY_ID_, as the ids of public keys do', take)
}

/** Can `certificate_serial_no` be the serial of the merchant's own certificate? */
export function checkSerial(fields: Fields, wechatpayKeyIds: readonly string[]): Finding {
  const serial = fields.certificate_serial_no?.trim()
  if (serial === undefined) return skipped('there is none')
  const take =
    "Put the serial of the merchant's own certificate there, in hex: openssl x509 -in apiclient_cert.pem -noout -serial"
  if (/^PUB_KEY_ID_/i.test(serial)) return failed("is the id of WeChat Pay's public key", take)
  if (wechatpayKeyIds.includes(serial.toUpperCase())) return failed("is the serial of WeChat Pay's certificate", take)
  if (/^serial=|^0x|:/i.test(serial)) {
    return failed('holds more than the digits', 'Write the hex digits only, without serial=, 0x or colons.')
  }
  if (/^\d{44,50}$/.test(serial)) {
    return failed('is in decimal', `In hex it is ${BigInt(serial).toString(16).toUpperCase()}: put that there.`)
  }
  if (!/^\w{1,64}$/.test(serial)) return failed('is not letters and digits only', take)
  if (looksLikeApiv3Key(serial)) return failed('looks like the APIv3 key, a secret that is not needed here', take)
  if (!/^[0-9A-F]{36,40}$/i.test(serial)) return warning('is not 40 hex digits, as serials are', take)
  return ok(serial)
}

/** Is a certificate good now, and for a while? @param now milliseconds since the epoch */
export function checkValidity(pem: string, now = Date.now()): Finding {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch {
    return skipped('the certificate cannot be read')
  }
  const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const renew = 'Apply for a new one on the merchant platform (账户中心 → API安全), and make a new secret of it.'
  if (now > to) return failed(`the certificate expired on ${day(to)}`, renew)
  if (now < from)
    return failed(`the certificate is good from ${day(from)} on only`, 'Look at the clock of this machine.')
  const daysLeft = Math.floor((to - now) / DAY_MS)
  if (daysLeft < 30) return warning(`the certificate expires on ${day(to)}, in ${daysLeft} days`, renew)
  return ok(`until ${day(to)}, ${daysLeft} days`)
}
