import { createRandom } from '../../infra/local/wechatpay/fault-plans.ts'
import type { Figure } from './figure.ts'
import { type Fairness, type Neighbours, runNeighbours } from './neighbours.ts'
import { type QueueSettings, readQueueSettings } from './queue-settings.ts'
import { quantile } from './statistics.ts'

/** What WeChat Pay takes of a merchant's reverses (official for overseas; not published for the mainland), and its usual time. */
export const WECHATPAY = { reversesPerSecond: 150, callSeconds: 0.15 }

/** One merchant's backlog, and 99 others with an order each every 10 s. */
const NIGHT = { backlog: 100_000, quietMerchants: 99, quietEverySeconds: 10 }

/** Whether a receive mixes quiet messages with noisy ones AWS does not say: with groups both ways are run. */
const NIGHTS: Record<string, Omit<Neighbours, keyof typeof NIGHT>> = {
  'with MessageGroupId': { isGrouped: true, mixes: true },
  'with MessageGroupId, receives unmixed': { isGrouped: true, mixes: false },
  'without MessageGroupId': { isGrouped: false, mixes: true },
  'merchants of one service provider': { isGrouped: true, mixes: true, haveProvider: true },
  'keys revoked': { isGrouped: true, mixes: true, isRevoked: true },
}

/** How long the others wait beside one merchant's backlog, on a virtual clock. */
export async function measureFairness(tell: (line: string) => void): Promise<Figure> {
  const settings = await readQueueSettings()
  const texts: Record<string, string> = {}
  for (const [night, neighbours] of Object.entries(NIGHTS)) {
    texts[night] = describe(await workThrough(settings, neighbours))
    tell(`  ${night}: ${texts[night]}`)
  }
  return {
    what: 'first attempt of 99 merchants with an order each every 10 s, beside one with 100,000 waiting (virtual clock, real work, pace and back-off)',
    toReach: '≤ 5 s at the 99th percentile, the one at ≥ 85 % of its limit',
    measured: texts['with MessageGroupId']!,
    beside: `without \`MessageGroupId\`: ${texts['without MessageGroupId']}`,
  }
}

const workThrough = (settings: QueueSettings, neighbours: (typeof NIGHTS)[string]) =>
  runNeighbours(settings, { ...NIGHT, ...neighbours }, WECHATPAY, createRandom(1))

function describe({ quietSeconds, noisyPerSecond }: Fairness): string {
  const [median, most] = [0.5, 0.99].map((share) => quantile(quietSeconds, share))
  const share = (100 * noisyPerSecond) / WECHATPAY.reversesPerSecond
  return `median ${secondsText(median!)} s, 99th ${secondsText(most!)} s; the one at ${share.toFixed(0)} %`
}

const secondsText = (seconds: number) => seconds.toFixed(seconds < 10 ? 2 : 0)
