import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { widthOf } from '../../../bin/language/width.ts'
import type { BillFault } from '../../../infra/local/wechatpay/bill-faults.ts'
import type { OrderEvent } from '../../../infra/local/wechatpay/order.ts'
import type { RunningSimulator } from '../../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { bookOrder } from '../../booked-order.ts'
import { day, noon } from '../../china-days.ts'
import { file } from '../run-command.ts'
import { runInChinese, sentencesIn } from './in-chinese.ts'

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
  const { mchid, appid, secret } = simulator.openMerchant({ mchid: String(1900000700 + opened) })
  const common = ['--merchant', file(`${mchid}.json`, secret), '--endpoints', wechatPay.endpoints.join()]
  let placed = 0
  return {
    mchid,
    /** What happened to an order of that day, and the outcome that was told of it. */
    told(outcome: string, daysAgo: number, events: readonly OrderEvent[]) {
      placed += 1
      const out_trade_no = `${mchid}_${placed}`
      bookOrder(simulator, { mchid, appid, out_trade_no }, events, noon(daysAgo))
      const times = { attempted_at: new Date(noon(daysAgo)), confirmed_at: new Date(noon(daysAgo) + 5 * 60_000) }
      return { mchid, appid, out_trade_no, outcome, ...times }
    },
    settle: (date: string, ...args: string[]) => runInChinese('settle', [...common, '--date', date, ...args]),
  }
}

let lists = 0
function listOf(...results: unknown[]) {
  lists += 1
  return file(`results-zh-${lists}.jsonl`, results.map((result) => JSON.stringify(result)).join('\n'))
}

