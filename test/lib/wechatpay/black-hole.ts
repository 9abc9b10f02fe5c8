import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** Listens, and never takes a connection off the system's queue: its thread sleeps. */
const SLEEPER = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })
`

/** A port of 127.0.0.1 to which connecting never ends, as behind a firewall that drops every packet. */
export async function openBlackHole() {
  const sleeper = new Worker(SLEEPER, { eval: true })
  const [port] = (await once(sleeper, 'message')) as [number]
  const waiting: Socket[] = []
  // What the queue still takes is filled up first; the rest is left without an answer.
  for (let index = 0; index < 8; index++) waiting.push(connect(port, '127.0.0.1').on('error', () => {}))
  return {
    url: `https://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of waiting) socket.destroy()
      await sleeper.terminate()
    },
  }
}
