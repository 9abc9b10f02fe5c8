import { type Attempt, createAttempt } from '../reversal/attempt.ts'
import { createLookUp } from '../reversal/look-up.ts'
import { createWechatPay } from '../wechatpay/client.ts'
import { createMerchantSecrets } from './merchant-secrets.ts'
import { readSettings } from './settings.ts'
import { attempted, observe } from './telemetry.ts'

/** The product as the functions use it, from the environment. Begins to read the merchants' secrets at once. */
export function createService(env: Readonly<Record<string, string | undefined>>) {
  const { endpoints, timeoutMs, merchantSecrets, secretPrefix, secretTtlMs } = readSettings(env)
  const options = { names: merchantSecrets, prefix: secretPrefix, ttlMs: secretTtlMs, endpoints }
  const merchants = createMerchantSecrets({ ...options, observe })
  merchants.prefetch()
  const wechatPay = createWechatPay({ endpoints, timeoutMs, observe })
  const attempt = createAttempt({ wechatPay, merchants, observe })
  return {
    merchants,
    attempt: ((order, context) => {
      attempted(order.ref)
      return attempt(order, context)
    }) satisfies Attempt,
    lookUp: createLookUp({ wechatPay, merchants, observe }),
  }
}
