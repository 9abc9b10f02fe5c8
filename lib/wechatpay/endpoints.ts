/** How long a domain that failed is passed over before it is tried again. The contract promises less than 60 s. */
export const PASS_OVER_MS = 30_000

/** One of WeChat Pay's domains, taken apart once. */
export interface Endpoint {
  readonly origin: string
  readonly protocol: 'https:' | 'http:'
  readonly hostname: string
  readonly port: number
}

/**
 * Reads a list such as `https://api.mch.weixin.qq.com,https://api2.mch.weixin.qq.com`.
 *
 * @throws Error that says what is wrong: no address, a path, or plain http to anything but this machine
 */
export function parseEndpoints(list: string): Endpoint[] {
  const endpoints = list
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
    .map(parseEndpoint)
  if (endpoints.length === 0) throw new Error('no address in the list')
  return endpoints
}

/** Does it lead to this machine, and never out of it? */
export function isLoopback({ hostname }: Pick<Endpoint, 'hostname'>): boolean {
  return hostname === 'localhost' || hostname === '::1' || /^127(\.\d{1,3}){3}$/.test(hostname)
}

/** An address may hold a password by mistake: the words tell its place in the list, not what stands there. */
function parseEndpoint(address: string, index: number): Endpoint {
  const refused = (why: string) => new Error(`address ${index + 1} ${why}`)
  const url = URL.parse(address)
  if (url === null) throw refused('cannot be read')
  const { protocol } = url
  const hostname = url.hostname.replace(/[[\]]/g, '')
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback({ hostname })))
    throw refused('must begin with https://')
  if (url.href !== `${url.origin}/`) throw refused('must be scheme, host and port only')
  const port = Number(url.port) || (protocol === 'https:' ? 443 : 80)
  return { origin: url.origin, protocol, hostname, port }
}

/**
 * Which domain first? The first listed one, unless it failed a short while ago: then those that did not come before it,
 * so that an outage costs one call its time and not every call. One call at a time finds out whether it is back.
 */
export function createPreference(endpoints: readonly Endpoint[], now: () => number) {
  const failedUntil = new Map<Endpoint, number>()
  return {
    inOrder(): Endpoint[] {
      const isPassedOver = (endpoint: Endpoint) => (failedUntil.get(endpoint) ?? 0) > now()
      const [first] = endpoints.filter((endpoint) => !isPassedOver(endpoint))
      if (first === undefined) return [...endpoints]
      if (failedUntil.has(first)) failedUntil.set(first, now() + PASS_OVER_MS)
      return [first, ...endpoints.filter((endpoint) => endpoint !== first)]
    },
    failed(endpoint: Endpoint) {
      failedUntil.set(endpoint, now() + PASS_OVER_MS)
    },
    answered(endpoint: Endpoint) {
      failedUntil.delete(endpoint)
    },
  }
}
