import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { file, folder, runCommand, startCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

async function start(name: string, ...args: string[]) {
  const started = startCommand('sandbox', ['--port', '0', '--folder', join(folder, name), ...args])
  await started.says('What it is asked from now on')
  const [, main = '', backup = ''] = /Main domain +(\S+)\s+Backup domain +(\S+)/.exec(started.printed()) ?? []
  const end = async () => {
    started.child.kill('SIGINT')
    assert.deepEqual(await once(started.child, 'exit'), [0, null])
  }
  return { ...started, endpoints: [main, backup], end }
}

const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')
const everyFileIn = (name: string) =>
  readdirSync(join(folder, name), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))

/** What must not change from one start to the next; merchant.json has the addresses of its start. */
const kept = (name: string) =>
  everyFileIn(name)
    .filter((path) => !path.endsWith('merchant.json'))
    .map((path) => [path, readFileSync(path, 'utf8')])

describe('the sandbox', () => {
  test('has the same merchants and keys at every start, in files as the merchant platform gives them', async () => {
    const first = await start('same')
    const wide = first
      .printed()
      .split('\n')
      .filter((line) => line.length > 80)
    assert.deepEqual(
      wide.filter((line) => !line.includes(folder)),
      [],
      'fits 80 columns',
    )
    assert.ok(!first.printed().includes('BEGIN'))
    for (const path of everyFileIn('same')) assert.equal(statSync(path).mode & 0o777, 0o600, path)
    assert.equal(statSync(join(folder, 'same', 'merchant')).mode & 0o777, 0o700)
    assert.deepEqual(readdirSync(join(folder, 'same', 'provider')).sort(), [
      'apiclient_cert.pem',
      'apiclient_key.pem',
      'apiv3_key.txt',
      'merchant.json',
      'pub_key.pem',
      'pub_key_id.txt',
      'wechatpay_cert.pem',
    ])
    const { wechatpay_endpoints, wechatpay_public_key_id } = JSON.parse(read('same', 'merchant', 'merchant.json'))
    assert.deepEqual(wechatpay_endpoints, first.endpoints)
    assert.equal(read('same', 'merchant', 'pub_key_id.txt'), `${wechatpay_public_key_id}\n`)
    const files = kept('same')
    await first.end()

    const second = await start('same')
    assert.deepEqual(kept('same'), files)
    const { wechatpay_endpoints: now } = JSON.parse(read('same', 'merchant', 'merchant.json'))
    assert.deepEqual(now, second.endpoints)
    const doctor = await runCommand('doctor', [
      ...['--merchant', join(folder, 'same', 'provider', 'merchant.json'), '--sub-mchid', '1900000109'],
      ...['--certificate', join(folder, 'same', 'provider', 'apiclient_cert.pem'), '--appid', 'wx8888888888888888'],
    ])
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr)
    assert.match(doctor.stdout, /Healthy: the sandbox accepts/)
    await second.end()

    const fresh = await start('same', '--fresh')
    assert.notDeepEqual(kept('same'), files)
    await fresh.end()
  })

  test('our commands go to it by its file alone, and say so', async () => {
    const { endpoints, printed, end } = await start('commands')
    const merchant = join(folder, 'commands', 'merchant', 'merchant.json')
    const [, control] = /Control +(\S+)/.exec(printed())!
    const order = `${control}/orders/1900000001/by-hand-1`
    assert.equal((await fetch(order, { method: 'PUT', body: '{"state":"SUCCESS"}' })).status, 200)
    const evidence = join(folder, 'sandbox-result.json')
    const reversed = await runCommand('reverse', ['by-hand-1', '-m', merchant, '--evidence', evidence, '--yes'], {
      ...{ WECHATPAY_TIMEOUT_MS: '2000' },
    })
    assert.match(reversed.stdout, /^(REFUNDED|PENDING)/, reversed.stderr)
    const state = await runInShared('state', ['by-hand-1', '-m', merchant, '--evidence', join(folder, 's.json')])
    assert.equal(state.code, 0, state.stderr)
    const verified = await runCommand('verify', [join(folder, 's.json'), '-m', merchant])
    assert.match(verified.stdout, /The sandbox said so/)
    assert.doesNotMatch(verified.stdout, /WeChat Pay said so/)
    assert.match(printed(), /query +200 by-hand-1/)

    const elsewhere = { WECHATPAY_ENDPOINTS: 'https://api.mch.weixin.qq.com' }
    for (const [name, ...args] of [
      ['state', 'by-hand-1', '-m', merchant],
      ['reverse', 'by-hand-1', '-m', merchant, '--yes'],
      ['doctor', '-m', merchant],
      ['settle', '-m', merchant, '--date', '2026-11-01'],
    ] as const) {
      const refused = await runInShared(name, args, elsewhere)
      assert.equal(refused.code, 1)
      assert.match(refused.stderr, /^✘ wechatpay_endpoints: .* not sent to https:\/\/api\.mch\.weixin\.qq\.com$/m)
    }
    const half = await runInShared('state', ['by-hand-1', '-m', merchant, '--endpoints', endpoints[1]!])
    assert.equal(half.code, 0, 'one of its own addresses is as good')
    await end()
  })

  test('says which port is taken, and leaves the keys of whoever has it', async () => {
    const { endpoints, end } = await start('taken')
    const files = kept('taken')
    const port = new URL(endpoints[0]!).port
    const args = ['--port', port, '--folder', join(folder, 'taken'), '--fresh']
    const { code, stderr } = await runCommand('sandbox', args)
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`port ${port} of this machine is taken already\n.*--port 9301`))
    assert.deepEqual(kept('taken'), files)
    await end()
  })

  test('takes no folder of somebody else, and names one that is not whole', async () => {
    mkdirSync(join(folder, 'photos'))
    writeFileSync(join(folder, 'photos', 'cat.jpg'), '')
    const foreign = await runCommand('sandbox', ['--port', '0', '--folder', join(folder, 'photos'), '--fresh'])
    assert.match(foreign.stderr, /holds other files/)
    assert.deepEqual(readdirSync(join(folder, 'photos')), ['cat.jpg'])

    writeFileSync(join(folder, 'a-file'), '')
    const nowhere = await runInShared('sandbox', ['--port', '0', '--folder', join(folder, 'a-file', 'in-it')])
    assert.deepEqual([nowhere.code, nowhere.stderr.includes('(ENOTDIR)')], [1, true], nowhere.stderr)

    const { end } = await start('broken')
    await end()
    rmSync(join(folder, 'broken', 'merchant', 'apiclient_key.pem'))
    const broken = await runInShared('sandbox', ['--port', '0', '--folder', join(folder, 'broken')])
    assert.match(broken.stderr, /is not whole \(ENOENT\)\n.*--fresh/)
    writeFileSync(join(folder, 'broken', 'merchant', 'apiclient_key.pem'), 'no key')
    const garbled = await runInShared('sandbox', ['--port', '0', '--folder', join(folder, 'broken')])
    assert.match(garbled.stderr, /is not whole/)
    assert.doesNotMatch(garbled.stderr, /at .*identity\.ts/)
  })

  test('npm run secret puts nothing of it into an AWS account, and asks nobody else', async () => {
    const { endpoints, end } = await start('secret')
    const of = (name: string) => join(folder, 'secret', 'merchant', name)
    const files = [
      ...['--private-key', of('apiclient_key.pem'), '--certificate', of('apiclient_cert.pem')],
      ...['--wechatpay-key', of('pub_key.pem'), '--wechatpay-key-id', read('secret', 'merchant', 'pub_key_id.txt')],
    ]
    const without = await runInShared('secret', [...files, '--dry-run'])
    assert.match(without.stderr, /is of the sandbox, not of WeChat Pay/)
    const real = await runInShared('secret', [...files, '--dry-run', '--endpoints', 'https://api.mch.weixin.qq.com'])
    assert.match(real.stderr, /is of the sandbox, not of WeChat Pay/)
    assert.equal(real.stdout, '')

    const there = ['--endpoints', endpoints.join()]
    for (const url of [undefined, 'https://secretsmanager.cn-north-1.amazonaws.com.cn', 'http://127.0.0.1.example']) {
      const env: Record<string, string> = url === undefined ? {} : { AWS_ENDPOINT_URL: url }
      for (const where of [
        ['--secret', 'merchants/one', '--new'],
        ['--stage', 'prod'],
      ]) {
        const put = await runInShared('secret', [...files, ...there, ...where, '--yes'], env)
        assert.equal(put.code, 1)
        assert.match(put.stderr, /nothing of it is put into an AWS account/)
      }
    }
    const out = join(folder, 'from-sandbox.json')
    const written = await runCommand('secret', [...files, ...there, '--out', out])
    assert.equal(written.code, 0, written.stderr)
    assert.deepEqual(JSON.parse(readFileSync(out, 'utf8')).wechatpay_endpoints, endpoints)
    await end()
  })
})

test('a merchant file that leads out of this machine is refused, and asked about by nobody', async () => {
  const { end } = await start('out')
  const secret = JSON.parse(read('out', 'merchant', 'merchant.json'))
  const path = file('leads-out.json', { ...secret, wechatpay_endpoints: ['https://evil.example'] })
  const state = await runInShared('state', ['by-hand-1', '-m', path])
  assert.match(state.stderr, /wechatpay_endpoints: leads out of this machine/)
  const doctor = await runInShared('doctor', ['-m', path, '--offline'])
  assert.match(doctor.stdout, /✘ wechatpay_endpoints .*leads out of this machine/)
  await end()
})
