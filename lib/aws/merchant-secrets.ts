import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { ReversalError } from '../reversal/errors.ts'
import type { Merchants, Renewed } from '../reversal/merchants.ts'
import type { Endpoint } from '../wechatpay/endpoints.ts'
import { belongsElsewhere, isSameMerchant, type Merchant, parseMerchant } from '../wechatpay/merchant.ts'
import { MERCHANT_NUMBER } from '../wechatpay/order-id.ts'
import { SECRET_READ_MS } from './patience.ts'
import { createSecretReader, type SecretStage, SecretUnavailable } from './secret-reader.ts'

/** A secret that could not be read anew is asked for again after this, while its last good value serves on. */
const STALE_RETRY_MS = 10_000

export type SecretEvent =
  | { name: 'StaleSecretServed'; secret: string; mchid: string; detail: string }
  | { name: 'SecretFieldIgnored'; secret: string; fields: string[] }
  | { name: 'SecretUnavailable'; secret: string; detail: string }

/** A merchant without a secret is asked for again after this: so long a new one may take to be known. */
export const UNKNOWN_FOR_MS = 60_000

/** An environment keeps this many merchants, those used last, and remembers this many that have no secret. */
export const MOST_MERCHANTS = 1_000
const MOST_UNKNOWN = 10_000

export interface MerchantSecretsOptions {
  /** Names or ARNs of secrets, one per merchant, read at cold start. */
  names: readonly string[]
  /** Every other merchant's secret is `<prefix>/<mchid>`, read when its first order comes. */
  prefix?: string | undefined
  ttlMs: number
  /** Where requests go. A secret cannot change it: a sandbox's merchant that belongs elsewhere is refused. */
  endpoints: readonly Endpoint[]
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

/** What a search that goes on gets from a secret that can be read, or is none. */
const NOT_ITS_SECRET = new Error("not this merchant's secret")

/**
 * The merchants of this deployment, from Secrets Manager: each secret is read once, its keys parsed once, and read anew
 * when its time is over. One secret that cannot be read leaves the others undisturbed. A failed read is not kept.
 */
export function createMerchantSecrets(options: MerchantSecretsOptions) {
  const { names, prefix, ttlMs, endpoints, readMs = SECRET_READ_MS } = options
  const { client, observe = () => {}, now = Date.now } = options
  const readSecret = createSecretReader(client)
  const loaded = createRecent<Loaded>(MOST_MERCHANTS)
  /** Until when a merchant is known to have no secret. */
  const unknownUntil = createRecent<number>(MOST_UNKNOWN)
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
      loaded.delete(name)
      if (!isUnheardOf(name, error as SecretUnavailable)) observe({ name: 'SecretUnavailable', secret: name, detail })
      if (have === undefined || !canServeStale) throw error
      observe({ name: 'StaleSecretServed', secret: name, mchid: have.merchant.mchid, detail })
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
      if (!names.includes(name) && name !== nameByConvention(merchant.mchid)) {
        throw new Error('mchid: is not the merchant that the name of the secret says')
      }
      const elsewhere = belongsElsewhere(merchant, endpoints)
      if (elsewhere !== undefined) throw new Error(elsewhere)
      return merchant
    } catch (error) {
      throw new SecretUnavailable(name, (error as Error).message, false)
    }
  }

  /** By convention a merchant's name is part of its secret's: it must lead nowhere else. */
  const nameByConvention = (mchid: string) =>
    prefix !== undefined && MERCHANT_NUMBER.test(mchid) ? `${prefix}/${mchid}` : undefined

  /** Anybody may name a merchant that nobody added: that is the caller's error, and no trouble with a secret. */
  const isUnheardOf = (name: string, { isMissing }: SecretUnavailable) => isMissing && !names.includes(name)

  /** Which secret was this merchant's when it was last read. */
  function nameOf(mchid: string): string | undefined {
    const listed = names.find((name) => loaded.peek(name)?.merchant.mchid === mchid)
    const byConvention = nameByConvention(mchid)
    return listed ?? (byConvention !== undefined && loaded.peek(byConvention) ? byConvention : undefined)
  }

  async function find(mchid: string): Promise<Merchant> {
    const name = nameOf(mchid)
    const merchant = name && (await get(name).catch((error) => (isUnheardOf(name, error) ? undefined : refuse(error))))
    return merchant && merchant.mchid === mchid ? merchant : search(mchid)
  }

  /** The first secret that is this merchant's is enough: another one that is slow or broken holds nobody up. */
  async function search(mchid: string): Promise<Merchant> {
    const reads = [...names.map((name) => getListed(name, mchid)), getByConvention(mchid)]
    return await Promise.any(reads).catch(({ errors }: AggregateError) => {
      const failures = errors.filter((error) => error instanceof SecretUnavailable)
      if (failures.length > 0) return refuse(...failures)
      throw new ReversalError('UnknownMerchant', 'mchid: none of the configured secrets is of this merchant')
    })
  }

  async function getListed(name: string, mchid: string): Promise<Merchant> {
    const merchant = await get(name)
    if (merchant.mchid !== mchid) throw NOT_ITS_SECRET
    return merchant
  }

  async function getByConvention(mchid: string): Promise<Merchant> {
    const name = nameByConvention(mchid)
    if (name === undefined || names.includes(name)) throw NOT_ITS_SECRET
    if ((unknownUntil.get(mchid) ?? 0) > now()) throw NOT_ITS_SECRET
    try {
      return await get(name)
    } catch (error) {
      if (!isUnheardOf(name, error as SecretUnavailable)) throw error
      unknownUntil.set(mchid, now() + UNKNOWN_FOR_MS)
      throw NOT_ITS_SECRET
    }
  }

  /**
   * Never rejects: without other credentials the answer that those at hand got stands.
   *
   * @param msLeft how long the order that asks can wait
   */
  async function renew(failed: Merchant, msLeft = () => readMs): Promise<Renewed | undefined> {
    const name = nameOf(failed.mchid)
    if (name === undefined) return undefined
    const { merchant } = loaded.peek(name)!
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

/** The values used last, at most `most` of them: what was not used for longest goes first. */
function createRecent<T>(most: number) {
  const values = new Map<string, T>()
  function set(key: string, value: T) {
    values.delete(key)
    values.set(key, value)
    if (values.size > most) values.delete(values.keys().next().value!)
  }
  return {
    set,
    delete: (key: string) => values.delete(key),
    /** Looks without using it. */
    peek: (key: string) => values.get(key),
    get(key: string): T | undefined {
      const value = values.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
  }
}
