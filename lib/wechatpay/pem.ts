import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

const BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/

/**
 * Reads an RSA private key however it reached the secret: literal `\n`, doubled backslashes, spaces for line breaks,
 * quotes around, indented, CRLF, BOM, PKCS#1 or PKCS#8, bare base64 or base64 of the whole file.
 *
 * @throws Error that says what it found instead and what to do, and never contains any of the text
 */
export function readPrivateKey(text: string): KeyObject {
  const pem = tidy(text, ['PRIVATE KEY', 'RSA PRIVATE KEY'])
  if (pem.label === 'PUBLIC KEY' || pem.label === 'RSA PUBLIC KEY') {
    throw new Error('is a public key: put the private key here, the content of apiclient_key.pem')
  }
  if (pem.label === 'CERTIFICATE') {
    throw new Error(
      'is a certificate: put the private key here, the content of apiclient_key.pem, not apiclient_cert.pem',
    )
  }
  if (pem.label === 'ENCRYPTED PRIVATE KEY' || pem.text.includes('ENCRYPTED')) {
    throw new Error('is protected by a passphrase: put the private key here without one, as in apiclient_key.pem')
  }
  return rsa(
    () => createPrivateKey(pem.text),
    'is no private key that can be read: put the whole content of apiclient_key.pem here',
  )
}

/** A public key as found in a secret; `serial` is known when it came in a certificate (upper-case hex). */
export interface PublicKey {
  key: KeyObject
  serial?: string
}

/**
 * Reads WeChat Pay's public key, or the platform certificate that holds one, in any of the shapes above.
 *
 * @throws Error that says what it found instead and what to do
 */
export function readPublicKey(text: string): PublicKey {
  const pem = tidy(text, ['PUBLIC KEY', 'CERTIFICATE', 'RSA PUBLIC KEY'])
  if (pem.label.endsWith('PRIVATE KEY')) {
    throw new Error("is a private key: put WeChat Pay's public key here, the content of pub_key.pem")
  }
  const cannot = "is no public key that can be read: put WeChat Pay's public key here, the whole content of pub_key.pem"
  if (pem.label !== 'CERTIFICATE') return { key: rsa(() => createPublicKey(pem.text), cannot) }
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem.text)
  } catch {
    throw new Error('is a certificate that cannot be read: put the whole file here')
  }
  return { key: rsa(() => certificate.publicKey, cannot), serial: certificate.serialNumber.toUpperCase() }
}

function rsa(read: () => KeyObject, cannot: string): KeyObject {
  let key: KeyObject
  try {
    key = read()
  } catch {
    // OpenSSL's own words help nobody here, and its error may hold parts of the key.
    throw new Error(cannot)
  }
  if (key.asymmetricKeyType !== 'rsa') throw new Error(`is a key of type ${key.asymmetricKeyType}: WeChat Pay uses RSA`)
  return key
}

/** Any of the shapes, as a PEM with line breaks where they belong. Bare base64 gets the first label that can be read. */
function tidy(text: string, labels: readonly string[]): { label: string; text: string } {
  const unescaped = text
    .replace(/^\uFEFF/, '')
    .replace(/\\+r/g, '')
    .replace(/\\+n/g, '\n')
    .replace(/^[\s'"`]+|[\s'"`]+$/g, '')
    .replace(/^\uFEFF/, '')
  if (unescaped === '') throw new Error('is empty')
  const label = BEGIN.exec(unescaped)?.[1]
  if (label !== undefined) return { label, text: wrap(label, bodyOf(unescaped, label)) }

  const bytes = Buffer.from(unescaped, 'base64')
  const decoded = bytes.toString('utf8')
  if (BEGIN.test(decoded)) return tidy(decoded, labels)
  const base64 = bytes.toString('base64')
  const guess = ALL_LABELS.find((candidate) => isReadable(candidate, wrap(candidate, base64)))
  return { label: guess ?? labels[0]!, text: wrap(guess ?? labels[0]!, base64) }
}

const ALL_LABELS = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'PUBLIC KEY', 'CERTIFICATE', 'RSA PUBLIC KEY']

function isReadable(label: string, pem: string): boolean {
  try {
    if (label.endsWith('PRIVATE KEY')) createPrivateKey(pem)
    else if (label === 'CERTIFICATE') new X509Certificate(pem)
    else createPublicKey(pem)
    return true
  } catch {
    return false
  }
}

function bodyOf(text: string, label: string): string {
  const from = text.indexOf(`-----BEGIN ${label}-----`) + `-----BEGIN ${label}-----`.length
  const to = text.indexOf(`-----END ${label}`, from)
  return text.slice(from, to < 0 ? undefined : to)
}

function wrap(label: string, body: string): string {
  // Header lines ("Proc-Type: 4,ENCRYPTED") stay as they are: they say that there is a passphrase.
  if (body.includes(':')) return `-----BEGIN ${label}-----${body}-----END ${label}-----\n`
  const lines = body.replace(/[^A-Za-z0-9+/=]/g, '').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
