import { createPublicKey, type KeyObject } from 'node:crypto'
import { type PublicKey, readPrivateKey, readPublicKey } from './pem.ts'
import type { WechatPayKeys } from './verify.ts'

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
  const id = fields.wechatpay_public_key_id
  const publicKey = inField('wechatpay_public_key', () => readWechatpayKey(fields.wechatpay_public_key, id, privateKey))
  const others = Object.entries(readOtherKeys(fields.other_wechatpay_keys)).map(([serial, pem]) => {
    const key = inField(`other_wechatpay_keys.${serial}`, () => readWechatpayKey(pem, serial, privateKey))
    return [serial.toUpperCase(), key.key] as const
  })
  return {
    merchant: {
      mchid: fields.mchid,
      certificateSerialNo: fields.certificate_serial_no,
      privateKey,
      wechatpayPublicKeyId: id,
      wechatpayKeys: new Map([...others, [id.toUpperCase(), publicKey.key]]),
    },
    ignoredFields: Object.keys(fields).filter((name) => ![...FIELDS, 'other_wechatpay_keys'].includes(name)),
  }
}

function readFields(secret: string): Fields {
  let json: unknown
  try {
    json = JSON.parse(secret.replace(/^\uFEFF/, ''))
  } catch {
    throw new Error(secret.trim() === '' ? 'is empty' : 'is not JSON')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('is not a JSON object')
  const fields = json as Record<string, unknown>
  for (const name of FIELDS) {
    const value = fields[name]
    if (value === undefined) throw new Error(`lacks the field ${name}`)
    if (typeof value !== 'string' || value.trim() === '') throw new Error(`${name}: must be a string that is not empty`)
  }
  const trimmed = { ...fields } as Fields
  for (const name of ['mchid', 'certificate_serial_no', 'wechatpay_public_key_id'] as const) {
    trimmed[name] = trimmed[name].trim()
    if (!/^[0-9A-Za-z_]{1,64}$/.test(trimmed[name])) throw new Error(`${name}: must be letters and digits only`)
  }
  if (/^PUB_KEY_ID_/i.test(trimmed.certificate_serial_no)) {
    throw new Error(
      "certificate_serial_no: is WeChat Pay's public key id; put the serial number of the merchant's own certificate here",
    )
  }
  return trimmed
}

function readOtherKeys(value: unknown): Record<string, string> {
  if (value === undefined) return {}
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isMap || Object.values(value).some((pem) => typeof pem !== 'string')) {
    throw new Error('other_wechatpay_keys: must be an object of strings, "<serial or PUB_KEY_ID>": "<PEM>"')
  }
  return value as Record<string, string>
}

function readWechatpayKey(pem: string, serial: string, privateKey: KeyObject): PublicKey {
  const publicKey = readPublicKey(pem)
  if (publicKey.key.equals(createPublicKey(privateKey))) {
    throw new Error(
      "is the merchant's own key: put WeChat Pay's public key here, downloaded from the merchant platform",
    )
  }
  if (publicKey.serial !== undefined && publicKey.serial !== serial.toUpperCase()) {
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
