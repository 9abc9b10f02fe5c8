import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRandom } from '../../infra/local/wechatpay/fault-plans.ts'
import { drain } from './drain.ts'
import { readQueueSettings } from './queue-settings.ts'

const settings = await readQueueSettings()
const OUTAGE = { orders: 10_000, arriveWithinSeconds: 600, seconds: 3_600, attemptSeconds: 0.3 }
const WECHATPAY = { reversesPerSecond: 150, callSeconds: 0.15 }

describe('a backlog after an outage', () => {
  test('costs few attempts while it lasts, and few answers of 429 afterwards', () => {
    const { attemptsPerSecondInOutage, refusedShare, mostInFlight } = drain(
      settings,
      OUTAGE,
      WECHATPAY,
      createRandom(1),
    )
    // Each order comes about every 11 minutes once it is an hour old, and more often before that.
    assert.ok(attemptsPerSecondInOutage < (OUTAGE.orders / OUTAGE.seconds) * 40)
    assert.ok(refusedShare <= 0.01)
    assert.ok(mostInFlight <= OUTAGE.orders)
  })

  test('would meet WeChat Pay’s limit without a pace of its own', () => {
    const outage = { ...OUTAGE, orders: 40_000, seconds: 1_200 }
    const paced = drain(settings, outage, WECHATPAY, createRandom(1))
    const unpaced = drain({ ...settings, attemptsPerSecond: Infinity }, outage, WECHATPAY, createRandom(1))
    assert.ok(unpaced.refusedShare > 10 * Math.max(paced.refusedShare, 0.001))
  })

  test('is not drained faster than the pace of all environments together', () => {
    const { perSecondUntil } = drain(settings, OUTAGE, WECHATPAY, createRandom(1))
    assert.ok(perSecondUntil(0.9) <= settings.maximumConcurrency * settings.attemptsPerSecond)
  })
})
