import { createSettleMerchant, type SettleMerchant } from '../settlement/settle-merchant.ts'
import { createBills } from '../wechatpay/bills.ts'
import { createWechatPay } from '../wechatpay/client.ts'
import { createMerchantSecrets } from './merchant-secrets.ts'
import { readSettings } from './settings.ts'
import { observe } from './telemetry.ts'

/** The settlement as its function uses it, from the environment. No secret is read before an outcome of its merchant is due. */
export function createSettlementService(env: Readonly<Record<string, string | undefined>>): SettleMerchant {
  const { endpoints, timeoutMs, merchantSecrets, secretPrefix, secretTtlMs } = readSettings(env)
  const options = { names: merchantSecrets, prefix: secretPrefix, ttlMs: secretTtlMs, endpoints }
  const merchants = createMerchantSecrets({ ...options, observe })
  const wechatPay = createWechatPay({ endpoints, timeoutMs, observe })
  return createSettleMerchant({ bills: createBills({ wechatPay, endpoints }), merchants, observe })
}
