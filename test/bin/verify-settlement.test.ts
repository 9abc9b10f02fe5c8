import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Failure } from '../../bin/operator/failure.ts'
import { findBooks } from '../../bin/operator/settlement/kept.ts'
import { prove } from '../../bin/operator/settlement/prove.ts'
import { proofAsJson, stateOf } from '../../bin/operator/settlement/show-proof.ts'
import { signedAnswer } from '../../infra/local/wechatpay/answer.ts'
import { ok } from '../../infra/local/wechatpay/error-codes.ts'
import type { OrderEvent } from '../../infra/local/wechatpay/order.ts'
import type { RunningSimulator } from '../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'
import { parseMerchant } from '../../lib/wechatpay/merchant.ts'
import { bookOrder } from '../booked-order.ts'
import { day, noon } from '../china-days.ts'
import { file, folder, runCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

const [DAY, DAY_AFTER] = [day(5), day(4)]

// biome-ignore lint/suspicious/noExplicitAny: what a forger does to JSON is of no type
type Json = any

let wechatPay: RunningSimulator
let merchantFile: string
let keys: ReturnType<typeof parseMerchant>['merchant']['wechatpayKeys']
/** What `npm run settle -- --json` printed, and the bills it saved. */
let settled: Json
let [bill, billAfter] = ['', '']

/** A night: one returned, one never paid, one kept (which needs the bill of the day after), one nobody knows of. */
const NIGHT: [outcome: string, events: OrderEvent[]][] = [
  ['REVERSED', ['pay', 'reverse']],
  ['REVERSED', ['reverse']],
  ['KEPT', ['pay']],
  ['NOT_FOUND', ['pay']],
]
const REFUNDED = 0
const NEVER_PAID = 1
const PAID = 2

before(async () => {
  wechatPay = await startSimulator()
  const { simulator } = wechatPay
  const { mchid, appid, secret } = simulator.openMerchant()
  merchantFile = file('merchant.json', secret)
  keys = parseMerchant(JSON.stringify(secret)).merchant.wechatpayKeys
  const happened = (out_trade_no: string, daysAgo: number, events: readonly OrderEvent[]) =>
    bookOrder(simulator, { mchid, appid, out_trade_no }, events, noon(daysAgo))
  const results = NIGHT.map(([outcome, events], index) => {
    const out_trade_no = `night-${index}`
    happened(out_trade_no, 5, events)
    const [attempted_at, confirmed_at] = [noon(5), noon(5) + 3_600_000].map((ms) => new Date(ms).toISOString())
    return JSON.stringify({ mchid, appid, out_trade_no, outcome, attempted_at, confirmed_at })
  })
  happened('unlisted', 5, ['pay', 'reverse'])
  happened('of-the-day-after', 4, ['pay'])
  const args = ['--merchant', merchantFile, '--endpoints', wechatPay.endpoints.join(), '--json', '--save']
  bill = join(folder, 'bill.csv')
  billAfter = join(folder, 'bill-after.csv')
  const list = file('results.jsonl', results.join('\n'))
  const ran = await runCommand('settle', [...args, bill, '--date', DAY, '--orders', list])
  assert.equal(ran.code, 1, ran.stderr)
  settled = JSON.parse(ran.stdout)
  assert.equal((await runCommand('settle', [...args, billAfter, '--date', DAY_AFTER])).code, 0)
})
after(() => wechatPay.close())

/** A `Reversal Settled` event. */
function eventOf(index: number) {
  const { line, why, is_reversible, ...detail } = structuredClone(settled.results[index])
  return { source: 'wechatpay.reversal', 'detail-type': 'Reversal Settled', detail }
}

const verify = (json: unknown, args: readonly string[] = []) =>
  runInShared('verify', [file(`kept-${Math.random()}.json`, json), '--merchant', merchantFile, ...args])

describe('a settlement can be checked later', { concurrency: 3 }, () => {
  test('all that npm run settle printed, with the bills it saved', async () => {
    const { code, stdout, stderr } = await verify(settled, ['--bill', bill, '--bill', billAfter])
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /✔ bill of \S+\n {2}signed_at +20[\s\S]*sha1 +[0-9a-f]{40}\n {2}rows +6, in the file/)
    assert.match(stdout, /✔ night-0: told REVERSED, settled REFUNDED\n✔ night-1: told REVERSED, settled NEVER_PAID\n/)
    assert.match(
      stdout,
      /✔ 2 reversed orders of \S+, and no other\n✔ WeChat Pay’s books say so\.\n {2}! Not signed: that/,
    )
  })

  test('without its bill the hash is proved, and the rows are not: exit code 2', async () => {
    const { code, stdout } = await verify(eventOf(REFUNDED))
    assert.equal(code, 2)
    assert.match(stdout, /✔ bill of/)
    assert.match(stdout, RegExp(`! night-0: told REVERSED, settled REFUNDED\\n +not proved without the bill of ${DAY}`))
    assert.match(
      stdout,
      /The rows are not proved, only the hash\.\n {2}→ --bill <file of \S+, which is kept by:\n {4}npm run settle -- --merchant \S+ --date \S+ --save \S+\.csv\n$/,
    )
  })

  test('with WeChat Pay’s public key alone, as JSON', async () => {
    const { publicKey } = wechatPay.simulator.keys.current()
    const key = `${publicKey.id}=${file('pub_key.pem', publicKey.pem)}`
    const kept = file('event.json', eventOf(REFUNDED))
    const { code, stdout } = await runCommand('verify', [kept, '--key', key, '--bill', bill, '--json'])
    assert.equal(code, 0)
    const { ok: isProved, bills, settlements } = JSON.parse(stdout)
    assert.deepEqual([isProved, bills[0].bill_date, bills[0].verified, bills[0].rows], [true, DAY, true, 6])
    assert.deepEqual(settlements, [
      { out_trade_no: 'night-0', outcome: 'REVERSED', settlement: 'REFUNDED', proved: true },
    ])
  })

  test('of a sandbox, it says so: of money nothing is proved', async () => {
    const own = { ...JSON.parse(readFileSync(merchantFile, 'utf8')), wechatpay_endpoints: wechatPay.endpoints }
    const sandbox = ['--merchant', file('sandbox.json', own), '--bill', bill]
    const event = file('sandbox-event.json', eventOf(REFUNDED))
    const { code, stdout } = await runCommand('verify', [event, ...sandbox])
    assert.equal(code, 0, stdout)
    assert.match(stdout, /✔ The sandbox said so: of money it proves nothing\.\n$/)
    const { ok: isProved, sandbox: isSandbox } = JSON.parse(
      (await runCommand('verify', [event, ...sandbox, '--json'])).stdout,
    )
    assert.deepEqual([isProved, isSandbox], [true, true])
  })

  test('what is forged ends with exit code 1', async () => {
    const event = eventOf(REFUNDED)
    event.detail.evidence[0].rows[0].订单金额 = '99.00'
    const { code, stdout } = await verify(event, ['--bill', bill])
    assert.equal(code, 1)
    assert.match(stdout, /✘ night-0: .*\n +its rows are not those in the bill of/)
    assert.match(stdout, /✘ Not everything is WeChat Pay’s word/)
  })

  const MISTAKES: [what: string, json: () => unknown, args: string[], says: RegExp][] = [
    ['a bill that is not there', () => eventOf(REFUNDED), ['--bill', 'no.csv'], /--bill: no\.csv is not there/],
    [
      'a bill for what is no settlement',
      () => settled.bills[0].evidence,
      ['--bill', 'no.csv'],
      /--bill is for a settlement/,
    ],
    ['no settlement in it', () => ({ ...settled, bills: [], results: [] }), [], /holds no signed answer/],
  ]
  for (const [what, json, args, says] of MISTAKES) {
    test(`${what}: says what to give`, async () => {
      const { code, stderr } = await verify(json(), args)
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n\s+at /)
    })
  }
})

