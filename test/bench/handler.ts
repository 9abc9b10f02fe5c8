import { type Figure, msText, ratioText } from './figure.ts'
import { interleave, startWorker } from './measure.ts'
import { ratios, summarize } from './statistics.ts'
import type { Surroundings } from './surroundings.ts'

const ROUNDS = 41
const REVERSALS = 40
const WARM_UP = 500

/** What one warm reversal costs in the bundled step function, and what it makes of connections. */
export interface WarmReversal {
  figures: Figure[]
  cpuMs: number
}

/** CPU of one whole reversal in the bundled step function against three floor calls; then calls and handshakes of it. */
export async function measureHandler(surroundings: Surroundings, bundle: string): Promise<WarmReversal> {
  const floor = await startWorker(surroundings, 'reversal', 'floor')
  const handler = await startWorker(surroundings, 'reversal', 'handler', { env: { BENCH_FUNCTION: bundle } })
  for (const worker of [floor, handler]) await worker.run({ times: WARM_UP })
  const seen = await interleave(ROUNDS, {
    floor: () => floor.run({ times: REVERSALS }),
    handler: () => handler.run({ times: REVERSALS }),
  })

  const before = await surroundings.counts()
  await handler.run({ times: REVERSALS })
  const after = await surroundings.counts()
  for (const worker of [floor, handler]) worker.close()

  const cpuMs = (name: keyof typeof seen) => seen[name].map(({ cpuUs }) => cpuUs / 1000)
  const calls = (after.requests - before.requests) / REVERSALS
  const handshakes = (after.handshakes - before.handshakes) / REVERSALS
  return {
    cpuMs: summarize(cpuMs('handler')).median,
    figures: [
      {
        what: 'CPU of one whole warm reversal in the Lambda handler / three floor calls',
        toReach: '≤ 1.35',
        measured: `${ratioText(ratios(cpuMs('handler'), cpuMs('floor')))}; ${msText(summarize(cpuMs('handler')))}`,
        beside: `three floor calls ${msText(summarize(cpuMs('floor')))}`,
      },
      {
        what: 'calls and TLS handshakes per fault-free reversal, warm',
        toReach: '3 calls, 0 handshakes',
        measured: `${calls} calls, ${handshakes} handshakes`,
        beside: `counted by the server over ${REVERSALS} reversals`,
      },
    ],
  }
}
