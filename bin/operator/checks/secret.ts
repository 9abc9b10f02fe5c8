import type { KeyObject } from 'node:crypto'
import { type Merchant, parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { checkTogether, readCertificate } from './certificate.ts'
import { type Checklist, failed, ok, skipped } from './checklist.ts'
import { checkMchid, type Fields, OTHER_KEYS, readFields, readJson } from './fields.ts'
import { checkKeyId, checkOtherKeys, checkPrivateKey, checkSerial, checkValidity, checkWechatpayKey } from './keys.ts'

/** What of a secret can be used to ask WeChat Pay. */
export interface Usable {
  mchid: string | undefined
  /** There when a request can be signed; its WeChat Pay keys are those that could be read, perhaps none. */
  signer: Merchant | undefined
}

const AT = 'The secret'

/** What is looked at, in its order; `other_wechatpay_keys` and the certificate's validity only where there are any. */
const CHECKS = [
  'fields',
  'mchid',
  'private_key',
  'wechatpay_public_key',
  'wechatpay_public_key_id',
  'certificate_serial_no',
  'certificate',
  'as the functions read it',
] as const

/** The lines of a secret there is nothing to see of. */
export function skipSecret(list: Checklist, because: string): Usable {
  for (const check of CHECKS) list.add(AT, check, skipped(because), 0)
  return { mchid: undefined, signer: undefined }
}

/**
 * Everything that can be said of a secret without asking anybody.
 *
 * @param certificate the merchant's own certificate, PEM, where it is at hand
 */
export async function checkSecret(list: Checklist, text: string, certificate?: string): Promise<Usable> {
  const startedAt = performance.now()
  const { json, finding } = readJson(text)
  list.add(AT, 'JSON', finding, performance.now() - startedAt)
  if (json === undefined) return skipSecret(list, 'there is no JSON object')

  const read = readFields(json)
  const { fields } = read
  await list.make(AT, 'fields', () => read.finding)
  await list.make(AT, 'mchid', () => checkMchid(fields.mchid))
  const privateKey = await keep(list, 'private_key', () => checkPrivateKey(fields.private_key))
  const id = fields.wechatpay_public_key_id
  const key = await keep(list, 'wechatpay_public_key', () =>
    checkWechatpayKey(fields.wechatpay_public_key, id, privateKey),
  )
  const others = checkOtherKeys(fields, privateKey)
  if (others !== undefined) await list.make(AT, OTHER_KEYS, () => others.finding)
  await list.make(AT, 'wechatpay_public_key_id', () => checkKeyId(fields, key))

  const keys = new Map<string, KeyObject>(others?.keys)
  if (key !== undefined && id !== undefined) keys.set(id.trim().toUpperCase(), key.key)
  await list.make(AT, 'certificate_serial_no', () => checkSerial(fields, [...keys.keys()]))
  await checkOwnCertificate(list, certificate, fields, privateKey)
  await list.make(AT, 'as the functions read it', () => {
    if (!list.isHealthy()) return skipped('put right what failed above')
    try {
      parseMerchant(text)
      return ok('accepted')
    } catch (error) {
      return failed((error as Error).message, 'Put that right.')
    }
  })
  return { mchid: fields.mchid?.trim(), signer: signerOf(fields, privateKey, keys) }
}

async function keep<Key>(
  list: Checklist,
  name: string,
  examine: () => { key?: Key; finding: ReturnType<typeof ok> },
): Promise<Key | undefined> {
  let key: Key | undefined
  await list.make(AT, name, () => {
    const read = examine()
    key = read.key
    return read.finding
  })
  return key
}

async function checkOwnCertificate(
  list: Checklist,
  pem: string | undefined,
  fields: Fields,
  privateKey: KeyObject | undefined,
) {
  if (pem === undefined) {
    const because = 'give --certificate apiclient_cert.pem to see whether key and serial belong together'
    return list.make(AT, 'certificate', () => skipped(because))
  }
  const { certificate, finding } = readCertificate(pem)
  await list.make(AT, 'certificate', () => finding ?? checkTogether(certificate!, fields, privateKey))
  await list.make(AT, 'certificate validity', () => checkValidity(pem))
}

function signerOf(
  fields: Fields,
  privateKey: KeyObject | undefined,
  keys: Map<string, KeyObject>,
): Merchant | undefined {
  const { mchid, certificate_serial_no, wechatpay_public_key_id } = fields
  const isNumber = (text: string | undefined) => text !== undefined && /^\w{1,64}$/.test(text.trim())
  if (privateKey === undefined || !isNumber(mchid) || !isNumber(certificate_serial_no)) return undefined
  return {
    mchid: mchid!.trim(),
    certificateSerialNo: certificate_serial_no!.trim(),
    privateKey,
    wechatpayPublicKeyId: isNumber(wechatpay_public_key_id) ? wechatpay_public_key_id!.trim() : 'PUB_KEY_ID_UNKNOWN',
    wechatpayKeys: keys,
  }
}
