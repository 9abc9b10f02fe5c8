import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { anyStory, type Story, UNPAID } from './story.ts'
import { check, RIGHT } from './verdict.ts'
import { START } from './virtual-service.ts'
import { live } from './world.ts'

/** More of them: `STORIES=100000 node --test …`; one again: `SEED=…` from the report of a failure. */
const numRuns = Number(process.env.STORIES ?? 600)
const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }

test('whatever goes wrong, every order ends known and right, or with a person who is told why', {
  timeout: 600_000,
}, async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(anyStory, async (story) => {
      const world = await live(story)
      check(story, world)
      for (const name of [
        ...world.ended.map(({ result }) => result.outcome),
        ...world.refused.map((error) => error.name),
      ]) {
        seen.set(name, (seen.get(name) ?? 0) + 1)
      }
    }),
    { numRuns, ...seed },
  )
  // The stories must be able to end in every way, or they prove little.
  for (const outcome of Object.keys(RIGHT)) assert.ok(seen.has(outcome), `no story ended ${outcome}`)
})

describe('WeChat Pay is down', () => {
  const outage = (calls: number): Story => ({
    ...UNPAID,
    life: [{ after: 0, event: 'pay' }],
    faults: Array.from({ length: calls }, () => 'reset'),
  })

  test('for hours: then the order ends as if nothing had been', async () => {
    const story = outage(300)
    const world = await live(story)
    check(story, world)
    assert.deepEqual(
      world.ended.map(({ result }) => result.outcome),
      ['REFUNDED'],
    )
    assert.ok(world.ended[0]!.at - START > 2 * 60 * 60 * 1000)
  })

  test('for more than 7 days: then a person is told, before the queue would drop it', async () => {
    const { ended, refused, lost, receives } = await live(outage(10_000))
    assert.deepEqual([ended, lost], [[], []])
    assert.deepEqual(
      refused.map(({ name, message }) => `${name}: ${message}`),
      [
        'ReversalExpired: more than 7 days have passed; last reason: no verified answer to our query; last verified state: none',
      ],
    )
    assert.ok(receives > 300 && receives < 400, `${receives} receives`)
  })
})

describe('a reverse that does not land for 7 days', () => {
  // Lambda stops a chain of about 16 messages.
  const FAULTS = ['reset', 'trade-error', 'system-error']
  for (const ifPaid of ['refund', 'keep'] as const) {
    for (const reverse of FAULTS) {
      test(`needs no more than three messages, with \`if_paid\` ${ifPaid} and every reverse answered by ${reverse}`, async () => {
        const story = { ...UNPAID, ifPaid, always: { reverse } }
        const world = await live(story)
        assert.ok(world.receives > 300, `${world.receives} receives`)
        assert.ok(world.messages <= 3, `${world.messages} messages`)
        assert.deepEqual(
          world.refused.map(({ name }) => name),
          ['ReversalExpired'],
        )
      })
    }
  }
})
