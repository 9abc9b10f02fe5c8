import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { createMetrics } from '../../../lib/aws/metrics.ts'
import { keepLogLines } from '../../functions/log-lines.ts'

const lines = keepLogLines()
beforeEach(() => lines.forget())

const create = (areMetricsOff = false) =>
  createMetrics({ namespace: 'N', service: 'reversals', areMetricsOff, now: () => 1_767_225_600_000 })

test('the metrics of an invocation are one line in the embedded metric format, a value alone or all of them', () => {
  const metrics = create()
  metrics.add('ReversalCompleted', 'Count', 1)
  metrics.add('PendingAgeSeconds', 'Seconds', 12.5)
  metrics.add('PendingAgeSeconds', 'Seconds', 700)
  assert.equal(lines.text(), '')
  metrics.write()
  assert.deepEqual(JSON.parse(lines.text()), {
    _aws: {
      Timestamp: 1_767_225_600_000,
      CloudWatchMetrics: [
        {
          Namespace: 'N',
          Dimensions: [['service']],
          Metrics: [
            { Name: 'ReversalCompleted', Unit: 'Count' },
            { Name: 'PendingAgeSeconds', Unit: 'Seconds' },
          ],
        },
      ],
    },
    service: 'reversals',
    ReversalCompleted: 1,
    PendingAgeSeconds: [12.5, 700],
  })
})

test('what was written is not written again, and nothing is nothing', () => {
  const metrics = create()
  metrics.write()
  metrics.add('NoAnswer', 'Count', 1)
  metrics.write()
  metrics.write()
  assert.deepEqual(lines.metric('NoAnswer'), [1])
  assert.equal(lines.text().split('\n').length, 1)
})

test('CloudWatch takes a hundred values of a metric in a line, so none is ever longer, and none is lost', () => {
  const metrics = create()
  for (let value = 0; value < 250; value++) metrics.add('PendingAgeSeconds', 'Seconds', value)
  metrics.write()
  const sizes = lines
    .text()
    .split('\n')
    .map((line) => JSON.parse(line).PendingAgeSeconds.length)
  assert.deepEqual(sizes, [100, 100, 50])
  assert.deepEqual(
    lines.metric('PendingAgeSeconds'),
    Array.from({ length: 250 }, (_, value) => value),
  )
})

test('metrics that are off are neither written nor kept', () => {
  const metrics = create(true)
  metrics.add('NoAnswer', 'Count', 1)
  metrics.write()
  assert.equal(lines.text(), '')
})
