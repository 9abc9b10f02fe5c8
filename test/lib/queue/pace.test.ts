import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { createPace } from '../../../lib/queue/pace.ts'

function paced(perSecond: number, atOnce: number) {
  const clock = { ms: 1_000_000 }
  const turn = createPace({ perSecond, atOnce, now: () => clock.ms })
  const turns = (count: number, merchant = 'A') =>
    Array.from({ length: count }, () => turn(merchant)).map((waitMs) => waitMs && Math.round(waitMs))
  return { clock, turn, turns }
}

describe('the pace of attempts', () => {
  test('lets a few begin together and the others one after another', () => {
    assert.deepEqual(paced(5, 3).turns(6), [0, 0, 0, 200, 400, 600])
  })

  test('begins four together unless told: forty environments that meet in a second then stay near the limit', () => {
    const turn = createPace({ perSecond: 3.5, now: () => 1_000_000 })
    const together = Array.from({ length: 30 }, () => turn('A')).filter((waitMs) => waitMs === 0).length
    const LIMIT = 150 // reverses a second, WeChat Pay's
    assert.ok(together >= 2, `${together} begins at once: the time between two batches is never made up for`)
    assert.ok(40 * together <= 1.1 * LIMIT, `${together} at once in 40 environments are ${40 * together} in a second`)
  })

  test('gives back after a pause what was not used, but never more than those few', () => {
    const { clock, turns } = paced(5, 3)
    turns(3)
    clock.ms += 200
    assert.deepEqual(turns(2), [0, 200])
    clock.ms += 60_000
    assert.deepEqual(turns(4), [0, 0, 0, 200])
  })

  test('without a limit nobody waits', () => {
    assert.deepEqual(paced(Number.POSITIVE_INFINITY, 1).turns(100), Array(100).fill(0))
  })

  test('gives no turn for which one would wait so long that the batch times out, and keeps none for later', () => {
    const { clock, turns } = paced(0.2, 1)
    assert.deepEqual(turns(5), [0, 5_000, 10_000, undefined, undefined])
    clock.ms += 5_000
    assert.deepEqual(turns(2), [10_000, undefined])
  })

  test('of one merchant is none of the others’', () => {
    const { turns } = paced(5, 3)
    assert.deepEqual(turns(5, 'noisy'), [0, 0, 0, 200, 400])
    assert.deepEqual(turns(3, 'quiet'), [0, 0, 0])
    assert.deepEqual(turns(1, 'noisy'), [600])
  })

  test('forgets a merchant that has paused: ten thousand that come one after another take no more room than a few', () => {
    const { clock, turn } = paced(3.5, 4)
    setFlagsFromString('--expose_gc')
    const collectGarbage: () => void = runInNewContext('gc')
    const usedBytes = () => {
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    const serve = (from: number) => {
      for (let index = from; index < from + 10_000; index++, clock.ms += 100) {
        turn(`19${index}`)
        // One that is always busy stays, and keeps none of the others.
        turn('busy')
      }
    }
    serve(0)
    const before = usedBytes()
    serve(10_000)
    // Ten thousand names and times are about a megabyte.
    assert.ok(usedBytes() - before < 200_000, `${usedBytes() - before} bytes`)
  })

  test('is kept over any time, whenever turns are taken, by each merchant', () => {
    const pause = fc.record({ pauseMs: fc.integer({ min: 0, max: 1000 }), merchant: fc.constantFrom('A', 'B', 'C') })
    const pauses = fc.array(pause, { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(
        pauses,
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (given, perSecond, atOnce) => {
          let ms = 0
          const turn = createPace({ perSecond, atOnce, now: () => ms })
          const taken = given.map(({ pauseMs, merchant }) => {
            ms += pauseMs
            const waitMs = turn(merchant)
            return { merchant, at: waitMs === undefined ? undefined : ms + waitMs }
          })
          for (const one of ['A', 'B', 'C']) {
            const begun = taken.flatMap(({ merchant, at }) => (merchant === one && at !== undefined ? [at] : []))
            for (const [first, from] of begun.entries()) {
              for (const [last, to] of begun.entries()) {
                if (last <= first) continue
                const most = atOnce + ((to - from) / 1000) * perSecond
                assert.ok(last - first + 1 <= most + 1e-6, `${last - first + 1} within ${to - from} ms`)
              }
            }
          }
        },
      ),
    )
  })
})
