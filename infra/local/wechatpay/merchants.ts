import { createPublicKey, type KeyObject } from 'node:crypto'
import { generatePrivateKey, type KeyRing, randomSerial } from './keys.ts'

/** What WeChat Pay knows of a merchant. */
export interface Merchant {
  mchid: string
  /** The appids bound to this mchid. */
  appids: string[]
  /** Merchant API certificates by serial number: several while one replaces another. */
  certificates: Map<string, KeyObject>
  /** A service provider's sub-merchants by `sub_mchid`, each with its own appids. */
  subMerchants: Map<string, string[]>
  /** 32 characters that what is secret is encrypted with: platform certificates. */
  apiV3Key: string | undefined
}

export interface NewMerchant {
  mchid: string
  appid: string
  certificate_serial_no: string
  /** PEM of a public key or certificate, or a key object. */
  public_key: string | KeyObject
  apiV3Key?: string | undefined
}

export interface NewSubMerchant {
  sp_mchid: string
  sub_mchid: string
  sub_appid?: string | undefined
}

/** Merchants by mchid. Adding one again binds a further appid or certificate to it. */
export function createMerchants() {
  const merchants = new Map<string, Merchant>()
  return {
    find: (mchid: string): Merchant | undefined => merchants.get(mchid),
    list: () => [...merchants.values()],

    add({ mchid, appid, certificate_serial_no, public_key, apiV3Key }: NewMerchant): Merchant {
      const merchant: Merchant = merchants.get(mchid) ?? {
        mchid,
        appids: [],
        certificates: new Map(),
        subMerchants: new Map(),
        apiV3Key,
      }
      if (!merchant.appids.includes(appid)) merchant.appids.push(appid)
      const isPublicKey = typeof public_key === 'object' && public_key.type === 'public'
      merchant.certificates.set(certificate_serial_no, isPublicKey ? public_key : createPublicKey(public_key))
      merchants.set(mchid, merchant)
      return merchant
    },

    /** Relates a sub-merchant to a provider, or binds a further appid to it. Throws when there is no such provider. */
    relate({ sp_mchid, sub_mchid, sub_appid }: NewSubMerchant): Merchant {
      const provider = merchants.get(sp_mchid)
      if (!provider) throw new Error(`sp_mchid: no merchant ${sp_mchid}`)
      const appids = provider.subMerchants.get(sub_mchid) ?? []
      provider.subMerchants.set(sub_mchid, sub_appid === undefined ? appids : [...new Set([...appids, sub_appid])])
      return provider
    },

    /** The merchant certificate was replaced: requests signed with it are refused from now on. */
    revokeCertificate(mchid: string, certificate_serial_no: string) {
      merchants.get(mchid)?.certificates.delete(certificate_serial_no)
    },
  }
}

export type Merchants = ReturnType<typeof createMerchants>

/** What a merchant keeps in its secret: names as in WeChat Pay's own samples, PEM as text. */
export interface MerchantSecret {
  mchid: string
  certificate_serial_no: string
  private_key: string
  wechatpay_public_key_id: string
  wechatpay_public_key: string
  other_wechatpay_keys: Record<string, string>
}

/** A merchant from its own side: keys and all. */
export interface MerchantWithKeys {
  mchid: string
  appid: string
  certificate_serial_no: string
  privateKey: KeyObject
  /** As JSON, what Secrets Manager should hold. */
  secret: MerchantSecret
}

export interface MerchantChoice {
  mchid?: string
  appid?: string
  certificate_serial_no?: string
  /** A pair made earlier: a new one costs about 100 ms. */
  privateKey?: KeyObject
  /** None unless told. */
  apiV3Key?: string | undefined
}

/** Makes a whole merchant and opens its account: WeChat Pay knows its public key, the caller gets the rest. */
export function openMerchant(
  merchants: Merchants,
  keys: KeyRing,
  {
    mchid = '1900000001',
    appid = 'wxd678efh567hg6787',
    certificate_serial_no = randomSerial(),
    privateKey = generatePrivateKey(),
    apiV3Key,
  }: MerchantChoice = {},
): MerchantWithKeys {
  merchants.add({ mchid, appid, certificate_serial_no, public_key: privateKey, apiV3Key })
  const { publicKey, platformCertificate } = keys.current()
  return {
    mchid,
    appid,
    certificate_serial_no,
    privateKey,
    secret: {
      mchid,
      certificate_serial_no,
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      wechatpay_public_key_id: publicKey.id,
      wechatpay_public_key: publicKey.pem,
      other_wechatpay_keys: { [platformCertificate.id]: platformCertificate.pem },
    },
  }
}
