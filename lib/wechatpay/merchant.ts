import { createPublicKey, type KeyObject } from 'node:crypto'
import { type PublicKey, readPrivateKey, readPublicKey } from './pem.ts'

/** WeChat Pay's public keys by the serial (or PUB_KEY_ID) that an answer names, in upper case. */
export type WechatPayKeys = ReadonlyMap<string, KeyObject>

/** One merchant's credentials, parsed once per version of its secret. */
export interface Merchant {
  readonly mchid: string
  /** Serial number of the merchant's own certificate: it goes into `Authorization`. */
  readonly certificateSerialNo: string
  readonly privateKey: KeyObject
  /** The key we ask WeChat Pay to sign its answers with. */
  readonly wechatpayPublicKeyId: string
  /** Every key an answer may be signed with, by serial. */
  readonly wechatpayKeys: WechatPayKeys
}

/** Names of credentials go into headers, logs and errors: nothing may stand in one that does not belong there. */
const NAMES = {
  mchid: /^[0-9A-Za-z_]{1,32}$/,
  certificate_serial_no: /^[0-9A-Za-z_]{1,64}$/,
  wechatpay_public_key_id: /^[0-9A-Za-z_]{1,64}$/,
} as const

const FIELDS = [
  'mchid',
  'certificate_serial_no',
  'private_key',
  'wechatpay_public_key_id',
  'wechatpay_public_key',
] as const
type Fields = Record<(typeof FIELDS)[number], string> & { other_wechatpay_keys?: unknown }

export interface ParsedMerchant {
  merchant: Merchant
  /** Names of fields that mean nothing to us: most likely a slip, worth a warning. */
  ignoredFields: string[]
}

/**
 * Reads a merchant's secret: the JSON of the README, named as in WeChat Pay's own samples.
 *
 * @throws Error that names the field and says what is wrong with it, never what stands in it
 */
export function parseMerchant(secret: string): ParsedMerchant {
  const fields = readFields(secret)
  const privateKey = inField('private_key', () => readPrivateKey(fields.private_key))
  const own = createPublicKey(privateKey)
  const id = fields.wechatpay_public_key_id
  const publicKey = inField('wechatpay_public_key', () => readWechatpayKey(fields.wechatpay_public_key, id, own))
  const others = Object.entries(readOtherKeys(fields.other_wechatpay_keys)).map(([serial, pem], index) => {
    if (!NAMES.wechatpay_public_key_id.test(serial)) {
      throw new Error(`other_wechatpay_keys: the name of entry ${index + 1} must be a serial number or a PUB_KEY_ID`)
    }
    const key = inField(`other_wechatpay_keys.${serial}`, () => readWechatpayKey(pem, serial, own))
    return [serial, key.key] as const
  })
  const named: (readonly [string, KeyObject])[] = [...others, [id, publicKey.key]]
  const wechatpayKeys = new Map(
    named.flatMap(([name, key]) => spellingsOf(name).map((spelling) => [spelling, key] as const)),
  )
  if (spellingsOf(fields.certificate_serial_no).some((spelling) => wechatpayKeys.has(spelling))) {
    throw new Error(
      "certificate_serial_no: names a key of WeChat Pay; put the serial number of the merchant's own certificate here",
    )
  }
  return {
    merchant: {
      mchid: fields.mchid,
      certificateSerialNo: fields.certificate_serial_no,
      privateKey,
      wechatpayPublicKeyId: id,
      wechatpayKeys,
    },
    ignoredFields: Object.keys(fields)
      .filter((name) => ![...FIELDS, 'other_wechatpay_keys'].includes(name))
      .map((name) => (/^[\w.-]{1,64}$/.test(name) ? name : '(no name to repeat)')),
  }
}

/** How an answer may write a serial number: tools differ in the zero before an odd number of hex digits. */
function spellingsOf(serial: string): string[] {
  const upper = serial.toUpperCase()
  const digits = upper.replace(/^0+/, '')
  return /^[0-9A-F]*$/.test(digits) && digits.length % 2 === 1 ? [digits, `0${digits}`] : [upper]
}

/** True when two versions of a secret hold the same credentials. */
export function isSameMerchant(a: Merchant, b: Merchant): boolean {
  return (
    a.mchid === b.mchid &&
    a.certificateSerialNo === b.certificateSerialNo &&
    a.privateKey.equals(b.privateKey) &&
    a.wechatpayPublicKeyId === b.wechatpayPublicKeyId &&
    a.wechatpayKeys.size === b.wechatpayKeys.size &&
    [...a.wechatpayKeys].every(([serial, key]) => b.wechatpayKeys.get(serial)?.equals(key))
  )
}

function readFields(secret: string): Fields {
  const fields = readObject(secret)
  for (const name of FIELDS) {
    const value = fields[name]
    if (value === undefined) throw new Error(`lacks the field ${name}`)
    if (typeof value !== 'string' || value.trim() === '') throw new Error(`${name}: must be a string that is not empty`)
  }
  const trimmed = { ...fields } as Fields
  for (const [name, pattern] of Object.entries(NAMES) as [keyof typeof NAMES, RegExp][]) {
    trimmed[name] = trimmed[name].trim()
    if (!pattern.test(trimmed[name])) throw new Error(`${name}: must be letters and digits only`)
  }
  if (/^PUB_KEY_ID_/i.test(trimmed.certificate_serial_no)) {
    throw new Error(
      "certificate_serial_no: is WeChat Pay's public key id; put the serial number of the merchant's own certificate here",
    )
  }
  return trimmed
}

function readObject(secret: string): Record<string, unknown> {
  if (secret.trim() === '') throw new Error('is empty')
  let json: unknown
  try {
    json = JSON.parse(secret.replace(/^\uFEFF/, ''))
  } catch {
    // The parser's own words would repeat a part of the secret.
    throw new Error('is not JSON: line breaks within a value must be written as \\n')
  }
  if (typeof json === 'string') throw new Error('is a JSON string that holds the object: store the object itself')
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('is not a JSON object')
  return json as Record<string, unknown>
}

function readOtherKeys(value: unknown): Record<string, string> {
  if (value === undefined) return {}
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isMap || Object.values(value).some((pem) => typeof pem !== 'string')) {
    throw new Error('other_wechatpay_keys: must be an object of strings, "<serial or PUB_KEY_ID>": "<PEM>"')
  }
  return value as Record<string, string>
}

/** @param own the merchant's own public key, which people put in the place of WeChat Pay's */
function readWechatpayKey(pem: string, serial: string, own: KeyObject): PublicKey {
  const publicKey = readPublicKey(pem)
  if (publicKey.key.equals(own)) {
    throw new Error(
      "is the merchant's own key: put WeChat Pay's public key here, downloaded from the merchant platform",
    )
  }
  if (publicKey.serial !== undefined && !spellingsOf(serial).includes(publicKey.serial)) {
    throw new Error(
      `is the certificate with the serial ${publicKey.serial}, but stands under ${serial}: ` +
        `list a platform certificate in other_wechatpay_keys under its own serial`,
    )
  }
  return publicKey
}

function inField<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`)
  }
}
