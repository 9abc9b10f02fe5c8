import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createHandOver } from '../../../lib/queue/hand-over.ts'
import type { Ending } from '../../../lib/reversal/attempt.ts'
import { type ErrorName, ReversalError } from '../../../lib/reversal/errors.ts'
import { parseOrder } from '../../../lib/reversal/order.ts'
import type { Pending, Reversal } from '../../../lib/reversal/result.ts'

const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }
const SENT = '2026-01-31T12:00:00.000Z'
const NOW = Date.parse(SENT)
const ORDER = parseOrder({ ...NAMES, if_paid: 'keep' }, NOW)
const REVERSAL: Reversal = {
  ...NAMES,
  attempted_at: SENT,
  outcome: 'REVERSED',
  trade_state: 'REVOKED',
  refunded: null,
  confirmed_at: SENT,
  request_id: '08-0',
  evidence: [],
}
const PENDING: Pending = {
  ...NAMES,
  outcome: 'PENDING',
  reason: 'why',
  retry_after: 60,
  history: { first_seen_at: SENT },
}

/** A hand-over of which everything is kept. */
function handOver(ending: Ending, { put = async () => {}, find = async () => ({}) as never } = {}) {
  const heard: unknown[] = []
  const { reverse, enqueue } = createHandOver({
    attempt: async () => ending,
    merchants: { find },
    queue: {
      put: (order, delaySeconds) => {
        heard.push({ order, delaySeconds })
        return put()
      },
    },
    leaveOpen: async (_, { outcome }) => void heard.push(`${outcome} left open`),
    report: {
      result: ({ outcome }) => heard.push(outcome),
      handOverFailed: () => heard.push('hand-over failed'),
    },
  })
  return { heard, enqueue, reverse: () => reverse(ORDER, { seenAtMs: NOW, msLeft: () => 1_000 }) }
}
const pending = { result: PENDING, history: PENDING.history }

describe('who waits for the answer gets', () => {
  test('the end, and nothing is queued but what its bill must settle', async () => {
    const { heard, reverse } = handOver({ result: REVERSAL, history: {} })
    assert.equal(await reverse(), REVERSAL)
    assert.deepEqual(heard, ['REVERSED', 'REVERSED left open'])
  })

  test('a pending result once the queue has the order, with all that was learned and its time', async () => {
    const { heard, reverse } = handOver(pending)
    assert.equal(await reverse(), PENDING)
    assert.deepEqual(heard, [
      'PENDING',
      { order: { ...NAMES, if_paid: 'keep', history: PENDING.history }, delaySeconds: 60 },
    ])
  })

  test('HandOverFailed when the queue does not have it: the caller must repeat', async () => {
    const cause = new Error('no queue')
    const { heard, reverse } = handOver(pending, { put: () => Promise.reject(cause) })
    await assert.rejects(reverse(), { name: 'HandOverFailed', message: /send it again/, cause })
    assert.equal(heard.at(-1), 'hand-over failed')
  })
})

describe('who asks for the queue gets', () => {
  test('a pending result, and the order is on the queue at once', async () => {
    const { heard, enqueue } = handOver(pending)
    const history = { first_seen_at: SENT }
    const { reason, ...result } = await enqueue(ORDER, NOW)
    assert.deepEqual(result, { ...NAMES, outcome: 'PENDING', retry_after: 5, history })
    assert.match(reason, /as asked/)
    assert.deepEqual(heard, [{ order: { ...NAMES, if_paid: 'keep', history }, delaySeconds: 0 }])
  })

  const refusing = (name: ErrorName) => ({ find: () => Promise.reject(new ReversalError(name, 'why')) })

  test('a refusal at once when nobody knows the merchant', async () => {
    const { heard, enqueue } = handOver(pending, refusing('UnknownMerchant'))
    await assert.rejects(enqueue(ORDER, NOW), { name: 'UnknownMerchant' })
    assert.deepEqual(heard, [])
  })

  test('its place on the queue when the keys cannot be read now: later they can', async () => {
    const { heard, enqueue } = handOver(pending, refusing('CredentialsUnavailable'))
    await enqueue(ORDER, NOW)
    assert.equal(heard.length, 1)
  })
})
