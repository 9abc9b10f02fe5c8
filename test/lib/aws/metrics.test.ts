import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import fc from 'fast-check'
import { createMetrics } from '../../../lib/aws/metrics.ts'
import { keepLogLines } from '../../functions/log-lines.ts'

const lines = keepLogLines()
beforeEach(() => lines.forget())

const create = (areMetricsOff = false) =>
  createMetrics({ namespace: 'N', service: 'reversals', areMetricsOff, now: () => 1_767_225_600_000 })

test('the metrics of an invocation are one line in the embedded metric format: counts added up, and all other values', () => {
  const metrics = create()
  metrics.add('ReversalCompleted', 'Count', 1)
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
    ReversalCompleted: 2,
    PendingAgeSeconds: [12.5, 700],
  })
})

test('each merchant has a line of its own, by the names its orders have, which are no dimensions', () => {
  const metrics = create()
  const shop = { sp_mchid: '1900000100', sub_mchid: '1900000109' }
  metrics.add('NoAnswer', 'Count', 1, { mchid: '1900000001' })
  metrics.add('NoAnswer', 'Count', 1, shop)
  metrics.add('BatchFailed', 'Count', 1)
  metrics.add('NoAnswer', 'Count', 1, { ...shop, sub_mchid: '1900000110' })
  metrics.add('FailOver', 'Count', 1, shop)
  metrics.add('NoAnswer', 'Count', 1, { ...shop, ...{ out_trade_no: 'A1' } })
  metrics.write()
  const written = lines.all().map(({ _aws, service, ...rest }) => {
    const [{ Dimensions }] = (_aws as { CloudWatchMetrics: [{ Dimensions: unknown }] }).CloudWatchMetrics
    assert.deepEqual([Dimensions, service], [[['service']], 'reversals'])
    return rest
  })
  assert.deepEqual(written, [
    { mchid: '1900000001', NoAnswer: 1 },
    { ...shop, NoAnswer: 2, FailOver: 1 },
    { BatchFailed: 1 },
    { ...shop, sub_mchid: '1900000110', NoAnswer: 1 },
  ])
})

test('whoever they are of and whenever they are written, no value is lost, counted twice or given to another', () => {
  const adding = fc.record({
    name: fc.constantFrom('NoAnswer', 'FailOver', 'PendingAgeSeconds'),
    mchid: fc.constantFrom('1', '2', undefined),
    value: fc.integer({ min: 1, max: 9 }),
    isWritten: fc.boolean(),
  })
  const valuesOf = (written: Iterable<{ mchid?: unknown; name: string; values: number[] }>) => {
    const found = Map.groupBy(written, ({ mchid, name }) => `${mchid} ${name}`)
    return [...found]
      .map(([key, those]) => {
        const values = those.flatMap(({ values }) => values)
        return [key, key.endsWith('Seconds') ? values : values.reduce((sum, value) => sum + value)] as const
      })
      .sort()
  }
  fc.assert(
    fc.property(fc.array(adding, { maxLength: 500, size: 'max' }), (all) => {
      lines.forget()
      const metrics = create()
      for (const [index, { name, mchid, value, isWritten }] of all.entries()) {
        metrics.add(name, name === 'PendingAgeSeconds' ? 'Seconds' : 'Count', value, { mchid })
        if (isWritten && index % 50 === 0) metrics.write()
      }
      metrics.write()
      const told = lines.text() === '' ? [] : lines.all()
      const written = told.flatMap(({ _aws, service, mchid, ...rest }) => {
        const [{ Metrics }] = (_aws as { CloudWatchMetrics: [{ Metrics: { Name: string }[] }] }).CloudWatchMetrics
        assert.deepEqual(
          Metrics.map(({ Name }) => Name),
          Object.keys(rest),
        )
        return Object.entries(rest).map(([name, values]) => ({ mchid, name, values: [values].flat() as number[] }))
      })
      assert.ok(written.every(({ values }) => values.length <= 100))
      assert.deepEqual(valuesOf(written), valuesOf(all.map(({ value, ...one }) => ({ ...one, values: [value] }))))
    }),
    { numRuns: 50 },
  )
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
