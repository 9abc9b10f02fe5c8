import { type Environment, type FunctionConfig, type InvokeResult, startEnvironment } from './environment.ts'

/** Every environment the function may have is busy: Lambda's `TooManyRequestsException`. */
export class TooManyRequests extends Error {
  override name = 'TooManyRequestsException'
}

export interface Lambda {
  functions: FunctionConfig[]
  /** @throws TooManyRequests when the reserved concurrency is used up, and an Error for an unknown function */
  invoke(name: string, payload: string): Promise<InvokeResult>
  /** What the function wrote, line by line, oldest first. */
  logs(name: string): string[]
  /** Environments alive now, of one function or of all. */
  environments(name?: string): Environment[]
  close(): void
}

/** Runs the functions, each in as many environments as it has invocations at the same time. */
export function createLambda(functions: FunctionConfig[], onLog: (line: string) => void = () => {}): Lambda {
  const pools = new Map(
    functions.map((config) => [
      config.name,
      { config, logs: [] as string[], environments: new Set<Environment>(), running: 0 },
    ]),
  )
  const poolOf = (name: string) => {
    const pool = pools.get(name)
    if (!pool) throw new Error(`Function not found: ${name}`)
    return pool
  }

  const obtainEnvironment = ({ config, logs, environments }: ReturnType<typeof poolOf>) => {
    const idle = [...environments].find((environment) => environment.isIdle())
    if (idle) return idle
    const fresh = startEnvironment(
      config,
      (line) => {
        logs.push(line)
        onLog(line)
      },
      () => environments.delete(fresh),
    )
    environments.add(fresh)
    return fresh
  }

  const environmentsOf = (name?: string) =>
    (name ? [poolOf(name)] : [...pools.values()]).flatMap(({ environments }) => [...environments])

  return {
    functions,
    invoke: async (name, payload) => {
      const pool = poolOf(name)
      if (pool.running >= (pool.config.reservedConcurrency ?? Number.POSITIVE_INFINITY)) throw new TooManyRequests(name)
      pool.running++
      try {
        return await obtainEnvironment(pool).invoke(payload)
      } finally {
        pool.running--
      }
    },
    logs: (name) => poolOf(name).logs,
    environments: environmentsOf,
    close: () => {
      for (const environment of environmentsOf()) environment.kill()
    },
  }
}
