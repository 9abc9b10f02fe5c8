import { type Figure, msText, ratioText } from './figure.ts'
import { interleave, startWorker, type Worker } from './measure.ts'
import { ratios, summarize } from './statistics.ts'
import type { Surroundings } from './surroundings.ts'

const ROUNDS = 41
const CALLS = 100
const WARM_UP = 1_500

const NAMES = ['floor', 'ours', 'wechatpay-axios-plugin', 'wechatpay-node-v3'] as const

/** CPU of one signed and verified query, by each client in a process of its own. */
export async function measureCall(surroundings: Surroundings): Promise<Figure[]> {
  const workers = new Map<string, Worker>()
  for (const name of NAMES) workers.set(name, await startWorker(surroundings, 'call', name))
  for (const worker of workers.values()) await worker.run({ times: WARM_UP })

  const things = Object.fromEntries(NAMES.map((name) => [name, () => workers.get(name)!.run({ times: CALLS })]))
  const seen = await interleave(ROUNDS, things)
  for (const worker of workers.values()) worker.close()

  const cpuMs = (name: string) => seen[name]!.map(({ cpuUs }) => cpuUs / 1000)
  const against = (name: string) => ratioText(ratios(cpuMs(name), cpuMs('floor')))
  const [, , ...peers] = NAMES
  return [
    {
      what: 'CPU of one verified call, ours / floor',
      toReach: '≤ 1.10',
      measured: `${against('ours')}; floor ${msText(summarize(cpuMs('floor')))}`,
      beside: peers.map((name) => `${name} ${against(name)}`).join(', '),
    },
  ]
}
