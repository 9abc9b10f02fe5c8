// A process that is measured: does a subject's work as often as it is told, and says what that cost.
// node worker.js <module that exports createWork> <which work>
import { getHeapSpaceStatistics } from 'node:v8'

export interface Cost {
  /** CPU of the whole process, user and system, for one piece of work. */
  cpuUs: number
  wallUs: number
  /** The most memory that the process has had so far. */
  peakBytes: number
  /** Bytes of the heap in use after a collection, and those of them that V8's own code takes; only with --expose-gc. */
  heapBytes?: number
  codeBytes?: number
}

/** How often, and how many at once. */
export interface Task {
  times: number
  atOnce?: number
}

/** Bytecode and its tables live in the trusted space, machine code in the code spaces. */
function heapAfterCollection(collect: () => void) {
  for (let pass = 0; pass < 3; pass++) collect()
  const spaces = getHeapSpaceStatistics().map(
    ({ space_name, space_used_size }) => [space_name, space_used_size] as const,
  )
  const sum = (kept: RegExp) => spaces.reduce((bytes, [name, used]) => (kept.test(name) ? bytes + used : bytes), 0)
  return { heapBytes: sum(/./), codeBytes: sum(/code|trusted/) }
}

if (import.meta.main) {
  const [path, name] = process.argv.slice(2) as [string, string]
  const { createWork } = await import(path)
  const work: () => Promise<void> = await createWork(name)

  process.on('message', async ({ times, atOnce = 1 }: Task) => {
    const [cpu, startedAt] = [process.cpuUsage(), performance.now()]
    let left = times
    const worker = async () => {
      while (left-- > 0) await work()
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    const { user, system } = process.cpuUsage(cpu)
    const wallUs = (performance.now() - startedAt) * 1000
    process.send!({
      cpuUs: (user + system) / times,
      wallUs: wallUs / times,
      peakBytes: process.resourceUsage().maxRSS * 1024,
      ...(globalThis.gc && heapAfterCollection(globalThis.gc)),
    } satisfies Cost)
  })
  process.once('disconnect', () => process.exit())
  process.send!('ready')
}
