import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import { httpMessage, type Reply } from './delivery.ts'
import type { RawHeaders } from './wire.ts'

/** An explicit `Connection` keeps node from announcing its idle time-out: the real gateway does not. */
const head = (response: ServerResponse, { status, headers }: Reply) =>
  response.writeHead(status, [...headers, ['Connection', 'keep-alive']].flat())

function reset(socket: Socket) {
  // A TLS socket has no reset of its own.
  if ('resetAndDestroy' in socket && !('encrypted' in socket)) socket.resetAndDestroy()
  else socket.destroy()
}

/** Sends a reply the way it asks for. Ends early when the client is gone. */
export async function send(response: ServerResponse, reply: Reply): Promise<void> {
  const { delivery, body } = reply
  // The request's, for the response has none while the one before it on this connection is still on its way.
  const { socket } = response.req
  switch (delivery.kind) {
    case 'silence':
      return
    case 'whole':
      if (delivery.afterMs > 0) await setTimeout(delivery.afterMs, undefined, { ref: false })
      head(response, reply).end(body)
      return
    case 'reset':
      if (delivery.afterBytes === 0) return reset(socket)
      socket.write(httpMessage(reply).subarray(0, delivery.afterBytes), () => reset(socket))
      return
    case 'drip':
      head(response, reply).flushHeaders()
      for (const byte of body) {
        await setTimeout(delivery.everyMs, undefined, { ref: false })
        if (socket.destroyed) return
        response.write(Buffer.of(byte))
      }
      response.end()
      return
    case 'flood':
      return flood(response, reply, delivery.bytes)
  }
}

function* blanks(bytes: number) {
  const chunk = Buffer.alloc(65_536, ' ')
  for (let left = bytes; left > 0; left -= chunk.length) yield left < chunk.length ? chunk.subarray(0, left) : chunk
}

async function flood(response: ServerResponse, reply: Reply, bytes: number) {
  const headers = reply.headers.filter(([name]) => name !== 'Content-Length')
  const length: RawHeaders = Number.isFinite(bytes) ? [['Content-Length', String(bytes)]] : []
  head(response, { ...reply, headers: [...headers, ...length] })
  // That the client hangs up half-way is what this fault is for.
  await pipeline(blanks(bytes), response).catch(() => response.destroy())
}
