import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createCertificate } from '../../../infra/local/wechatpay/certificate.ts'
import { type Merchant, parseMerchant } from '../../../lib/wechatpay/merchant.ts'

export const MCHID = '1900000001'
export const APPID = 'wxd678efh567hg6787'
export const SERIAL = '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'
export const PUBLIC_KEY_ID = 'PUB_KEY_ID_0119000000012024112600000001'
export const PLATFORM_SERIAL = '2A3F0E1B6C7D8E9FA0B1C2D3E4F5061728394A5B'

export const createPrivateKey = (modulusLength = 2048): KeyObject =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey

export const privatePem = (key: KeyObject, type: 'pkcs1' | 'pkcs8' = 'pkcs8') =>
  key.export({ type, format: 'pem' }) as string

export const publicPem = (key: KeyObject, type: 'pkcs1' | 'spki' = 'spki') =>
  createPublicKey(key).export({ type, format: 'pem' }) as string

export const certificatePem = (privateKey: KeyObject, serial: string) => createCertificate({ privateKey, serial })

/** The merchant's own key, WeChat Pay's, that of its platform certificate, and one of nobody we know. */
export const keys = {
  merchant: createPrivateKey(),
  wechatPay: createPrivateKey(),
  // Shorter ones are made in a tenth of the time.
  platform: createPrivateKey(1024),
  stranger: createPrivateKey(1024),
}

export type Secret = Record<string, unknown>

/** A merchant's secret as it should be, but for what the test wants otherwise. */
export const secretOf = (otherwise: Secret = {}): Secret => ({
  mchid: MCHID,
  certificate_serial_no: SERIAL,
  private_key: privatePem(keys.merchant),
  wechatpay_public_key_id: PUBLIC_KEY_ID,
  wechatpay_public_key: publicPem(keys.wechatPay),
  other_wechatpay_keys: { [PLATFORM_SERIAL]: certificatePem(keys.platform, PLATFORM_SERIAL) },
  ...otherwise,
})

export const merchantOf = (otherwise: Secret = {}): Merchant =>
  parseMerchant(JSON.stringify(secretOf(otherwise))).merchant
