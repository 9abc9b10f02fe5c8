import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts'
import { clockImport, type SharedClock } from './shared-clock.ts'

/** A function as the template describes it. */
export interface FunctionConfig {
  name: string
  arn: string
  handler: string
  timeoutMs: number
  memoryMb: number
  reservedConcurrency?: number
  /** Whether Lambda lets it go on in a chain of its own invocations, however long. */
  mayLoop?: boolean
  logFormat?: string
  /** Everything the handler finds in `process.env`, beyond what Lambda itself sets. */
  variables: Record<string, string>
  /** Where the handler's path starts. */
  taskRoot: string
  region: string
  /** The clock its environments live by; without one, the machine's. */
  clock?: SharedClock | undefined
}

/** What Lambda's Invoke gives back; `functionError` when the payload is the function's error. */
export interface InvokeResult {
  payload: string
  functionError?: 'Unhandled'
}

/** One execution environment: a process that runs one invocation at a time and is used again while it lives. */
export interface Environment {
  /** Free to take the next invocation (its last one is answered). */
  isIdle(): boolean
  /** For a fresh environment or an idle one. Never rejects: what goes wrong is the function's error. */
  invoke(payload: string, traceHeader: string): Promise<InvokeResult>
  /** `kill -9`. What it was doing ends as `Runtime.ExitError`. */
  kill(): void
}

/** Lambda's own limit for loading a function, apart from the function's time-out. */
const INIT_TIMEOUT_MS = 10_000

const runtimeInterfaceClient = fileURLToPath(import.meta.resolve('aws-lambda-ric'))
const rapidClient = import.meta.resolve('./rapid-client.mjs')

interface Task {
  requestId: string
  payload: string
  traceHeader: string
  resolve: (result: InvokeResult) => void
}

/**
 * Starts an environment for a function. Its process sees only what Lambda would give it.
 *
 * Unlike Lambda, an environment is not frozen between invocations, and one that needs more than 10 s to load is given up
 * instead of being loaded a second time.
 * @param onLog hears every line the function writes, and Lambda's own `REPORT` lines
 * @param onDeath hears when the environment can be forgotten
 */
export function startEnvironment(
  config: FunctionConfig,
  onLog: (line: string) => void,
  onDeath: () => void,
): Environment {
  let state: 'init' | 'idle' | 'busy' | 'dead' = 'init'
  let task: Task | undefined
  let startedAt = performance.now()
  let child: ChildProcess | undefined

  const answer = (payload: string, functionError?: 'Unhandled') => {
    clearTimeout(timer)
    if (!task) return
    const durationMs = Math.round(performance.now() - startedAt)
    onLog(`REPORT RequestId: ${task.requestId}\tDuration: ${durationMs} ms\tMemory Size: ${config.memoryMb} MB`)
    task.resolve({ payload, ...(functionError && { functionError }) })
    task = undefined
  }
  const die = (errorType: string, message: string) => {
    if (state === 'dead') return
    state = 'dead'
    answer(JSON.stringify({ errorType, errorMessage: `RequestId: ${task?.requestId} Error: ${message}` }), 'Unhandled')
    child?.kill('SIGKILL')
    void runtimeApi.then((api) => api.close())
    onDeath()
  }

  // A function's own time-out starts when it is handed the event, so that a slow init takes nothing from it.
  const begin = (api: RuntimeApi, { requestId, payload, traceHeader }: Task) => {
    state = 'busy'
    startedAt = performance.now()
    const { timeoutMs, arn: functionArn, clock } = config
    const deadlineMs = (clock?.now() ?? Date.now()) + timeoutMs
    const message = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
    timer = setTimeout(() => die('Sandbox.Timedout', message), timeoutMs)
    api.send({ requestId, payload, deadlineMs, functionArn, traceHeader })
  }

  let timer = setTimeout(() => die('Sandbox.Timedout', 'Init did not end within 10.00 seconds'), INIT_TIMEOUT_MS)
  const runtimeApi = startRuntimeApi({
    onNext: async () => {
      if (state === 'dead') return
      if (state === 'init') clearTimeout(timer)
      state = 'idle'
      if (task) begin(await runtimeApi, task)
    },
    onAnswer: (requestId, payload, isError) => {
      if (requestId === task?.requestId) answer(payload, isError ? 'Unhandled' : undefined)
    },
    onInitError: (payload) => answer(payload, 'Unhandled'),
  })
  void runtimeApi.then((api) => {
    if (state === 'dead') return
    const imports = [...(config.clock ? [clockImport(config.clock.file)] : []), rapidClient]
    const options = [`--max-old-space-size=${config.memoryMb}`, ...imports.flatMap((module) => ['--import', module])]
    child = spawn(process.execPath, [...options, runtimeInterfaceClient, config.handler], {
      cwd: config.taskRoot,
      env: environmentVariables(config, new URL(api.url).host),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on('line', onLog)
    child.on('error', (error) => die('Runtime.ExitError', error.message))
    child.on('exit', (code, signal) => {
      const how = signal ? `signal: ${signal === 'SIGKILL' ? 'killed' : signal}` : `exit status ${code}`
      die('Runtime.ExitError', `Runtime exited with error: ${how}`)
    })
  })

  return {
    isIdle: () => !task && (state === 'idle' || state === 'busy'),
    invoke: (payload, traceHeader) =>
      new Promise((resolve) => {
        task = { requestId: randomUUID(), payload, traceHeader, resolve }
        if (state === 'idle') void runtimeApi.then((api) => task && begin(api, task))
      }),
    kill: () => die('Runtime.ExitError', 'Runtime exited with error: signal: killed'),
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const environmentVariables = (config: FunctionConfig, runtimeApi: string): Record<string, string> => ({
  ...config.variables,
  _HANDLER: config.handler,
  AWS_DEFAULT_REGION: config.region,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
  AWS_LAMBDA_FUNCTION_NAME: config.name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_FORMAT: config.logFormat ?? 'Text',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: `[$LATEST]${randomUUID().replaceAll('-', '')}`,
  AWS_LAMBDA_RUNTIME_API: runtimeApi,
  AWS_REGION: config.region,
  LAMBDA_RUNTIME_DIR: '/var/runtime',
  LAMBDA_TASK_ROOT: config.taskRoot,
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
})