async function judged(json: unknown, files: readonly string[]) {
  const proof = await prove(findBooks(json)!, keys, files)
  return { state: stateOf(proof), said: JSON.stringify(proofAsJson(proof, false)) }
}

describe('what is proved', () => {
  const CASES: [what: string, json: () => Json, files: () => string[], state: string][] = [
    ['all of it, with both bills', () => settled, () => [bill, billAfter], 'proved'],
    ['all of it, with one of two bills', () => settled, () => [bill], 'open'],
    ['all of it, without a bill', () => settled, () => [], 'open'],
    ['a return, with the bill of its rows alone', () => eventOf(REFUNDED), () => [bill], 'proved'],
    ['that nobody paid, with one of two bills', () => eventOf(NEVER_PAID), () => [bill], 'open'],
    ['that nobody paid, with both bills', () => eventOf(NEVER_PAID), () => [billAfter, bill], 'proved'],
    ['the detail of an event', () => eventOf(PAID).detail, () => [bill, billAfter], 'proved'],
    ['a list of reversed orders alone', () => ({ ...settled, results: undefined }), () => [bill, billAfter], 'proved'],
  ]
  for (const [what, json, files, state] of CASES) {
    test(`${what}: ${state}`, async () => {
      const found = await judged(json(), files())
      assert.equal(found.state, state, found.said)
    })
  }
})

