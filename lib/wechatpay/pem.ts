import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { Refusal } from './refusal.ts'

/** WeChat Pay's keys have 2048 bits. Shorter than this, OpenSSL can hardly sign with one and nobody should trust it. */
const MIN_BITS = 1024

/**
 * Reads an RSA private key however it reached the secret: literal `\n`, doubled backslashes, spaces for line breaks,
 * quotes around, indented, CRLF, BOM, PKCS#1 or PKCS#8, bare base64 or base64 of the whole file.
 *
 * @throws Refusal that says what it found instead and what to do, and never contains any of the text
 */
export function readPrivateKey(text: string): KeyObject {
  const found = pick(findIn(text), ['private key'])
  if (found.kind === 'private key') return checkRsa(found.key)
  throw refusal('private key', found.kind)
}

/** A public key as found; with its certificate when it came in one. */
export interface PublicKey {
  key: KeyObject
  certificate?: X509Certificate
}

/**
 * Reads WeChat Pay's public key, or the platform certificate that holds one, in any of the shapes above.
 *
 * @throws Refusal
 */
export function readPublicKey(text: string): PublicKey {
  const found = pick(findIn(text), ['public key', 'certificate'])
  if (found.kind === 'public key') return { key: checkRsa(found.key) }
  if (found.kind === 'certificate') {
    const { certificate } = found
    return { key: checkRsa(certificate.publicKey), certificate }
  }
  throw refusal('public key', found.kind)
}

/**
 * Reads the merchant's own certificate, in any of the shapes above.
 *
 * @throws Refusal
 */
export function readCertificate(text: string): X509Certificate {
  const found = pick(findIn(text), ['certificate'])
  if (found.kind === 'certificate') return found.certificate
  throw refusal('certificate', found.kind)
}

/** What a file of a key or certificate is, in words; undefined when it is none of those known here. */
export function whatIs(text: string): string | undefined {
  const [{ kind }] = findIn(text) as [Found]
  return IS[kind]
}

/** As a PEM file has it, with its line breaks. */
export const isPlainPem = (text: string): boolean => /^-----BEGIN [A-Z ]+-----\r?\n/.test(text)

function checkRsa(key: KeyObject): KeyObject {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const use = 'use the key that the merchant platform shows or makes'
  if (type !== 'rsa') throw new Refusal(`is a key of type ${type}`, `WeChat Pay uses RSA; ${use}`)
  const bits = details!.modulusLength!
  if (bits < MIN_BITS) throw new Refusal(`has only ${bits} bits`, `WeChat Pay's keys have 2048; ${use}`)
  return key
}

type Found =
  | { kind: 'private key' | 'public key'; key: KeyObject }
  | { kind: 'certificate'; certificate: X509Certificate }
  | { kind: Stranger }

type Stranger =
  | 'locked private key'
  | 'broken certificate'
  | 'certificate request'
  | 'PKCS#12'
  | 'PKCS#7'
  | 'SSH key'
  | 'unreadable'

type Kind = Found['kind']
type Wanted = 'private key' | 'public key' | 'certificate'

const IS: Readonly<Partial<Record<Kind, string>>> = {
  'private key': 'is a private key',
  'public key': 'is a public key',
  certificate: 'is a certificate',
  'locked private key': 'is a private key with a passphrase',
  'broken certificate': 'is a certificate that cannot be read',
  'certificate request': 'is a certificate request (CSR)',
  'PKCS#12': 'is a PKCS#12 file, as apiclient_cert.p12',
  'PKCS#7': 'is a PKCS#7 file',
  'SSH key': 'is a key in the form of OpenSSH',
}

const PUT: Readonly<Record<Wanted, string>> = {
  'private key': 'put the private key here, the whole content of apiclient_key.pem',
  'public key':
    "put WeChat Pay's public key here, the whole content of pub_key.pem (merchant platform: 账户中心 → API安全 → 微信支付公钥)",
  certificate:
    "give the merchant's certificate, the whole content of apiclient_cert.pem (merchant platform: 账户中心 → API安全 → 商户API证书)",
}

const P12_PASSWORD = 'its password is the mchid; OpenSSL 3 may want -legacy'

/** Where another file can be made of the one found. */
const MAKE: Readonly<Record<Wanted, Partial<Record<Kind, string>>>> = {
  'private key': {
    certificate: 'put the private key here, the whole content of apiclient_key.pem, not apiclient_cert.pem',
    'locked private key':
      'put it here without its passphrase: openssl pkey -in <file> -out apiclient_key.pem asks for it once',
    'PKCS#12': `put apiclient_key.pem of the same archive here, or make it: openssl pkcs12 -in apiclient_cert.p12 -nocerts -nodes -out apiclient_key.pem (${P12_PASSWORD})`,
    'SSH key': "write it as PEM: ssh-keygen -p -N '' -m PEM -f <a copy of the file>",
  },
  'public key': {
    'PKCS#7': 'take the certificate out of it: openssl pkcs7 -in <file> -print_certs -out <file>.pem',
  },
  certificate: {
    'PKCS#12': `give apiclient_cert.pem of the same archive, or make it: openssl pkcs12 -in apiclient_cert.p12 -clcerts -nokeys -out apiclient_cert.pem (${P12_PASSWORD})`,
    'PKCS#7': 'take the certificate out of it: openssl pkcs7 -in <file> -print_certs -out apiclient_cert.pem',
    'certificate request':
      'hand it in on the merchant platform (账户中心 → API安全 → 商户API证书), which gives the certificate for it',
  },
}

