import { type KeyObject, X509Certificate } from 'node:crypto'
import { type Finding, failed, ok, skipped } from './checklist.ts'
import type { Fields } from './fields.ts'

/** The merchant's own certificate, as far as it can be read. */
export function readCertificate(pem: string): { certificate?: X509Certificate; finding?: Finding } {
  const put = 'Give apiclient_cert.pem, as the merchant platform made it.'
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) return { finding: failed('is a private key', put) }
  if (/-----BEGIN PUBLIC KEY-----/.test(pem)) return { finding: failed('is a public key', put) }
  try {
    return { certificate: new X509Certificate(pem) }
  } catch {
    return { finding: failed('is no certificate that can be read', put) }
  }
}

/** The serial as WeChat Pay writes it: hex, upper case. */
export const serialOf = (certificate: X509Certificate) => certificate.serialNumber.toUpperCase()

/** The merchant number stands in the subject's CN, with nothing else (seen in merchant certificates; not documented). */
export function mchidOf(certificate: X509Certificate): string | undefined {
  return /^CN=(\d{6,12})$/m.exec(certificate.subject)?.[1]
}

/** Do private key, certificate and serial number belong together, and are they this merchant's? */
export function checkTogether(
  certificate: X509Certificate,
  fields: Fields,
  privateKey: KeyObject | undefined,
): Finding {
  if (/^CN=Tenpay\.com sign/m.test(certificate.subject)) {
    return failed("is WeChat Pay's platform certificate", "Give the merchant's own: apiclient_cert.pem.")
  }
  if (privateKey === undefined) return skipped('private_key cannot be read')
  const serial = serialOf(certificate)
  const mchid = mchidOf(certificate)
  const isKeys = certificate.checkPrivateKey(privateKey)
  const isSerials = isSame(serial, fields.certificate_serial_no)
  if (mchid !== undefined && fields.mchid !== undefined && mchid !== fields.mchid.trim()) {
    return failed(
      `is a certificate of merchant ${mchid}, the secret is of ${fields.mchid.trim()}`,
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

/** Serials, or ids, as different tools write them. */
export const isSame = (serial: string, given = '') => {
  const bare = (text: string) => text.trim().toUpperCase().replace(/^0+/, '')
  return bare(serial) === bare(given)
}
