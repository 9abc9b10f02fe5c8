import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Endpoint } from './endpoints.ts'
import { type PublicKey, readPrivateKey } from './pem.ts'
import { Refusal } from './refusal.ts'
import * as fields from './secret-fields.ts'
import { readSecretJson } from './secret-json.ts'
import { readKeyId, spellingsOf } from './serial.ts'

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
  /** Where the sandbox runs that this merchant is of; undefined for one of WeChat Pay's own. */
  readonly sandbox?: readonly Endpoint[] | undefined
}

/** Something noticed in a secret. It never holds a value that may be secret. */
export interface SecretFinding {
  /** The field, `other_wechatpay_keys.<name>` for one of those, or empty for the whole. */
  field: string
  /** With an error there is no merchant. */
  severity: 'error' | fields.Oddity['severity']
  what: string
  fix: string
}

/** A key of WeChat Pay's as a secret holds it. */
export interface NamedKey extends PublicKey {
  id: string
}

/** A merchant's secret, read once: the merchant, and everything noticed. */
export interface MerchantReading {
  /** Undefined when a finding is an error. */
  merchant: Merchant | undefined
  /** Enough to sign with, whatever is wrong with WeChat Pay's keys: to ask WeChat Pay what it thinks of it. */
  signer: Merchant | undefined
  /** Each value that could be read. */
  read: Partial<Omit<Merchant, 'wechatpayKeys'>> & { keyOfId?: PublicKey | undefined; others: readonly NamedKey[] }
  /** Errors first. */
  findings: readonly SecretFinding[]
  /** Names of fields that mean nothing to us: most likely a slip, worth a warning. */
  ignoredFields: string[]
}

export interface ParsedMerchant {
  merchant: Merchant
  ignoredFields: string[]
}

/**
 * Reads a merchant's secret for use: the JSON of docs/configuration.md, named as in WeChat Pay's own samples.
 *
 * @throws Error that names the field and says what is wrong with it, never what stands in it
 */
export function parseMerchant(text: string): ParsedMerchant {
  const { merchant, ignoredFields, findings } = readMerchant(text)
  if (merchant !== undefined) return { merchant, ignoredFields }
  const { field, what, fix } = findings[0]!
  throw new Error(`${field && `${field}: `}${what}: ${fix}`)
}

