import type { KeyObject } from 'node:crypto'
import { type Endpoint, isLoopback, parseEndpoints } from './endpoints.ts'
import { MERCHANT_NUMBER } from './order-id.ts'
import { isPlainPem, type PublicKey, readPublicKey } from './pem.ts'
import { Refusal } from './refusal.ts'
import { isSameId, readKeyId, readSerial, showId } from './serial.ts'

/** The fields a secret must have; `other_wechatpay_keys` is one it may have. */
export const FIELDS = [
  'mchid',
  'certificate_serial_no',
  'private_key',
  'wechatpay_public_key_id',
  'wechatpay_public_key',
] as const
export type FieldName = (typeof FIELDS)[number]

export const OTHER_KEYS = 'other_wechatpay_keys'

/** Says that a merchant is of a sandbox, and at which addresses it runs. No merchant of WeChat Pay's own has it. */
export const ENDPOINTS = 'wechatpay_endpoints'

export const OWN_SERIAL =
  "put the serial number of the merchant's own certificate here, in hex: openssl x509 -in apiclient_cert.pem -noout -serial"
const KEY_ID = 'put the id here that the merchant platform shows beside the public key: PUB_KEY_ID_…'
export const KEY_FORM =
  'write { "<serial or PUB_KEY_ID>": "<PEM>" }, an object and not text: edit the secret as plaintext'
const APIV3_KEY = 'looks like the APIv3 key, a secret that is not needed here'

/** The APIv3 key has 32 letters and digits, and is taken for other things. */
const looksLikeApiv3Key = (value: string) => /^[0-9A-Za-z]{32}$/.test(value.trim())

export const showName = (name: string) => (/^[\w.-]{1,64}$/.test(name) ? name : '(no name to repeat)')

export function readText(value: unknown, name: FieldName, strangers: readonly string[]): string {
  const put = `put it there as text; npm run secret makes the whole from the merchant platform's files`
  if (value === undefined) {
    const slip = strangers.find((stranger) => /^\w{1,40}$/.test(stranger) && isLike(stranger, name))
    throw new Refusal(`is missing${slip === undefined ? '' : ` (is ${slip} meant?)`}`, put)
  }
  if (typeof value !== 'string') throw new Refusal(`must be text in quotes, not ${kindOf(value)}`, put)
  if (value.trim() === '') throw new Refusal('is empty', put)
  return value
}

const lettersOf = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '')

/** `privateKey` for `private_key`, `serial_no` for `certificate_serial_no`. */
const isLike = (stranger: string, name: string) =>
  lettersOf(stranger) !== '' && lettersOf(name).endsWith(lettersOf(stranger))

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export function readMchid(text: string): string {
  const value = text.trim()
  const put = 'put the merchant number (商户号) here: 8 to 10 digits'
  if (/^wx[0-9a-f]{16}$/i.test(value)) throw new Refusal('is an appid', put)
  if (!MERCHANT_NUMBER.test(value)) throw new Refusal('must be letters and digits only', put)
  return value
}

export function readOwnSerial(text: string): string {
  const serial = readSerial(text)
  if (serial !== undefined) return serial
  const value = text.trim()
  if (/^PUB_KEY_ID_/i.test(value)) throw new Refusal("is WeChat Pay's public key id", OWN_SERIAL)
  if (looksLikeApiv3Key(value)) throw new Refusal(APIV3_KEY, OWN_SERIAL)
  if (!/^\w{1,64}$/.test(value)) throw new Refusal('must be letters and digits only', OWN_SERIAL)
  return value
}

export function readWechatpayKeyId(text: string, ownSerial: string | undefined): string {
  if (ownSerial !== undefined && isSameId(text, ownSerial)) {
    throw new Refusal("is the same as certificate_serial_no, the merchant's own", KEY_ID)
  }
  if (looksLikeApiv3Key(text) && readSerial(text) === undefined) throw new Refusal(APIV3_KEY, KEY_ID)
  return readKeyId(text)
}

export function readOtherKeys(value: unknown): [name: string, pem: string][] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('is not an object', KEY_FORM)
  const entries = Object.entries(value)
  if (entries.some(([, pem]) => typeof pem !== 'string')) throw new Refusal('must be an object of texts', KEY_FORM)
  return entries
}

/** Addresses of this machine and no others: whoever can write a secret must not lead its merchant's requests elsewhere. */
export function readSandbox(value: unknown): readonly Endpoint[] | undefined {
  if (value === undefined) return undefined
  const fix = 'take it out: only a merchant of npm run sandbox has it, and its file is written anew at each start'
  if (!Array.isArray(value) || value.length === 0 || !value.every((address) => typeof address === 'string')) {
    throw new Refusal('must be a list of addresses', fix)
  }
  let endpoints: Endpoint[]
  try {
    endpoints = value.flatMap(parseEndpoints)
  } catch (error) {
    throw new Refusal((error as Error).message, fix)
  }
  if (!endpoints.every(isLoopback)) throw new Refusal('leads out of this machine, where no sandbox is', fix)
  return endpoints
}

/** @param own the merchant's own public key, which people put in the place of WeChat Pay's */
export function readWechatpayKey(pem: string, id: string | undefined, own: KeyObject | undefined): PublicKey {
  const read = readPublicKey(pem)
  const { key, certificate } = read
  if (own !== undefined && key.equals(own)) {
    throw new Refusal(
      `is the merchant's own ${certificate === undefined ? 'public key' : 'certificate'}, not WeChat Pay's key`,
      "put WeChat Pay's public key here (pub_key.pem; merchant platform: 账户中心 → API安全 → 微信支付公钥)",
    )
  }
  if (certificate !== undefined && id !== undefined && !isSameId(certificate.serialNumber, id)) {
    throw new Refusal(
      `is the platform certificate with the serial ${certificate.serialNumber.toUpperCase()}, but stands under ${showId(id)}`,
      `put a public key under its PUB_KEY_ID, and a platform certificate into ${OTHER_KEYS} under its own serial`,
    )
  }
  return read
}

export interface Oddity {
  /** A note is of no consequence. */
  severity: 'warning' | 'note'
  what: string
  fix: string
}

/** What is no error in a value that could be read, and yet worth a look. */
export function oddityOf(name: FieldName, text: string): Oddity | undefined {
  const value = text.trim()
  const serial = readSerial(value)
  switch (name) {
    case 'mchid':
      if (/^\d+$/.test(value)) return undefined
      return warning('is not a number', 'a merchant number (商户号) is 8 to 10 digits: check it')
    case 'certificate_serial_no':
      if (serial === undefined || serial.length < 36) return warning('is not 40 hex digits, as serials are', OWN_SERIAL)
      return serial === value ? undefined : note("is not in WeChat Pay's own spelling, but legible")
    case 'wechatpay_public_key_id':
      if (/^PUB_KEY_ID_/i.test(value) || serial !== undefined) return undefined
      return warning('does not begin with PUB_KEY_ID_, as the ids of public keys do', KEY_ID)
    case 'private_key':
    case 'wechatpay_public_key':
      return isPlainPem(text) ? undefined : note('is not written as in a PEM file, but legible')
  }
}

const warning = (what: string, fix: string): Oddity => ({ severity: 'warning', what, fix })
const note = (what: string): Oddity => ({ severity: 'note', what, fix: 'nothing need be done' })
