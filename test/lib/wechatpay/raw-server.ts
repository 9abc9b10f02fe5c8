import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { type Endpoint, parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'

/** A request as its bytes came over the wire. */
export interface RawRequest {
  method: string
  target: string
  /** As sent, names in lower case. */
  headers: Record<string, string>
  body: Buffer
  /** On which connection it came, from 0. */
  connection: number
}

export interface RawServer {
  url: string
  endpoint: Endpoint
  /** Every request so far, oldest first. */
  requests: RawRequest[]
  /** How many connections were opened; over TLS, how many handshakes succeeded. */
  connections(): number
  /** Closes every open connection without a word. */
  drop(): void
  close(): Promise<void>
}

/**
 * A server on a free port of 127.0.0.1 that parses requests but leaves every byte of the answer to the test.
 * `respond` writes to the socket itself, or does nothing.
 */
export async function openRawServer(
  respond: (request: RawRequest, socket: Socket) => void,
  tls?: { key: string; cert: string },
): Promise<RawServer> {
  const requests: RawRequest[] = []
  const sockets = new Set<Socket>()
  let connections = 0

  const onConnection = (socket: Socket) => {
    const connection = connections++
    let received = Buffer.alloc(0)
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      for (;;) {
        const parsed = parse(received)
        if (parsed === undefined) return
        received = received.subarray(parsed.length)
        const request = { ...parsed.request, connection }
        requests.push(request)
        respond(request, socket)
      }
    })
  }
  const server = tls ? createTlsServer(tls, onConnection) : createServer({ noDelay: true }, onConnection)
  server.on('tlsClientError', (_, socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url,
    endpoint: parseEndpoints(url)[0]!,
    requests,
    connections: () => connections,
    drop,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        drop()
      }),
  }
}

function parse(bytes: Buffer): { request: Omit<RawRequest, 'connection'>; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [requestLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const length = end + 4 + Number(headers['content-length'] ?? 0)
  if (bytes.length < length) return undefined
  const [method = '', target = ''] = requestLine.split(' ')
  return { request: { method, target, headers, body: bytes.subarray(end + 4, length) }, length }
}
