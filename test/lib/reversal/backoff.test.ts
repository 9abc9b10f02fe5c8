import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { BACKOFF, backoffSeconds, DAY_SECONDS } from '../../../lib/reversal/backoff.ts'

const { firstSeconds, firstDayMaxSeconds, laterMaxSeconds } = BACKOFF

/** Ages at which an order that never ends is looked at, in seconds, over its 7 days. */
function looks(random: () => number): number[] {
  const ages = [0]
  while (ages.at(-1)! < 7 * DAY_SECONDS) ages.push(ages.at(-1)! + backoffSeconds(ages.at(-1)!, random()))
  return ages
}

const anyAge = fc.double({ min: 0, max: 8 * DAY_SECONDS, noNaN: true })
const anyRandom = fc.double({ min: 0, max: 1, noNaN: true })

describe('an unfinished order is looked at again', () => {
  test('after 5 s at first', () => {
    for (const age of [0, 5, 10, 15, 20]) assert.equal(backoffSeconds(age, Math.random()), 5)
  })

  test('later and later: after an eighth to a quarter of its age', () => {
    assert.deepEqual([backoffSeconds(800, 0), backoffSeconds(800, 1)], [100, 200])
  })

  test('after 15 min at most on its first day, half of that at least', () => {
    assert.deepEqual([backoffSeconds(DAY_SECONDS - 1, 0), backoffSeconds(DAY_SECONDS - 1, 1)], [450, 900])
  })

  test('after 1 h at most from then on, half of that at least', () => {
    assert.deepEqual([backoffSeconds(DAY_SECONDS, 0), backoffSeconds(DAY_SECONDS, 1)], [1800, 3600])
  })

  test('in whole seconds, never below 5 s and never above the hour, at any age and any luck', () => {
    fc.assert(
      fc.property(anyAge, anyRandom, (age, random) => {
        const seconds = backoffSeconds(age, random)
        assert.ok(Number.isInteger(seconds))
        assert.ok(seconds >= firstSeconds)
        assert.ok(seconds <= (age < DAY_SECONDS ? firstDayMaxSeconds : laterMaxSeconds))
      }),
    )
  })

  test('never sooner because it is older, at the same luck', () => {
    fc.assert(
      fc.property(anyAge, anyAge, anyRandom, (a, b, random) => {
        const [younger, older] = a < b ? [a, b] : [b, a]
        assert.ok(backoffSeconds(younger, random) <= backoffSeconds(older, random))
      }),
    )
  })

  test('at an age that a clock set back makes negative, like a new one', () => {
    assert.equal(backoffSeconds(-3600, 0.5), 5)
  })
})

describe('in its 7 days an order that never ends is received', () => {
  test('about 330 times', () => {
    const counts = Array.from({ length: 50 }, () => looks(Math.random).length)
    const mean = counts.reduce((sum, count) => sum + count) / counts.length
    assert.ok(mean > 320 && mean < 370, `${mean} times`)
  })

  test("never more often than 700 times, whatever the luck: SQS's 1000 receives are not reached", () => {
    assert.ok(looks(() => 0).length < 700)
    fc.assert(
      fc.property(fc.infiniteStream(anyRandom), (luck) => looks(() => luck.next().value!).length < 700),
      { numRuns: 20 },
    )
  })

  test('for the last time within an hour after 7 days: two days before the queue would drop it', () => {
    assert.ok(looks(() => 1).at(-1)! <= 7 * DAY_SECONDS + laterMaxSeconds)
  })

  test('spread out: what arrived in one second is looked at over minutes, an hour later', () => {
    const at = Array.from({ length: 1000 }, () => {
      const ages = looks(Math.random)
      return ages.find((age) => age > 3600)!
    })
    const busiestMinute = Math.max(
      ...Object.values(Object.groupBy(at, (age) => Math.floor(age / 60))).map((group) => group!.length),
    )
    assert.ok(busiestMinute < 250, `${busiestMinute} of 1000 within a minute`)
  })
})
