import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { widthOf } from '../../../bin/language/width.ts'
import { startLocalAccount } from '../local-account.ts'
import { file } from '../run-command.ts'
import { runInChinese, sentencesIn } from './in-chinese.ts'

let account: Awaited<ReturnType<typeof startLocalAccount>>
before(async () => {
  account = await startLocalAccount()
})
after(() => account.close())

const HEADER = 'mchid,appid,out_trade_no,attempted_at,if_paid,sp_mchid'
const order = { mchid: '1900000001', appid: 'wxd678efh567hg6787' }
const listOf = (name: string, orders: object[]) =>
  file(name, orders.map((one) => JSON.stringify({ ...order, ...one })).join('\n'))

describe('what is wrong with a list is told in Chinese', { concurrency: 4 }, () => {
  test('line by line', async () => {
    const rows = [
      HEADER,
      '1900000001,wx1,A1,,,',
      '1900000001,wx1,A 2,,,',
      '1900000001,wx1',
      '1900000001,wx1,1.21775E+27,,,',
      ',wx1,A3,,,',
      '1900000001,wx1,A1,,keep,',
      '1900000001,wx1,A4,yesterday,,',
      '1900000001,wx1,A5,2099-01-01T00:00:00Z,,',
      '1900000001,wx1,A6,,kep,',
      '1900000001,wx1,A7,,,1900000009',
      'wx"1,wx1,A8,,,',
      `1900000001,wx1,${'x'.repeat(300_000)},,,`,
    ]
    const { code, stdout, stderr } = await runInChinese('send', [file('bad-zh.csv', rows.join('\n')), '--dry-run'])
    assert.equal(code, 1)
    assert.deepEqual(stdout.trim().split('\n'), [
      '第 3 行：out_trade_no：必须是 1 到 32 个数字、字母、"_"、"-" 或 "*"',
      '第 4 行：有 2 个单元格，列却有 6 个',
      '第 5 行：out_trade_no：数字被电子表格舍入了：请把这一列存为文本',
      '第 6 行：mchid：缺少',
      '第 7 行：if_paid：同一订单，第 2 行写的是 refund',
      '第 8 行：attempted_at：必须是 RFC 3339 时间，例如 2026-01-31T19:00:00+08:00',
      '第 9 行：attempted_at：最多比现在晚 5 分钟',
      '第 10 行：if_paid：必须是 "refund" 或 "keep"',
      '第 11 行：mchid：属于商户自己的订单；服务商订单写 sp_mchid 和 sub_mchid',
      '第 12 行：引号（"）的位置不对，或没有成对',
      '第 13 行：超过 256 KiB：是不是少了右引号（"）？',
    ])
    assert.match(stderr, /✘ 共 12 行，其中 11 行不是订单；什么都没有发送\n {2}→ 请改正/)
    assert.deepEqual(sentencesIn(stderr), [])
  })

  test('of JSON too', async () => {
    const lines = ['{"mchid":', '[]', '{"mchid":"1","mchid":"2"}', '{"mchid":"1900000001","apid":"wx1"}']
    const { stdout } = await runInChinese('send', [file('bad-zh.jsonl', lines.join('\n')), '--dry-run'])
    assert.deepEqual(stdout.trim().split('\n'), [
      '第 1 行：这一行必须是 JSON',
      '第 2 行：这一行必须是 JSON 对象',
      '第 3 行：这一行里每个字段只能出现一次',
      '第 4 行：appid：缺少',
    ])
  })

  const GBK = Buffer.concat([Buffer.from('mchid,appid,out_trade_no\n1,2,'), Buffer.from([0xb6, 0xa9, 0xb5, 0xa5])])
  const mistakes: [what: string, list: () => string, says: RegExp][] = [
    ['no such list', () => 'nowhere.csv', /^✘ 没有文件 nowhere\.csv（ENOENT）\n {2}→ 请检查路径/m],
    ['another kind of file', () => file('zh.xlsx', ''), /既不是 \.jsonl，也不是 \.csv\n {2}→ 请每行写一笔订单/],
    ['an unknown column', () => file('unknown-zh.csv', 'Amount\n'), /订单没有 "Amount" 这一列\n {2}→ 第一行是列名/],
    ['a column that stands twice', () => file('twice-zh.csv', `${HEADER},appid\n`), /列 appid 出现了两次/],
    ['a history', () => file('history-zh.csv', `${HEADER},history\n`), /CSV 里不能有 history\n.*JSON/],
    ['GBK', () => file('gbk-zh.csv', GBK), /第 2 行附近不是 UTF-8\n {2}→ 请另存为“CSV UTF-8”/],
  ]
  for (const [what, list, says] of mistakes) {
    test(what, async () => {
      const { code, stderr } = await runInChinese('send', [list(), '--dry-run'])
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.deepEqual(sentencesIn(stderr), [])
    })
  }
})

describe('a list is sent in Chinese', () => {
  const send = (list: string, ...args: string[]) =>
    runInChinese('send', [list, '--queue', account.queueUrl, ...args], account.env)

  test('what is found, what becomes of it, and how it went', async () => {
    const long = { attempted_at: '2026-01-01T00:00:00Z' }
    const list = listOf('sent-zh.jsonl', [{ out_trade_no: 'A1' }, { out_trade_no: 'A2', if_paid: 'keep', ...long }])
    const { code, stdout, stderr } = await send(list, '--yes')
    assert.equal(code, 0, stderr)
    assert.equal(stdout, `${list}：2 笔订单，1 个商户。已支付的会退款；写明保留的 1 笔除外。\n`)
    const told = [
      `正在检查 ${list}`,
      '  1 笔没有 attempted_at：7 天期限从现在算起',
      '  1 笔的付款发起于 7 天之前：如果还没有结果，也不会再撤销',
      '2 笔订单已放进队列。',
      '',
    ]
    assert.deepEqual(stderr.split('\n'), told)
    for (const line of told.slice(1)) assert.ok(widthOf(line) <= 80, line)
  })

  test('how far it came, and how it goes on', async () => {
    const list = listOf('stopped-zh.jsonl', [{ out_trade_no: 'B1' }])
    const { code, stderr } = await send(list, '--yes', '--queue', `${account.queueUrl}-x`)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /✘ 没有这个队列：.*；共 1 笔，已放进队列 0 笔\n {2}→ 请检查队列地址.*。重复同一命令，从断处继续。\n$/,
    )
  })

  test('what is kept of a run before', async () => {
    const list = listOf('kept-zh.jsonl', [{ out_trade_no: 'C1' }])
    const about = { list_sha256: 'another', queue: account.queueUrl, orders: 9, sent: 3 }
    const cases: [kept: object, says: RegExp][] = [
      [{}, /没有说明清单发送到了哪里\n {2}→ 加上 --again 可从头发送/],
      [{ ...about, queue: 'https://other' }, /共 9 笔订单，3 笔已发送到另一个队列：https:\/\/other\n {2}→ .*--queue/],
      [about, /共 9 笔订单，已发送 3 笔，此后清单被改过\n {2}→ 加上 --again/],
    ]
    for (const [kept, says] of cases) {
      file('kept-zh.jsonl.progress.json', kept)
      const { code, stderr } = await send(list, '--yes')
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.deepEqual(sentencesIn(stderr), [])
    }
  })

  test('not unasked', async () => {
    const { code, stderr } = await send(listOf('unasked-zh.jsonl', [{ out_trade_no: 'D1' }]))
    assert.equal(code, 1)
    assert.match(stderr, /✘ 什么都没做：stdin 和 stderr 不是终端，没法请人确认\n {2}→ .*--yes/)
  })
})
