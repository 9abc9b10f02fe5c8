import { stat } from 'node:fs/promises'
import { Option } from 'commander'
import { readSettings } from '../../lib/aws/settings.ts'
import type { Merchants } from '../../lib/reversal/merchants.ts'
import type { Endpoint } from '../../lib/wechatpay/endpoints.ts'
import { belongsElsewhere, type Merchant, readMerchant } from '../../lib/wechatpay/merchant.ts'
import { inLanguage } from '../language/in-language.ts'
import { Failure } from './failure.ts'
import { pathOf, readText } from './files.ts'
import { refusalInWords } from './meanings.ts'

const text = inLanguage({
  en: {
    merchant: "the merchant's JSON: a file, or a secret's name or ARN",
    endpoints: "WeChat Pay's domains, comma-separated (default: its own two)",
    giveEndpoints: 'Give for example: --endpoints https://api.mch.weixin.qq.com',
    leaveEndpoints: 'Leave --endpoints and WECHATPAY_ENDPOINTS out, or give another merchant.',
    jsonGiven: 'the JSON itself was given',
    putIntoFile: 'Put it into a file and give its path: arguments can be seen by others.',
    isFolder: (path: string) => `${path} is a folder`,
    nameFile: 'Name the JSON file in it.',
    noFile: (path: string) => `there is no file ${path}`,
    lookAtPath: 'Look at the path, or give the name of a secret instead.',
    colon: ': ',
    seeDoctor: (doctor: string) => `See what else is wrong: ${doctor}`,
  },
  'zh-CN': {
    merchant: '商户的 JSON：文件，或 secret 的名称或 ARN',
    endpoints: '微信支付的域名，用逗号分隔（默认：它自己的两个）',
    giveEndpoints: '例如：--endpoints https://api.mch.weixin.qq.com',
    leaveEndpoints: '请去掉 --endpoints 和 WECHATPAY_ENDPOINTS，或换一个商户。',
    jsonGiven: '给出的是 JSON 内容本身',
    putIntoFile: '请存成文件，再给出路径：命令行参数别人也看得见。',
    isFolder: (path) => `${path} 是文件夹`,
    nameFile: '请给出其中的 JSON 文件。',
    noFile: (path) => `没有文件 ${path}`,
    lookAtPath: '请检查路径，或给出 secret 的名称。',
    colon: '：',
    seeDoctor: (doctor) => `看看还有哪里不对：${doctor}`,
  },
})

export const merchantOption = () => new Option('-m, --merchant <file or secret>', text.merchant)

export const endpointsOption = () => new Option('--endpoints <addresses>', text.endpoints).env('WECHATPAY_ENDPOINTS')

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
    throw new Failure(refusalInWords((error as Error).message), text.giveEndpoints)
  }
  const elsewhere = merchant && belongsElsewhere(merchant, settings.endpoints)
  if (elsewhere !== undefined) {
    throw new Failure(refusalInWords(elsewhere), text.leaveEndpoints)
  }
  return settings
}

/** The merchant's JSON as it stands in a file, or else in Secrets Manager. @throws Failure that says what to do */
export async function readMerchantText(source: string): Promise<{ json: string; from: 'file' | 'secret' }> {
  if (/^\s*[{[]|-----BEGIN/.test(source)) {
    throw new Failure(text.jsonGiven, text.putIntoFile)
  }
  const found = await stat(pathOf(source)).catch(() => undefined)
  if (found?.isDirectory()) throw new Failure(text.isFolder(source), text.nameFile)
  if (found !== undefined) return { json: await readText(source), from: 'file' }
  if (/^(\.{1,2}\/|~)|\.(json|pem|txt)$/.test(source)) {
    throw new Failure(text.noFile(source), text.lookAtPath)
  }
  // Loaded only when needed: it takes longer than all the rest.
  const { readSecret } = await import('./secrets.ts')
  return { json: await readSecret(source), from: 'secret' }
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
  const { json, from } = await readMerchantText(source)
  const { merchant, findings } = readMerchant(json)
  if (merchant === undefined) {
    const { field, what, fix } = findings.find(({ severity }) => severity === 'error')!
    const words = [source, field, refusalInWords(what), refusalInWords(fix)].filter(Boolean)
    throw new Failure(words.join(text.colon), text.seeDoctor(`npm run doctor -- --merchant ${source}`))
  }
  const settings = wechatPaySettings(endpoints, merchant)
  const merchants =
    from === 'secret'
      ? (await import('./secrets.ts')).merchantsOf(source, settings.endpoints)
      : { find: async () => merchant, renew: async () => undefined }
  return { merchant, merchants, settings }
}
