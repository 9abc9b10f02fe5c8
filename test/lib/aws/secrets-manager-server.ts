import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Stage = 'AWSCURRENT' | 'AWSPREVIOUS'

export interface SecretsManagerServer {
  url: string
  /** Every GetSecretValue so far, oldest first. */
  calls: { name: string; stage: Stage }[]
  /** Puts a value: what was AWSCURRENT becomes AWSPREVIOUS. */
  put(name: string, value: unknown): void
  /** From now on, answers for one secret (or all) go this way; without a way, as they should. */
  behave(name: string | 'all', way?: Way): void
  close(): Promise<void>
}

export type Way = (response: ServerResponse, answer: () => void) => void

/** An error as the service gives it. */
export const failing =
  (type: string, status = 400): Way =>
  (response) =>
    response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify({ __type: type, Message: `${type}!` }))

/** Secrets Manager's GetSecretValue as the SDK speaks it, on a free port of 127.0.0.1, with stages and every misbehaviour. */
export async function openSecretsManager(): Promise<SecretsManagerServer> {
  const secrets = new Map<string, Partial<Record<Stage, object>>>()
  const ways = new Map<string, Way>()
  const calls: SecretsManagerServer['calls'] = []

  const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { SecretId: name, VersionStage: stage = 'AWSCURRENT' } = JSON.parse(body) as {
      SecretId: string
      VersionStage?: Stage
    }
    calls.push({ name, stage })
    response.setHeader('Content-Type', 'application/x-amz-json-1.1')
    const answer = () => {
      const value = secrets.get(name)?.[stage]
      if (value === undefined) failing('ResourceNotFoundException')(response, () => {})
      else response.end(JSON.stringify({ Name: name, VersionStages: [stage], ...value }))
    }
    const way = ways.get(name) ?? ways.get('all')
    if (way === undefined) answer()
    else way(response, answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    put(name, value) {
      const isOutput =
        typeof value === 'object' && value !== null && ('SecretString' in value || 'SecretBinary' in value)
      const output = isOutput ? value : { SecretString: typeof value === 'string' ? value : JSON.stringify(value) }
      const before = secrets.get(name)?.AWSCURRENT
      secrets.set(name, { AWSCURRENT: output, ...(before && { AWSPREVIOUS: before }) })
    },
    behave(name, way) {
      if (way === undefined) ways.delete(name)
      else ways.set(name, way)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
