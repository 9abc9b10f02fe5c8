import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { stripVTControlCharacters, styleText } from 'node:util'
import type { BillFault } from '../../infra/local/wechatpay/bill-faults.ts'
import type { MerchantWithKeys } from '../../infra/local/wechatpay/merchants.ts'
import type { NewOrder, OrderEvent } from '../../infra/local/wechatpay/order.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { bookOrder } from '../booked-order.ts'
import { day, noon } from '../china-days.ts'
import { file, folder, runCommand, startCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

let wechatPay: RunningSimulator
before(async () => {
  wechatPay = await startSimulator()
})
after(() => wechatPay.close())

let opened = 0

/** A merchant with books of its own, and the command at hand. */
function openShop() {
  opened += 1
  const { simulator } = wechatPay
  const merchant: MerchantWithKeys = simulator.openMerchant({ mchid: String(1900000100 + opened) })
  const { mchid, appid } = merchant
  const common = ['--merchant', file(`${mchid}.json`, merchant.secret), '--endpoints', wechatPay.endpoints.join()]
  let placed = 0
  return {
    ...merchant,
    /** What happened to an order of that day, one minute after the other. */
    happened(daysAgo: number, events: readonly OrderEvent[], otherwise: Partial<NewOrder> = {}) {
      placed += 1
      const out_trade_no = `${mchid}_*-${placed}`
      bookOrder(simulator, { mchid, appid, out_trade_no, ...otherwise }, events, noon(daysAgo))
      return out_trade_no
    },
    /** The result as the service returned it. */
    result: (out_trade_no: string, outcome: string, daysAgo: number, otherwise: object = {}) => ({
      ...{ mchid, appid, out_trade_no, outcome, trade_state: 'REVOKED', refunded: null, request_id: '08-0' },
      attempted_at: new Date(noon(daysAgo)).toISOString(),
      confirmed_at: new Date(noon(daysAgo) + 5 * 60_000).toISOString(),
      evidence: [],
      ...otherwise,
    }),
    settle: (date: string, args: readonly string[] = [], env = {}) =>
      runInShared('settle', [...common, '--date', date, ...args], env),
    common,
  }
}

let lists = 0
function listOf(...results: unknown[]) {
  lists += 1
  const lines = results.map((result) => (typeof result === 'string' ? result : JSON.stringify(result)))
  return file(`results-${lists}.jsonl`, `${lines.join('\n')}\n`)
}

describe("what WeChat Pay's books say of a day", { concurrency: 3 }, () => {
  test('every reversed order, with its payment, within 80 columns and in nobody’s name', async () => {
    const { happened, settle, mchid } = openShop()
    const reversed = [happened(2, ['pay', 'reverse']), happened(2, ['pay', 'reverse'], { total: 7 })]
    const paid = happened(2, ['pay'], { description: 'a coffee', attach: 'till 7' })
    const { code, stdout, stderr } = await settle(day(2))
    assert.equal(code, 0, stderr)
    assert.match(stdout, RegExp(`Trade bill of ${day(2)} of merchant ${mchid}\n5 rows, 2 reversed orders\\.`))
    for (const order of reversed) assert.ok(stdout.includes(order))
    assert.match(stdout, /12:02:00 .* 12\.30 yuan .*\n.* of 12\.30 yuan paid at 12:01:00/)
    assert.match(stdout, /0\.07 yuan/)
    assert.ok(!stdout.includes(paid))
    assert.doesNotMatch(stdout + stderr, /payer|coffee|till 7/)
    assert.equal(stdout, stripVTControlCharacters(stdout))
    assert.ok(stdout.split('\n').every((line) => line.length <= 80))
  })

  test('a return whose payment is of the day before says so', async () => {
    const { happened, settle } = openShop()
    const order = happened(3, ['pay'])
    wechatPay.simulator.books.happen(order.split('_')[0]!, order, 'reverse', noon(2))
    const { code, stdout } = await settle(day(2))
    assert.equal(code, 0)
    assert.match(stdout, /1 row, 1 reversed order\.[\s\S]*payment not in this bill/)
  })

  test('how they settle each result: the name, the sum, the reason', async () => {
    const { happened, settle, result, common } = openShop()
    const told = [
      ['REVERSED', ['pay', 'reverse'], /REFUNDED, 12\.30 yuan .*\n.*paid, and returned by the reverse/],
      ['REVERSED', ['reverse'], /NEVER_PAID .*\n.*in no bill: nobody was charged/],
      ['KEPT', ['pay'], /PAID, 12\.30 yuan .*\n.*paid, and not reversed/],
      ['REFUNDED', ['pay', 'reverse'], /no need .*\n.*told REFUNDED .*proved when it was told/],
      ['CLOSED', ['close'], /no need .*\n.*told CLOSED .*proved when it was told/],
    ] as const
    const orders = told.map(([outcome, events]) => result(happened(5, events), outcome, 5))
    const unknown = happened(5, ['pay', 'reverse'])
    const { code, stdout, stderr } = await settle(day(5), ['--orders', listOf(...orders)])
    assert.equal(code, 0, stderr)
    for (const [index, [outcome, , says]] of told.entries()) {
      const line = new RegExp(`│ ${index + 1} +│ ${orders[index]!.out_trade_no.replace('*', '\\*')} +│ ${says.source}`)
      assert.match(stdout, line, outcome)
    }
    assert.match(stdout, RegExp(`${unknown.replace('*', '\\*')} .*\n.*\n.*not in the list`))
    assert.match(
      stdout,
      /1 REFUNDED, 12\.30 yuan in all\n {2}1 NEVER_PAID\n {2}1 PAID, 12\.30 yuan in all\n {2}2 no need\n/,
    )
    assert.ok(stdout.split('\n').every((line) => line.length <= 80))

    const coloured = await runCommand('settle', [...common, '--date', day(5), '--orders', listOf(...orders)], {
      FORCE_COLOR: '1',
    })
    assert.ok(coloured.stdout.includes(styleText('green', 'REFUNDED', { validateStream: false })))
    assert.equal(
      stripVTControlCharacters(coloured.stdout),
      stdout.replace(/results-\d+/, /results-\d+/.exec(coloured.stdout)![0]),
    )
  })

  test('a contradiction ends with exit code 1, before an order that must wait, and says how to heal it', async () => {
    const { happened, settle, result } = openShop()
    const [lost, late] = [happened(2, ['pay']), happened(2, ['pay'])]
    const list = listOf(result(lost, 'NOT_FOUND', 2), result(late, 'REVERSED', 2))
    const { code, stdout, stderr } = await settle(day(2), ['--orders', list])
    assert.equal(code, 1)
    assert.match(
      stdout,
      /DISAGREES, 12\.30 yuan[\s\S]*must wait[\s\S]*1 DISAGREES, 12\.30 yuan in all\n {2}1 must wait\n/,
    )
    assert.ok(stderr.includes(`npm run reverse -- '${lost}' --merchant`), stderr)
    // Without them, what is pasted would ask WeChat Pay by another way.
    assert.ok(stderr.includes(` --endpoints ${wechatPay.endpoints.join()}\n`), stderr)
  })

  test('an order that must wait ends with exit code 2, and says until when', async () => {
    const { happened, settle, result } = openShop()
    const { code, stdout, stderr } = await settle(day(2), [
      '--orders',
      listOf(result(happened(2, ['pay']), 'REVERSED', 2)),
    ])
    assert.equal(code, 2)
    assert.match(stdout, /must wait/)
    assert.match(stderr, RegExp(`Run it again after ${day(-2)} 10:00 in China \\(02:00 UTC\\)`))
  })

  test('a service provider’s results, by one bill for all merchants under it', async () => {
    const { happened, settle, result, mchid } = openShop()
    for (const sub_mchid of ['1900000109', '1900000110'])
      wechatPay.simulator.addSubMerchant({ sp_mchid: mchid, sub_mchid })
    const partner = (out_trade_no: string, sub_mchid: string) => {
      const { mchid: _, appid: __, ...rest } = result(out_trade_no, 'REVERSED', 2)
      return { ...rest, sp_mchid: mchid, sub_mchid }
    }
    const own = happened(2, ['pay', 'reverse'], { sub_mchid: '1900000109' })
    const others = happened(2, ['pay', 'reverse'], { sub_mchid: '1900000110' })
    const list = listOf(partner(own, '1900000109'), partner(others, '1900000109'))
    const { code, stdout } = await settle(day(2), ['--orders', list])
    assert.equal(code, 1)
    assert.match(stdout, /1900000109 .*\n.*told REVERSED[\s\S]*the books have the order under/)
    assert.match(stdout, /1 REFUNDED, 12\.30 yuan in all\n {2}1 DISAGREES/)
  })

  test('results in events, or in one JSON document, are results too', async () => {
    const { happened, settle, result } = openShop()
    const reversal = result(happened(2, ['pay', 'reverse']), 'REVERSED', 2)
    const event = { source: 'wechatpay.reversal', 'detail-type': 'Reversal Completed', detail: reversal }
    for (const list of [listOf(event), listOf(JSON.stringify(reversal, null, 2)), listOf([reversal, reversal])]) {
      const { code, stdout, stderr } = await settle(day(2), ['--orders', list])
      assert.equal(code, 0, stderr)
      assert.match(stdout, /[12] REFUNDED, /)
    }
  })

  test('each bill is asked for once, whoever needs it, and once more for payments of orders nobody named', async () => {
    const { happened, settle, result, mchid } = openShop()
    const asked = () =>
      wechatPay.simulator.log().filter((line) => line.endpoint === 'tradebill' && line.mchid === mchid).length
    const results = [1, 2, 3].map(() => result(happened(5, ['pay', 'reverse']), 'REVERSED', 5))
    await settle(day(5), ['--orders', listOf(...results)])
    assert.equal(asked(), 1)
    happened(5, ['pay', 'reverse'])
    await settle(day(5), ['--orders', listOf(...results)])
    assert.equal(asked(), 3)
  })

  test('as JSON: one document alone on stdout', async () => {
    const { happened, settle, result, mchid } = openShop()
    const settled = result(happened(5, ['pay', 'reverse']), 'REVERSED', 5)
    const kept = result(happened(5, ['pay']), 'KEPT', 5)
    const { code, stdout } = await settle(day(5), ['--orders', listOf(settled, kept), '--json'])
    assert.equal(code, 0)
    const found = JSON.parse(stdout)
    assert.deepEqual([found.mchid, found.bill_date], [mchid, day(5)])
    assert.deepEqual(
      found.bills.map((bill: { bill_date: string; state: string; count: number }) => [
        bill.bill_date,
        bill.state,
        bill.count,
      ]),
      [
        [day(5), 'whole', 3],
        [day(4), 'whole', 0],
      ],
    )
    const [{ out_trade_no, outcome, returned, paid, rows }] = found.reversed
    assert.deepEqual(
      [out_trade_no, outcome, returned, paid, rows.length],
      [settled.out_trade_no, 'REVERSED', 1230, 1230, 2],
    )
    assert.deepEqual(
      found.results.map((one: { line: number; settlement: string; total: number; bill_dates: string[] }) => [
        one.line,
        one.settlement,
        one.total,
        one.bill_dates,
      ]),
      [
        [1, 'REFUNDED', 1230, [day(5), day(4)]],
        [2, 'PAID', 1230, [day(5), day(4)]],
      ],
    )
    assert.doesNotMatch(stdout, /payer/)
  })
})

describe('the bill is kept', { concurrency: 3 }, () => {
  test('uncompressed, for its owner alone, and never over another file', async () => {
    const { happened, settle } = openShop()
    happened(2, ['pay', 'reverse'])
    const path = join(folder, 'bill.csv')
    const { code, stderr } = await settle(day(2), ['--save', path])
    assert.equal(code, 0, stderr)
    const bill = readFileSync(path)
    assert.match(stderr, RegExp(`SHA-1 ${createHash('sha1').update(bill).digest('hex')}\n.*kept as .*personal data`))
    assert.match(bill.toString(), /^交易时间,.*\r\n/)
    assert.equal(statSync(path).mode & 0o777, 0o600)

    const again = await settle(day(2), ['--save', path])
    assert.equal(again.code, 1)
    assert.match(again.stderr, /--save: .* is there already/)
    assert.deepEqual(readFileSync(path), bill)
  })

  test('and what a killed run left behind is not in its way', async () => {
    const { happened, settle } = openShop()
    happened(2, ['pay'])
    const path = join(folder, 'killed.csv')
    writeFileSync(`${path}.part`, 'half a bill', { mode: 0o644 })
    assert.equal((await settle(day(2), ['--save', path])).code, 0)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.ok(!existsSync(`${path}.part`))
  })

  test('unless there is none', async () => {
    const { settle } = openShop()
    const path = join(folder, 'empty.csv')
    const { code, stdout, stderr } = await settle(day(2), ['--save', path])
    assert.equal(code, 0)
    assert.match(stdout, /There is none: nothing was paid or returned that day, says WeChat Pay/)
    assert.match(stderr, /--save: there is no file to keep/)
    assert.ok(!existsSync(path))
  })

  test('nothing of it stays when its run is ended with Ctrl-C', async () => {
    const { happened, common } = openShop()
    for (let count = 0; count < 200; count += 1) happened(2, ['pay'])
    const path = join(folder, 'interrupted.csv')
    const { mchid } = { mchid: common[1]!.match(/(\d+)\.json$/)![1]! }
    wechatPay.simulator.faults.add({ fault: 'drip', endpoint: 'billdownload', mchid, ms: 5 })
    const { child, ended } = startCommand('settle', [...common, '--date', day(2), '--save', path])
    const left = () => readdirSync(folder).filter((name) => name.startsWith('interrupted.csv'))
    for (let count = 0; count < 400 && left().length === 0; count += 1) {
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    assert.deepEqual(left(), ['interrupted.csv.part'])
    child.kill('SIGINT')
    assert.equal((await ended).code, 130)
    assert.deepEqual(left(), [])
  })
})

describe('results', { concurrency: 3 }, () => {
  test('of which one is no result of this merchant: it is named, and nothing is settled', async () => {
    const { result, settle, mchid } = openShop()
    const other = { ...result('B', 'REVERSED', 2), mchid: '1900000001' }
    const list = listOf(result('A', 'REVERSED', 2), '', other)
    const { code, stdout, stderr } = await settle(day(2), ['--orders', list, '--json'])
    assert.equal(code, 1)
    assert.match(stderr, /results-\d+\.jsonl, line 3: mchid: is 1900000001, [^\n]*\n {2}→ Nothing was settled/)
    assert.equal(stdout, '')
    assert.ok(!wechatPay.simulator.log().some((line) => line.mchid === mchid))
  })

  test('of which there are none: all is settled', async () => {
    const { code, stdout } = await openShop().settle(day(2), ['--orders', listOf()])
    assert.equal(code, 0)
    assert.match(stdout, /0 results/)
  })
})

describe('what to correct is said in a line', { concurrency: 3 }, () => {
  const MISTAKES: [what: string, args: string[], says: RegExp][] = [
    ['a day that does not exist', ['--date', '2026-02-30'], /--date: must be a day, yyyy-mm-dd/],
    ['another notation', ['--date', '20260201'], /--date: must be a day, yyyy-mm-dd/],
    ['the future', ['--date', day(-1)], /--date: \S+ is in the future/],
    ['more than three months ago', ['--date', day(100)], /--date: \S+ is older than three months/],
    ['no day', [], /required option '-d, --date <yyyy-mm-dd>' not specified/],
    ['a list that is not there', ['--date', day(2), '--orders', 'nowhere.jsonl'], /nowhere\.jsonl is not there/],
    [
      'a folder that is not there',
      ['--date', day(2), '--save', 'no/where.csv'],
      /--save: no\/where\.csv could not be written \(ENOENT\)/,
    ],
  ]
  for (const [what, args, says] of MISTAKES) {
    test(what, async () => {
      const { happened, common } = openShop()
      happened(2, ['pay'])
      const { code, stdout, stderr } = await runInShared('settle', [...common, ...args])
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n\s+at /)
      assert.equal(stdout, '')
    })
  }

  test('today has no bill yet: says when it is made, exit code 2', async () => {
    const { code, stdout } = await openShop().settle(day(0))
    assert.equal(code, 2)
    assert.match(stdout, RegExp(`Not made yet: it is made at ${day(-1)} 10:00 in China \\(02:00 UTC\\)`))
  })

  test('what WeChat Pay says when it refuses: code, words and Request-ID', async () => {
    const { settle, mchid } = openShop()
    wechatPay.simulator.faults.add({ fault: 'no-auth', endpoint: 'tradebill', mchid, times: 'always' })
    const { code, stderr } = await settle(day(2))
    assert.equal(code, 1)
    assert.match(stderr, /WeChat Pay refuses the bill of \S+: 403 NO_AUTH \S.* \(Request-ID \S+\)\n {2}→ Put right/)
  })

  test('and when it refuses to say once more who paid, what was reversed is told all the same', async () => {
    const { happened, settle, mchid } = openShop()
    const order = happened(2, ['pay', 'reverse'])
    wechatPay.simulator.faults.add({ fault: 'no-auth', endpoint: 'tradebill', mchid, after: 1, times: 'always' })
    const { code, stdout, stderr } = await settle(day(2))
    assert.equal(code, 1)
    assert.match(stdout, RegExp(`${order.replace('*', '\\*')} +│ 12\\.30 yuan +│\n└`))
    assert.match(stderr, /403 NO_AUTH/)
  })

  test('npm’s own --save in a person’s .npmrc means nothing', async () => {
    const { code, stderr } = await openShop().settle(day(2), [], { npm_config_save: 'false' })
    assert.equal(code, 0, stderr)
  })
})

describe('a bill that proves nothing settles nothing', () => {
  afterEach(() => {
    wechatPay.simulator.options.billFault = null
  })

  const FAULTS: Partial<Record<BillFault, [code: number, says: RegExp, left: string[]]>> = {
    'not ready': [2, /Not made yet: WeChat Pay says STATEMENT_CREATING/, []],
    'wrong hash': [1, /the bill of \S+ is refused: wrong hash: .*Request-ID/, []],
    forged: [1, /is refused: wrong hash/, []],
    cut: [1, /is refused: cut/, []],
    expired: [1, /is refused: expired: .*INVALID_REQUEST/, []],
    'another host': [1, /is refused: another host/, []],
    redirected: [1, /is refused: redirect/, []],
    'wrong count': [1, /is refused: wrong count: 2 rows, and the summary says 3/, ['.refused']],
  }
  for (const [fault, [exit, says, left]] of Object.entries(FAULTS)) {
    test(`${fault}: exit code ${exit}, and no file that looks whole`, async () => {
      const { happened, settle, result } = openShop()
      const list = listOf(result(happened(5, ['pay', 'reverse']), 'REVERSED', 5))
      wechatPay.simulator.options.billFault = fault as BillFault
      const name = `${fault.replace(' ', '-')}.csv`
      const args = ['--orders', list, '--save', join(folder, name)]
      const { code, stdout, stderr } = await settle(day(5), args)
      assert.equal(code, exit, stdout + stderr)
      assert.match(stdout + stderr, says)
      assert.match(stdout, /must wait/)
      assert.doesNotMatch(stdout, /REFUNDED|NEVER_PAID/)
      assert.deepEqual(
        readdirSync(folder).filter((file) => file.startsWith(name)),
        left.map((ending) => `${name}${ending}`),
      )
    })
  }

  test('a verified "none" is an empty bill', async () => {
    const { happened, settle, result } = openShop()
    const list = listOf(result(happened(5, ['reverse']), 'REVERSED', 5))
    wechatPay.simulator.options.billFault = 'none'
    const { code, stdout } = await settle(day(5), ['--orders', list])
    assert.equal(code, 0)
    assert.match(stdout, /There is none[\s\S]*NEVER_PAID/)
  })
})
