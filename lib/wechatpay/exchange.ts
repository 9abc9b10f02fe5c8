import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import type { NoAnswer } from './answer.ts'
import type { Endpoint } from './endpoints.ts'

/** WeChat Pay closes a connection that has been idle for 8 s; ours are not used beyond this. */
const IDLE_MS = 7_000

/** The longest answer we read. A query's answer is one or two kilobytes. */
export const MAX_BODY_BYTES = 64 * 1024

export interface WireRequest {
  method: 'GET' | 'POST'
  /** The request target, byte for byte as it was signed. */
  target: string
  headers: http.OutgoingHttpHeaders
  body: string
}

export interface WireAnswer {
  kind: 'answered'
  status: number
  headers: Readonly<Record<string, readonly string[] | undefined>>
  body: Buffer
  /** True when the body went on beyond MAX_BODY_BYTES and was cut off there. */
  tooLong: boolean
}

/** A connection kept alive from an earlier call was reset before a byte came back: repeat at once, on a new one. */
export interface StaleConnection {
  kind: 'stale connection'
  cause: string
}

export interface Exchange {
  /** Never rejects, and ends within `timeoutMs` whatever the server does: connecting and TLS are part of it. */
  send(endpoint: Endpoint, request: WireRequest, timeoutMs: number): Promise<WireAnswer | NoAnswer | StaleConnection>
  close(): void
}

const agentOptions = { keepAlive: true, keepAliveMsecs: 1_000, scheduling: 'lifo', timeout: IDLE_MS } as const

/**
 * One HTTP exchange over connections kept alive between calls. No redirects are followed, no compression is asked for.
 * `node:https` and not `fetch`: the same call costs fetch more than twice the CPU.
 */
export function createExchange(now: () => number = Date.now): Exchange {
  const agents = {
    'https:': new https.Agent({ ...agentOptions, minVersion: 'TLSv1.2' }),
    'http:': new http.Agent(agentOptions),
  }
  const lastUsedAt = new WeakMap<Socket, number>()

  /** Timers stand still while Lambda freezes an environment, so the age of an idle connection is looked at before use. */
  function closeIdle(agent: http.Agent, olderThanMs: number) {
    for (const sockets of Object.values(agent.freeSockets)) {
      for (const socket of sockets ?? []) {
        const hasTrailingBytes = socket.readableLength > 0
        if (hasTrailingBytes || now() - (lastUsedAt.get(socket) ?? 0) >= olderThanMs) socket.destroy()
      }
    }
  }

  async function send(endpoint: Endpoint, request: WireRequest, timeoutMs: number) {
    const agent = agents[endpoint.protocol]
    closeIdle(agent, IDLE_MS)
    const result = await tryOnce(endpoint, request, agent, timeoutMs)
    // The other idle ones are as old, or the server has just restarted.
    if (result.kind === 'stale connection') closeIdle(agent, 0)
    return result
  }

  function tryOnce(endpoint: Endpoint, request: WireRequest, agent: http.Agent, timeoutMs: number) {
    return new Promise<WireAnswer | NoAnswer | StaleConnection>((resolve) => {
      const outgoing = (endpoint.protocol === 'https:' ? https : http).request({
        agent,
        hostname: endpoint.hostname,
        port: endpoint.port,
        method: request.method,
        path: request.target,
        headers: request.headers,
      })
      let connected = false
      let response: http.IncomingMessage | undefined
      const timer = setTimeout(() => end({ kind: 'none', reason: 'timeout', sent: connected }), timeoutMs)

      function end(result: WireAnswer | NoAnswer | StaleConnection) {
        clearTimeout(timer)
        if (result.kind !== 'answered' || result.tooLong) outgoing.destroy()
        resolve(result)
      }

      outgoing.on('socket', (socket) => {
        if (!socket.connecting) connected = true
        else socket.once(endpoint.protocol === 'https:' ? 'secureConnect' : 'connect', () => (connected = true))
      })
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        const cause = error.code ?? error.name
        const isStale = outgoing.reusedSocket && response === undefined && (cause === 'ECONNRESET' || cause === 'EPIPE')
        end(
          isStale
            ? { kind: 'stale connection', cause }
            : { kind: 'none', reason: 'connection', cause, sent: connected },
        )
      })
      outgoing.on('response', (incoming) => {
        response = incoming
        const { socket } = incoming
        const chunks: Buffer[] = []
        let length = 0
        const answered = (tooLong: boolean): WireAnswer => ({
          kind: 'answered',
          status: incoming.statusCode ?? 0,
          headers: incoming.headersDistinct,
          body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
          tooLong,
        })
        incoming.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > MAX_BODY_BYTES) return end(answered(true))
          chunks.push(chunk)
        })
        incoming.on('end', () => {
          // `end` also comes when the connection broke in the middle; `complete` tells the two apart.
          if (!incoming.complete) return end({ kind: 'none', reason: 'connection', cause: 'ECONNRESET', sent: true })
          lastUsedAt.set(socket, now())
          end(answered(false))
        })
        incoming.on('error', (error: NodeJS.ErrnoException) =>
          end({ kind: 'none', reason: 'connection', cause: error.code ?? error.name, sent: true }),
        )
      })
      outgoing.end(request.body === '' ? undefined : request.body)
    })
  }

  function close() {
    for (const agent of Object.values(agents)) agent.destroy()
  }

  return { send, close }
}
