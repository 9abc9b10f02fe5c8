import { type Endpoint, parseEndpoints } from '../wechatpay/endpoints.ts'
import { isLogLevel, type LogLevel } from './log.ts'

/** The configuration all functions share, read once from the environment. */
export interface Settings {
  /** Names or ARNs of secrets, one per merchant, read at cold start. */
  merchantSecrets: readonly string[]
  /** Every other merchant's secret is `<prefix>/<mchid>`. */
  secretPrefix?: string | undefined
  secretTtlMs: number
  endpoints: readonly Endpoint[]
  timeoutMs: number
}

type Environment = Readonly<Record<string, string | undefined>>

const WECHATPAY_ENDPOINTS = 'https://api.mch.weixin.qq.com,https://api2.mch.weixin.qq.com'

/** @throws Error that names the variable and says what is wrong with it */
export function readSettings(env: Environment): Settings {
  return {
    ...readMerchantSecrets(listOf(env, 'MERCHANT_SECRETS')),
    secretTtlMs: positive(env, 'SECRET_TTL_SECONDS', 300) * 1000,
    endpoints: named('WECHATPAY_ENDPOINTS', () =>
      parseEndpoints(env.WECHATPAY_ENDPOINTS?.trim() || WECHATPAY_ENDPOINTS),
    ),
    timeoutMs: positive(env, 'WECHATPAY_TIMEOUT_MS', 5000),
  }
}

/**
 * How many attempts of one merchant an execution environment of the queue's function may begin in a second; without the
 * variable, any.
 *
 * @throws Error that names the variable
 */
export function readAttemptsPerSecond(env: Environment): number {
  return positive(env, 'ATTEMPTS_PER_SECOND', Number.POSITIVE_INFINITY)
}

/** Where open outcomes wait for their bill; undefined: nothing is settled. */
export const readSettlementQueue = (env: Environment): string | undefined =>
  env.SETTLEMENT_QUEUE_URL?.trim() || undefined

/** How log lines and metrics are named, and which lines are written. */
export interface TelemetrySettings {
  service: string
  namespace: string
  level: LogLevel
  areMetricsOff: boolean
}

/** How Powertools lets people say yes. */
const YES = ['1', 'y', 'yes', 't', 'true', 'on']

/**
 * The variables are Powertools' (docs/adr/0007 tells which), and Lambda's own level goes before its. Nothing is thrown: no
 * order waits for a log.
 */
export function readTelemetrySettings(env: Environment): TelemetrySettings {
  const levels = [env.AWS_LAMBDA_LOG_LEVEL, env.POWERTOOLS_LOG_LEVEL, env.LOG_LEVEL]
  const level = (levels.find((text) => text?.trim()) ?? '').trim().toUpperCase()
  return {
    service: env.POWERTOOLS_SERVICE_NAME?.trim() || 'wechatpay-reversal',
    namespace: env.POWERTOOLS_METRICS_NAMESPACE?.trim() || 'WechatPayReversal',
    level: level === 'FATAL' ? 'CRITICAL' : isLogLevel(level) ? level : 'INFO',
    areMetricsOff: YES.includes(env.POWERTOOLS_METRICS_DISABLED?.trim().toLowerCase() ?? ''),
  }
}

/** @throws Error that names the variable */
export function required(env: Environment, name: string): string {
  const value = env[name]?.trim()
  if (!value) throw new Error(`${name}: is not set`)
  return value
}

/** One item may end in a slash and a star: the secrets of all merchants that no other item names. */
function readMerchantSecrets(items: readonly string[]): Pick<Settings, 'merchantSecrets' | 'secretPrefix'> {
  const [prefix, ...more] = items.filter((item) => item.endsWith('/*')).map((item) => item.slice(0, -2))
  const merchantSecrets = items.filter((item) => !item.endsWith('/*'))
  if (more.length > 0) throw new Error('MERCHANT_SECRETS: only one item may end in /*')
  if (prefix === '' || [...merchantSecrets, prefix].some((item) => item?.includes('*'))) {
    throw new Error('MERCHANT_SECRETS: a * may stand only at the end of an item, after a name and a slash')
  }
  return { merchantSecrets, secretPrefix: prefix }
}

function listOf(env: Environment, name: string): string[] {
  const items = required(env, name).split(',')
  const list = new Set(items.map((item) => item.trim()).filter((item) => item !== ''))
  if (list.size === 0) throw new Error(`${name}: holds nothing but commas`)
  return [...list]
}

/** A decimal number above 0. Others (`0x10`, `1e9`, `Infinity`) are most likely slips. */
function positive(env: Environment, name: string, otherwise: number): number {
  const text = env[name]?.trim()
  if (!text) return otherwise
  if (!/^\d{1,15}(\.\d{1,6})?$/.test(text) || Number(text) <= 0)
    throw new Error(`${name}: must be a number greater than 0`)
  return Number(text)
}

function named<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`)
  }
}
