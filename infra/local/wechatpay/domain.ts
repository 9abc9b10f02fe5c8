import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** `refuse`: nobody listens. `black-hole`: connections are taken and nothing is ever said on them, TLS included. */
export type DomainState = 'up' | 'refuse' | 'black-hole'

export interface DomainOptions {
  /** 0, or none: any free one. */
  port?: number | undefined
  /** Key and certificate, PEM: speak TLS. */
  tls?: { key: string; cert: string } | undefined
  /** Idle connections are dropped after this; WeChat Pay's own gateway does so after 8,000. */
  idleTimeoutMs?: number | undefined
}

/** One listening port of 127.0.0.1 that can be taken down and brought back while running. */
export async function openDomain(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
  { port = 0, tls, idleTimeoutMs = 8_000 }: DomainOptions = {},
) {
  let state: DomainState = 'up'
  const counts = { connections: 0, requests: 0 }
  const sockets = new Set<Socket>()

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (state === 'black-hole') return
    counts.requests += 1
    onRequest(request, response)
  }
  const web = tls ? createHttpsServer(tls, listener) : createHttpServer(listener)
  web.keepAliveTimeout = idleTimeoutMs
  web.keepAliveTimeoutBuffer = 0

  // A front of our own decides what becomes of a connection before HTTP or TLS sees it.
  const front: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    counts.connections += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    if (state !== 'black-hole') web.emit('connection', socket)
  })

  const listen = (on: number) =>
    new Promise<void>((resolve, reject) => {
      front.once('error', reject)
      front.listen(on, '127.0.0.1', () => {
        front.off('error', reject)
        resolve()
      })
    })
  const dropConnections = () => {
    for (const socket of sockets) socket.destroy()
  }
  const stopListening = () =>
    new Promise<void>((resolve) => {
      front.close(() => resolve())
      dropConnections()
    })

  await listen(port)
  const address = front.address() as AddressInfo

  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`,
    counts: (): Readonly<typeof counts> => counts,
    state: () => state,

    /** Takes the domain down or brings it back, on the same port. What hung in a black hole is reset then. */
    async set(wanted: DomainState) {
      if (wanted === state) return
      const was = state
      state = wanted
      if (wanted === 'refuse') await stopListening()
      else if (was === 'refuse') await listen(address.port)
      else if (was === 'black-hole') dropConnections()
    },

    /** Closes every open connection without a word: what a client that was frozen for a while finds. */
    dropConnections,

    async close() {
      if (state !== 'refuse') await stopListening()
      state = 'refuse'
      web.close()
    },
  }
}

export type Domain = Awaited<ReturnType<typeof openDomain>>
