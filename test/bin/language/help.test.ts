import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { widthOf } from '../../../bin/language/width.ts'
import { callInLines } from '../../../bin/operator/npm-run.ts'
import { runInShared } from '../shared-process/run-in-shared.ts'

const bin = join(import.meta.dirname, '../../../bin')
const commands = globSync(join(bin, '*.ts')).filter((path) =>
  /\bcreateCommand\(|new Command\(/.test(readFileSync(path, 'utf8')),
)

describe('every command explains itself within 80 columns', { concurrency: 2 }, () => {
  assert.ok(commands.length > 20)
  for (const name of commands.map((path) => basename(path, '.ts')).sort()) {
    test(name, async () => {
      const { code, stdout } = await runInShared(name, ['--help'])
      assert.equal(code, 0)
      for (const line of stdout.split('\n')) assert.ok(widthOf(line) <= 80, line)
      // npm's own line would stand in the file.
      assert.doesNotMatch(stdout.replaceAll(/ \\\n +/g, ' '), /npm run (?!--silent ).* > /)
      assert.doesNotMatch(stdout, /default: *(\[\]|\{\}|false)/)
    })
  }
})

describe('a call that is too long for a line', () => {
  const call = 'npm run settle -- --merchant merchant.json --orders results.jsonl --json > settled.json'

  test('goes on in the next, where no option is parted from its value', () => {
    assert.deepEqual(callInLines(call, 50), [
      'npm run settle -- --merchant merchant.json \\',
      '  --orders results.jsonl --json > settled.json',
    ])
    assert.deepEqual(callInLines(call, 100), [call])
  })

  test('is the same call to a shell', () => {
    for (let columns = 30; columns < 90; columns += 1) {
      const lines = callInLines(call, columns)
      assert.equal(lines.join('\n').replaceAll(/ \\\n +/g, ' '), call)
      assert.ok(lines.every((line) => line.length <= columns))
    }
  })
})
