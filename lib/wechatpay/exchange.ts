import http from 'node:http'
import https from 'node:https'
import type { LookupFunction, Socket, TcpNetConnectOpts } from 'node:net'
import type { NoAnswer } from './answer.ts'
import type { Endpoint } from './endpoints.ts'

/** WeChat Pay closes a connection that has been idle for 8 s; ours are not used beyond this. */
const IDLE_MS = 7_000

/** The longest answer we read. A query's answer is one or two kilobytes. */
export const MAX_BODY_BYTES = 64 * 1024

/** Timers end at once when told to wait longer. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * How long one address of a domain may take to connect before the next one is tried. Node's own 250 ms are less than a lost
 * packet costs (it is sent again after a second), or a bad way to China; a third of the time leaves the next ones theirs
 * (official: https://nodejs.org/docs/latest-v24.x/api/net.html#socketconnectoptions-connectlistener).
 */
export function addressTimeoutMs(tryMs: number): number {
  return Math.max(MIN_ADDRESS_MS, Math.floor(Math.min(tryMs, MAX_TIMER_MS) / 3))
}

/** Node takes no less. */
const MIN_ADDRESS_MS = 10

export interface WireRequest {
  method: 'GET' | 'POST'
  /** The request target, byte for byte as it was signed. */
  target: string
  /** An object, which costs a little more than a list: tracers that wrap `node:http` copy it as one. */
  headers: http.OutgoingHttpHeaders
  body: string
  /** Over a connection that was used for nothing before: what comes back cannot be the answer to an earlier request. */
  onOwnConnection?: boolean | undefined
}

export interface WireAnswer {
  kind: 'answered'
  status: number
  /** By name in small letters; one that came twice joined by a comma and a space. */
  headers: Readonly<http.IncomingHttpHeaders>
  body: Buffer
}

/** A connection kept alive from an earlier call broke before an answer began: repeat at once, on a new one. */
export interface StaleConnection {
  kind: 'stale connection'
  cause: string
}

type Sent = WireAnswer | NoAnswer | StaleConnection

export interface Exchange {
  /** Never rejects, and ends within `timeoutMs` whatever the server does: connecting and TLS are part of it. */
  send(endpoint: Endpoint, request: WireRequest, timeoutMs: number): Promise<Sent>
  close(): void
}

/** No `timeout`: it would set a timer of its own at every call, and the age of a connection is looked at before use. */
const SHARED = { keepAlive: true, scheduling: 'lifo' } as const
const ALONE = { keepAlive: false } as const

/** All our connections are made alike, so host and port tell them apart. Node's own name lists every option, at every call. */
const getName = ({ host, port }: http.ClientRequestArgs = {}) => `${host}:${port}`

const createAgents = (options: http.AgentOptions) => ({
  'https:': Object.assign(new https.Agent({ ...options, minVersion: 'TLSv1.2' }), { getName }),
  'http:': Object.assign(new http.Agent(options), { getName }),
})

/**
 * One HTTP exchange over connections kept alive between calls. No redirects are followed, no compression is asked for.
 * `node:https` and not `fetch`: the same call costs fetch more than twice the CPU.
 *
 * @param now milliseconds since the epoch
 * @param lookup how names become addresses; the system's way unless told
 */
export function createExchange(now: () => number = Date.now, lookup?: LookupFunction): Exchange {
  const resolving = lookup && { lookup }
  const shared = createAgents({ ...SHARED, ...resolving })
  const alone = createAgents({ ...ALONE, ...resolving })
  const lastUsedAt = new WeakMap<Socket, number>()

  /**
   * Timers stand still while Lambda freezes an environment, so the age of an idle connection is looked at before use. The
   * last one idle is the next in use; when it is too old, so are the others.
   */
  function closeIdle(idle: readonly Socket[], olderThanMs: number) {
    const next = idle.at(-1)
    // A clock that was set back tells nothing about the age either.
    if (next === undefined || Math.abs(now() - (lastUsedAt.get(next) ?? 0)) < olderThanMs) return
    for (const socket of idle) socket.destroy()
  }

  async function send(endpoint: Endpoint, request: WireRequest, timeoutMs: number): Promise<Sent> {
    const agent = (request.onOwnConnection ? alone : shared)[endpoint.protocol]
    const idle = () => agent.freeSockets[getName({ host: endpoint.hostname, port: endpoint.port })] ?? []
    closeIdle(idle(), IDLE_MS)
    const result = await tryOnce(endpoint, request, agent, timeoutMs)
    // The other idle ones are as old, or the server has just restarted. The repeat must find none of them.
    if (result.kind === 'stale connection') closeIdle(idle(), 0)
    return result
  }

  function tryOnce(endpoint: Endpoint, request: WireRequest, agent: http.Agent, timeoutMs: number) {
    return new Promise<Sent>((resolve) => {
      const isTls = endpoint.protocol === 'https:'
      const options: http.RequestOptions & Pick<TcpNetConnectOpts, 'autoSelectFamilyAttemptTimeout'> = {
        agent,
        autoSelectFamilyAttemptTimeout: addressTimeoutMs(timeoutMs),
        hostname: endpoint.hostname,
        port: endpoint.port,
        method: request.method,
        path: request.target,
        headers: request.headers,
      }
      const outgoing = (isTls ? https : http).request(options)
      let isConnected = false
      let response: http.IncomingMessage | undefined
      const noAnswer = (reason: NoAnswer['reason'], cause?: string) =>
        end({ kind: 'none', reason, ...(cause && { cause }), sent: isConnected })
      const timer = setTimeout(() => noAnswer('timeout'), Math.min(timeoutMs, MAX_TIMER_MS))

      function end(result: Sent) {
        clearTimeout(timer)
        if (result.kind !== 'answered') outgoing.destroy()
        resolve(result)
      }

      /** The connection broke, or what came over it is not HTTP. What came whole before it stays an answer. */
      function broken({ code, name }: NodeJS.ErrnoException) {
        const cause = code ?? name
        if (response?.complete) return
        if (response === undefined && outgoing.reusedSocket) end({ kind: 'stale connection', cause })
        else noAnswer('connection', cause)
      }

      outgoing.on('socket', (socket) => {
        if (!socket.connecting) isConnected = true
        else socket.once(isTls ? 'secureConnect' : 'connect', () => (isConnected = true))
      })
      outgoing.on('error', broken)
      // Some ends come without an error, as after an upgrade nobody asked for.
      outgoing.on('close', () => response === undefined && noAnswer('connection', 'ECONNRESET'))
      outgoing.on('response', (incoming) => {
        response = incoming
        const { socket } = incoming
        const chunks: Buffer[] = []
        let length = 0
        incoming.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > MAX_BODY_BYTES) noAnswer('too long')
          else chunks.push(chunk)
        })
        incoming.on('error', broken)
        incoming.on('end', () => {
          lastUsedAt.set(socket, now())
          const { statusCode: status = 0, headers } = incoming
          end({ kind: 'answered', status, headers, body: Buffer.concat(chunks) })
        })
      })
      outgoing.end(request.body)
    })
  }

  function close() {
    for (const agent of [shared, alone].flatMap(Object.values<http.Agent>)) agent.destroy()
  }

  return { send, close }
}
