import type { X509Certificate } from 'node:crypto'
import { SANDBOX_ISSUER } from '../../../infra/local/wechatpay/certificate.ts'
import type { MerchantReading } from '../../../lib/wechatpay/merchant.ts'
import { readCertificate } from '../../../lib/wechatpay/pem.ts'
import { Refusal } from '../../../lib/wechatpay/refusal.ts'
import { isSameId } from '../../../lib/wechatpay/serial.ts'
import { type Finding, failed, ok, sentence, skipped, warning } from './checklist.ts'

const DAY_MS = 86_400_000

/** The merchant's own certificate, as far as it can be read. */
export function readOwnCertificate(text: string): { certificate?: X509Certificate; finding?: Finding } {
  try {
    const certificate = readCertificate(text)
    if (!isPlatformCertificate(certificate)) return { certificate }
    const fix =
      "Give the merchant's own: apiclient_cert.pem. A platform certificate belongs into other_wechatpay_keys: --other-key <serial>=<file>."
    return { finding: failed("is WeChat Pay's platform certificate", fix) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { finding: failed(error.what, sentence(error.fix)) }
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
  if (privateKey === undefined) return skipped('private_key cannot be read')
  const serial = serialOf(certificate)
  const mchid = mchidOf(certificate)
  const isKeys = certificate.checkPrivateKey(privateKey)
  const isSerials = isSameId(serial, certificateSerialNo)
  if (mchid !== undefined && read.mchid !== undefined && mchid !== read.mchid) {
    return failed(
      `is a certificate of merchant ${mchid}, the secret is of ${read.mchid}`,
      'Put mchid, key and serial of one and the same merchant together.',
    )
  }
  if (isKeys && isSerials) return ok(`key, certificate and serial ${serial} belong together`)
  if (isKeys) {
    return failed(`private_key belongs to it, but its serial is ${serial}`, `Put ${serial} into certificate_serial_no.`)
  }
  return failed(
    isSerials
      ? 'its serial is certificate_serial_no, but private_key is not its key'
      : 'neither private_key nor certificate_serial_no is of this certificate',
    'Put the apiclient_key.pem into private_key that was made together with this apiclient_cert.pem.',
  )
}

/** Is a certificate good now, and for a month? @param nowMs milliseconds since the epoch */
export function checkValidity({ validFrom, validTo }: X509Certificate, nowMs = Date.now()): Finding {
  const [fromMs, toMs] = [Date.parse(validFrom), Date.parse(validTo)]
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const renew = 'Apply for a new one on the merchant platform (账户中心 → API安全), and make a new secret of it.'
  if (nowMs > toMs) return failed(`the certificate expired on ${day(toMs)}`, renew)
  if (nowMs < fromMs) {
    return failed(`the certificate is good from ${day(fromMs)} on only`, 'Look at the clock of this machine.')
  }
  const daysLeft = Math.floor((toMs - nowMs) / DAY_MS)
  if (daysLeft < 30) return warning(`the certificate expires on ${day(toMs)}, in ${daysLeft} days`, renew)
  return ok(`until ${day(toMs)}, ${daysLeft} days`)
}