/** Reads a merchant's secret and notes all that is wrong or odd in it. What can be read for certain is read. */
export function readMerchant(text: string): MerchantReading {
  const errors: SecretFinding[] = []
  const refuse = (field: string, what: string, fix: string) => void errors.push({ field, severity: 'error', what, fix })

  function attempt<T>(field: string, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refuse(field, error.what, error.fix)
      return undefined
    }
  }

  const json = attempt('', () => readSecretJson(text))
  const present = json ?? {}
  const strangers = Object.keys(present).filter(
    (name) => ![...fields.FIELDS, fields.OTHER_KEYS, fields.ENDPOINTS].includes(name),
  )
  const texts = new Map<fields.FieldName, string>()
  for (const name of json === undefined ? [] : fields.FIELDS) {
    const value = attempt(name, () => fields.readText(present[name], name, strangers))
    if (value !== undefined) texts.set(name, value)
  }
  const readField = <T>(name: fields.FieldName, read: (value: string) => T): T | undefined => {
    const value = texts.get(name)
    return value === undefined ? undefined : attempt(name, () => read(value))
  }

  const mchid = readField('mchid', fields.readMchid)
  const certificateSerialNo = readField('certificate_serial_no', fields.readOwnSerial)
  const privateKey = readField('private_key', readPrivateKey)
  const own = privateKey && createPublicKey(privateKey)
  const wechatpayPublicKeyId = readField('wechatpay_public_key_id', (id) =>
    fields.readWechatpayKeyId(id, texts.get('certificate_serial_no')),
  )
  const keyOfId = readField('wechatpay_public_key', (pem) => fields.readWechatpayKey(pem, wechatpayPublicKeyId, own))
  const others = attempt(fields.OTHER_KEYS, () => fields.readOtherKeys(present[fields.OTHER_KEYS])) ?? []
  const named = others.flatMap(([name, pem], index): NamedKey[] => {
    const isName = /^[\w:=.[\] -]{1,100}$/.test(name)
    const field = isName ? `${fields.OTHER_KEYS}.${name}` : fields.OTHER_KEYS
    const key = attempt(field, () => {
      if (!isName)
        throw new Refusal(`the name of entry ${index + 1} must be a serial number or a PUB_KEY_ID`, fields.KEY_FORM)
      const id = readKeyId(name)
      return { id, ...fields.readWechatpayKey(pem, id, own) }
    })
    return key === undefined ? [] : [key]
  })
  const wechatpayKeys = keysByName([
    ...named,
    ...(keyOfId && wechatpayPublicKeyId !== undefined ? [{ id: wechatpayPublicKeyId, ...keyOfId }] : []),
  ])
  if (certificateSerialNo !== undefined && spellingsOf(certificateSerialNo).some((name) => wechatpayKeys.has(name))) {
    refuse('certificate_serial_no', 'names a key of WeChat Pay', fields.OWN_SERIAL)
  }

  const sandbox = attempt(fields.ENDPOINTS, () => fields.readSandbox(present[fields.ENDPOINTS]))

  const isRefused = (name: string) => errors.some(({ field }) => field === name)
  const oddities = [...texts].flatMap(([name, value]): SecretFinding[] => {
    const oddity = isRefused(name) ? undefined : fields.oddityOf(name, value)
    return oddity === undefined ? [] : [{ field: name, ...oddity }]
  })
  const ignoredFields = strangers.map(fields.showName)
  const ignored = ignoredFields.map((field): SecretFinding => {
    return { field, severity: 'warning', what: 'means nothing here', fix: 'take it out, or correct its name' }
  })

  const read = { mchid, certificateSerialNo, privateKey, wechatpayPublicKeyId, keyOfId, others: named, sandbox }
  // Where nobody can tell which sandbox a merchant is of, its requests go nowhere.
  const signer: Merchant | undefined =
    mchid === undefined || certificateSerialNo === undefined || privateKey === undefined || isRefused(fields.ENDPOINTS)
      ? undefined
      : {
          mchid,
          certificateSerialNo,
          privateKey,
          wechatpayPublicKeyId: wechatpayPublicKeyId ?? 'PUB_KEY_ID_UNKNOWN',
          wechatpayKeys,
          sandbox,
        }
  return {
    merchant: errors.length === 0 ? signer : undefined,
    signer,
    read,
    findings: [...errors, ...oddities, ...ignored],
    ignoredFields,
  }
}

/** Keys as answers may name them. */
export function keysByName(keys: readonly NamedKey[]): WechatPayKeys {
  return new Map(keys.flatMap(({ id, key }) => spellingsOf(id).map((spelling) => [spelling, key] as const)))
}

/**
 * Why nothing of a merchant may be sent to these addresses; undefined when it may. A sandbox's merchant goes to its sandbox
 * alone: to anybody else its requests tell of orders that are not there, under keys they do not know.
 */
export function belongsElsewhere({ sandbox }: Pick<Merchant, 'sandbox'>, to: readonly Endpoint[]): string | undefined {
  if (sandbox === undefined) return undefined
  const others = to.filter(({ origin }) => !sandbox.some((own) => own.origin === origin))
  if (to.length > 0 && others.length === 0) return undefined
  const inWords = (endpoints: readonly Endpoint[]) => endpoints.map(({ origin }) => origin).join(' and ')
  return `${fields.ENDPOINTS}: is a merchant of the sandbox at ${inWords(sandbox)}, and not sent to ${inWords(others) || 'WeChat Pay'}`
}

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
