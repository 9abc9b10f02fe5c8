import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import { widthOf } from '../../bin/language/width.ts'
import { folder, runProcess } from '../child-process.ts'
import { runCommand, startCommand } from './run-command.ts'

/** Where the commands find the stack. */
const STAGE = join(folder, 'stack.json')
/** What a shell reads to sign in to it. */
const SHELL = join(folder, 'env')

const root = join(import.meta.dirname, '..', '..')

const wide = (printed: string) => printed.split('\n').filter((line) => widthOf(line) > 80)

test('npm start shows nine proved reversals and ends by itself where nobody is at a terminal', async () => {
  const { ended, printed } = startCommand('start', [])
  const { code } = await ended
  assert.equal(code, 0, printed())
  const outcomes = printed().match(/^ {3}✔ (REFUNDED|REVERSED)/gm) ?? []
  assert.equal(outcomes.filter((line) => line.includes('REFUNDED')).length, 6)
  assert.equal(outcomes.filter((line) => line.includes('REVERSED')).length, 3)
  assert.equal(printed().match(/proof .* kept and verified again\n +request \w+/g)?.length, 9)
  assert.equal(printed().match(/reverse +→ – .* answer lost/g)?.length, 3)
  assert.deepEqual(wide(printed()), [], 'fits 80 columns')
  assert.match(printed(), /All 9 ended as they should/)
  assert.ok(!printed().includes('\u001b'), 'no colours where there is no terminal')
})

test('in Chinese it shows the same, and fits 80 columns', { timeout: 60_000 }, async () => {
  const { child, ended, says, printed } = startCommand('start', ['--stay', '--lang', 'zh-CN'])
  await says('从现在起微信支付收到的请求')
  child.kill('SIGINT')
  assert.equal((await ended).code, 0, printed())
  assert.equal(printed().match(/^ {3}✔ (REFUNDED|REVERSED) .*\p{Script=Han}/gmu)?.length, 9)
  assert.equal(printed().match(/证据 .*已留存并重新验签\n +请求 \w+/g)?.length, 9)
  assert.match(printed(), /9 次撤销全部符合预期/)
  assert.deepEqual(wide(printed()), [])
  // The commands to type have the words of shell and npm.
  const told = printed().replace(/npm run \S+( -- .*? {2})?|^ +(curl|--user|-H|-d) .*$/gm, '')
  assert.deepEqual(told.match(/\b[a-z]{2,} [a-z]{2,}\b/g) ?? [], [])
})

test('it stays up when asked, and what it prints to copy reverses an order', { timeout: 60_000 }, async () => {
  const { child, says, printed } = startCommand('start', ['--stay'])
  await says('What WeChat Pay is asked from now on')
  assert.deepEqual(wide(printed()), [], 'fits 80 columns')
  const part = (pattern: RegExp) => printed().match(pattern)![1]!
  assert.match(await (await fetch(part(/Page +(\S+)/))).text(), /<title>WeChat Pay reversal/)
  const [accessKeyId, secretAccessKey] = part(/--user '(.*?)'/).split(':') as [string, string]
  const [, region, service] = part(/--aws-sigv4 '(.*?)'/)
    .split(':')
    .slice(1) as [string, string, string]
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service, retries: 0 })
  const answer = await client.fetch(part(/'(http:.*\/reverse)'/), {
    method: 'POST',
    headers: { 'content-type': part(/-H 'Content-Type: (.*)'/) },
    body: part(/-d '(\{"mchid[^']*)'/),
  })
  assert.equal(((await answer.json()) as { outcome: string }).outcome, 'REFUNDED')
  await says(/reverse +200 by-hand-1/)
  while (!(await readFile(part(/Log +(\S+)/), 'utf8')).includes('by-hand-1')) await setTimeout(20)

  const stage = JSON.parse(await readFile(STAGE, 'utf8'))
  assert.equal((await stat(STAGE)).mode & 0o777, 0o600)

  // As docs/examples/README.md shows it.
  const example = `. "$0"
    curl -sf -X PUT "$CONTROL_URL/orders/$MCHID/shop-1" -d '{"state":"SUCCESS"}' > /dev/null
    sh docs/examples/call-http.sh shop-1 "$ATTEMPTED_AT" && test -z "$AWS_PROFILE"`
  const called = await runProcess('/bin/sh', ['-c', example, SHELL], { cwd: root, env: { AWS_PROFILE: 'mine' } })
  assert.equal(called.code, 0, called.stderr)
  assert.match(called.stdout, /"outcome":"REFUNDED"/)
  assert.equal((await stat(SHELL)).mode & 0o777, 0o600)
  child.kill('SIGINT')
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.ok(!existsSync(stage.merchantFile) && !existsSync(STAGE) && !existsSync(SHELL), 'no key is left behind')
  const { stderr } = await runCommand('state', ['by-hand-1', '--stage', 'local'])
  assert.match(stderr, /no local stack is running\n {2}→ Start one/)
})
