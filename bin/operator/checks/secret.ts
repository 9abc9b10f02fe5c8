import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import {
  type Merchant,
  type MerchantReading,
  readMerchant,
  type SecretFinding,
} from '../../../lib/wechatpay/merchant.ts'
import type { PublicKey } from '../../../lib/wechatpay/pem.ts'
import { ENDPOINTS, FIELDS, OTHER_KEYS } from '../../../lib/wechatpay/secret-fields.ts'
import { showId } from '../../../lib/wechatpay/serial.ts'
import { checkTogether, checkValidity, readOwnCertificate, serialOf } from './certificate.ts'
import { type Checklist, type Finding, failed, ok, refusal, remedy, skipped, warning } from './checklist.ts'
import { text } from './text.ts'

/** What of a secret can be used to ask WeChat Pay. */
export interface Usable {
  mchid: string | undefined
  /** There when a request can be signed; its WeChat Pay keys are those that could be read, perhaps none. */
  signer: Merchant | undefined
}

const AT = text.places.secret

/**
 * Everything that can be said of a secret without asking anybody. Undefined when there is nothing to ask WeChat Pay about.
 *
 * @param certificate the merchant's own certificate, where it is at hand
 */
export function checkSecret(list: Checklist, json: string, certificate?: string): Usable | undefined {
  const startedAt = performance.now()
  const reading = readInWords(json)
  const readMs = performance.now() - startedAt
  const whole = reading.findings.find(({ field }) => field === '')
  list.add(AT, 'JSON', whole ? toFinding(whole) : ok(text.secret.json(Buffer.byteLength(json))), readMs)
  if (whole !== undefined) return undefined

  for (const field of [...FIELDS, OTHER_KEYS, ENDPOINTS]) {
    const found = findingsOf(reading, field)
    const good = DETAILS[field]?.(reading.read)
    if (found.length === 0 && good !== undefined) list.add(AT, field, good, 0)
    for (const finding of found) list.add(AT, field, toFinding(finding, good?.detail), 0)
  }
  for (const stranger of reading.findings.filter(({ field }) => reading.ignoredFields.includes(field))) {
    list.add(AT, stranger.field, toFinding(stranger), 0)
  }
  checkOwnCertificate(list, certificate, reading)
  return { mchid: reading.read.mchid, signer: reading.signer }
}

function readInWords(json: string): MerchantReading {
  const reading = readMerchant(json)
  return { ...reading, findings: reading.findings.map((finding) => ({ ...finding, what: refusal(finding.what) })) }
}

/** A note says nothing that must be done. */
function toFinding({ severity, what, fix }: SecretFinding, detail?: string): Finding {
  if (severity === 'note') return ok([detail, what].filter(Boolean).join('; '))
  return severity === 'error' ? failed(what, remedy(fix)) : warning(what, remedy(fix))
}

/** What was noticed of one field; of a map of keys, with the name of the key. */
function findingsOf({ findings }: MerchantReading, name: string): SecretFinding[] {
  return findings.flatMap((finding) => {
    if (finding.field === name) return [finding]
    const [, key] = finding.field.split(`${name}.`)
    return key === undefined ? [] : [{ ...finding, what: `${showId(key)} ${finding.what}` }]
  })
}

/** What there is to see of a value that was read. */
const DETAILS: Readonly<Record<string, (read: MerchantReading['read']) => Finding | undefined>> = {
  mchid: ({ mchid }) => (mchid === undefined ? undefined : ok(mchid)),
  certificate_serial_no: ({ certificateSerialNo }) =>
    certificateSerialNo === undefined ? undefined : ok(showId(certificateSerialNo)),
  private_key: ({ privateKey }) =>
    privateKey && ok(text.secret.publicHalf(sizeOf(privateKey), fingerprint(privateKey))),
  wechatpay_public_key_id: ({ wechatpayPublicKeyId }) =>
    wechatpayPublicKeyId === undefined ? undefined : ok(showId(wechatpayPublicKeyId)),
  wechatpay_public_key: ({ keyOfId }) => keyOfId && checkKey(keyOfId),
  [OTHER_KEYS]: ({ others }) => {
    const worst = others.map(checkKey).find(({ status }) => status !== 'ok')
    return others.length === 0 ? undefined : (worst ?? ok(others.map(({ id }) => showId(id)).join(', ')))
  },
  [ENDPOINTS]: ({ sandbox }) => sandbox && ok(text.secret.sandbox(sandbox.map(({ origin }) => origin))),
}

function checkKey({ key, certificate }: PublicKey): Finding {
  if (certificate === undefined) return ok(`${sizeOf(key)}; ${fingerprint(key)}`)
  const { status, detail, fix } = checkValidity(certificate)
  const what = text.secret.platformCertificate(serialOf(certificate))
  // It still verifies what WeChat Pay signs with it.
  return status === 'ok'
    ? ok(`${text.secret.goodCertificate(what, detail)}; ${fingerprint(key)}`)
    : warning(text.secret.oddCertificate(what, detail), fix!)
}

const sizeOf = (key: KeyObject) => text.secret.rsa(key.asymmetricKeyDetails?.modulusLength ?? 0)

/** SHA-256 over the public half (SubjectPublicKeyInfo, DER): what can be compared and told on without harm. */
function fingerprint(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
  return `SHA-256 ${createHash('sha256').update(spki).digest('hex')}`
}

function checkOwnCertificate(list: Checklist, pem: string | undefined, reading: MerchantReading) {
  if (pem === undefined) return list.add(AT, text.checks.certificate, skipped(text.certificate.notGiven), 0)
  const { certificate, finding } = readOwnCertificate(pem)
  list.add(AT, text.checks.certificate, finding ?? checkTogether(certificate!, reading), 0)
  if (certificate !== undefined) list.add(AT, text.checks.validity, checkValidity(certificate), 0)
}
