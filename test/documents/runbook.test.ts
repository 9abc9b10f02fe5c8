import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { runProcess } from '../child-process.ts'
import { codeBlocks, read } from './documents.ts'

for (const path of ['docs/runbook.md', 'docs/runbook.zh-CN.md']) {
  describe(path, () => {
    const runbook = read(path).replaceAll(/\\\n\s*/g, '')
    const blocks = codeBlocks(read(path)).filter(({ language }) => language === 'sh')

    test('no command looks at another stage than that of the alarm', () => {
      const called = [...runbook.matchAll(/npm run (?:redrive|smoke|send|deploy) -- [^`\n]*/g)].map(([call]) => call)
      assert.ok(called.length > 4)
      for (const call of called) assert.match(call, / --stage \$STAGE/)
    })

    test('every merchant whom a command needs is named', () => {
      const called = [...runbook.matchAll(/npm run (?:doctor|state|reverse|settle|verify) -- [^`\n]*/g)]
      assert.ok(called.length > 8)
      for (const [call] of called) assert.match(call, / --merchant \$APP\/merchants\/\$MCHID/)
    })

    test('every line of a command fits into a terminal of 100 columns', () => {
      assert.ok(blocks.length > 20)
      for (const { text } of blocks) for (const line of text.split('\n')) assert.ok(line.length <= 100, line)
    })

    test('a shell can read every command; whatever must be filled in is a variable, and is explained', async () => {
      const all = blocks.map(({ text }) => text).join('\n')
      assert.doesNotMatch(all, /<\w/)
      const explained = new Set([...runbook.matchAll(/\b([A-Za-z_]+)=/g)].map(([, name]) => name))
      for (const [, name] of runbook.matchAll(/\$\{?([A-Za-z]\w*)/g)) assert.ok(explained.has(name), `$${name}`)
      const { code, stderr } = await runProcess('bash', ['-n', '-c', all])
      assert.equal(code, 0, stderr)
    })
  })
}
