import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { widthOf } from '../../../bin/language/width.ts'
import { signedAnswer } from '../../../infra/local/wechatpay/answer.ts'
import { errorResult, ok } from '../../../infra/local/wechatpay/error-codes.ts'
import type { OrderEvent } from '../../../infra/local/wechatpay/order.ts'
import type { RunningSimulator } from '../../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { bookOrder } from '../../booked-order.ts'
import { day, noon } from '../../china-days.ts'
import { file, folder, runCommand } from '../run-command.ts'
import { runInChinese, sentencesIn } from './in-chinese.ts'

const [NOON, DAY] = [noon(5), day(5)]

// biome-ignore lint/suspicious/noExplicitAny: what a forger does to JSON is of no type
type Json = any

let wechatPay: RunningSimulator
let merchantFile: string
let order: { mchid: string; appid: string; out_trade_no: string }
/** What `npm run settle -- --json` printed, and the bill it saved. */
let settled: Json
const bill = join(folder, 'bill-zh.csv')

before(async () => {
  wechatPay = await startSimulator()
  const { simulator } = wechatPay
  const { mchid, appid, secret } = simulator.openMerchant()
  order = { mchid, appid, out_trade_no: 'A*1' }
  merchantFile = file('merchant-zh.json', secret)
  const results = (
    [
      ['REVERSED', ['pay', 'reverse']],
      ['REVERSED', ['reverse']],
      ['KEPT', ['pay']],
    ] as [string, OrderEvent[]][]
  ).map(([outcome, events], index) => {
    const out_trade_no = `night-${index}`
    bookOrder(simulator, { mchid, appid, out_trade_no }, events, NOON)
    const [attempted_at, confirmed_at] = [NOON, NOON + 3_600_000].map((ms) => new Date(ms).toISOString())
    return JSON.stringify({ mchid, appid, out_trade_no, outcome, attempted_at, confirmed_at })
  })
  const args = ['--merchant', merchantFile, '--endpoints', wechatPay.endpoints.join(), '--date', DAY]
  const list = file('results-zh.jsonl', results.join('\n'))
  const ran = await runCommand('settle', [...args, '--orders', list, '--json', '--save', bill])
  settled = JSON.parse(ran.stdout)
})
after(() => wechatPay.close())

/** What WeChat Pay answered, kept. */
function answer(result: object, now = Date.now()) {
  const { body, headers } = signedAnswer(ok(result), { key: wechatPay.simulator.keys.current().publicKey, now })
  const of = (name: string) => headers.find(([header]) => header === name)![1]
  const [timestamp, nonce, signature, serial] = ['Timestamp', 'Nonce', 'Signature', 'Serial'].map((part) =>
    of(`Wechatpay-${part}`),
  )
  return { body: body.toString(), timestamp, nonce, signature, serial, request_id: of('Request-ID') }
}

const settlement = (index: number) => ({ ...structuredClone(settled.results[index]), line: undefined })

