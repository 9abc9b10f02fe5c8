import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hasLearned, readHistory, writeHistory } from '../../../lib/reversal/history.ts'
import { type OrderMessage, parseOrder } from '../../../lib/reversal/order.ts'
import type { History, Pending } from '../../../lib/reversal/result.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')
const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }
const PAID = { body: '{}', timestamp: '1', nonce: 'n', signature: 's', serial: 'PUB_KEY_ID_1', request_id: '' }
const OTHER_PAID = { ...PAID, signature: 't' }

const at = (second: number) => new Date(NOW + second * 1000).toISOString()
const order = (message: Partial<OrderMessage>) => parseOrder({ ...NAMES, ...message }, NOW)
const pending = (history: History, retry_after: number): Pending => ({
  ...NAMES,
  outcome: 'PENDING',
  reason: '',
  retry_after,
  history,
})

describe('an order travels on in a new message', () => {
  const seen = { first_seen_at: at(-60) }
  const sent = { ...seen, reverse_sent_at: at(-30) }
  const answered = { ...sent, reverse_answered_at: at(-30) }
  const CASES: [title: string, before: History | undefined, after: History, refund: boolean, keep: boolean][] = [
    ['not when nothing was learned', undefined, seen, false, false],
    ['not when nothing new was learned', { ...answered, paid: PAID }, { ...answered, paid: PAID }, false, false],
    ['when a reverse was sent', undefined, sent, true, true],
    ['when a reverse was answered', sent, answered, true, true],
    ['when SUCCESS was seen', seen, { ...seen, paid: PAID }, true, true],
    [
      'when SUCCESS was seen instead of one that proves nothing',
      { paid: PAID },
      { ...seen, paid: OTHER_PAID },
      true,
      true,
    ],
    ['to be kept, also when a reverse was sent again', answered, { ...answered, reverse_sent_at: at(-5) }, false, true],
    [
      'not because a time is written otherwise',
      { ...seen, reverse_sent_at: '2026-01-31T19:59:30+08:00' },
      sent,
      false,
      false,
    ],
  ]
  for (const [title, before, after, refund, keep] of CASES) {
    test(title, () => {
      const history = before === undefined ? {} : { history: before }
      assert.equal(hasLearned(order(history), pending(after, 60)), refund)
      assert.equal(hasLearned(order({ ...history, if_paid: 'keep' }), pending(after, 60)), keep)
    })
  }

  test('to be kept, but not when a reverse sent again has long landed by the next look', () => {
    const again = { ...answered, reverse_sent_at: at(-5) }
    const keep = order({ history: answered, if_paid: 'keep' })
    assert.equal(hasLearned(keep, pending(again, 89)), true)
    assert.equal(hasLearned(keep, pending(again, 90)), false)
  })
})

describe('what an order brings along', () => {
  test('is written as it was read', () => {
    const history = { first_seen_at: at(-60), reverse_sent_at: at(-30), reverse_answered_at: at(-29), paid: PAID }
    assert.deepEqual(writeHistory(readHistory(order({ history }), NOW, NOW)), history)
  })

  test('without a word of when it was first seen: when it reached us', () => {
    assert.deepEqual(writeHistory(readHistory(order({}), NOW - 5_000, NOW)), { first_seen_at: at(-5) })
  })

  test('cannot have happened in the future', () => {
    const history = { first_seen_at: at(60), reverse_sent_at: at(60), reverse_answered_at: at(60) }
    const now = at(0)
    assert.deepEqual(writeHistory(readHistory(order({ history }), NOW, NOW)), {
      first_seen_at: now,
      reverse_sent_at: now,
      reverse_answered_at: now,
    })
    assert.equal(readHistory(order({}), NOW + 60_000, NOW).firstSeenAt, NOW)
  })
})
