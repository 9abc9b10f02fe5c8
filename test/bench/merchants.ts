import { type Figure, msText, ratioText } from './figure.ts'
import { interleave, startWorker } from './measure.ts'
import { ratios, summarize } from './statistics.ts'
import type { Surroundings } from './surroundings.ts'

const ROUNDS = 21
const ORDERS = 10
const WARM_UP = 200

const MANY = 1_500
const FEW = 100

/** How many at once, as in a batch of the queue. */
const AT_ONCE = 10

/** The first order of a merchant against a later one, and more merchants through one environment than it keeps. */
export async function measureMerchants(surroundings: Surroundings, bundle: string): Promise<Figure[]> {
  const start = (work: string, execArgv: string[] = []) =>
    startWorker(surroundings, 'reversal', work, {
      env: { BENCH_FUNCTION: bundle, MERCHANT_SECRETS: 'bench/*' },
      execArgv,
    })
  return [await firstOrders(), await manyMerchants()]

  async function firstOrders(): Promise<Figure> {
    const [known, first] = await Promise.all([start('handler'), start('a merchant each')])
    for (const worker of [known, first]) await worker.run({ times: WARM_UP })
    const before = await surroundings.counts()
    const seen = await interleave(ROUNDS, {
      known: () => known.run({ times: ORDERS }),
      first: () => first.run({ times: ORDERS }),
    })
    const after = await surroundings.counts()
    for (const worker of [known, first]) worker.close()
    const cpuMs = (name: keyof typeof seen) => seen[name].map(({ cpuUs }) => cpuUs / 1000)
    const reads = (after.secretReads - before.secretReads) / (ROUNDS * ORDERS)
    return {
      what: 'CPU of the first order of a merchant not yet read / of a known one',
      toReach: 'a secret read once',
      measured: `${ratioText(ratios(cpuMs('first'), cpuMs('known')))}; ${msText(summarize(cpuMs('first')))}; reads of its secret: ${reads}`,
      beside: `a known merchant ${msText(summarize(cpuMs('known')))}`,
    }
  }

  async function manyMerchants(): Promise<Figure> {
    const worker = await start('a merchant each', ['--expose-gc'])
    const before = await surroundings.counts()
    const few = await worker.run({ times: FEW, atOnce: AT_ONCE })
    const many = await worker.run({ times: MANY - FEW, atOnce: AT_ONCE })
    const after = await surroundings.counts()
    const twice = await worker.run({ times: MANY, atOnce: AT_ONCE })
    worker.close()
    const mb = ({ heapBytes }: { heapBytes?: number }) => `${(heapBytes! / 1e6).toFixed(1)} MB`
    return {
      what: '1,500 merchants through one environment, an order each',
      toReach: 'each secret read once, memory bounded',
      measured: `${after.secretReads - before.secretReads} reads; ${(many.cpuUs / 1000).toFixed(2)} ms of CPU an order; heap ${mb(many)}`,
      beside: `after 100 merchants ${mb(few)}, after 3,000 ${mb(twice)}: the 1,000 used last are kept`,
    }
  }
}
