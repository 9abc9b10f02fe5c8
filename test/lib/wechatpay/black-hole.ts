import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** Listens, and takes no connection off the system's queue while its thread sleeps. Then it answers whatever comes. */
const SLEEPER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const server = require('node:net').createServer((socket) => {
    socket.on('error', () => {}).on('data', () => socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}'))
  })
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData))
  })
`

/**
 * A port of 127.0.0.1 to which connecting never ends, as behind a firewall that drops every packet; or not before `asleepMs`,
 * when the system has sent its packet a second time.
 */
export async function openBlackHole(asleepMs = Number.POSITIVE_INFINITY) {
  const sleeper = new Worker(SLEEPER, { eval: true, workerData: asleepMs })
  const [port] = (await once(sleeper, 'message')) as [number]
  const waiting: Socket[] = []
  // What the queue still takes is filled up first; the rest is left without an answer.
  for (let index = 0; index < 8; index++) waiting.push(connect(port, '127.0.0.1').on('error', () => {}))
  await Promise.any(waiting.map((socket) => once(socket, 'connect')))
  await new Promise((resolve) => setTimeout(resolve, 100))
  return {
    url: `https://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of waiting) socket.destroy()
      await sleeper.terminate()
    },
  }
}
