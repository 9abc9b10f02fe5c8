import type { IncomingHttpHeaders } from 'node:http'

/**
 * Why a request may be another website's, open in the same browser: the name it is asked by is not this machine's own (DNS
 * rebinding), or a page of another origin asks. Undefined when it is not.
 *
 * @param own the address that is asked, `http://127.0.0.1:<port>`
 */
export function foreign({ host = '', origin, ...headers }: IncomingHttpHeaders, own: string): string | undefined {
  const { protocol, port, host: ownHost } = new URL(own)
  if (host !== ownHost && host !== `localhost:${port}`) return 'asked under another name'
  if (origin !== undefined && origin !== `${protocol}//${host}`) return 'asked by another page'
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'asked by another page'
  return undefined
}
