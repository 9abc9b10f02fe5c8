import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

/** WeChat Pay's keys have 2048 bits. Shorter than this, OpenSSL can hardly sign with one and nobody should trust it. */
const MIN_BITS = 1024

/**
 * Reads an RSA private key however it reached the secret: literal `\n`, doubled backslashes, spaces for line breaks,
 * quotes around, indented, CRLF, BOM, PKCS#1 or PKCS#8, bare base64 or base64 of the whole file.
 *
 * @throws Error that says what it found instead and what to do, and never contains any of the text
 */
export function readPrivateKey(text: string): KeyObject {
  const found = pick(findIn(text), ['private key'])
  switch (found.kind) {
    case 'private key':
      return checkRsa(found.key)
    case 'public key':
      throw new Error('is a public key: put the private key here, the content of apiclient_key.pem')
    case 'certificate':
    case 'broken certificate':
      throw new Error(
        'is a certificate: put the private key here, the content of apiclient_key.pem, not apiclient_cert.pem',
      )
    case 'locked private key':
      throw new Error('is protected by a passphrase: put the private key here without one, as in apiclient_key.pem')
    case 'unreadable':
      throw new Error('is no private key that can be read: put the whole content of apiclient_key.pem here')
  }
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
  const found = pick(findIn(text), ['public key', 'certificate'])
  switch (found.kind) {
    case 'public key':
      return { key: checkRsa(found.key) }
    case 'certificate': {
      const { publicKey, serialNumber } = found.certificate
      return { key: checkRsa(publicKey), serial: serialNumber.toUpperCase() }
    }
    case 'private key':
    case 'locked private key':
      throw new Error("is a private key: put WeChat Pay's public key here, the content of pub_key.pem")
    case 'broken certificate':
      throw new Error('is a certificate that cannot be read: put the whole file here')
    case 'unreadable':
      throw new Error(
        "is no public key that can be read: put WeChat Pay's public key here, the whole content of pub_key.pem",
      )
  }
}

function checkRsa(key: KeyObject): KeyObject {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type !== 'rsa') throw new Error(`is a key of type ${type}: WeChat Pay uses RSA`)
  const bits = details?.modulusLength ?? 0
  if (bits < MIN_BITS) throw new Error(`has only ${bits} bits: WeChat Pay's keys have 2048`)
  return key
}

type Found =
  | { kind: 'private key' | 'public key'; key: KeyObject }
  | { kind: 'certificate'; certificate: X509Certificate }
  | { kind: 'locked private key' | 'broken certificate' | 'unreadable' }

/** A file may hold several things: the first that is wanted, else the first, to say what it is. */
function pick(all: Found[], wanted: readonly Found['kind'][]): Found {
  return all.find(({ kind }) => wanted.includes(kind)) ?? all[0]!
}

/** A line break as JSON, a shell or an editor may have written it, however often its backslash was doubled. */
const WRITTEN_BREAK = /(?<!\\)\\+[nrt]/g

/** A file with a whole chain in it has three or four. */
const MAX_BLOCKS = 10

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----(.*?)(?=-----|$)/gs

/** Everything the text holds: its PEM blocks, those of the file it is the base64 of, or what bare base64 decodes to. */
function findIn(text: string): Found[] {
  const plain = text.replace(WRITTEN_BREAK, '\n')
  if (/^[\s'"`]*$/.test(plain)) throw new Error('is empty')
  const blocks = [...plain.matchAll(BLOCK)].slice(0, MAX_BLOCKS)
  if (blocks.length > 0) return blocks.map(([, label = '', body = '']) => readBlock(label, body))
  const bytes = Buffer.from(plain, 'base64')
  const inner = bytes.toString('latin1')
  return inner.includes('-----BEGIN ') ? findIn(inner) : [readDer(bytes)]
}

function readBlock(label: string, body: string): Found {
  if (label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED')) return { kind: 'locked private key' }
  const found = readDer(Buffer.from(body, 'base64'))
  return found.kind === 'unreadable' && label === 'CERTIFICATE' ? { kind: 'broken certificate' } : found
}

/** What the bytes are is told by the bytes, not by a label that may be wrong or missing. */
const READERS: readonly ((key: Buffer) => Found)[] = [
  (key) => ({ kind: 'private key', key: createPrivateKey({ key, format: 'der', type: 'pkcs8' }) }),
  (key) => ({ kind: 'private key', key: createPrivateKey({ key, format: 'der', type: 'pkcs1' }) }),
  (key) => ({ kind: 'private key', key: createPrivateKey({ key, format: 'der', type: 'sec1' }) }),
  (key) => ({ kind: 'public key', key: createPublicKey({ key, format: 'der', type: 'spki' }) }),
  (key) => ({ kind: 'public key', key: createPublicKey({ key, format: 'der', type: 'pkcs1' }) }),
  (key) => ({ kind: 'certificate', certificate: new X509Certificate(key) }),
]

function readDer(bytes: Buffer): Found {
  for (const read of READERS) {
    try {
      return read(bytes)
    } catch {
      // Not this one. OpenSSL's own words help nobody, and its error may hold parts of the key.
    }
  }
  return { kind: 'unreadable' }
}
