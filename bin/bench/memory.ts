import type { Figure } from './figure.ts'
import { startWorker } from './measure.ts'
import type { Surroundings } from './surroundings.ts'
import type { Cost } from './worker.ts'

const FEW = 100
const MANY = 10_000

/** How many at once, as in a batch of the queue. */
const AT_ONCE = 10

/** The heap after a collection, once after a few and once after many reversals: of the step function, and of bare calls. */
export async function measureMemory(surroundings: Surroundings, bundle: string): Promise<Figure> {
  const grown = async (name: string, times: number) => {
    const env = { BENCH_FUNCTION: bundle }
    const worker = await startWorker(surroundings, 'reversal.ts', name, { env, execArgv: ['--expose-gc'] })
    const few = await worker.run({ times: FEW, atOnce: AT_ONCE })
    const many = await worker.run({ times: times - FEW, atOnce: AT_ONCE })
    worker.close()
    return { few, many }
  }
  const [ours, floor] = await Promise.all([grown('handler', MANY), grown('floor', MANY)])
  const ratio = (of: (cost: Cost) => number, { few, many } = ours) => (of(many) / of(few)).toFixed(2)
  const heap = ({ heapBytes }: Cost) => heapBytes!
  const objects = ({ heapBytes, codeBytes }: Cost) => heapBytes! - codeBytes!
  const codeMb = ((ours.many.codeBytes! - ours.few.codeBytes!) / 1e6).toFixed(1)
  return {
    what: 'memory of a function after 10,000 reversals / after 100',
    toReach: '≤ 1.05',
    measured: `${ratio(heap)} of ${(heap(ours.many) / 1e6).toFixed(1)} MB; ${ratio(objects)} without V8's compiled code (+${codeMb} MB)`,
    beside: `three floor calls ${ratio(heap, floor)}, ${ratio(objects, floor)} without compiled code`,
  }
}
