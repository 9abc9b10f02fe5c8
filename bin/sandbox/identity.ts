import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCertificate, SANDBOX_ISSUER } from '../../infra/local/wechatpay/certificate.ts'
import {
  createKeys,
  createSigningKey,
  generatePrivateKey,
  type Keys,
  randomSerial,
} from '../../infra/local/wechatpay/keys.ts'
import type { MerchantChoice, MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import { Failure } from '../operator/failure.ts'
import { pathOf } from '../operator/files.ts'
import { text } from '../texts/sandbox.ts'

/** The numbers of the official pages' examples. */
export const DIRECT = { mchid: '1900000001', appid: 'wxd678efh567hg6787' } as const
export const PROVIDER = { mchid: '1900000100', appid: 'wx8888888888888888' } as const
export const SUB_MERCHANTS = [
  { sub_mchid: '1900000109', sub_appid: 'wxd678efh567hg6999' },
  { sub_mchid: '1900000110', sub_appid: undefined },
] as const

/** A merchant's own folder, named as its files name what it is. */
export type Role = 'merchant' | 'provider'

/** What stays the same from one start of the sandbox to the next. */
export interface Identity {
  keys: Keys
  merchants: Record<Role, Required<MerchantChoice>>
}

const NUMBERS: Record<Role, { mchid: string; appid: string }> = { merchant: DIRECT, provider: PROVIDER }
const ROLES = Object.keys(NUMBERS) as Role[]

/** WeChat Pay's own half: what only the sandbox reads. */
const WECHATPAY_FILE = 'wechatpay.json'

/** A merchant's files: the names are those of the merchant platform's download. */
export const FILES = {
  privateKey: 'apiclient_key.pem',
  certificate: 'apiclient_cert.pem',
  wechatpayKey: 'pub_key.pem',
  wechatpayKeyId: 'pub_key_id.txt',
  apiV3Key: 'apiv3_key.txt',
  platformCertificate: 'wechatpay_cert.pem',
  secret: 'merchant.json',
} as const

/**
 * The merchants and keys of a folder; new ones, written nowhere yet, when it has none.
 *
 * @param isFresh new ones whatever is there
 * @throws Failure for a folder that is somebody else's, or is not whole
 */
export async function openIdentity(folder: string, isFresh: boolean): Promise<Identity & { isNew: boolean }> {
  const present = await readdir(pathOf(folder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [] as string[]
    throw new Failure(text.unreadable(folder, String(error.code)), text.giveAnother)
  })
  const isOurs = present.includes(WECHATPAY_FILE)
  if (present.length > 0 && !isOurs) {
    throw new Failure(text.holdsOthers(folder), text.giveEmpty)
  }
  if (isOurs && !isFresh) return { ...(await readIdentity(folder)), isNew: false }
  return { ...makeIdentity(), isNew: true }
}

interface WechatPayFile {
  public_key: { id: string; private_key: string }
  platform_certificate: { id: string; private_key: string; certificate: string }
}

async function readIdentity(folder: string): Promise<Identity> {
  const read = (...names: string[]) => readFile(join(pathOf(folder), ...names), 'utf8')
  const merchantOf = async (role: Role) => {
    const certificate = new X509Certificate(await read(role, FILES.certificate))
    const privateKey = createPrivateKey(await read(role, FILES.privateKey))
    const apiV3Key = (await read(role, FILES.apiV3Key)).trim()
    return { ...NUMBERS[role], certificate_serial_no: certificate.serialNumber, privateKey, apiV3Key }
  }
  try {
    const { public_key, platform_certificate } = JSON.parse(await read(WECHATPAY_FILE)) as WechatPayFile
    return {
      keys: {
        publicKey: createSigningKey('public key', {
          id: public_key.id,
          privateKey: createPrivateKey(public_key.private_key),
        }),
        platformCertificate: createSigningKey('platform certificate', {
          id: platform_certificate.id,
          privateKey: createPrivateKey(platform_certificate.private_key),
          pem: platform_certificate.certificate,
        }),
        stranger: createSigningKey('public key'),
      },
      merchants: { merchant: await merchantOf('merchant'), provider: await merchantOf('provider') },
    }
  } catch (error) {
    // A parser's own words may quote a key.
    const { code = 'not as the sandbox wrote it' } = error as NodeJS.ErrnoException
    throw new Failure(text.notWhole(folder, String(code)), text.makeNew)
  }
}

function makeIdentity(): Identity {
  const merchantOf = (role: Role) => ({
    ...NUMBERS[role],
    certificate_serial_no: randomSerial(),
    privateKey: generatePrivateKey(),
    apiV3Key: randomBytes(16).toString('hex'),
  })
  return { keys: createKeys(), merchants: { merchant: merchantOf('merchant'), provider: merchantOf('provider') } }
}

/** Writes them where the next start finds them, in the place of what is there. */
export async function saveIdentity(folder: string, { keys, merchants }: Identity) {
  const { publicKey, platformCertificate } = keys
  for (const name of [WECHATPAY_FILE, ...ROLES]) await rm(join(pathOf(folder), name), { recursive: true, force: true })
  // Whatever folder it is, nothing of it is ever committed.
  await keep(folder, '.gitignore', '*\n')
  for (const role of ROLES) {
    const { mchid: commonName, certificate_serial_no: serial, privateKey, apiV3Key } = merchants[role]
    const own = join(folder, role)
    await keep(own, FILES.privateKey, pemOf(privateKey))
    await keep(own, FILES.certificate, createCertificate({ privateKey, serial, commonName, issuer: SANDBOX_ISSUER }))
    await keep(own, FILES.wechatpayKey, publicKey.pem)
    await keep(own, FILES.wechatpayKeyId, `${publicKey.id}\n`)
    await keep(own, FILES.apiV3Key, `${apiV3Key}\n`)
    await keep(own, FILES.platformCertificate, platformCertificate.pem)
  }
  const wechatPay: WechatPayFile = {
    public_key: { id: publicKey.id, private_key: pemOf(publicKey.privateKey) },
    platform_certificate: {
      id: platformCertificate.id,
      private_key: pemOf(platformCertificate.privateKey),
      certificate: platformCertificate.pem,
    },
  }
  // Last: a folder with it is whole.
  await keep(folder, WECHATPAY_FILE, JSON.stringify(wechatPay, null, 2))
}

/** Writes what our commands read, with the addresses of this start: they send it there and nowhere else. */
export async function writeMerchant(
  folder: string,
  role: Role,
  { secret }: MerchantWithKeys,
  endpoints: readonly string[],
): Promise<string> {
  await keep(
    join(folder, role),
    FILES.secret,
    `${JSON.stringify({ ...secret, wechatpay_endpoints: endpoints }, null, 2)}\n`,
  )
  return join(folder, role, FILES.secret)
}

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }) as string

/** Readable by nobody else, the folder included. */
async function keep(folder: string, name: string, content: string) {
  try {
    await mkdir(pathOf(folder), { recursive: true, mode: 0o700 })
    await writeFile(join(pathOf(folder), name), content, { mode: 0o600 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Failure(text.unwritable(join(folder, name), String(code)), text.giveAnother)
  }
}
