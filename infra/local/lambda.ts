import { type Environment, type FunctionConfig, type InvokeResult, startEnvironment } from './environment.ts'
import { LONGEST_CHAIN, nextInChain } from './lineage.ts'

/** Every environment the function may have is busy: Lambda's `TooManyRequestsException`. */
export class TooManyRequests extends Error {
  override name = 'TooManyRequestsException'
}

/** A function has called itself too often, however indirectly: Lambda's `RecursiveInvocationException`. */
export class RecursiveInvocation extends Error {
  override name = 'RecursiveInvocationException'
}

export interface Lambda {
  functions: FunctionConfig[]
  /**
   * @param traceHeaders those that came with the event: of whoever sent it, or of each message in it
   * @throws TooManyRequests when the reserved concurrency is used up, RecursiveInvocation at the end of a chain that the
   *   function may not go on with, and an Error for an unknown function
   */
  invoke(name: string, payload: string, traceHeaders?: readonly string[]): Promise<InvokeResult>
  /** How many invocations were refused at the end of a chain: the metric `RecursiveInvocationsDropped`. */
  recursionsDropped(name: string): number
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
      { config, logs: [] as string[], environments: new Set<Environment>(), running: 0, dropped: 0 },
    ]),
  )
  let isClosed = false
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
    invoke: async (name, payload, traceHeaders) => {
      // Whoever still calls would start an environment that nobody ends.
      if (isClosed) throw new Error(`${name}: this stack is closed`)
      const pool = poolOf(name)
      const { count, header } = nextInChain(name, traceHeaders)
      if (count > LONGEST_CHAIN && !pool.config.mayLoop) {
        pool.dropped++
        throw new RecursiveInvocation(`Lambda stopped ${name} after ${LONGEST_CHAIN} invocations in one chain`)
      }
      if (pool.running >= (pool.config.reservedConcurrency ?? Number.POSITIVE_INFINITY)) throw new TooManyRequests(name)
      pool.running++
      try {
        return await obtainEnvironment(pool).invoke(payload, header)
      } finally {
        pool.running--
      }
    },
    logs: (name) => poolOf(name).logs,
    recursionsDropped: (name) => poolOf(name).dropped,
    environments: environmentsOf,
    close: () => {
      isClosed = true
      for (const environment of environmentsOf()) environment.kill()
    },
  }
}