async function verify(json: unknown, ...args: string[]) {
  const kept = file(`kept-zh-${Math.random()}.json`, json)
  const ran = await runInChinese('verify', [kept, '--merchant', merchantFile, ...args])
  assert.deepEqual(sentencesIn(ran.stdout + ran.stderr), [])
  for (const line of ran.stdout.split('\n')) assert.ok(widthOf(line) <= 80 || /^(✘| *→| *npm run)|\//.test(line), line)
  return ran
}

describe('what a kept answer proves is told in Chinese', { concurrency: 3 }, () => {
  const revoked = () => answer({ ...order, trade_state: 'REVOKED' })
  const result = (evidence: unknown[], more = {}) => ({ ...order, outcome: 'REVERSED', evidence, ...more })
  const cases: [what: string, json: () => unknown, code: number, says: RegExp][] = [
    [
      'a result',
      () => result([revoked()]),
      0,
      /^✔ 第 1 份应答，共 1 份\n[\s\S]*\n✔ 微信支付确实这么说过：REVERSED 得到证明。\n$/,
    ],
    ['one answer', revoked, 0, /\n✔ 微信支付确实这么说过。\n$/],
    [
      'no such order',
      () => result([answer(errorResult('ORDER_NOT_EXIST').body!)], { outcome: 'NOT_FOUND' }),
      0,
      /\n {2}! 它没有写明订单：说的是不是这一笔，只能相信留存它的人\n/,
    ],
    [
      'a changed body',
      () => [{ ...revoked(), body: '{}' }],
      1,
      /^✘ 第 1 份应答，共 1 份：签名不符：[\s\S]*\n✘ 并非全部/,
    ],
    ['a key nobody has', () => [{ ...revoked(), serial: 'AB' }], 1, /：用 AB 签名，手头没有这把公钥或证书：请用 --key/],
    ['another order', () => result([revoked()], { out_trade_no: 'B' }), 1, /：它说的是 out_trade_no A\*1，不是 B\n/],
    [
      'another outcome',
      () => result([revoked()], { outcome: 'CLOSED' }),
      1,
      /\n✘ CLOSED 没有得到证明：应答说的是 REVOKED\n/,
    ],
    ['another state', () => result([revoked()], { trade_state: 'CLOSED' }), 1, /✘ trade_state CLOSED 与应答不符：/],
  ]
  for (const [what, json, code, says] of cases) {
    test(what, async () => {
      const ran = await verify(json())
      assert.equal(ran.code, code, ran.stdout + ran.stderr)
      assert.match(ran.stdout, says)
    })
  }
})

describe('what a kept settlement proves is told in Chinese', { concurrency: 3 }, () => {
  test('all of it, with its bill', async () => {
    const { code, stdout } = await verify(settled, '--bill', bill)
    assert.equal(code, 0, stdout)
    assert.match(stdout, RegExp(`^✔ ${DAY} 的账单\n[\\s\\S]*\n {2}rows {12}3 条记录，在 SHA-1 与此相同的文件里\n`))
    assert.match(stdout, /\n {2}says {12}没有账单；是哪一天的，应答没有写明\n/)
    assert.match(stdout, /\n✔ night-0：给出的结果是 REVERSED，了结为 REFUNDED\n/)
    assert.match(stdout, RegExp(`\n✔ ${DAY} 被撤销的订单是这 1 笔，没有别的\n`))
  })

  test('of the day alone, that nobody was charged', async () => {
    const { code, stdout } = await verify(settlement(1), '--bill', bill)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /\n✔ 微信支付的账单确实如此。\n {2}! 签名没有证明：这些就是付款以来每一天的账单。\n/)
  })

  test('without its bill', async () => {
    const { code, stdout } = await verify(settlement(0))
    assert.equal(code, 2)
    assert.match(stdout, RegExp(`\n! night-0：.*\n {4}没有 ${DAY} 的账单，无法证明\n! 哈希有签名。`))
    assert.match(
      stdout,
      RegExp(`→ --bill <${DAY} 的账单文件>，这样留存：\n {4}npm run settle -- --merchant \\S+ --date ${DAY} --save`),
    )
  })

  const forged: [what: string, json: () => unknown, says: RegExp][] = [
    ['another sum', () => ({ ...settlement(0), total: 1 }), /它的记录合计（分）是 1230，不是 1\n/],
    [
      'another settlement',
      () => ({ ...settlement(0), settlement: 'PAID' }),
      /得出的是“REFUNDED”：已支付，撤销已退款\n/,
    ],
    ['other days', () => ({ ...settlement(0), bill_dates: [] }), /bill_dates 与 evidence 里的日期不一致/],
    ['a list too short', () => ({ ...settled, reversed: [] }), /订单 night-0 被撤销了，却没有照样列出\n/],
    [
      'a row changed',
      () => {
        const json = settlement(0)
        json.evidence[0].rows[0].订单金额 = '99.00'
        return json
      },
      RegExp(`它的记录与 ${DAY} 的账单里的不一致\n`),
    ],
    [
      'a row that lacks a column',
      () => {
        const json = settlement(0)
        for (const page of json.evidence) page.rows = [{ 商户订单号: 'night-0' }]
        return json
      },
      /它的记录与|有一条记录不是留存时的原样：没有“交易时间”这一列\n/,
    ],
    [
      'an answer without a hash',
      () => ({ ...settlement(0), evidence: [{ ...settlement(0).evidence[0], ...answer({}) }] }),
      /的账单：应答里既没有 SHA-1，也没有 NO_STATEMENT_EXIST\n[\s\S]*的账单什么也证明不了\n/,
    ],
  ]
  for (const [what, json, says] of forged) {
    test(what, async () => {
      const { code, stdout } = await verify(json(), '--bill', bill)
      assert.equal(code, 1, stdout)
      assert.match(stdout, says)
    })
  }

  test('another file', async () => {
    const { stdout } = await verify(settlement(0), '--bill', merchantFile)
    assert.match(stdout, /\n✘ .*merchant-zh\.json 不是其中任何一份账单：它的 SHA-1 是 [0-9a-f]{40}\n/)
  })
})

