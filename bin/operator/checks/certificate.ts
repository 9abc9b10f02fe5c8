import type { X509Certificate } from 'node:crypto'
import { SANDBOX_ISSUER } from '../../../infra/local/wechatpay/certificate.ts'
import type { MerchantReading } from '../../../lib/wechatpay/merchant.ts'
import { readCertificate } from '../../../lib/wechatpay/pem.ts'
import { Refusal } from '../../../lib/wechatpay/refusal.ts'
import { isSameId } from '../../../lib/wechatpay/serial.ts'
import { type Finding, failed, ok, refusal, remedy, skipped, warning } from './checklist.ts'
import { text } from './text.ts'

const DAY_MS = 86_400_000

/** The merchant's own certificate, as far as it can be read. */
export function readOwnCertificate(pem: string): { certificate?: X509Certificate; finding?: Finding } {
  try {
    const certificate = readCertificate(pem)
    if (!isPlatformCertificate(certificate)) return { certificate }
    return { finding: failed(text.certificate.isPlatforms, text.certificate.isPlatformsFix) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { finding: failed(refusal(error.what), remedy(error.fix)) }
  }
}

/** The serial as WeChat Pay writes it: hex, upper case. */
export const serialOf = (certificate: X509Certificate) => certificate.serialNumber.toUpperCase()

/** Platform certificates name WeChat Pay in their subject (seen in certificates; not documented). */
const isPlatformCertificate = ({ subject }: X509Certificate) => /^CN=Tenpay\.com sign/m.test(subject)

/** `npm run sandbox` issues its merchants' certificates itself. */
export const isOfSandbox = ({ issuer }: X509Certificate) => issuer === `CN=${SANDBOX_ISSUER}`

/** The merchant number stands in the subject's CN, with nothing else (seen in merchant certificates; not documented). */
export const mchidOf = ({ subject }: X509Certificate) => /^CN=(\d{6,12})$/m.exec(subject)?.[1]

/** Do private key, certificate and serial number belong together, and are they this merchant's? */
export function checkTogether(certificate: X509Certificate, { read }: MerchantReading): Finding {
  const { privateKey, certificateSerialNo = '' } = read
  if (privateKey === undefined) return skipped(text.certificate.noKey)
  const serial = serialOf(certificate)
  const mchid = mchidOf(certificate)
  const isKeys = certificate.checkPrivateKey(privateKey)
  const isSerials = isSameId(serial, certificateSerialNo)
  if (mchid !== undefined && read.mchid !== undefined && mchid !== read.mchid) {
    return failed(text.certificate.otherMerchant(mchid, read.mchid), text.certificate.otherMerchantFix)
  }
  if (isKeys && isSerials) return ok(text.certificate.together(serial))
  if (isKeys) {
    return failed(text.certificate.otherSerial(serial), text.certificate.otherSerialFix(serial))
  }
  return failed(isSerials ? text.certificate.otherKey : text.certificate.neither, text.certificate.otherKeyFix)
}

/** Is a certificate good now, and for a month? @param nowMs milliseconds since the epoch */
export function checkValidity({ validFrom, validTo }: X509Certificate, nowMs = Date.now()): Finding {
  const [fromMs, toMs] = [Date.parse(validFrom), Date.parse(validTo)]
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const { expired, notYet, expires, until, renew, lookAtClock } = text.certificate
  if (nowMs > toMs) return failed(expired(day(toMs)), renew)
  if (nowMs < fromMs) return failed(notYet(day(fromMs)), lookAtClock)
  const daysLeft = Math.floor((toMs - nowMs) / DAY_MS)
  if (daysLeft < 30) return warning(expires(day(toMs), daysLeft), renew)
  return ok(until(day(toMs), daysLeft))
}
