import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderDecisionTable } from '../../../bin/documents/decision-table.ts'
import { inChinese } from '../../../bin/documents/decision-table.zh-CN.ts'
import type { Row } from '../../../lib/reversal/decision/rows.ts'
import { DECISION, decisionTable } from '../../../lib/reversal/decision/table.ts'
import { TIMES } from '../../../lib/reversal/decision/times.ts'

const drawn = renderDecisionTable()

test('it stands in docs/decision-table.md, word for word', () => {
  const page = readFileSync(new URL('../../../docs/decision-table.md', import.meta.url), 'utf8')
  for (const line of drawn.split('\n')) {
    assert.ok(page.includes(line), `not in docs/decision-table.md (draw it with npm run readme): ${line}`)
  }
})

test('every state, every condition and every outcome of the decision stands in the drawn table', () => {
  const { states, whenDue, afterReverse, whenLookingAgain } = DECISION
  const rows: Row<Row['next'], never>[] = [
    ...Object.values(states).flatMap(({ rows }) => rows),
    ...whenDue,
    ...Object.values(afterReverse).flat(),
    ...whenLookingAgain,
  ]
  for (const row of rows) {
    if (row.when !== undefined) assert.ok(drawn.includes(row.when.says), row.when.says)
    const { next } = row
    if (next.do === 'finish') assert.ok(drawn.includes(`finish \`${next.outcome}\``), next.outcome)
    if (next.do === 'refuse') assert.ok(drawn.includes(`refuse \`${next.error}\``), next.error)
  }
  for (const { means } of Object.values(states)) assert.ok(drawn.includes(means), means)
  for (const reversed of Object.keys(afterReverse)) assert.ok(drawn.includes(reversed), reversed)
})

test('each of its tables is whole: as many cells in every line as in its head', () => {
  for (const table of drawn.split('\n\n')) {
    const cells = table.split('\n').map((line) => line.split('|').length)
    assert.equal(new Set(cells).size, 1, table)
  }
})

test('every time in it is the one the decision goes by, in English and in Chinese', () => {
  for (const name of Object.keys(TIMES) as (keyof typeof TIMES)[]) {
    const seconds = decisionTable({ ...TIMES, [name]: 12_345 })
    assert.match(renderDecisionTable(seconds), /\b12345 s\b/, name)
    assert.match(inChinese(renderDecisionTable(seconds)), /\b12345 秒/, name)
    const days = decisionTable({ ...TIMES, [name]: 11 * 24 * 60 * 60 })
    assert.match(renderDecisionTable(days), /\b11 days\b/, name)
    assert.match(inChinese(renderDecisionTable(days)), /\b11 天/, name)
  }
})
