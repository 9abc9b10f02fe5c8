import http from 'node:http'
import https from 'node:https'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BillRefused } from './bill-refused.ts'
import type { Endpoint } from './endpoints.ts'
import { MAX_BODY_BYTES } from './exchange.ts'
import type { Merchant } from './merchant.ts'
import { parseObject } from './parse-object.ts'
import { redact } from './redact.ts'
import { signedHeaders } from './sign.ts'

/** More than ten million rows. It bounds what comes in, and what it inflates to. */
export const MAX_BILL_BYTES = 4 * 1024 ** 3

export const MAX_DOWNLOAD_MS = 10 * 60_000

/** A download that stands still this long will not go on. */
export const IDLE_MS = 30_000

const CHUNK_BYTES = 64 * 1024

/** Each file is fetched once and by itself: a connection of its own costs nothing here, and none is left over. */
const AGENTS = {
  'https:': new https.Agent({ keepAlive: false, minVersion: 'TLSv1.2' }),
  'http:': new http.Agent({ keepAlive: false }),
}

export interface Download {
  /** Where the signed answer says the file is. */
  url: string
  /** The file is followed to one of these and nowhere else. */
  endpoints: readonly Endpoint[]
  merchant: Merchant
  maxBytes?: number | undefined
  timeoutMs: number
  /** How long nothing may come. */
  idleMs?: number
  /** Milliseconds since the epoch. */
  now: () => number
}

/**
 * The inflated bytes of a bill, as they come. The file itself is not signed (official:
 * https://pay.weixin.qq.com/docs/merchant/apis/jsapi-payment/download-bill.html): whoever reads it must compare its hash.
 *
 * @throws BillRefused
 */
export async function* downloadBill(download: Download): AsyncGenerator<Buffer, void, undefined> {
  const { url, endpoints, merchant, maxBytes = MAX_BILL_BYTES, timeoutMs, idleMs = IDLE_MS, now } = download
  const { endpoint, target } = placeOf(url, endpoints)
  const { headers, signature } = signedHeaders(merchant, { method: 'GET', target }, now())
  const deadline = AbortSignal.timeout(Math.max(1, Math.min(timeoutMs, MAX_DOWNLOAD_MS)))
  let response: http.IncomingMessage | undefined
  try {
    const file = await get(endpoint, { path: target, headers, signal: deadline }, idleMs)
    response = file
    if (file.statusCode !== 200) throw await refusalOf(file, signature)
    let bytesIn = 0
    file.on('data', (chunk: Buffer) => {
      bytesIn += chunk.length
      if (bytesIn > maxBytes) file.destroy(new BillRefused('too large', `more than ${maxBytes} bytes`))
    })
    const inflated = pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), () => {})
    let bytesOut = 0
    for await (const chunk of inflated as AsyncIterable<Buffer>) {
      bytesOut += chunk.length
      if (bytesOut > maxBytes) throw new BillRefused('too large', `more than ${maxBytes} bytes when inflated`)
      yield chunk
    }
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, deadline, response !== undefined)
  } finally {
    response?.destroy()
  }
}

/** @throws BillRefused for an address that is none of our endpoints */
function placeOf(url: string, endpoints: readonly Endpoint[]): { endpoint: Endpoint; target: string } {
  const { origin, pathname, search, username, password } = URL.parse(url) ?? {}
  const endpoint = endpoints.find((endpoint) => endpoint.origin === origin)
  if (endpoint === undefined || username || password) {
    throw new BillRefused('another host', 'the address of the bill is none of WECHATPAY_ENDPOINTS')
  }
  return { endpoint, target: `${pathname}${search}` }
}

function get(endpoint: Endpoint, request: http.RequestOptions, idleMs: number) {
  const { protocol, hostname, port } = endpoint
  return new Promise<http.IncomingMessage>((resolve, reject) => {
    const agent = AGENTS[protocol]
    const options = { ...request, agent, hostname, port }
    let incoming: http.IncomingMessage | undefined
    const outgoing = (protocol === 'https:' ? https : http).get(options, (response) => {
      incoming = response
      resolve(response)
    })
    outgoing.on('error', reject)
    outgoing.setTimeout(idleMs, () => {
      // Once the answer has begun, only it can say why it ends.
      const standing = incoming ?? outgoing
      standing.destroy(new BillRefused('too slow', `nothing came for ${idleMs / 1000} s`))
    })
  })
}

/** What an answer without the file says: it is not signed, and a hint only. */
async function refusalOf(response: http.IncomingMessage, ourSignature: string): Promise<BillRefused> {
  const { statusCode: status = 0 } = response
  if (status >= 300 && status < 400) return new BillRefused('redirect', `${status}: a redirect is not followed`)
  const { code, message } = parseObject(await textOf(response)) ?? {}
  const said = [code, message].filter((text) => typeof text === 'string').join(': ')
  const detail = `the download was answered ${status} ${redact(said, ourSignature)}`.trim()
  if (status === 429 || status >= 500) return new BillRefused('no answer', detail)
  // An address that is too old is INVALID_REQUEST; one of another merchant is NO_AUTH (official: the page above).
  return new BillRefused(code === 'INVALID_REQUEST' ? 'expired' : 'refused', detail)
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) break
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function explain(error: NodeJS.ErrnoException, deadline: AbortSignal, hasBegun: boolean): BillRefused {
  if (error instanceof BillRefused) return error
  const detail = error.code ?? error.name
  if (deadline.aborted) return new BillRefused('too slow', 'no end within the time a bill may take')
  if (error.code === 'Z_BUF_ERROR') return new BillRefused('cut', 'the file ends too early')
  if (error.code?.startsWith('Z_')) return new BillRefused('not gzip', detail)
  return hasBegun ? new BillRefused('cut', detail) : new BillRefused('no answer', detail)
}
