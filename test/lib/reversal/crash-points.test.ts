import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isOpen } from '../../../lib/settlement/open-outcome.ts'
import { tryCrashes } from '../crash.ts'
import { type Story, UNPAID } from './story.ts'
import { check } from './verdict.ts'
import { live } from './world.ts'

/** Two crashes of every story, and not of the two that do most alone: `CRASHES=deep node --test …`. */
const isDeep = process.env.CRASHES === 'deep'

const PAID: Story = {
  ...UNPAID,
  attemptedAt: -60_000,
  arrivesAt: -50_000,
  life: [{ after: 0, event: 'pay' }],
}

const STORIES: Record<string, Partial<Story>> = {
  'a paid order': {},
  'a paid order whose refund shows as REFUND': { habits: { reversedPaidState: 'REFUND' } },
  'an unpaid order': { life: [] },
  'an order that WeChat Pay does not know': { arrivesAt: null, attemptedAt: -600_000 },
  'a paid order to be kept': { ifPaid: 'keep' },
  'an unpaid order to be kept if paid': { ifPaid: 'keep', life: [] },
  'an order that somebody refunded': {
    life: [
      { after: 0, event: 'pay' },
      { after: 1_000, event: 'refund' },
    ],
  },
  'a refused order': { life: [], always: { reverse: 'param-error' } },
  'an order that cannot be reversed yet': { life: [], faults: [null, 'trade-error'] },
  'a paid order over HTTP': { from: 'HTTP' },
  'an unpaid order over HTTP': { from: 'HTTP', life: [] },
  'an order over HTTP that goes on on the queue': { from: 'HTTP', life: [], faults: [null, 'trade-error'] },
}

const IN_PAIRS = ['a paid order', 'an order over HTTP that goes on on the queue']

/** After one crash, all of its calls and the first of what comes later. */
const MOST_CALLS = 24

async function livesThrough(story: Story): Promise<number> {
  const world = await live(story)
  check(story, world)
  for (const { result } of world.ended) {
    const isLeft = world.leftOpen.some((left) => left.startsWith(result.outcome))
    assert.ok(!isOpen(result) || isLeft, `${result.outcome} was told, and nobody will ever look at its bill`)
  }
  return Math.min(world.calls, MOST_CALLS)
}

describe('a process may end, and a call may come to nothing, at every call to somebody else', () => {
  for (const [name, otherwise] of Object.entries(STORIES)) {
    const inPairs = isDeep || IN_PAIRS.includes(name)
    test(`${name}: ${inPairs ? 'at every two of them' : 'at each of them'}`, { timeout: 600_000 }, async () => {
      const pairs = await tryCrashes((crashes) => livesThrough({ ...PAID, ...otherwise, crashes }), inPairs)
      assert.ok(!inPairs || pairs > 100, `${pairs} pairs`)
    })
  }
})