function assertChinese(output: string) {
  assert.deepEqual(sentencesIn(output), [])
  for (const line of output.split('\n')) assert.ok(widthOf(line) <= 80 || /^(✘| *→| *npm run)|\//.test(line), line)
}

describe('what the books say is told in Chinese', { concurrency: 3 }, () => {
  test('of a day, and of each result', async () => {
    const { told, settle, mchid } = openShop()
    const results = [
      told('REVERSED', 5, ['pay', 'reverse']),
      told('REVERSED', 5, ['reverse']),
      told('KEPT', 5, ['pay']),
      told('REFUNDED', 5, ['pay', 'reverse']),
    ]
    told('REVERSED', 5, ['pay', 'reverse'])
    const { code, stdout, stderr } = await settle(day(5), '--orders', listOf(...results))
    assert.equal(code, 0, stderr)
    assert.match(stdout, RegExp(`^商户 ${mchid} ${day(5)} 的交易账单\n7 条记录，其中被撤销的订单 3 笔。\n`))
    assert.match(stdout, /12:02:00 .* 12\.30 元 .*\n.* 12:01:00 付了 12\.30 元 .*\n.* 给出的结果：REVERSED/)
    assert.match(stdout, / 不在给出的结果里 /)
    assert.match(stdout, /results-zh-\d+\.jsonl 中的 4 个结果\n/)
    assert.match(stdout, /│ REFUNDED，12\.30 元 .*\n.*│ 已支付，撤销已退款 /)
    assert.match(stdout, /│ NEVER_PAID .*\n.*│ 账单中没有此订单：没有人被扣款 /)
    assert.match(stdout, /│ 不用查账单 .*\n.*│ 给出时已经证明：已支付，钱已退 /)
    const summary = [
      '  1 个：REFUNDED（已支付，款项已退回），共 12.30 元',
      '  1 个：NEVER_PAID（没有人被扣款）',
      '  1 个：PAID（已支付，款项保留），共 12.30 元',
      '  1 个：不用查账单',
    ]
    assert.ok(stdout.endsWith(`\n${summary.join('\n')}\n`), stdout)
    assert.match(stderr, RegExp(`^ {2}${day(5)}：7 条记录，SHA-1 [0-9a-f]{40}\n {2}${day(4)}：微信支付说，没有账单\n`))
    assertChinese(stdout + stderr)
  })

  test('of one that contradicts, and of one that must wait', async () => {
    const { told, settle } = openShop()
    const list = listOf(told('NOT_FOUND', 2, ['pay']), told('REVERSED', 2, ['pay']))
    const { code, stdout, stderr } = await settle(day(2), '--orders', list)
    assert.equal(code, 1)
    assert.match(stdout, /│ DISAGREES，12\.30 元 .*\n.*│ 查单说没有此订单，账单中却有 /)
    assert.match(stdout, RegExp(`│ 还要等 .*\n.*│ 缺少的记录可能会晚到；${day(0)}：`))
    assert.match(stderr, RegExp(`→ 北京时间 ${day(-2)} 10:00（UTC 02:00）之后再执行一次。\n`))
    assert.match(stderr, /→ 已支付，没有退回。如果应该退：\n {4}npm run reverse -- /)
    assert.match(stderr, /→ 每种矛盾的含义：docs\/runbook\.zh-CN\.md 的 disagreeing-books。\n$/)
    assertChinese(stdout + stderr)
  })

  test('of today, and of a day without a trade', async () => {
    const { settle } = openShop()
    const today = await settle(day(0))
    assert.equal(today.code, 2)
    assert.match(today.stdout, RegExp(`\n尚未生成：北京时间 ${day(-1)} 10:00（UTC 02:00）生成。\n$`))
    const quiet = await settle(day(2), '--save', file('unused', '').replace('unused', 'quiet-zh.csv'))
    assert.match(quiet.stdout, /\n没有账单：微信支付说，那一天没有付款，也没有退款。\n$/)
    assert.match(quiet.stderr, /\n {2}--save：没有可以留存的文件\n$/)
  })
})

describe('what to correct is told in Chinese', { concurrency: 3 }, () => {
  const mistakes: [what: string, args: string[], says: RegExp][] = [
    ['no day', ['2026-02-30'], /^✘ --date：必须是日期，yyyy-mm-dd\n {2}→ 请按 yyyy-mm-dd 写日期/],
    ['the future', [day(-1)], /^✘ --date：\S+ 还没到：北京时间今天是 /],
    ['too long ago', [day(100)], /^✘ --date：\S+ 在三个月之前：.*\n {2}→ 请在商户平台下载/],
    ['no list', [day(2), '--orders', 'nowhere.jsonl'], /^✘ 没有文件 nowhere\.jsonl（ENOENT）/],
    ['a file that is there', [day(2), '--save', 'package.json'], /^✘ --save：.* 已经存在\n {2}→ 请换一个名字/],
    ['wrong addresses', [day(2), '--endpoints', 'http://example.com'], /第 1 个地址必须以 https:\/\/ 开头\n {2}→ 例如/],
  ]
  for (const [what, [date, ...args], says] of mistakes) {
    test(what, async () => {
      const { code, stderr } = await openShop().settle(date!, ...args)
      assert.equal(code, 1)
      assert.match(stderr, says)
      assertChinese(stderr)
    })
  }

  test('a merchant that cannot be read', async () => {
    const path = file('broken-zh.json', { ...wechatPay.simulator.openMerchant().secret, mchid: 'wx0123456789abcdef' })
    const { code, stderr } = await runInChinese('settle', ['--merchant', path, '--date', day(2)])
    assert.equal(code, 1)
    assert.match(
      stderr,
      /broken-zh\.json：mchid：这是 appid：请填商户号：8 到 10 位数字\n {2}→ 看看还有哪里不对：npm run/,
    )
  })

  test('lines that are no results', async () => {
    const { told, settle } = openShop()
    const good = told('REVERSED', 2, ['reverse'])
    const list = listOf(
      { ...good, mchid: '1900000001' },
      { ...good, outcome: 'PENDING' },
      { error: 'InvalidOrder' },
      { ...good, outcome: 'SUCCESS' },
      { ...good, confirmed_at: undefined },
      7,
    )
    const { code, stderr } = await settle(day(2), '--orders', list)
    assert.equal(code, 1)
    const lines = stderr.split('\n').map((line) => line.replace(/^.*第/, '第'))
    assert.match(lines[0]!, /^第 1 行：mchid：是 1900000001，而 --merchant 是 \d+$/)
    assert.deepEqual(lines.slice(1), [
      '第 2 行：outcome：PENDING 不是最终结果',
      '第 3 行：error：这是拒绝，不是结果',
      '第 4 行：outcome：必须是其中之一：REFUNDED, REVERSED, CLOSED, KEPT, NOT_FOUND',
      '第 5 行：confirmed_at：缺少',
      '  还有 1 行',
      '  → 什么都没有了结。请去掉这些行；别的商户的结果，请另用它的 --merchant。',
      '',
    ])
  })
})

describe('a bill that settles nothing is told in Chinese', () => {
  afterEach(() => {
    wechatPay.simulator.options.billFault = null
  })

  const faults: Partial<Record<BillFault, RegExp>> = {
    'not ready': /尚未生成：微信支付的应答是 STATEMENT_CREATING。/,
    'wrong hash': /的账单不能用：哈希不符：内容不是微信支付签名的那份（Request-ID \S+）\n {2}→ 请再执行一次/,
    expired: /的账单不能用：下载地址已失效：下载的应答是 400 INVALID_REQUEST: /,
    redirected: /的账单不能用：被重定向：30\d：重定向一律不跟随/,
    'wrong count': /的账单不能用：记录数不符：有 2 条记录，汇总却说 3 条/,
  }
  for (const [fault, says] of Object.entries(faults)) {
    test(fault, async () => {
      const { told, settle } = openShop()
      const list = listOf(told('REVERSED', 5, ['pay', 'reverse']))
      wechatPay.simulator.options.billFault = fault as BillFault
      const { stdout, stderr } = await settle(day(5), '--orders', list)
      assert.match(stdout + stderr, says)
      assert.match(stdout, /│ 还要等 /)
      assertChinese(stdout + stderr)
    })
  }

  test('because WeChat Pay refuses it, or does not answer', async () => {
    const { settle, mchid } = openShop()
    wechatPay.simulator.faults.add({ fault: 'no-auth', endpoint: 'tradebill', mchid })
    const refused = await settle(day(2))
    assert.match(refused.stderr, /✘ 微信支付拒绝给出 \S+ 的账单：403 NO_AUTH .*（Request-ID \S+）\n {2}→ 请解决/)
    wechatPay.simulator.faults.add({ fault: 'reset', endpoint: 'tradebill', mchid, times: 'always' })
    const silent = await settle(day(2))
    assert.match(silent.stderr, /127\.0\.0\.1:\d+ 没有应答（.*）\n[\s\S]*的账单不能用：没有应答：连接中断/)
    assertChinese(silent.stderr)
  })
})
