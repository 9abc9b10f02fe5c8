import type { Figure } from './figure.ts'
import { startWorker } from './measure.ts'
import type { Surroundings } from './surroundings.ts'
import type { Cost } from './worker.ts'

const FEW = 100
const SOME = 1_000
const MANY = 10_000

/** How many at once, as in a batch of the queue. */
const AT_ONCE = 10

/** The heap after a collection, after a few, some and many reversals: of the step function, and of bare calls. */
export async function measureMemory(surroundings: Surroundings, bundle: string): Promise<Figure> {
  const grown = async (name: string) => {
    const env = { BENCH_FUNCTION: bundle }
    const worker = await startWorker(surroundings, 'reversal', name, { env, execArgv: ['--expose-gc'] })
    const few = await worker.run({ times: FEW, atOnce: AT_ONCE })
    const some = await worker.run({ times: SOME - FEW, atOnce: AT_ONCE })
    const many = await worker.run({ times: MANY - SOME, atOnce: AT_ONCE })
    worker.close()
    return { few, some, many }
  }
  const [ours, floor] = await Promise.all([grown('handler'), grown('floor')])
  const ratio = (of: (cost: Cost) => number, { few, many } = ours) => (of(many) / of(few)).toFixed(2)
  const sinceSome = ({ some, many } = ours) => (heap(many) / heap(some)).toFixed(2)
  const heap = ({ heapBytes }: Cost) => heapBytes!
  const objects = ({ heapBytes, codeBytes }: Cost) => heapBytes! - codeBytes!
  const codeMb = ((ours.many.codeBytes! - ours.few.codeBytes!) / 1e6).toFixed(1)
  return {
    what: 'memory of a function after 10,000 reversals / after 100',
    toReach: '≤ 1.05',
    measured: `${ratio(heap)} of ${(heap(ours.many) / 1e6).toFixed(1)} MB, since the 1,000th ${sinceSome()}; ${ratio(objects)} without V8's compiled code (+${codeMb} MB)`,
    beside: `three floor calls ${ratio(heap, floor)}, since the 1,000th ${sinceSome(floor)}; ${ratio(objects, floor)} without compiled code`,
  }
}
