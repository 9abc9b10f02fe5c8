import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { ReversalError } from '../reversal/errors.ts'
import type { Merchants } from '../reversal/merchants.ts'
import { type Merchant, parseMerchant } from '../wechatpay/merchant.ts'

/** How long one read of a secret may take, retries included. */
const READ_MS = 3_000

/** A secret that could not be read anew is asked for again after this, while its last good value serves on. */
const STALE_RETRY_MS = 10_000

export type SecretEvent =
  | { name: 'StaleSecretServed'; secret: string; detail: string }
  | { name: 'SecretFieldIgnored'; secret: string; fields: string[] }
  | { name: 'SecretUnavailable'; secret: string; detail: string }

export interface MerchantSecretsOptions {
  /** Names or ARNs, one per merchant. */
  names: readonly string[]
  ttlMs: number
  client?: Pick<SecretsManagerClient, 'send'>
  observe?: (event: SecretEvent) => void
  /** Milliseconds since the epoch. */
  now?: () => number
}

interface Loaded {
  merchant: Merchant
  /** When it must be read anew. */
  expiresAt: number
}

type Stage = 'AWSCURRENT' | 'AWSPREVIOUS'

/** Why a secret has no value for us; `passing` when Secrets Manager could not be asked, so that an older value may serve. */
class SecretUnavailable extends Error {
  readonly passing: boolean
  constructor(message: string, passing: boolean, options?: ErrorOptions) {
    super(message, options)
    this.passing = passing
  }
}

/**
 * The merchants of this deployment, from Secrets Manager: each secret is read once, its keys parsed once, and read anew
 * when its time is over. One secret that cannot be read leaves the others undisturbed. A failed read is not kept.
 */
