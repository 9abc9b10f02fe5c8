import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from './documents.ts'

const runbook = read('docs/runbook.md')

test('no command of the runbook looks at another stage than that of the alarm', () => {
  const called = [...runbook.matchAll(/npm run (?:redrive|smoke|deploy)\b.{0,20}/g)].map(([call]) => call)
  assert.ok(called.length > 4)
  for (const call of called) assert.match(call, /^npm run \w+ -- --stage <stage>/)
})

test('every merchant whom a command of the runbook needs is named', () => {
  for (const [call] of runbook.matchAll(/npm run (?:doctor|state|reverse)\b[^`]*/g)) {
    assert.match(call, / --merchant <(?:secret|file|file or secret)>$/)
  }
})
