import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { OF_DEVELOPERS } from '../../../bin/language/language.ts'
import { widthOf } from '../../../bin/language/width.ts'
import { startCloudFormation } from '../local-account.ts'
import { file } from '../run-command.ts'
import { runInChinese, sentencesIn } from './in-chinese.ts'

let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>
before(async () => {
  cloudFormation = await startCloudFormation({})
})
after(() => cloudFormation.close())

const list = file('orders.csv', 'mchid,appid,out_trade_no\n1900000001,wxd678efh567hg6787,order-1\n')
const empty = file('empty.json', '{}')
const local = ['--stage', 'local']
const nowhere = ['--stage', 'nowhere']
const missing = ['--merchant', 'none.json']
const secret = ['--merchant', 'merchants/one']
const smoke = ['--mchid', '1', '--appid', 'wx1']
const pems = ['--private-key', 'none.pem', '--certificate', 'none.pem', '--wechatpay-key-id', 'PUB_KEY_ID_1']
const day = ['--date', '2026-11-01']

/**
 * What goes wrong on any day, by command: an argument that is left out or misspelt, a file that is not there, no AWS
 * credentials, a stage that is not there.
 */
const MISTAKES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  clock: [['--forward', 'x'], ['--stage', 'x'], local],
  deploy: [[], ['--stage', 'a_b'], ['--param', 'x'], ['dev']],
  doctor: [[], missing, secret, local],
  events: [[], ['--stage', 'prod'], ['--type', 'x'], local],
  package: [['--stage', 'a_b'], ['dev']],
  redrive: [[], ['one', ...nowhere], nowhere, ['--region', 'a_b'], ['--queue', 'x'], local],
  reverse: [
    ['1', ...missing],
    ['1', ...secret],
  ],
  sandbox: [['--port', 'x'], ['one']],
  secret: [[], pems, [...nowhere, '--protect'], ['--other-key', 'x']],
  send: [[], ['none.csv'], [empty], [list, ...nowhere, '--yes'], [list, '--yes'], [list, '--queue', 'x']],
  settle: [[], [...missing, '--date', 'x'], [...day, ...missing], [...day, ...secret]],
  smoke: [[], ['--mchid', '1'], [...smoke, ...nowhere], smoke, [...smoke, '--api', 'x'], local],
  start: [['one']],
  state: [[], ['1'], ['/', ...missing], ['1', ...missing], ['1', ...secret], ['1', '--merchant', empty]],
  try: [['x'], ['paid', 'unpaid']],
  verify: [[], ['none.json'], [empty, ...missing], [empty, '--key', 'x']],
}

describe('nobody who reads Chinese meets an English sentence', { concurrency: 2 }, () => {
  for (const [name, mistakes] of Object.entries(MISTAKES)) {
    test(`in the help of ${name}, which fits 80 columns`, async () => {
      const { code, stdout } = await runInChinese(name, ['--help'])
      assert.equal(code, 0)
      assert.match(stdout, /^用法: npm run [\s\S]*选项：[\s\S]*示例：/)
      const described = stdout.replaceAll(/^ {4}npm run (.*\\\n)*.*$/gm, '')
      assert.deepEqual(sentencesIn(described), [])
      for (const line of stdout.split('\n')) assert.ok(widthOf(line) <= 80, line)
    })

    for (const args of mistakes) {
      test(`after ${name} ${args.map((arg) => basename(arg)).join(' ')}`, async () => {
        // Signed in to an account in which no stack is, where a stage is asked for that is not there.
        const key = args.includes('nowhere') && { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }
        const shell = { AWS_REGION: 'ap-southeast-1', ...cloudFormation.env, ...key }
        const { code, stdout, stderr } = await runInChinese(name, args, shell)
        const said = stdout + stderr
        assert.equal(code, 1, said)
        assert.match(said, /(^|\n)(✘|错误：| {2}✘).*\p{Script=Han}/u)
        assert.deepEqual(sentencesIn(said), [], said)
        assert.doesNotMatch(said, /\n\s+at /)
      })
    }
  }
})

test('every command speaks Chinese, or is one of developers', () => {
  const names = globSync('*.ts', { cwd: join(import.meta.dirname, '../../../bin') }).map((path) =>
    basename(path, '.ts'),
  )
  assert.deepEqual(names.sort(), [...Object.keys(MISTAKES), ...OF_DEVELOPERS].sort())
})

test('a command of developers speaks English alone, and offers no other language', async () => {
  const { stdout } = await runInChinese('build', ['--help'])
  assert.match(stdout, /^Usage: npm run build/)
  assert.doesNotMatch(stdout, /--lang|\p{Script=Han}/u)
})
