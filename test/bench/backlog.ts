import { createRandom } from '../../infra/local/wechatpay/fault-plans.ts'
import { drain, type Outage } from './drain.ts'
import type { Figure } from './figure.ts'
import { type QueueSettings, readQueueSettings } from './queue-settings.ts'

/** What WeChat Pay takes of reverses (official for overseas; not published for the mainland). */
const REVERSES_PER_SECOND = 150

/** Two hours of outage; the orders come in its first hour. */
const OUTAGE = { orders: 100_000, arriveWithinSeconds: 3_600, seconds: 7_200 }

/** The two ways to be down: connections are refused or answered 503 at once, or nobody answers until the time is over. */
const WAYS: Record<string, Outage> = {
  refused: { ...OUTAGE, attemptSeconds: 0.3 },
  silent: { ...OUTAGE, attemptSeconds: 26 },
}

/** The last of the backlog come by their own back-off, up to 15 min after the outage: they say nothing of the rate. */
const SHARE = 0.9

/** What `docs/adr/0006` compares: how long a call of WeChat Pay's takes. */
const CALL_SECONDS = [0.05, 0.15, 0.25, 0.35]
const USUAL_CALL_SECONDS = 0.15

/** The backlog of an outage on a virtual clock, with the settings of the template. */
export async function measureBacklog(tell: (line: string) => void): Promise<Figure> {
  const settings = await readQueueSettings()
  const usual: string[] = []
  for (const [way, outage] of Object.entries(WAYS)) {
    for (const callSeconds of CALL_SECONDS) {
      const text = describe(drainAt(settings, outage, callSeconds))
      tell(`  outage ${way}, ${callSeconds} s a call: ${text}`)
      if (callSeconds === USUAL_CALL_SECONDS) usual.push(`${way}: ${text}`)
    }
  }
  return {
    what: 'draining 100,000 waiting orders at 150 reversals/s (virtual clock, real back-off, pace and concurrency)',
    toReach: '≥ 90 % of that limit, ≤ 1 % 429s',
    measured: usual.join('; '),
    beside: 'until 90 % are final; the rest come by their own back-off within 15 min',
  }
}

const drainAt = (settings: QueueSettings, outage: Outage, callSeconds: number) =>
  drain(settings, outage, { reversesPerSecond: REVERSES_PER_SECOND, callSeconds }, createRandom(1))

function describe({ perSecondUntil, refusedShare }: ReturnType<typeof drain>): string {
  const share = (100 * perSecondUntil(SHARE)) / REVERSES_PER_SECOND
  return `${share.toFixed(0)} % of the limit, ${(100 * refusedShare).toFixed(2)} % 429s`
}
