import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { generatePrivateKey } from '../../infra/local/wechatpay/keys.ts'
import type { MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { TradeState } from '../../infra/local/wechatpay/order.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { startLocalAccount } from './local-account.ts'
import { file, folder, runCommand, startCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

let wechatPay: RunningSimulator
let merchant: MerchantWithKeys
let common: string[]

before(async () => {
  wechatPay = await startSimulator()
  merchant = wechatPay.simulator.openMerchant()
  common = ['--merchant', file('merchant.json', merchant.secret), '--endpoints', wechatPay.endpoints.join()]
})
after(() => wechatPay.close())

let placed = 0
function place(state: TradeState, paid = false): string {
  placed += 1
  const out_trade_no = `order-${placed}_*`
  const { mchid, appid } = merchant
  wechatPay.simulator.placeOrder({ mchid, appid, out_trade_no }, state, paid)
  return out_trade_no
}
const reversesOf = (number: string) =>
  wechatPay.simulator.books.reverses().filter(({ out_trade_no }) => out_trade_no === number)

const reverse = (number: string, ...args: string[]) => runInShared('reverse', [number, ...common, '--yes', ...args])
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()
const longAgo = ['--attempted-at', secondsAgo(600)]

describe('one order by hand', { concurrency: 3 }, () => {
  test('paid: says beforehand that the money goes back, and proves that it does', async () => {
    const number = place('SUCCESS')
    const evidence = join(folder, 'paid.json')
    const { code, stdout, stderr } = await reverse(number, ...longAgo, '--evidence', evidence)
    assert.equal(code, 0, stderr)
    assert.match(stderr, /is SUCCESS \(paid\)\. It will be reversed: the customer gets the money back/)
    assert.match(stdout, /REFUNDED: it was paid[\s\S]*refunded +yes[\s\S]*2 signed answers/)
    assert.doesNotMatch(stdout + stderr, /openid|BEGIN/)
    const result = JSON.parse(readFileSync(evidence, 'utf8'))
    assert.deepEqual([result.outcome, result.evidence.length, result.appid], ['REFUNDED', 2, merchant.appid])
    assert.equal(statSync(evidence).mode & 0o777, 0o600)
    assert.deepEqual(
      reversesOf(number).map(({ did }) => did),
      ['refunded'],
    )
  })

  test("a service provider's: under both merchants, with the apps that WeChat Pay says", async () => {
    const { mchid, appid } = merchant
    const [sub_mchid, sub_appid, out_trade_no] = ['1900000201', 'wxsub', 'partner-1_*']
    wechatPay.simulator.merchants.relate({ sp_mchid: mchid, sub_mchid, sub_appid })
    wechatPay.simulator.placeOrder({ mchid, appid, sub_mchid, sub_appid, out_trade_no }, 'SUCCESS')
    const seen = await runInShared('state', [out_trade_no, ...common, '--sub-mchid', sub_mchid])
    assert.equal(seen.code, 0, seen.stderr)
    assert.match(
      seen.stdout,
      new RegExp(`of merchant ${sub_mchid} of service provider ${mchid}, ${appid}, ${sub_appid}`),
    )
    const { code, stdout, stderr } = await reverse(out_trade_no, ...longAgo, '--sub-mchid', sub_mchid, '--json')
    assert.equal(code, 0, stderr)
    const { outcome, sp_mchid, sp_appid, sub_appid: of } = JSON.parse(stdout)
    assert.deepEqual([outcome, sp_mchid, sp_appid, of], ['REFUNDED', mchid, appid, sub_appid])
    const direct = await reverse(out_trade_no, ...longAgo, '--sp-appid', appid)
    assert.equal(direct.code, 1)
    assert.match(direct.stderr, /sp_appid: is of a service provider's order/)
  })

  test('without a terminal and without --yes nothing is sent', async () => {
    const number = place('SUCCESS')
    const { code, stderr } = await runInShared('reverse', [number, ...common, ...longAgo])
    assert.equal(code, 1)
    assert.match(stderr, /nothing was done: stdin and stderr are no terminal.*\n {2}→ Give --yes/)
    assert.deepEqual(reversesOf(number), [])
  })

  test('unpaid: closed for good', async () => {
    const { code, stdout, stderr } = await reverse(place('NOTPAY'), ...longAgo)
    assert.equal(code, 0, stderr)
    assert.match(stderr, /is NOTPAY.*never be paid again/)
    assert.match(stdout, /REVERSED: nobody is charged[\s\S]*refunded +not proved/)
  })

  test('paid and to be kept: nothing is reversed', async () => {
    const number = place('SUCCESS')
    const { code, stdout, stderr } = await reverse(number, '--if-paid', 'keep')
    assert.equal(code, 0, stderr)
    assert.match(stderr, /It will be kept/)
    assert.match(stdout, /KEPT/)
    assert.deepEqual(reversesOf(number), [])
  })

  test('final already: only asked', async () => {
    const number = place('CLOSED')
    const { code, stdout, stderr } = await reverse(number)
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Nothing will be sent but the question/)
    assert.match(stdout, /CLOSED/)
    assert.deepEqual(reversesOf(number), [])
  })

  test('as JSON: the result alone on stdout', async () => {
    const { code, stdout } = await reverse(place('CLOSED'), '--json')
    assert.equal(code, 0)
    assert.equal(JSON.parse(stdout).outcome, 'CLOSED')
  })

  test('too early: pending, exit code 2, and what to do next', async () => {
    const number = place('NOTPAY')
    const pending = join(folder, 'pending.json')
    const { code, stdout, stderr } = await reverse(number, '--evidence', pending)
    assert.equal(code, 2)
    assert.match(stdout, /PENDING: not known yet: too early to reverse; look again in \d+ s/)
    assert.match(
      stderr,
      /npm run reverse -- 'order-\S+' .*--history \S+pending\.json --evidence \S+pending\.json .*--wait$/m,
    )
    assert.doesNotMatch(stderr, /--if-paid|--attempted-at/)
    assert.deepEqual(reversesOf(number), [])
    assert.match(JSON.parse(readFileSync(pending, 'utf8')).history.first_seen_at, /^20/)
  })

  test('what to do next repeats what was wished, so that nothing kept is refunded then', async () => {
    const history = file('kept.json', { first_seen_at: secondsAgo(1) })
    const attemptedAt = secondsAgo(1)
    const wishes = ['--if-paid', 'keep', '--attempted-at', attemptedAt, '--history', history]
    const { code, stderr } = await reverse(place('NOTPAY'), ...wishes)
    assert.equal(code, 2)
    const [merchantFile, endpoints] = [common[1], common[3]]
    const given = [...['--merchant', merchantFile, '--appid', merchant.appid], ...wishes, '--endpoints', endpoints]
    assert.ok(stderr.endsWith(` ${given.join(' ')} --wait\n`), stderr)
  })

  test('to be kept, and a reverse was sent: how long to wait is said, because nothing else remembers it', async () => {
    const number = place('NOTPAY')
    wechatPay.simulator.faults.add({ fault: 'reset', endpoint: 'reverse', out_trade_no: number, times: 'always' })
    const { code, stderr } = await reverse(number, '--if-paid', 'keep', '--attempted-at', secondsAgo(60))
    assert.equal(code, 2)
    assert.ok(reversesOf(number).length > 0)
    assert.match(stderr, /90 s from now at the earliest: a reverse was sent, and may still act/)
  })

  test('--history goes on from a pending result: first seen long ago, it is reversed at once', async () => {
    const history = file('history.json', { outcome: 'PENDING', history: { first_seen_at: secondsAgo(60) } })
    const { code, stdout } = await reverse(place('NOTPAY'), '--history', history)
    assert.equal(code, 0)
    assert.match(stdout, /REVERSED/)
  })

  test('--wait repeats until it is proved', async () => {
    const number = place('NOTPAY')
    const { code, stdout, stderr } = await reverse(number, '--wait', '--attempted-at', secondsAgo(2))
    assert.equal(code, 0, stderr)
    assert.match(stderr, /attempt 1: too early to reverse, again in 1?\d s/)
    assert.match(stdout, /REVERSED/)
  })

  test('Ctrl-C while waiting ends with what is known, exit code 2', async () => {
    const pending = join(folder, 'interrupted.json')
    const args = [place('USERPAYING'), ...common, '--wait', '--evidence', pending]
    const { child, says, ended } = startCommand('reverse', ['--yes', ...args])
    await says(/again in 5 s/)
    child.kill('SIGINT')
    const { code, stdout } = await ended
    assert.equal(code, 2)
    assert.match(stdout, /PENDING: not known yet: the user is paying/)
    assert.equal(JSON.parse(readFileSync(pending, 'utf8')).outcome, 'PENDING')
  })

  test('refused: exit code 1, the reason, and what a person does', async () => {
    const number = place('REFUND')
    const { code, stdout, stderr } = await reverse(number, '--json')
    assert.equal(code, 1)
    assert.match(stderr, /✘ RefundedElsewhere: .*\n {2}→ Compare the refunded amount/)
    const told = JSON.parse(stdout)
    assert.deepEqual([told.error, told.out_trade_no, told.mchid], ['RefundedElsewhere', number, merchant.mchid])
  })

  test('an order WeChat Pay does not know needs its appid', async () => {
    const without = await reverse('nobody-knows-it')
    assert.equal(without.code, 1)
    assert.match(without.stderr, /does not tell the order's appid\n {2}→ Give it: --appid/)
    const history = file('seen.json', { first_seen_at: secondsAgo(120) })
    const { code, stdout } = await reverse('nobody-knows-it', '--appid', merchant.appid, '--history', history)
    assert.equal(code, 0)
    assert.match(stdout, /NOT_FOUND: WeChat Pay knows no such order/)
  })

  test('a wrong appid is named before anything is sent', async () => {
    const number = place('SUCCESS')
    const { code, stderr } = await reverse(number, '--appid', 'wx0000000000000000', ...longAgo)
    assert.equal(code, 1)
    assert.match(stderr, /the order is of appid wxd678efh567hg6787, not wx0000000000000000/)
    assert.deepEqual(reversesOf(number), [])
  })

  test('seen paid before, it ends REFUNDED even when nothing after that names the payment', async () => {
    const number = place('SUCCESS')
    wechatPay.simulator.options.transactionIdAfterReverse = false
    const plan = {
      fault: 'silence',
      endpoint: 'query',
      out_trade_no: number,
      host: 'main',
      after: 1,
      times: 1,
    } as const
    wechatPay.simulator.faults.add(plan)
    wechatPay.simulator.faults.add({ ...plan, host: 'backup', after: 0 })
    const env = { WECHATPAY_TIMEOUT_MS: '300' }
    const { code, stdout, stderr } = await runCommand('reverse', ['--yes', number, ...common, ...longAgo], env)
    wechatPay.simulator.options.transactionIdAfterReverse = true
    assert.equal(code, 0, stderr)
    assert.match(stdout, /REFUNDED/)
  })

  test('with --if-paid keep nothing is reversed blind, and that is said', async () => {
    const number = place('SUCCESS')
    wechatPay.simulator.faults.add({ fault: 'unsigned', out_trade_no: number, times: 'always' })
    const { code, stderr } = await reverse(number, '--if-paid', 'keep', '--appid', merchant.appid, ...longAgo)
    assert.equal(code, 2)
    assert.match(stderr, /nothing verified says how it stands\. Before that, nothing is reversed/)
    assert.deepEqual(reversesOf(number), [])
  })

  test('what happens on the way is told', async () => {
    const number = place('NOTPAY')
    const { out_trade_no, mchid } = { out_trade_no: number, mchid: merchant.mchid }
    wechatPay.simulator.faults.add({ fault: 'reset', endpoint: 'query', host: 'main', out_trade_no, mchid })
    const { code, stderr } = await reverse(number, ...longAgo)
    assert.equal(code, 0, stderr)
    assert.match(stderr, /no answer from http:.*ECONNRESET[\s\S]*in place of/)
  })

  test('credentials WeChat Pay refuses lead to doctor', async () => {
    const private_key = generatePrivateKey().export({ type: 'pkcs8', format: 'pem' })
    const wrong = file('wrong.json', { ...merchant.secret, private_key })
    const { code, stderr } = await runInShared('reverse', [
      '--yes',
      'X1',
      '-m',
      wrong,
      ...common.slice(2),
      '--appid',
      'wx1',
    ])
    assert.equal(code, 1)
    assert.match(stderr, /CredentialsUnavailable[\s\S]*npm run doctor -- --merchant .*wrong\.json/)
  })

  const mistakes: [what: string, args: string[], says: RegExp][] = [
    ['no number', [], /missing required argument 'out_trade_no'/],
    ['a number WeChat Pay cannot have', ['a b'], /InvalidOrder: out_trade_no/],
    ['two numbers', ['A1', 'A2'], /too many arguments/],
    ['an unknown wish', ['A1', '--if-paid', 'kep'], /Allowed choices are refund, keep/],
    [
      'a time that is none',
      ['A1', '--attempted-at', 'yesterday'],
      /InvalidOrder: attempted_at: must be an RFC 3339 time/,
    ],
    ['a typo', ['A1', '--wiat'], /Did you mean --wait\?/],
    ['a history that is none', ['A1', '--history', 'package.json'], /InvalidOrder: history\.name: unknown field/],
  ]
  for (const [what, args, says] of mistakes) {
    test(`${what}: refused before anything is sent`, async () => {
      const { code, stderr } = await runInShared('reverse', ['--yes', ...args, ...common])
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n\s+at /)
    })
  }
})

describe('only looking', { concurrency: 3 }, () => {
  const state = (...args: string[]) => runInShared('state', [...args, ...common])

  test('tells a verified state and reverses nothing', async () => {
    const number = place('SUCCESS')
    const { code, stdout } = await state(number)
    assert.equal(code, 0)
    assert.match(stdout, /SUCCESS: paid[\s\S]*transaction_id +4200/)
    assert.deepEqual(reversesOf(number), [])
    assert.equal(JSON.parse((await state(number, '--json')).stdout).trade_state, 'SUCCESS')
  })
  test('tells what is proved of a reversed order: with a transaction_id it was paid', async () => {
    const number = place('SUCCESS')
    const { mchid } = merchant
    wechatPay.simulator.books.happen(mchid, number, 'reverse', wechatPay.simulator.now())
    assert.match((await state(number)).stdout, /^REVOKED: paid, then reversed: it is being refunded\n/)
    assert.match((await state(place('REVOKED'))).stdout, /^REVOKED: reversed: unpaid it was closed, paid it is/)
  })
  test('tells that there is none', async () => {
    const { code, stderr } = await state('nobody-knows-this')
    assert.equal(code, 1)
    assert.match(stderr, /knows no order nobody-knows-this of merchant 1900000001, or not yet/)
  })
  test('tells that nothing verified came back, with exit code 2', async () => {
    const out_trade_no = place('SUCCESS')
    wechatPay.simulator.faults.add({ fault: 'unsigned', out_trade_no, times: 'always' })
    const { code, stderr } = await state(out_trade_no)
    assert.equal(code, 2)
    assert.match(
      stderr,
      /does not verify \(unsigned\): HTTP 200 \(Request-ID 08\w+-0\)[\s\S]*nothing verified came back/,
    )
  })
  test('refuses a number WeChat Pay cannot have', async () => {
    assert.match((await state('a/b')).stderr, /out_trade_no: must be 1 to 32/)
  })
})

test('the merchant may stand in Secrets Manager', async (t) => {
  const account = await startLocalAccount()
  t.after(account.close)
  account.stack.secrets.put('merchants/one', merchant.secret)
  const args = [place('CLOSED'), '--merchant', 'merchants/one', ...common.slice(2)]
  const { code, stdout, stderr } = await runCommand('reverse', ['--yes', ...args], account.env)
  assert.equal(code, 0, stderr)
  assert.match(stdout, /CLOSED/)
})
