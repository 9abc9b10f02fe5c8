import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { ReversalError } from '../reversal/errors.ts'
import type { Merchants, Renewed } from '../reversal/merchants.ts'
import { isSameMerchant, type Merchant, parseMerchant } from '../wechatpay/merchant.ts'
import { SECRET_READ_MS } from './patience.ts'
import { createSecretReader, type SecretStage, SecretUnavailable } from './secret-reader.ts'

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
  /** How long reading a secret may take, retries included; 3,000 unless told. */
  readMs?: number
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

/**
 * The merchants of this deployment, from Secrets Manager: each secret is read once, its keys parsed once, and read anew
 * when its time is over. One secret that cannot be read leaves the others undisturbed. A failed read is not kept.
 */
export function createMerchantSecrets(options: MerchantSecretsOptions) {
  const { names, ttlMs, readMs = SECRET_READ_MS, client, observe = () => {}, now = Date.now } = options
  const readSecret = createSecretReader(client)
  const loaded = new Map<string, Loaded>()
  const underWay = new Map<string, Promise<unknown>>()

  /** What is under way already is not begun a second time, however many orders ask for it. */
  function once<T>(what: string, begin: () => Promise<T>): Promise<T> {
    const already = underWay.get(what) as Promise<T> | undefined
    if (already !== undefined) return already
    const begun = begin().finally(() => underWay.delete(what))
    underWay.set(what, begun)
    return begun
  }

  /** The secret's value: the one at hand while its time lasts, else freshly read. @throws SecretUnavailable */
  function get(name: string): Promise<Merchant> {
    const have = loaded.get(name)
    if (have !== undefined && have.expiresAt > now()) return Promise.resolve(have.merchant)
    return once(`read ${name}`, () => readOrServeStale(name, have))
  }

  async function readOrServeStale(name: string, have: Loaded | undefined): Promise<Merchant> {
    try {
      return keep(name, await read(name, 'AWSCURRENT'), ttlMs)
    } catch (error) {
      const { message: detail, canServeStale } = error as SecretUnavailable
      observe({ name: 'SecretUnavailable', secret: name, detail })
      if (have === undefined || !canServeStale) throw error
      observe({ name: 'StaleSecretServed', secret: name, detail })
      return keep(name, have.merchant, STALE_RETRY_MS)
    }
  }

  function keep(name: string, merchant: Merchant, forMs: number): Merchant {
    loaded.set(name, { merchant, expiresAt: now() + forMs })
    return merchant
  }

  /** @throws SecretUnavailable */
  async function read(name: string, stage: SecretStage, timeoutMs = readMs): Promise<Merchant> {
    const text = await readSecret(name, stage, timeoutMs)
    try {
      const { merchant, ignoredFields } = parseMerchant(text)
      if (ignoredFields.length > 0) observe({ name: 'SecretFieldIgnored', secret: name, fields: ignoredFields })
      return merchant
    } catch (error) {
      throw new SecretUnavailable(name, (error as Error).message, false)
    }
  }

  /** Which secret was this merchant's when it was last read. */
  const nameOf = (mchid: string) => names.find((name) => loaded.get(name)?.merchant.mchid === mchid)

  async function find(mchid: string): Promise<Merchant> {
    const name = nameOf(mchid)
    const merchant = name && (await get(name).catch(refuse))
    return merchant && merchant.mchid === mchid ? merchant : search(mchid)
  }

  /** The first secret that is this merchant's is enough: another one that is slow or broken holds nobody up. */
  async function search(mchid: string): Promise<Merchant> {
    const reads = names.map(async (name) => {
      const merchant = await get(name)
      if (merchant.mchid !== mchid) throw new Error('another merchant')
      return merchant
    })
    return await Promise.any(reads).catch(({ errors }: AggregateError) => {
      const failures = errors.filter((error) => error instanceof SecretUnavailable)
      if (failures.length > 0) return refuse(...failures)
      throw new ReversalError('UnknownMerchant', 'mchid: none of the configured secrets is of this merchant')
    })
  }

  /**
   * Never rejects: without other credentials the answer that those at hand got stands.
   *
   * @param msLeft how long the order that asks can wait
   */
  async function renew(failed: Merchant, msLeft = () => readMs): Promise<Renewed | undefined> {
    const name = nameOf(failed.mchid)
    if (name === undefined) return undefined
    const { merchant } = loaded.get(name)!
    // Another order of the batch was quicker.
    if (!isSameMerchant(merchant, failed)) return { merchant, adopt() {} }
    const withinMs = Math.min(readMs, msLeft())
    if (!(withinMs > 0)) return undefined
    try {
      return await once(`renew ${name}`, () => readOther(name, failed, withinMs))
    } catch (error) {
      observe({ name: 'SecretUnavailable', secret: name, detail: (error as Error).message })
      return undefined
    }
  }

  /**
   * The current version if it is another than the one that failed: it is what the next read would bring, so it serves at
   * once. Else the one before, which serves only if it works: WeChat Pay may not know the new key yet. An order waits for
   * both reads, so they share the time of one.
   */
  async function readOther(name: string, failed: Merchant, withinMs: number): Promise<Renewed | undefined> {
    const startedAt = performance.now()
    const current = await read(name, 'AWSCURRENT', withinMs)
    if (current.mchid !== failed.mchid) return undefined
    if (!isSameMerchant(current, failed)) return { merchant: keep(name, current, ttlMs), adopt() {} }
    const leftMs = withinMs - (performance.now() - startedAt)
    // A secret that was never changed has none, which is no trouble of its own.
    const previous = await read(name, 'AWSPREVIOUS', leftMs).catch(() => undefined)
    if (previous?.mchid !== failed.mchid || isSameMerchant(previous, failed)) return undefined
    return { merchant: previous, adopt: () => void keep(name, previous, ttlMs) }
  }

  return {
    /** Begins reading at cold start, while the function still initialises. A failure shows when an order needs the secret. */
    prefetch() {
      for (const name of names) get(name).catch(() => {})
    },
    find,
    renew,
  } satisfies Merchants & { prefetch(): void }
}

function refuse(...failures: Error[]): never {
  throw new ReversalError('CredentialsUnavailable', failures.map(({ message }) => message).join('; '))
}
