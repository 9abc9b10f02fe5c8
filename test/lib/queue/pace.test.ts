import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { createPace } from '../../../lib/queue/pace.ts'

function paced(perSecond: number, atOnce: number) {
  const clock = { ms: 1_000_000 }
  const turn = createPace({ perSecond, atOnce, now: () => clock.ms })
  return { clock, turns: (count: number) => Array.from({ length: count }, () => Math.round(turn())) }
}

describe('the pace of attempts', () => {
  test('lets a few begin together and the others one after another', () => {
    assert.deepEqual(paced(5, 3).turns(6), [0, 0, 0, 200, 400, 600])
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

  test('never keeps one waiting so long that its batch would time out', () => {
    assert.ok(
      paced(0.01, 1)
        .turns(10)
        .every((waitMs) => waitMs <= 10_000),
    )
  })

  test('is kept over any time, whenever turns are taken', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(
        pauses,
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        (given, perSecond, atOnce) => {
          let ms = 0
          const turn = createPace({ perSecond, atOnce, now: () => ms })
          const begun = given.map((pauseMs) => {
            ms += pauseMs
            const waitMs = turn()
            // Beyond the longest wait a turn comes early: those are left out.
            return waitMs < 10_000 ? ms + waitMs : Number.NaN
          })
          for (const [first, from] of begun.entries()) {
            for (const [last, to] of begun.entries()) {
              if (!(last > first && to >= from)) continue
              const most = atOnce + ((to - from) / 1000) * perSecond
              assert.ok(last - first + 1 <= most + 1e-6, `${last - first + 1} within ${to - from} ms`)
            }
          }
        },
      ),
    )
  })
})
