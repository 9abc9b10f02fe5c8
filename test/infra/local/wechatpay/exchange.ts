import { Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest, Agent as TlsAgent } from 'node:https'
import type { RawHeaders, WireRequest } from '../../../../infra/local/wechatpay/wire.ts'

export type Exchanged =
  | { kind: 'answer'; status: number; headers: RawHeaders; body: Buffer }
  | { kind: 'no answer'; because: string }

interface Patience {
  timeoutMs: number
  agent?: Agent
  ca?: string
}

/** Sends a request as it stands to `base`; gives up after `timeoutMs` in all or 64 KiB of body. */
export function exchange(base: string, wire: WireRequest, { timeoutMs, agent, ca }: Patience): Promise<Exchanged> {
  const { hostname, port, protocol } = new URL(base)
  const isTls = protocol === 'https:'
  return new Promise((resolve) => {
    const ends = (because: string) => resolve({ kind: 'no answer', because })
    const options = {
      hostname,
      port,
      path: wire.target,
      method: wire.method,
      headers: { ...Object.fromEntries(wire.headers), 'Content-Length': wire.body.length },
      agent: agent ?? (isTls ? new TlsAgent({ ca }) : new Agent()),
      signal: AbortSignal.timeout(timeoutMs),
    }
    const request = (isTls ? httpsRequest : httpRequest)(options, (response) => {
      const chunks: Buffer[] = []
      let length = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length > 65_536) {
          ends('too large')
          request.destroy()
        }
      })
      response.on('error', fail)
      response.on('end', () => {
        const raw = response.rawHeaders
        const headers = raw.flatMap((name, index) => (index % 2 ? [] : [[name, raw[index + 1]!] as const]))
        resolve({ kind: 'answer', status: response.statusCode!, headers, body: Buffer.concat(chunks) })
      })
    })
    const fail = (error: NodeJS.ErrnoException) =>
      ends(error.name === 'AbortError' || error.name === 'TimeoutError' ? 'timeout' : (error.code ?? error.message))
    request.on('error', fail)
    request.end(wire.body)
  })
}
