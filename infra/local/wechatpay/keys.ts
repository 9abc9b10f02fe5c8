import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { createCertificate } from './certificate.ts'

/** A key pair WeChat Pay signs its answers with, named as `Wechatpay-Serial` names it. */
export interface SigningKey {
  /** `PUB_KEY_ID_…` of a WeChat Pay public key, or the serial number of a platform certificate. */
  id: string
  kind: 'public key' | 'platform certificate'
  privateKey: KeyObject
  /** PEM, as a merchant would hold it: a public key, or a certificate where one was passed in. */
  pem: string
}

const publicPem = (key: KeyObject) => createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string

/** About 100 ms for the real 2048 bits; a property test may pass keys of 1024. */
export const generatePrivateKey = (modulusLength = 2048): KeyObject =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey

/** A signing key around `privateKey` (a new one unless told), under a fresh id unless told. */
export function createSigningKey(
  kind: SigningKey['kind'],
  { privateKey = generatePrivateKey(), id, pem }: Partial<SigningKey> = {},
): SigningKey {
  if (kind === 'public key') {
    return { id: id ?? `PUB_KEY_ID_01${randomDigits(26)}`, kind, privateKey, pem: pem ?? publicPem(privateKey) }
  }
  const serial = id ?? randomSerial()
  return { id: serial, kind, privateKey, pem: pem ?? createCertificate({ privateKey, serial }) }
}

/** A certificate serial number: 40 upper-case hex digits, of a positive number without a leading zero. */
export function randomSerial(): string {
  const bytes = randomBytes(20)
  bytes[0] = 0x40 | (bytes[0]! & 0x3f)
  return bytes.toString('hex').toUpperCase()
}

const randomDigits = (length: number) => Array.from(randomBytes(length), (byte) => byte % 10).join('')

/** The three pairs a simulator starts with. `stranger` is nobody's: it signs forged answers. */
export interface Keys {
  publicKey: SigningKey
  platformCertificate: SigningKey
  stranger: SigningKey
}

/** New pairs of `modulusLength` bits. */
export function createKeys(modulusLength = 2048): Keys {
  const key = (kind: SigningKey['kind']) => createSigningKey(kind, { privateKey: generatePrivateKey(modulusLength) })
  return { publicKey: key('public key'), platformCertificate: key('platform certificate'), stranger: key('public key') }
}

let shared: Keys | undefined
/** One set of pairs for the whole process, made when first asked for: simulators that do not care share it. */
export function sharedKeys(): Keys {
  shared ??= createKeys()
  return shared
}

/** The keys one simulator signs with; they can change while it runs. */
export function createKeyRing(start: Keys = sharedKeys()) {
  const ring = new Map([start.publicKey, start.platformCertificate].map((key) => [key.id, key]))
  let current = { publicKey: start.publicKey, platformCertificate: start.platformCertificate }
  let forced: SigningKey | null = null

  const find = (id: string): SigningKey => {
    const key = ring.get(id)
    if (!key) throw new Error(`no signing key ${id}`)
    return key
  }

  return {
    stranger: start.stranger,
    current: () => current,
    list: () => [...ring.values()],
    find,

    /** The key for an answer: the one the request's `Wechatpay-Serial` asks for, else the platform certificate, as the real one does. */
    forRequest: (serial: string | undefined): SigningKey =>
      forced ?? ring.get(serial ?? '') ?? current.platformCertificate,

    /** Adds a key and makes it the current one of its kind. The one before still answers requests that name it. */
    rotate(key: SigningKey): SigningKey {
      ring.set(key.id, key)
      current = key.kind === 'public key' ? { ...current, publicKey: key } : { ...current, platformCertificate: key }
      return key
    },

    /** Signs nothing with this key any more: requests that name it get the platform certificate. */
    retire(id: string) {
      const key = find(id)
      if (key === current.platformCertificate)
        throw new Error('the current platform certificate cannot be retired: rotate it first')
      ring.delete(id)
      if (forced === key) forced = null
    },

    /** Signs every answer with this key, whatever the request asks for; null: as asked again. */
    answerWith(id: string | null) {
      forced = id === null ? null : find(id)
    },
  }
}

export type KeyRing = ReturnType<typeof createKeyRing>
