import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderDecisionTable } from '../../../bin/documents/decision-table.ts'
import { AFTER_REVERSE, TABLE, WHEN_DUE } from '../../../lib/reversal/decision/table.ts'

const drawn = renderDecisionTable()

test('every state, every condition and every outcome of the decision stands in the drawn table', () => {
  const rows = [...Object.values(TABLE).map(({ rows }) => rows), WHEN_DUE, ...Object.values(AFTER_REVERSE)].flat()
  for (const row of rows) {
    if ('when' in row) assert.ok(drawn.includes(row.when.says), row.when.says)
    const { next } = row
    if (next.do === 'finish') assert.ok(drawn.includes(`finish \`${next.outcome}\``), next.outcome)
    if (next.do === 'refuse') assert.ok(drawn.includes(`refuse \`${next.error}\``), next.error)
  }
  for (const { means } of Object.values(TABLE)) assert.ok(drawn.includes(means), means)
  for (const reversed of Object.keys(AFTER_REVERSE)) assert.ok(drawn.includes(reversed), reversed)
})

test('each of its tables is whole: as many cells in every line as in its head', () => {
  for (const table of drawn.split('\n\n')) {
    const cells = table.split('\n').map((line) => line.split('|').length)
    assert.equal(new Set(cells).size, 1, table)
  }
})
