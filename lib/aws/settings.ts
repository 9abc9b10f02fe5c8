import { type Endpoint, parseEndpoints } from '../wechatpay/endpoints.ts'

/** The configuration all functions share, read once from the environment. */
export interface Settings {
  /** Names or ARNs of the secrets, one per merchant. */
  merchantSecrets: readonly string[]
  secretTtlMs: number
  endpoints: readonly Endpoint[]
  timeoutMs: number
}

type Environment = Readonly<Record<string, string | undefined>>

const WECHATPAY_ENDPOINTS = 'https://api.mch.weixin.qq.com,https://api2.mch.weixin.qq.com'

/** @throws Error that names the variable and says what is wrong with it */
export function readSettings(env: Environment): Settings {
  const merchantSecrets = required(env, 'MERCHANT_SECRETS')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return {
    merchantSecrets: [...new Set(merchantSecrets)],
    secretTtlMs: positive(env, 'SECRET_TTL_SECONDS', 300) * 1000,
    endpoints: named('WECHATPAY_ENDPOINTS', () => parseEndpoints(env.WECHATPAY_ENDPOINTS || WECHATPAY_ENDPOINTS)),
    timeoutMs: positive(env, 'WECHATPAY_TIMEOUT_MS', 5000),
  }
}

/** @throws Error that names the variable */
export function required(env: Environment, name: string): string {
  const value = env[name]?.trim()
  if (!value) throw new Error(`${name}: is not set`)
  return value
}

function positive(env: Environment, name: string, otherwise: number): number {
  const text = env[name]?.trim()
  if (!text) return otherwise
  const number = Number(text)
  if (!Number.isFinite(number) || number <= 0) throw new Error(`${name}: must be a number greater than 0`)
  return number
}

function named<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`)
  }
}
