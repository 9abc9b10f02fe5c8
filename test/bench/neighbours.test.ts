import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRandom } from '../../infra/local/wechatpay/fault-plans.ts'
import { createFairQueue } from './fair-queue.ts'
import { WECHATPAY } from './fairness.ts'
import { type Neighbours, runNeighbours } from './neighbours.ts'
import { readQueueSettings } from './queue-settings.ts'
import { quantile } from './statistics.ts'

const settings = await readQueueSettings()

/** Long enough for the first second, in which all environments begin at once, to count little. */
const NIGHT = { backlog: 10_000, quietMerchants: 99, quietEverySeconds: 10 }

async function night(neighbours: Omit<Neighbours, keyof typeof NIGHT>) {
  const { quietSeconds, ...rest } = await runNeighbours(
    settings,
    { ...NIGHT, ...neighbours },
    WECHATPAY,
    createRandom(1),
  )
  assert.ok(quietSeconds.length > 600)
  return {
    quietSeconds: quantile(quietSeconds, 0.99),
    noisyShare: rest.noisyPerSecond / WECHATPAY.reversesPerSecond,
    ...rest,
  }
}

describe('beside one merchant with a long backlog', () => {
  for (const mixes of [true, false]) {
    const how = `SQS ${mixes ? 'mixes' : 'does not mix'} quiet messages with noisy ones`
    test(`99 of 100 orders of others are attempted within 5 s, and the one keeps 85 % of its limit: ${how}`, async () => {
      const { quietSeconds, noisyShare, refusedShare } = await night({ isGrouped: true, mixes })
      assert.ok(quietSeconds <= 5, `${quietSeconds} s`)
      assert.ok(noisyShare >= 0.85, `${noisyShare}`)
      assert.ok(refusedShare <= 0.02, `${refusedShare}`)
    })
  }

  test('nor does it slow the others when all are merchants of one provider, and share its limit', async () => {
    const { quietSeconds } = await night({ isGrouped: true, mixes: true, haveProvider: true })
    assert.ok(quietSeconds <= 5, `${quietSeconds} s`)
  })

  test('nor when its keys are revoked, and its orders come again and again', async () => {
    const { quietSeconds } = await night({ isGrouped: true, mixes: true, isRevoked: true })
    assert.ok(quietSeconds <= 5, `${quietSeconds} s`)
  })

  test('without groups the others would wait until it is done', async () => {
    const { quietSeconds } = await night({ isGrouped: false, mixes: true })
    assert.ok(quietSeconds > 60, `${quietSeconds} s`)
  })
})

describe('the fair queue of the figures', () => {
  const queueOf = (mixes: boolean, ...shown: [group: string | undefined, count: number][]) => {
    const queue = createFairQueue<{ group: string | undefined }>(mixes)
    for (const [group, count] of shown) for (let n = 0; n < count; n++) queue.show({ group })
    return queue
  }
  const names = (received: { group: string | undefined }[]) => received.map(({ group }) => group).join('')

  test('gives out the oldest first, until a group has 30 in flight and a tenth of all', () => {
    const queue = queueOf(true, ['A', 100])
    queue.receive(29)
    queue.show({ group: 'B' })
    assert.equal(names(queue.receive(2)), 'AA')
    queue.show({ group: 'B' })
    assert.equal(names(queue.receive(3)), 'BBA')
  })

  test('does not fill up a receive of quiet messages, where that is assumed', () => {
    const queue = queueOf(false, ['A', 100])
    queue.receive(30)
    queue.show({ group: 'B' })
    assert.deepEqual([names(queue.receive(3)), names(queue.receive(3))], ['B', 'AAA'])
  })

  test('takes from the noisy group with the fewest in flight', () => {
    const queue = queueOf(true, ['A', 40], ['B', 40])
    assert.equal(names(queue.receive(70)), 'A'.repeat(40) + 'B'.repeat(30))
    queue.show({ group: 'A' })
    assert.equal(names(queue.receive(2)), 'BB')
  })

  test('knows no noise where messages have no group', () => {
    const queue = queueOf(true, [undefined, 100])
    queue.receive(50)
    queue.show({ group: 'B' })
    assert.equal(names(queue.receive(50)).includes('B'), false)
  })
})