export function createMerchantSecrets(options: MerchantSecretsOptions): Merchants & { prefetch(): void } {
  const { names, ttlMs, client = createClient(), observe = () => {}, now = Date.now } = options
  const loaded = new Map<string, Loaded>()
  const underWay = new Map<string, Promise<Loaded>>()

  /** The secret's value, read at most once at a time however many orders ask for it. */
  function get(name: string): Promise<Loaded> {
    const have = loaded.get(name)
    if (have !== undefined && have.expiresAt > now()) return Promise.resolve(have)
    return once(name, () => readOrServeStale(name, have))
  }

  function once(name: string, read: () => Promise<Loaded>): Promise<Loaded> {
    const already = underWay.get(name)
    if (already !== undefined) return already
    const reading = read().finally(() => underWay.delete(name))
    underWay.set(name, reading)
    return reading
  }

  async function readOrServeStale(name: string, have: Loaded | undefined): Promise<Loaded> {
    try {
      return keep(name, await read(name, 'AWSCURRENT'))
    } catch (error) {
      const failure = error as SecretUnavailable
      observe({ name: 'SecretUnavailable', secret: name, detail: failure.message })
      if (have === undefined || !failure.passing) throw failure
      observe({ name: 'StaleSecretServed', secret: name, detail: failure.message })
      return keep(name, { ...have, expiresAt: now() + STALE_RETRY_MS })
    }
  }

  function keep(name: string, value: Loaded): Loaded {
    loaded.set(name, value)
    return value
  }

  async function read(name: string, stage: Stage): Promise<Loaded> {
    const { SecretString, SecretBinary } = await fetchValue(name, stage)
    const text = SecretString ?? (SecretBinary && Buffer.from(SecretBinary).toString('utf8')) ?? ''
    try {
      const { merchant, ignoredFields } = parseMerchant(text)
      if (ignoredFields.length > 0) observe({ name: 'SecretFieldIgnored', secret: name, fields: ignoredFields })
      return { merchant, expiresAt: now() + ttlMs }
    } catch (error) {
      throw new SecretUnavailable(`secret ${name}: ${(error as Error).message}`, false)
    }
  }

  async function fetchValue(name: string, stage: Stage): Promise<GetSecretValueCommandOutput> {
    try {
      const command = new GetSecretValueCommand({ SecretId: name, VersionStage: stage })
      return await client.send(command, { abortSignal: AbortSignal.timeout(READ_MS) })
    } catch (error) {
      throw explain(name, error as Error)
    }
  }

  return {
    /** Begins reading at cold start, while the function still initialises. A failure shows when an order needs the secret. */
    prefetch() {
      for (const name of names) get(name).catch(() => {})
    },

    async find(mchid) {
      for (const { merchant, expiresAt } of loaded.values()) {
        if (merchant.mchid === mchid && expiresAt > now()) return merchant
      }
      try {
        // The first secret that is this merchant's is enough: another one that is slow or broken holds nobody up.
        return await Promise.any(names.map((name) => getIfOf(mchid, name)))
      } catch (error) {
        const failures = (error as AggregateError).errors.filter((failure) => failure instanceof SecretUnavailable)
        if (failures.length > 0) {
          throw new ReversalError('CredentialsUnavailable', failures.map(({ message }) => message).join('; '))
        }
        throw new ReversalError('UnknownMerchant', 'mchid: none of the configured secrets is of this merchant')
      }
    },

    async renew(failed) {
      const name = [...loaded].find(([, { merchant }]) => merchant.mchid === failed.mchid)?.[0]
      if (name === undefined) return undefined
      try {
        const other = await once(`${name} anew`, () => readOther(name, failed))
        return { merchant: other.merchant, adopt: () => void loaded.set(name, other) }
      } catch (error) {
        observe({ name: 'SecretUnavailable', secret: name, detail: (error as Error).message })
        return undefined
      }
    },
  }

  async function getIfOf(mchid: string, name: string): Promise<Merchant> {
    const { merchant } = await get(name)
    if (merchant.mchid !== mchid) throw new Error('another merchant')
    return merchant
  }

  /** The current version if it is another than the one that failed, else the one before: WeChat Pay may not know the new key yet. */
  async function readOther(name: string, failed: Merchant): Promise<Loaded> {
    const current = await read(name, 'AWSCURRENT')
    if (!isSame(current.merchant, failed)) return current
    const previous = await read(name, 'AWSPREVIOUS')
    if (previous.merchant.mchid !== failed.mchid) throw new Error(`secret ${name}: AWSPREVIOUS is another merchant's`)
    return previous
  }
}

function isSame(a: Merchant, b: Merchant): boolean {
  const keysOf = (merchant: Merchant) => [...merchant.wechatpayKeys.keys()].sort().join()
  return (
    a.mchid === b.mchid &&
    a.certificateSerialNo === b.certificateSerialNo &&
    a.privateKey.equals(b.privateKey) &&
    a.wechatpayPublicKeyId === b.wechatpayPublicKeyId &&
    keysOf(a) === keysOf(b)
  )
}

function createClient() {
  return new SecretsManagerClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  })
}

/** What to do about each way Secrets Manager can refuse; all else passes and may be tried again. */
const REFUSALS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'does not exist, or has no value yet: put the merchant’s JSON into it',
  InvalidRequestException: 'cannot be read: it is marked for deletion',
  InvalidParameterException: 'is not a name or an ARN of a secret',
  AccessDeniedException: 'must not be read by this function: its role lacks secretsmanager:GetSecretValue',
  DecryptionFailure: 'cannot be decrypted with its KMS key',
}

function explain(name: string, error: Error): SecretUnavailable {
  const refusal = REFUSALS[error.name]
  if (refusal !== undefined) return new SecretUnavailable(`secret ${name}: ${refusal} (${error.name})`, false)
  const kind = error.name === 'TimeoutError' || error.name === 'AbortError' ? 'no answer in time' : error.name
  return new SecretUnavailable(`secret ${name}: Secrets Manager could not be asked (${kind})`, true)
}
