import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { widthOf } from '../../bin/language/width.ts'
import { createControl } from '../../bin/operator/control.ts'
import { stories } from '../../bin/try/stories.ts'
import { folder, runCommand, startCommand } from './run-command.ts'

/** What each promises. */
const OUTCOMES: Readonly<Record<string, string>> = {
  paid: 'REFUNDED',
  unpaid: 'REVERSED',
  'lost-answer': 'REFUNDED',
  'late-payment': 'REFUNDED',
  'dead-letter': 'ReversalRejected',
  'forged-answer': 'REFUNDED',
  partner: 'REFUNDED',
  'revoked-certificate': 'REFUNDED',
  'key-change': 'REFUNDED',
  outage: 'REFUNDED',
  settlement: 'NEVER_PAID',
  expired: 'ReversalExpired',
}

const { child, says, ended } = startCommand('start', ['--stay'])
const control = () => createControl(JSON.parse(readFileSync(join(folder, 'stack.json'), 'utf8')).control)
/** What a story might leave otherwise than it found it. */
async function stackNow() {
  const ask = control()
  const domains = await ask<{ host: string; state: string }[]>('GET', '/domains')
  const { current } = await ask<{ current: object }>('GET', '/keys')
  return { domains: domains.map(({ host, state }) => [host, state]), current, plans: await ask('GET', '/plans') }
}
let found: unknown
before(async () => {
  await says('What WeChat Pay is asked from now on')
  found = await stackNow()
})
after(async () => {
  child.kill('SIGINT')
  await ended
})

const wideIn = (text: string) => text.split('\n').filter((line) => widthOf(line) > 80)

async function tell(name: string) {
  const { code, stdout, stderr } = await runCommand('try', [name])
  assert.equal(code, 0, stdout + stderr)
  assert.match(stdout, new RegExp(`^ {2}Outcome +${OUTCOMES[name]}$`, 'm'))
  assert.match(stdout, /^ {2}Order +\S+ of merchant \d+, ¥88\.00$/m)
  assert.match(stdout, /^ {2}Customer {2}\S/m)
  assert.ok((stdout.match(/^ +[\d.]+ (s|min|h|d) {2}\S/gm) ?? []).length >= 5, stdout)
  assert.deepEqual(wideIn(stdout), [])
  const [, command, , args = ''] = /^ {2}Next +npm run (\S+)( -- (.*))?$/m.exec(stdout) ?? []
  assert.ok(command, stdout)
  // That of another story is told anyway.
  if (command === 'try') return assert.ok(args in stories)
  const next = await runCommand(command, args.split(' '))
  assert.equal(next.code, 0, `${command} ${args}: ${next.stdout}${next.stderr}`)
}

test('the list has a line for each story, and so has the help', async () => {
  for (const args of [[], ['--help'], ['--lang', 'zh-CN']]) {
    const { code, stdout } = await runCommand('try', args)
    assert.equal(code, 0)
    for (const name of Object.keys(stories)) assert.match(stdout, new RegExp(`^ {2}${name} +\\S`, 'm'))
    assert.deepEqual(wideIn(stdout), [])
  }
  assert.deepEqual(Object.keys(stories).sort(), Object.keys(OUTCOMES).sort())
})

test('what is no story is no story', async () => {
  const { code, stderr } = await runCommand('try', ['constructor'])
  assert.equal(code, 1)
  assert.match(stderr, /no such story: npm run try lists them/)
})

for (const [name, outcome] of Object.entries(OUTCOMES)) {
  test(`${name} ends ${outcome}, puts everything back, and the next command works`, async () => {
    await tell(name)
    assert.deepEqual(await stackNow(), found)
  })
}

test('in Chinese it tells the same within 80 columns', async () => {
  const { code, stdout, stderr } = await runCommand('try', ['outage', '--lang', 'zh-CN'])
  assert.equal(code, 0, stdout + stderr)
  assert.match(stdout, /^ {2}结果 +REFUNDED$/m)
  assert.match(stdout, /微信支付的两个域名都连不上了/)
  assert.deepEqual(wideIn(stdout), [])
})

test('Ctrl-C ends a story, and puts back what it changed', async () => {
  const playing = startCommand('try', ['outage'])
  await playing.says('WeChat Pay goes down')
  playing.child.kill('SIGINT')
  const { code, stderr } = await playing.ended
  assert.equal(code, 130, stderr)
  assert.match(stderr, /what the story changed is put back/)
  assert.deepEqual(await stackNow(), found)
})

test('a story whose promise is not kept fails, and says what did not happen', async () => {
  await control()('POST', '/plans', { fault: 'no-auth', endpoint: 'reverse' })
  const { code, stdout, stderr } = await runCommand('try', ['paid'])
  assert.equal(code, 1, stdout)
  assert.match(stderr, /the story did not end as it should: the order ends REFUNDED: 422/)
  assert.doesNotMatch(stdout, /Outcome/)
})

test('where no stack runs it starts one, says so, and ends it where nobody is at a terminal', async () => {
  const { code, stdout, stderr } = await runCommand('try', ['lost-answer'], {
    LOCAL_STAGE_FOLDER: join(folder, 'nobody-is-here'),
  })
  assert.equal(code, 0, stdout + stderr)
  assert.match(stdout, /^No local stack is running: this starts one\./)
  assert.match(stdout, /Outcome +REFUNDED/)
  assert.match(stdout, /Next +npm start -- --stay\n.*\n +npm run try -- lost-answer\n/)
})
