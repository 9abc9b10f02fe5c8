import { stat } from 'node:fs/promises'
import { Option } from 'commander'
import { readSettings } from '../../lib/aws/settings.ts'
import type { Merchants } from '../../lib/reversal/merchants.ts'
import type { Endpoint } from '../../lib/wechatpay/endpoints.ts'
import { belongsElsewhere, type Merchant, parseMerchant } from '../../lib/wechatpay/merchant.ts'
import { Failure } from './failure.ts'
import { pathOf, readText } from './files.ts'

export const merchantOption = () =>
  new Option('-m, --merchant <file or secret>', "the merchant's JSON: a file, or a secret's name or ARN")

export const endpointsOption = () =>
  new Option('--endpoints <addresses>', "WeChat Pay's domains, comma-separated (default: its own two)").env(
    'WECHATPAY_ENDPOINTS',
  )

export interface WechatPaySettings {
  endpoints: readonly Endpoint[]
  timeoutMs: number
}

/**
 * WeChat Pay's addresses and the time one try may take (WECHATPAY_TIMEOUT_MS), as the functions would read them; for a
 * merchant of the sandbox, the sandbox's.
 *
 * @param given `--endpoints` or WECHATPAY_ENDPOINTS
 * @throws Failure when a merchant of the sandbox would be sent anywhere else
 */
export function wechatPaySettings(
  given: string | undefined,
  merchant: Pick<Merchant, 'sandbox'> | undefined,
): WechatPaySettings {
  const sandbox = merchant?.sandbox
  const WECHATPAY_ENDPOINTS = given?.trim() || sandbox?.map(({ origin }) => origin).join()
  let settings: WechatPaySettings
  try {
    settings = readSettings({ ...process.env, WECHATPAY_ENDPOINTS, MERCHANT_SECRETS: 'given' })
  } catch (error) {
    throw new Failure((error as Error).message, 'Give for example: --endpoints https://api.mch.weixin.qq.com')
  }
  const elsewhere = merchant && belongsElsewhere(merchant, settings.endpoints)
  if (elsewhere !== undefined) {
    throw new Failure(elsewhere, 'Leave --endpoints and WECHATPAY_ENDPOINTS out, or give another merchant.')
  }
  return settings
}

/** The merchant's JSON as it stands in a file, or else in Secrets Manager. @throws Failure that says what to do */
export async function readMerchantText(source: string): Promise<{ text: string; from: 'file' | 'secret' }> {
  if (/^\s*[{[]|-----BEGIN/.test(source)) {
    throw new Failure(
      'the JSON itself was given',
      'Put it into a file and give its path: arguments can be seen by others.',
    )
  }
  const found = await stat(pathOf(source)).catch(() => undefined)
  if (found?.isDirectory()) throw new Failure(`${source} is a folder`, 'Name the JSON file in it.')
  if (found !== undefined) return { text: await readText(source), from: 'file' }
  if (/^(\.{1,2}\/|~)|\.(json|pem|txt)$/.test(source)) {
    throw new Failure(`there is no file ${source}`, 'Look at the path, or give the name of a secret instead.')
  }
  // Loaded only when needed: it takes longer than all the rest.
  const { readSecret } = await import('./secrets.ts')
  return { text: await readSecret(source), from: 'secret' }
}

export interface OpenedMerchant {
  merchant: Merchant
  merchants: Merchants
  settings: WechatPaySettings
}

/**
 * One merchant, ready for an attempt, and where it goes. A secret is read anew, its version before included, when WeChat Pay
 * asks for it.
 *
 * @param endpoints `--endpoints` or WECHATPAY_ENDPOINTS
 */
export async function openMerchant(source: string, endpoints?: string): Promise<OpenedMerchant> {
  const { text, from } = await readMerchantText(source)
  let merchant: Merchant
  try {
    merchant = parseMerchant(text).merchant
  } catch (error) {
    const doctor = `npm run doctor -- --merchant ${source}`
    throw new Failure(`${source}: ${(error as Error).message}`, `See what else is wrong: ${doctor}`)
  }
  const settings = wechatPaySettings(endpoints, merchant)
  const merchants =
    from === 'secret'
      ? (await import('./secrets.ts')).merchantsOf(source, settings.endpoints)
      : { find: async () => merchant, renew: async () => undefined }
  return { merchant, merchants, settings }
}