/** A settlement by the one bill of its day, as it would be if no other bill had been read. */
function byItsDay(index: number) {
  const { detail } = eventOf(index)
  return { ...detail, bill_dates: [DAY], evidence: [detail.evidence[0]] }
}

function edited(path: string, edit: (bill: string) => string) {
  const changed = join(folder, `changed-${Math.random()}.csv`)
  writeFileSync(changed, edit(readFileSync(path, 'utf8')))
  return changed
}

/** Signed by WeChat Pay, and of something else. */
function signed(body: object, now = Date.now()) {
  const { publicKey: key } = wechatPay.simulator.keys.current()
  const answer = signedAnswer(ok(body), { key, now })
  const of = (name: string) => answer.headers.find(([header]) => header === name)![1]
  return {
    ...{ body: answer.body.toString(), timestamp: of('Wechatpay-Timestamp'), nonce: of('Wechatpay-Nonce') },
    ...{ signature: of('Wechatpay-Signature'), serial: of('Wechatpay-Serial'), request_id: '08-0' },
  }
}

describe('what is not WeChat Pay’s word is found', () => {
  const withPage = (index: number, change: object) => {
    const settlement = byItsDay(index)
    return { ...settlement, evidence: [{ ...settlement.evidence[0], ...change }] }
  }
  const FORGED: [what: string, json: () => Json, files: () => string[], says: RegExp][] = [
    [
      'a row that is not in the bill',
      () => {
        const json = byItsDay(NEVER_PAID)
        const [, row] = settled.results[REFUNDED].evidence[0].rows
        json.evidence[0].rows = [{ ...row, 商户订单号: 'night-1' }]
        return { ...json, settlement: 'REFUNDED', total: 1230 }
      },
      () => [bill],
      /its rows are not those in the bill/,
    ],
    [
      'a row left out',
      () => ({ ...withPage(REFUNDED, { rows: [] }), settlement: 'NEVER_PAID', total: null }),
      () => [bill],
      /its rows are not those in the bill/,
    ],
    ['another settlement', () => ({ ...byItsDay(REFUNDED), settlement: 'NEVER_PAID' }), () => [], /follows REFUNDED/],
    ['another outcome', () => ({ ...byItsDay(REFUNDED), outcome: 'KEPT' }), () => [], /follows DISAGREES/],
    ['another sum', () => ({ ...byItsDay(REFUNDED), total: 1 }), () => [], /come to 1230, not 1/],
    ['another order', () => ({ ...byItsDay(REFUNDED), out_trade_no: 'other' }), () => [], /a row is of order night-0/],
    ['too few bills', () => byItsDay(PAID), () => [bill], /follows that it must wait/],
    [
      'other days than it names',
      () => ({ ...byItsDay(REFUNDED), bill_dates: [DAY, DAY_AFTER] }),
      () => [],
      /bill_dates/,
    ],
    [
      'a row that lacks a column',
      () => withPage(REFUNDED, { rows: [{ 商户订单号: 'night-0' }] }),
      () => [],
      /no column/,
    ],
    [
      'the bill of another day',
      () => ({ ...withPage(NEVER_PAID, { bill_date: DAY_AFTER }), bill_dates: [DAY_AFTER] }),
      () => [bill],
      /another day/,
    ],
    ['the bill of another merchant', () => ({ ...byItsDay(NEVER_PAID), mchid: '1' }), () => [bill], /another merchant/],
    ['another file', () => byItsDay(REFUNDED), () => [merchantFile], /"strays":\[\{"path":"[^"]*merchant\.json"/],
    [
      'a bill with one fen more',
      () => byItsDay(REFUNDED),
      () => [edited(bill, (text) => text.replace('12.30', '12.31'))],
      /"strays":\[\{/,
    ],
    [
      'another hash than was signed',
      () => withPage(REFUNDED, { body: settled.bills[0].evidence.body.replace(/[0-9a-f]{40}/, '0'.repeat(40)) }),
      () => [],
      /signature does not fit/,
    ],
    ['a key nobody has', () => withPage(REFUNDED, { serial: 'PUB_KEY_ID_9' }), () => [], /no key is at hand/],
    ['a signed answer without a hash', () => withPage(NEVER_PAID, signed({ code: 'OK' })), () => [], /neither a SHA-1/],
    [
      '"no bill", said before the bill was made',
      () => withPage(NEVER_PAID, signed({ code: 'NO_STATEMENT_EXIST' }, noon(5))),
      () => [],
      /signed before the bill of/,
    ],
    [
      'a reversed order that is not listed',
      () => ({ ...settled, reversed: settled.reversed.slice(1) }),
      () => [bill, billAfter],
      /order night-0 is reversed in the bill of \S+, and not listed so/,
    ],
    [
      'one listed twice in place of another',
      () => ({ ...settled, reversed: [settled.reversed[1], settled.reversed[1]] }),
      () => [bill, billAfter],
      /order night-0 is reversed/,
    ],
    [
      'an order listed that was not reversed',
      () => ({ ...settled, reversed: [...settled.reversed, { out_trade_no: 'night-2', rows: [] }] }),
      () => [bill, billAfter],
      /order night-2 is not reversed/,
    ],
    [
      'a listed row that is not in the bill',
      () => {
        const [first, ...others] = structuredClone(settled.reversed)
        first.rows[0].订单金额 = '0.01'
        return { ...settled, reversed: [first, ...others] }
      },
      () => [bill, billAfter],
      /a row of order night-0 does not stand in the bill/,
    ],
  ]
  for (const [what, json, files, says] of FORGED) {
    test(what, async () => {
      const { state, said } = await judged(json(), files())
      assert.equal(state, 'not proved', said)
      assert.match(said, says)
    })
  }

  const BROKEN: [what: string, json: () => Json, says: RegExp][] = [
    ['half an answer', () => withPage(REFUNDED, { signature: undefined }), /evidence\.0\.signature: is missing/],
    [
      'a row of numbers',
      () => withPage(REFUNDED, { rows: [{ 订单金额: 1 }] }),
      /evidence\.0\.rows\.0\.订单金额: is no text/,
    ],
    ['a day that is none', () => withPage(REFUNDED, { bill_date: '2026-02-30' }), /evidence\.0\.bill_date: is no day/],
    ['a settlement nobody knows', () => ({ ...byItsDay(REFUNDED), settlement: 'DONE' }), /settlement: is none of/],
    ['no sum', () => ({ ...byItsDay(REFUNDED), total: undefined }), /total: is missing/],
    ['nobody’s order', () => ({ ...byItsDay(REFUNDED), mchid: undefined }), /mchid: is missing/],
    [
      'an order of somebody else',
      () => ({ ...settled, mchid: '1' }),
      /results: order night-0 is of \d+, and the bills/,
    ],
  ]
  for (const [what, json, says] of BROKEN) {
    test(`${what}: the field is named`, () => {
      assert.throws(
        () => findBooks(JSON.parse(JSON.stringify(json()))),
        (error) => error instanceof Failure && says.test(error.message),
      )
    })
  }
})
