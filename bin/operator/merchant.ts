import { stat } from 'node:fs/promises'
import { Option } from 'commander'
import { readSettings } from '../../lib/aws/settings.ts'
import type { Merchants } from '../../lib/reversal/merchants.ts'
import type { Endpoint } from '../../lib/wechatpay/endpoints.ts'
import { type Merchant, parseMerchant } from '../../lib/wechatpay/merchant.ts'
import { Failure } from './failure.ts'
import { pathOf, readText } from './files.ts'

export const merchantOption = () =>
  new Option('-m, --merchant <file or secret>', "the merchant's JSON: a file, or a secret's name or ARN")

export const endpointsOption = () =>
  new Option('--endpoints <addresses>', "WeChat Pay's domains, comma-separated (default: its own two)").env(
    'WECHATPAY_ENDPOINTS',
  )

/** WeChat Pay's addresses and the time one try may take (WECHATPAY_TIMEOUT_MS), as the functions would read them. */
export function wechatPaySettings(endpoints?: string): { endpoints: readonly Endpoint[]; timeoutMs: number } {
  try {
    return readSettings({ ...process.env, WECHATPAY_ENDPOINTS: endpoints, MERCHANT_SECRETS: 'given' })
  } catch (error) {
    throw new Failure((error as Error).message, 'Give for example: --endpoints https://api.mch.weixin.qq.com')
  }
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

/** One merchant, ready for an attempt. A secret is read anew, its version before included, when WeChat Pay asks for it. */
export async function openMerchant(source: string): Promise<{ merchant: Merchant; merchants: Merchants }> {
  const { text, from } = await readMerchantText(source)
  let merchant: Merchant
  try {
    merchant = parseMerchant(text).merchant
  } catch (error) {
    const doctor = `npm run doctor -- --merchant ${source}`
    throw new Failure(`${source}: ${(error as Error).message}`, `See what else is wrong: ${doctor}`)
  }
  if (from === 'secret') return { merchant, merchants: (await import('./secrets.ts')).merchantsOf(source) }
  return { merchant, merchants: { find: async () => merchant, renew: async () => undefined } }
}