function refusal(wanted: Wanted, found: Kind): Refusal {
  return new Refusal(IS[found] ?? `is no ${wanted} that can be read`, MAKE[wanted][found] ?? PUT[wanted])
}

/** A file may hold several things: the first that is wanted, else the first, to say what it is. */
function pick(all: Found[], wanted: readonly Kind[]): Found {
  return all.find(({ kind }) => wanted.includes(kind)) ?? all[0]!
}

/** A line break as JSON, a shell or an editor may have written it, however often its backslash was doubled. */
const WRITTEN_BREAK = /(?<!\\)\\+[nrt]/g

/** A file with a whole chain in it has three or four. */
const MAX_BLOCKS = 10

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----(.*?)(?=-----|$)/gs

/** Everything the text holds: its PEM blocks, those of the file it is the base64 of, or what bare base64 decodes to. */
function findIn(text: string): Found[] {
  // UTF-16 that was taken for another encoding leaves a NUL beside each character.
  const plain = text.replaceAll('\0', '').replace(WRITTEN_BREAK, '')
  if (/^[\s'"`]*$/.test(plain)) throw new Refusal('is empty', 'put the whole content of the file here')
  const blocks = [...plain.matchAll(BLOCK)].slice(0, MAX_BLOCKS)
  if (blocks.length > 0) return blocks.map(([, label, body]) => readBlock(label!, body!))
  if (/^\s*ssh-\w+ /.test(plain)) return [{ kind: 'SSH key' }]
  const bytes = Buffer.from(plain, 'base64')
  const inner = bytes.toString('latin1')
  return inner.replaceAll('\0', '').includes('-----BEGIN ') ? findIn(inner) : [readDer(bytes)]
}

/** What a label names that its bytes do not tell. */
const LABELS: readonly (readonly [label: RegExp, kind: Stranger])[] = [
  [/ENCRYPTED/, 'locked private key'],
  [/OPENSSH|SSH2/, 'SSH key'],
  [/CERTIFICATE REQUEST/, 'certificate request'],
  [/PKCS7|CMS/, 'PKCS#7'],
]

function readBlock(label: string, body: string): Found {
  const named = LABELS.find(([pattern]) => pattern.test(label))
  if (named !== undefined) return { kind: named[1] }
  if (body.includes('ENCRYPTED')) return { kind: 'locked private key' }
  const found = readDer(Buffer.from(body, 'base64'))
  return found.kind === 'unreadable' && label === 'CERTIFICATE' ? { kind: 'broken certificate' } : found
}

/** What the bytes are is told by the bytes, not by a label that may be wrong or missing. */
const READERS: readonly ((key: Buffer) => Found)[] = [
  (key) => ({ kind: 'private key', key: createPrivateKey({ key, format: 'der', type: 'pkcs8' }) }),
  (key) => ({ kind: 'private key', key: createPrivateKey({ key, format: 'der', type: 'pkcs1' }) }),
  (key) => ({ kind: 'public key', key: createPublicKey({ key, format: 'der', type: 'spki' }) }),
  (key) => ({ kind: 'public key', key: createPublicKey({ key, format: 'der', type: 'pkcs1' }) }),
  (key) => ({ kind: 'certificate', certificate: new X509Certificate(key) }),
]

/** How other files begin, in hex: PFX with version 3 (RFC 7292), SignedData (RFC 2315), EncryptedPrivateKeyInfo (RFC 5958). */
const BEGINNINGS: readonly (readonly [hex: RegExp, kind: Stranger])[] = [
  [/^30(80|8[1-4]\w{2,8})02010330/, 'PKCS#12'],
  [/^30(80|8[1-4]\w{2,8})06092a864886f70d010702/, 'PKCS#7'],
  [/^308[1-4]\w{2,8}30\w\w06\w\w2a864886f70d01(05|0c)/, 'locked private key'],
  [/^6f70656e7373682d6b65792d7631/, 'SSH key'],
]

function readDer(bytes: Buffer): Found {
  for (const read of READERS) {
    try {
      return read(bytes)
    } catch {
      // Not this one. OpenSSL's own words help nobody, and its error may hold parts of the key.
    }
  }
  const start = bytes.subarray(0, 40).toString('hex')
  return { kind: BEGINNINGS.find(([hex]) => hex.test(start))?.[1] ?? 'unreadable' }
}
