import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { inChina, inUnits, readDuration, readMoment } from '../../bin/operator/china-time.ts'
import { runInChinese, sentencesIn } from './language/in-chinese.ts'
import { file, folder, runCommand, startCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

const { child, says, ended } = startCommand('sandbox', ['--port', '0', '--folder', `${folder}/sandbox`])
before(() => says('What it is asked from now on'))
after(async () => {
  child.kill('SIGINT')
  await ended
  assert.match((await runCommand('clock', [])).stderr, /no local stack or sandbox is running/)
})

async function clock(...args: string[]) {
  const { code, stdout, stderr } = await runInShared('clock', args)
  assert.equal(code, 0, stderr)
  return stdout
}
const aheadSeconds = async () => JSON.parse(await clock('--json')).ahead_seconds

test('the clock of the sandbox is shown, and set forward', async () => {
  assert.match(await clock(), /in China, on the sandbox\n {2}as on this machine/)
  assert.match(await clock('--forward', '1d12h'), /\n {2}1 d 12 h later; 1 d 12 h ahead of this machine/)
  assert.equal(await aheadSeconds(), 129_600)
  assert.match(await clock('--to', 'tomorrow 10:15'), /^\d{4}-\d\d-\d\d 10:15:0\d in China/)
  assert.match(await clock('--sandbox'), /10:15:\d\d in China, on the sandbox/)
})

test('what is no time, or past, moves nothing and says how to say it', async () => {
  const before = await aheadSeconds()
  const wrong: [string[], RegExp][] = [
    [['--forward', '7'], /--forward: 7 is no length of time\n.*7d/],
    [['--forward', '0s'], /a second at least/],
    [['--forward', '367d'], /366 days at most/],
    [['--to', 'someday'], /--to: someday is no moment\n.*tomorrow 10:15/],
    [['--to', '2026-01-01 10:15'], /is past: it is/],
    [['--stage', 'local'], /no local stack is running/],
  ]
  for (const [args, words] of wrong) {
    const { code, stderr } = await runInShared('clock', args)
    assert.equal(code, 1, args.join(' '))
    assert.match(stderr, words)
  }
  assert.equal(await aheadSeconds(), before)
})

test('where a stack and a sandbox run, it asks which', async () => {
  const both = `${folder}/both`
  const { control } = JSON.parse(await readFile(`${folder}/sandbox.json`, 'utf8'))
  await mkdir(both)
  for (const name of ['stack', 'sandbox']) file(`both/${name}.json`, { pid: process.pid, control })
  const { code, stderr } = await runCommand('clock', [], { LOCAL_STAGE_FOLDER: both })
  assert.equal(code, 1)
  assert.match(stderr, /both running\n.*--stage local, or --sandbox/)
})

test('in Chinese it shows and moves the same clock, and says what is wrong', async () => {
  const moved = await runInChinese('clock', ['--forward', '1d12h'])
  assert.match(moved.stdout, /^沙箱：北京时间 \d{4}-.*\n {2}拨快了 1 天 12 小时；比本机时钟快 \d+ 天/)
  assert.match((await runInChinese('clock', ['--to', '明天 10:15'])).stdout, / 10:15:\d\d\n {2}拨快了 /)
  assert.match((await runInChinese('clock', ['--json'])).stdout, /^\{\n {2}"now": "/)
  const wrong: [string[], RegExp][] = [
    [['--forward', '7'], /^✘ --forward：7 不是一段时间\n {2}→ 请这样写：7d、12h 或 90s\n$/],
    [['--forward', '0s'], /^✘ --forward：至少要一秒\n {2}→ 时钟只能拨快，不能拨回。\n$/],
    [['--forward', '367d'], /^✘ 时钟每次最多拨快 366 天\n$/],
    [['--to', 'someday'], /^✘ --to：someday 不是一个时刻\n {2}→ 请这样写：--to "明天 10:15"\n$/],
    [['--to', '2026-01-01 10:15'], /^✘ --to：2026-01-01 10:15 已经过去：现在是北京时间 \d{4}-.*\n {2}→ 时钟只能/],
    [['--stage', 'local'], /^✘ 本机没有正在运行的服务\n {2}→ 请在另一个终端里启动/],
  ]
  for (const [args, words] of wrong) {
    const { code, stderr } = await runInChinese('clock', args)
    assert.equal(code, 1)
    assert.match(stderr, words)
    assert.deepEqual(sentencesIn(stderr), [])
  }
})

const NOW = Date.parse('2026-11-28T22:00:00Z') // 06:00 of the 29th in China

test('moments are read as in China', () => {
  const rows: [string, string | undefined][] = [
    ['10:15', '2026-11-29 10:15:00'],
    ['05:59', '2026-11-30 05:59:00'],
    ['today 05:59', '2026-11-29 05:59:00'],
    ['tomorrow 10:15', '2026-11-30 10:15:00'],
    ['明天 9:05:30', '2026-11-30 09:05:30'],
    ['2027-02-28 00:00', '2027-02-28 00:00:00'],
    ['2027-02-29 00:00', undefined],
    ['tomorrow 24:15', undefined],
    ['yesterday 10:15', undefined],
    ['constructor 10:15', undefined],
    ['10', undefined],
  ]
  for (const [text, moment] of rows) {
    const ms = readMoment(text, NOW)
    assert.equal(ms && inChina(ms), moment, text)
  }
})

test('lengths of time are read and written', () => {
  for (const [text, ms] of [
    ['7d', 604_800_000],
    ['1d12h', 129_600_000],
    ['15min', 900_000],
    ['2h 30m', 9_000_000],
    ['90s', 90_000],
    ['', undefined],
    ['-1d', undefined],
    ['1.5h', undefined],
    ['7 days', undefined],
  ] as const) {
    assert.equal(readDuration(text), ms, text)
  }
  assert.deepEqual([0, 90_000, 604_800_000, 129_600_000, 86_461_000].map(inUnits), [
    '0 s',
    '1 min 30 s',
    '7 d',
    '1 d 12 h',
    '1 d',
  ])
})
