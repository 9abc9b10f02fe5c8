import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { answerControl } from './control.ts'
import { type Domain, type DomainOptions, openDomain } from './domain.ts'
import { foreign } from './foreign.ts'
import type { RunningSimulator } from './running.ts'
import { send } from './send.ts'
import { type CreateSimulator, createSimulator, type Simulator } from './simulator.ts'
import type { Host, RawHeaders } from './wire.ts'

export interface StartSimulator extends Omit<DomainOptions, 'port'> {
  port?: number
  backupPort?: number
  /** Of the control API, which stays up whatever becomes of the two domains. */
  controlPort?: number
}

const pairs = (raw: string[]): RawHeaders =>
  Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index]!, raw[2 * index + 1]!] as const)

const isSimulator = (given: Simulator | CreateSimulator): given is Simulator => 'handle' in given

/**
 * The simulator on three ports of 127.0.0.1: main and backup domain on the same books, and the control API
 * (which both domains serve too, under `/simulator/`).
 */
export async function startSimulator(
  given: Simulator | CreateSimulator = {},
  { port, backupPort, controlPort, ...options }: StartSimulator = {},
): Promise<RunningSimulator> {
  const simulator = isSimulator(given) ? given : createSimulator(given)

  const answerOn = (host: Host | null) => async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const body = await buffer(request)
      const { method = '', url: target = '' } = request
      if (host === null || target.startsWith('/simulator')) {
        const own = host === null ? running.control : running.domains[host].url
        await answerControl(running, { method, target, body, refused: foreign(request.headers, own) }, response)
      } else {
        const { url: origin } = running.domains[host]
        const headers = pairs(request.rawHeaders)
        await send(response, simulator.handle({ host, origin, method, target, headers, body }))
      }
    } catch (error) {
      // The client hung up, or the simulator itself is broken: say so, and never leave the client waiting.
      if (!request.destroyed) process.emitWarning(error as Error)
      response.destroy()
    }
  }

  const opened: Domain[] = []
  const open = async (host: Host | null, choice: DomainOptions) => {
    const domain = await openDomain(answerOn(host), choice).catch(async (error) => {
      // A port is taken: none of those opened before it may keep the process alive.
      await Promise.all(opened.map((one) => one.close()))
      throw error
    })
    opened.push(domain)
    return domain
  }
  const main = await open('main', { ...options, port })
  const backup = await open('backup', { ...options, port: backupPort })
  const control = await open(null, { port: controlPort })
  const running: RunningSimulator = {
    simulator,
    endpoints: [main.url, backup.url],
    control: control.url,
    domains: { main, backup },
    close: async () => {
      await Promise.all(opened.map((one) => one.close()))
    },
  }
  return running
}
