import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readHistory, writeHistory } from '../../../lib/reversal/history.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')
const PAID = { body: '{}', timestamp: '1', nonce: 'n', signature: 's', serial: 'PUB_KEY_ID_1', request_id: '' }

const at = (second: number) => new Date(NOW + second * 1000).toISOString()

describe('what an order brings along', () => {
  test('is written as it was read', () => {
    const history = { first_seen_at: at(-60), reverse_sent_at: at(-30), reverse_answered_at: at(-29), paid: PAID }
    assert.deepEqual(writeHistory(readHistory(history, NOW, NOW)), history)
  })

  test('without a word of when it was first seen: when it reached us', () => {
    assert.deepEqual(writeHistory(readHistory(undefined, NOW - 5_000, NOW)), { first_seen_at: at(-5) })
  })

  test('cannot have happened in the future', () => {
    const history = { first_seen_at: at(60), reverse_sent_at: at(60), reverse_answered_at: at(60) }
    const now = at(0)
    assert.deepEqual(writeHistory(readHistory(history, NOW, NOW)), {
      first_seen_at: now,
      reverse_sent_at: now,
      reverse_answered_at: now,
    })
    assert.equal(readHistory(undefined, NOW + 60_000, NOW).firstSeenAtMs, NOW)
  })
})