describe('what to give is told in Chinese', { concurrency: 3 }, () => {
  const mistakes: [what: string, json: () => unknown, args: string[], says: RegExp][] = [
    ['a file that is not JSON', () => 'x', [], /不是 JSON\n {2}→ 请给出留存的 JSON。/],
    ['JSON without answers', () => ({}), [], /里面没有签名应答\n {2}→ 请给出结果、事件/],
    ['half an answer', () => [{ body: '{}' }], [], /有一份应答不完整：timestamp 缺少，或不是文本\n/],
    ['an empty list', () => [], [], /里没有签名应答\n {2}→ 一个结果至少有一份/],
    ['a name that is a number', () => ({ mchid: 7, evidence: [] }), [], /✘ mchid：不是文本\n/],
    ['a bill for a result', () => [answer({})], ['--bill', bill], /--bill 只用于账单了结，/],
    ['a bill that is not there', () => settlement(0), ['--bill', 'no.csv'], /✘ --bill：没有文件 no\.csv（ENOENT）\n/],
    [
      'a settlement nobody knows',
      () => ({ ...settlement(0), settlement: 'X' }),
      [],
      /settlement：不是其中之一：REFUNDED、/,
    ],
    ['no sum', () => ({ ...settlement(0), total: undefined }), [], /✘ total：缺少\n {2}→ 请按留存时的原样给出。/],
    ['bills that are none', () => ({ ...settled, bills: [7] }), [], /✘ bills\.0：不是账单\n/],
    ['bills of no known state', () => ({ ...settled, bills: [{ state: 'x' }] }), [], /✘ bills\.0\S*：不是账单\n/],
    ['rows that are none', () => ({ ...settled, reversed: [{ out_trade_no: 'A', rows: 7 }] }), [], /不是记录的列表\n/],
    ['a key of the wrong form', () => [], ['--key', 'x'], /--key x：必须是 <serial or PUB_KEY_ID>=<file>/],
    [
      'a file that holds no key',
      () => [],
      ['--key', `AB=${import.meta.filename}`],
      /verify\.test\.ts：不是能读出来的公钥\n/,
    ],
  ]
  for (const [what, json, args, says] of mistakes) {
    test(what, async () => {
      const { code, stderr } = await verify(json(), ...args)
      assert.equal(code, 1, stderr)
      assert.match(stderr, says)
    })
  }

  test('no key', async () => {
    const { stderr } = await runInChinese('verify', [file('no-key-zh.json', [])])
    assert.match(stderr, /✘ 没有可以用来验签的公钥或证书\n {2}→ 请给出 --merchant/)
  })
})
