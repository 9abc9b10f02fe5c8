import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { createLog } from '../../../lib/aws/log.ts'
import { keepLogLines } from '../../functions/log-lines.ts'

const now = () => new Date(Date.UTC(2026, 0, 1))
const lines = keepLogLines()
beforeEach(() => lines.forget())

describe('a log line', () => {
  test('is one JSON object: level, message, time and service first, then the invocation, then its own fields', () => {
    const log = createLog({ service: 'reversals', level: 'INFO', now })
    log.setInvocation({ function_request_id: 'r-1', xray_trace_id: undefined })
    log.info('reversal completed', { out_trade_no: 'A\nB', refunded: null, code: undefined })
    assert.equal(
      lines.text(),
      '{"level":"INFO","message":"reversal completed","timestamp":"2026-01-01T00:00:00.000Z","service":"reversals",' +
        '"function_request_id":"r-1","out_trade_no":"A\\nB","refunded":null}',
    )
  })

  test('carries the invocation it was written in, not the one before', () => {
    const log = createLog({ service: 's', level: 'INFO', now })
    log.setInvocation({ function_request_id: 'r-1', xray_trace_id: 't-1' })
    log.info('first', {})
    log.setInvocation({ function_request_id: 'r-2' })
    log.warn('second', {})
    assert.equal(lines.saying('first')[0]!.function_request_id, 'r-1')
    assert.deepEqual(
      [lines.saying('second')[0]!.function_request_id, lines.saying('second')[0]!.xray_trace_id],
      ['r-2', undefined],
    )
  })

  test('has the time of the moment unless told', () => {
    const before = Date.now()
    createLog({ service: 's', level: 'INFO' }).info('now', {})
    const at = Date.parse(String(lines.saying('now')[0]!.timestamp))
    assert.ok(before <= at && at <= Date.now())
  })

  test('that goes to a stream that broke stops nobody', () => {
    const log = createLog({ service: 's', level: 'INFO', now })
    const { write } = process.stdout
    process.stdout.write = () => {
      throw new Error('EPIPE')
    }
    try {
      log.info('nobody reads this', {})
    } finally {
      process.stdout.write = write
    }
  })
})

describe('the level', () => {
  const written = { TRACE: 3, DEBUG: 3, INFO: 3, WARN: 2, ERROR: 1, CRITICAL: 0, SILENT: 0 } as const
  for (const [level, count] of Object.entries(written) as [keyof typeof written, number][]) {
    test(`${level} lets ${count} of info, warning and error through`, () => {
      const log = createLog({ service: 's', level, now })
      for (const write of [log.info, log.warn, log.error]) write('said', {})
      const levels = lines.saying('said').map((line) => line.level)
      assert.deepEqual(levels, ['INFO', 'WARN', 'ERROR'].slice(3 - count))
    })
  }
})
