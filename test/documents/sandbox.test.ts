import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { drawSandbox, ENGLISH } from '../../bin/documents/sandbox.ts'
import { CHINESE } from '../../bin/documents/sandbox.zh-CN.ts'
import { DIRECT, FILES, PROVIDER, SUB_MERCHANTS } from '../../bin/sandbox/identity.ts'
import { routes } from '../../infra/local/wechatpay/control-routes.ts'
import { faults } from '../../infra/local/wechatpay/faults.ts'
import { ENDPOINTS } from '../../infra/local/wechatpay/operation.ts'
import { OPERATIONS } from '../../infra/local/wechatpay/operations.ts'
import { USUAL_OPTIONS } from '../../infra/local/wechatpay/options.ts'
import { payCodes } from '../../infra/local/wechatpay/pay-codes.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { runCommand, startCommand } from '../bin/run-command.ts'
import { folder, runProcess } from '../child-process.ts'
import { codeBlocks, headings, links, read, root, tables } from './documents.ts'

const english = read('docs/sandbox.md')
const chinese = read('docs/sandbox.zh-CN.md')
const codeOf = (text: string) => text.match(/`[^`]+`/g) ?? []
const blocksOf = (text: string, wanted: string) =>
  codeBlocks(text).flatMap(({ language, text }) => (language === wanted ? [text] : []))

test('what the two pages hold of the code is as `npm run readme` draws it', () => {
  assert.equal(english, drawSandbox(english, ENGLISH))
  assert.equal(chinese, drawSandbox(chinese, CHINESE))
})

test('whatever is drawn has its Chinese words', () => {
  const isChinese = (text: string) => /\p{Script=Han}/u.test(text)
  const isOnlyCode = (text: string) => /^(\d{3}( [A-Z_]+)?|[A-Z_]+ \d+|[\w/=-]+|JSON null)$/.test(text)
  const rows = [
    ...Object.entries(payCodes).map(([code, { does }]) => CHINESE.customerOf(code, does)),
    ...Object.values(faults).map(({ does }) => CHINESE.faultOf(does)),
    ...routes.map(({ method, path, does }) => CHINESE.routeOf(`${method} ${path}`, does)),
  ]
  assert.deepEqual(
    rows.filter((words) => !isChinese(words) && !isOnlyCode(words)),
    [],
  )
})

test('the two pages are in step', () => {
  const levels = (text: string) => headings(text).map(({ level }) => level)
  assert.deepEqual(levels(chinese), levels(english))
  const withoutComments = (text: string) => codeBlocks(text).map(({ text }) => text.replaceAll(/ +(#|\/\/) .*$/gm, ''))
  assert.deepEqual(withoutComments(chinese), withoutComments(english))
  const keys = (text: string) => tables(text).map((rows) => rows.map(([first = '']) => codeOf(first)))
  assert.deepEqual(keys(chinese), keys(english))
  const names = (text: string) => [...new Set(codeOf(text.replaceAll(/^```[\s\S]*?^```$|^\|.*\|$/gm, '')))].sort()
  assert.deepEqual(names(chinese), names(english))
  const others = (text: string) => links(text).filter((target) => !target.startsWith('sandbox'))
  assert.deepEqual(others(chinese), others(english))
})

test('it names every call, every file, every merchant and the ports', async () => {
  const calls = [...english.matchAll(/^\| `(GET|POST) (\/v3\/\S+)` \|/gm)].map(([, method, path]) => ({
    method,
    path: path!.replaceAll(/\{\w+\}/g, '1'),
  }))
  const partner = calls.map(({ method, path }) => ({
    method,
    path: path.replace('/v3/pay/transactions', '/v3/pay/partner/transactions'),
  }))
  const isNamed = (operation: (typeof OPERATIONS)[number]) =>
    [...calls, ...partner].some(({ method, path }) => method === operation.method && operation.path.test(path))
  assert.deepEqual(
    OPERATIONS.filter((operation) => !isNamed(operation)).map(({ path }) => String(path)),
    [],
  )
  const isThere = ({ method, path }: (typeof calls)[number]) =>
    OPERATIONS.some((operation) => operation.method === method && operation.path.test(path))
  assert.deepEqual(
    calls.filter((call) => !isThere(call)),
    [],
  )

  const merchants = [DIRECT, PROVIDER, ...SUB_MERCHANTS].flatMap((names) => Object.values(names))
  for (const name of [...merchants, ...Object.values(FILES), ...ENDPOINTS]) {
    if (name !== undefined) assert.ok(english.includes(`\`${name}\``), name)
  }
  const named = ['autoRevokeAfterMs', 'refundTakesMs', 'billRevokedRow']
  for (const name of named) assert.ok(name in USUAL_OPTIONS && english.includes(`\`${name}\``), name)
  const { stdout } = await runCommand('sandbox', ['--help'])
  const [, port] = /default: (\d+)/.exec(stdout)!
  for (const offset of [0, 1, 2]) assert.ok(english.includes(`http://127.0.0.1:${Number(port) + offset}`))
  for (const option of english.match(/--(port|fresh|folder|open)\b/g)!) assert.ok(stdout.includes(option), option)
})

describe('what it shows to type works', async () => {
  const running = await startSimulator()
  after(() => running.close())
  running.simulator.openMerchant()

  for (const [, method, path, body] of english.matchAll(
    /^curl -X (\w+) http:\/\/127\.0\.0\.1:8303(\S+) -d '(.*)'$/gm,
  )) {
    test(`${method} ${path}`, async () => {
      const answer = await fetch(running.control + path, { method: method!, body: body! })
      assert.equal(answer.status, 200, await answer.text())
    })
  }

  test('the client, of 30 lines at most', async () => {
    const [client = ''] = blocksOf(english, 'js')
    assert.ok(client.trimEnd().split('\n').length <= 30)
    const place = join(folder, 'client')
    mkdirSync(place)
    symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
    writeFileSync(join(place, 'client.mjs'), client)
    const sandbox = startCommand('sandbox', ['--port', '0', '--folder', join(place, '.sandbox')])
    await sandbox.says('What it is asked from now on')
    const { code, stdout, stderr } = await runProcess(process.execPath, ['client.mjs'], { cwd: place })
    assert.equal(code, 0, stderr)
    assert.equal(stdout, 'codepay 202 USERPAYING\nreverse 200\nquery REVOKED\n')
    sandbox.child.kill('SIGINT')
    await sandbox.ended
  })
})
