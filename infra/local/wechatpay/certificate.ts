import { createPublicKey, type KeyObject, sign } from 'node:crypto'

// node:crypto reads X.509 certificates but makes none; these few lines of DER (ITU-T X.690, RFC 5280) do.

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const hex = content.length.toString(16)
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  const length = content.length < 0x80 ? bytes : Buffer.concat([Buffer.of(0x80 | bytes.length), bytes])
  return Buffer.concat([Buffer.of(tag), length, content])
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const set = (...parts: Buffer[]) => der(0x31, ...parts)
const objectId = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const octets = (content: Buffer) => der(0x04, content)
const bits = (content: Buffer) => der(0x03, Buffer.of(0), content)
function integer(hex: string) {
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex')
  return der(0x02, bytes[0]! >= 0x80 ? Buffer.of(0) : Buffer.alloc(0), bytes)
}
/** Two-digit years, as RFC 5280 wants until 2049. */
const utcTime = (ms: number) => der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/\D/g, '')}Z`))

const sha256WithRsa = sequence(objectId('2a864886f70d01010b'), der(0x05))
const name = (commonName: string) => sequence(set(sequence(objectId('550403'), der(0x0c, Buffer.from(commonName)))))

const subjectAlternativeName = sequence(
  objectId('551d11'),
  octets(sequence(der(0x87, Buffer.of(127, 0, 0, 1)), der(0x82, Buffer.from('localhost')))),
)

export interface CertificateChoice {
  privateKey: KeyObject
  /** The serial number in hex. */
  serial: string
  commonName?: string
  /** Who issued it; the same as `commonName` unless told. It is signed by its own key all the same. */
  issuer?: string
  /** When it was issued, in ms; it is good from a day before until five years after. */
  now?: number
}

/** Issues merchants' certificates in a sandbox: commands know by it that the files beside are none of WeChat Pay's. */
export const SANDBOX_ISSUER = 'WeChat Pay sandbox'

/** A self-signed certificate, PEM, good for 127.0.0.1 and localhost too. */
export function createCertificate({
  privateKey,
  serial,
  commonName = 'WeChat Pay simulator',
  issuer = commonName,
  now = Date.now(),
}: CertificateChoice): string {
  const dayMs = 86_400_000
  const toBeSigned = sequence(
    der(0xa0, integer('02')),
    integer(serial),
    sha256WithRsa,
    name(issuer),
    sequence(utcTime(now - dayMs), utcTime(now + 5 * 365 * dayMs)),
    name(commonName),
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(subjectAlternativeName)),
  )
  const certificate = sequence(toBeSigned, sha256WithRsa, bits(sign('sha256', toBeSigned, privateKey)))
  const lines = certificate.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
