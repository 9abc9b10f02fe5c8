import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { startCloudFormation, startLocalAccount } from './local-account.ts'
import { file, runCommand, startCommand } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

let cloudFormation: Awaited<ReturnType<typeof startCloudFormation>>
const stacks: Record<string, Record<string, string>> = {}
before(async () => {
  cloudFormation = await startCloudFormation(stacks)
})
after(() => cloudFormation.close())

/** What SendMessageBatch is asked for, on the wire. */
interface Batch {
  Entries: { MessageBody: string; MessageGroupId: string }[]
}

/** An account with a deployed stage of its own, and the command at hand. */
async function deployment(t: TestContext) {
  const account = await startLocalAccount()
  t.after(account.close)
  const { queueUrl, stack } = account
  const stage = `test${Object.keys(stacks).length}`
  stacks[`wechatpay-reversal-${stage}`] = { ReversalQueueUrl: queueUrl }
  const batches: Batch[] = []
  const watch = { operation: 'SendMessageBatch', matching: (batch: Batch) => !batches.push(batch) }
  stack.fail('sqs', watch)
  const env = { ...account.env, ...cloudFormation.env }
  return {
    stage,
    queueUrl,
    stack,
    batches,
    env,
    send: (list: string, ...args: string[]) => runInShared('send', [list, '--stage', stage, '--yes', ...args], env),
    start: (list: string, ...args: string[]) => startCommand('send', [list, '--stage', stage, '--yes', ...args], env),
    /** The order numbers on the queue, each as often as it is there. */
    queued: async () => (await stack.sqs.messages(queueUrl)).map(({ body }) => JSON.parse(body).out_trade_no).sort(),
    /** Disturbs the batches from the order of this number on. */
    disturbFrom: (number: string, fault: { error?: string; delayMs?: number }) =>
      stack.fail('sqs', {
        operation: 'SendMessageBatch',
        matching: ({ Entries }: Batch) =>
          Entries.some(({ MessageBody }) => JSON.parse(MessageBody).out_trade_no >= number),
        ...fault,
      }),
  }
}

const MERCHANT = { mchid: '1900000001', appid: 'wxd678efh567hg6787' }
const HEADER = 'mchid,appid,out_trade_no,attempted_at,if_paid,sp_mchid,sub_mchid,sub_appid'
const AN_HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString()

const numbers = (count: number) => Array.from({ length: count }, (_, index) => `A${String(index).padStart(4, '0')}`)
const listOf = (name: string, count: number) =>
  file(
    name,
    numbers(count)
      .map((out_trade_no) => `${JSON.stringify({ ...MERCHANT, out_trade_no })}\n`)
      .join(''),
  )

const progressOf = (list: string) => JSON.parse(readFileSync(`${list}.progress.json`, 'utf8'))
const isKept = (list: string) => existsSync(`${list}.progress.json`)

describe('a list is put on the queue', { concurrency: 4 }, () => {
  test('from CSV, as spreadsheets write it, with orders of both kinds, each in its merchant’s group', async (t) => {
    const { send, batches } = await deployment(t)
    const rows = [
      `\uFEFF${HEADER}`,
      `1900000001,wx1,A1,${AN_HOUR_AGO},keep,,,`,
      `"1900000001","wx""1","A-2*",,,"","",`,
      '',
      `,,P_1,,,1900000009,1900000100,wx9`,
    ]
    const list = file('both.csv', rows.join('\r\n'))
    const { code, stdout, stderr } = await send(list)
    assert.equal(code, 0, stderr)
    assert.equal(stdout, `${list}: 3 orders of 2 merchants. What is paid is refunded; 1 is kept then.\n`)
    assert.match(stderr, /3 orders are on the queue\.\n/)
    assert.match(stderr, /2 without attempted_at/)
    assert.deepEqual(
      batches.flatMap(({ Entries }) => Entries.map((one) => [one.MessageGroupId, JSON.parse(one.MessageBody)])),
      [
        [
          '1900000001',
          { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A1', attempted_at: AN_HOUR_AGO, if_paid: 'keep' },
        ],
        ['1900000001', { mchid: '1900000001', appid: 'wx"1', out_trade_no: 'A-2*' }],
        ['1900000100', { sp_mchid: '1900000009', sub_mchid: '1900000100', sub_appid: 'wx9', out_trade_no: 'P_1' }],
      ],
    )
    assert.equal(isKept(list), false)
  })

  test('from JSON, one order a line, with what an earlier attempt learned, whatever stands in it', async (t) => {
    const { send, stack, queueUrl } = await deployment(t)
    const paid = {
      body: 'a line\u2028and another',
      timestamp: '1',
      nonce: 'n',
      signature: 's',
      serial: 'PUB',
      request_id: '08F',
    }
    const order = { ...MERCHANT, out_trade_no: 'A1', history: { first_seen_at: AN_HOUR_AGO, paid } }
    const { code, stderr } = await send(file('history.jsonl', `${JSON.stringify(order)}\n\n`))
    assert.equal(code, 0, stderr)
    assert.deepEqual(
      (await stack.sqs.messages(queueUrl)).map(({ body }) => JSON.parse(body)),
      [order],
    )
  })

  test('in UTF-16 too, as PowerShell writes it', async (t) => {
    const { send, queued } = await deployment(t)
    const text = `\uFEFF${JSON.stringify({ ...MERCHANT, out_trade_no: 'A1' })}\r\n`
    assert.equal((await send(file('utf-16.jsonl', Buffer.from(text, 'utf16le')))).code, 0)
    assert.deepEqual(await queued(), ['A1'])
  })

  test('in batches of ten', async (t) => {
    const { send, queued, batches } = await deployment(t)
    assert.equal((await send(listOf('batches.jsonl', 25))).code, 0)
    assert.deepEqual(
      batches.map(({ Entries }) => Entries.length),
      [10, 10, 5],
    )
    assert.deepEqual(await queued(), numbers(25))
  })

  test('of which an order that stands twice, and one too old to be reversed, are told', async (t) => {
    const { send, queued } = await deployment(t)
    const order = { ...MERCHANT, out_trade_no: 'A1', attempted_at: '2026-01-01T00:00:00Z' }
    const list = file(
      'warned.jsonl',
      [order, { ...order, if_paid: 'refund' }].map((one) => JSON.stringify(one)).join('\n'),
    )
    const { code, stderr } = await send(list)
    assert.equal(code, 0)
    assert.match(stderr, /1 named above already: sent twice, which is harmless\n.*2 attempted more than 7 days ago/)
    assert.deepEqual(await queued(), ['A1', 'A1'])
  })

  test('in which nothing stands: there is nothing to send', async (t) => {
    const { send, batches } = await deployment(t)
    for (const list of [file('empty.jsonl', ''), file('empty.csv', ''), file('header.csv', HEADER)]) {
      const { code, stderr } = await send(list)
      assert.equal(code, 0)
      assert.match(stderr, /holds no order: there is nothing to send/)
    }
    assert.deepEqual(batches, [])
  })

  test('in colours where they are wanted, and the same without', async (t) => {
    const { env, stage } = await deployment(t)
    const list = listOf('colours.jsonl', 3)
    const [plain, coloured] = await Promise.all(
      [env, { ...env, FORCE_COLOR: '1' }].map((shell) => runCommand('send', [list, '--stage', stage, '--yes'], shell)),
    )
    assert.equal(plain!.stderr, stripVTControlCharacters(coloured!.stderr))
    assert.notEqual(plain!.stderr, coloured!.stderr)
    assert.ok(
      plain!.stderr.split('\n').every((line) => line.length <= 80 || line.includes(list)),
      plain!.stderr,
    )
  })
})

describe('nothing is sent', { concurrency: 4 }, () => {
  test('while one line is no order: each is named with its field and why', async (t) => {
    const { send, batches } = await deployment(t)
    const long = 'x'.repeat(300_000)
    const rows = [
      HEADER,
      '1900000001,wx1,A1,,,,,',
      '1900000001,wx1,A 2,,,,,',
      '1900000001,wx1',
      '1900000001,wx1,1.21775E+27,,,,,',
      ',wx1,A3,,,,,',
      '1900000001,wx1,A1,,keep,,,',
      '1900000001,wx1,A4,yesterday,,,,',
      '1900000001,wx1,A5,,kep,,,',
      '1900000001,wx1,A6,,,1900000009,,',
      ',,A7,,,1900000009,,',
      'wx"1,wx1,A8,,,,,',
      '1900000001,wx1,A9,,,,,',
      `1900000001,wx1,${long},,,,,`,
    ]
    const { code, stdout, stderr } = await send(file('bad.csv', rows.join('\n')))
    assert.equal(code, 1)
    assert.deepEqual(stdout.trim().split('\n'), [
      'line 3: out_trade_no: must be 1 to 32 digits, letters, "_", "-" or "*"',
      'line 4: has 2 cells under 8 columns',
      'line 5: out_trade_no: a spreadsheet has rounded the number: save that column as text',
      'line 6: mchid: is missing',
      'line 7: if_paid: line 2 says refund of the same order',
      'line 8: attempted_at: must be an RFC 3339 time, for example 2026-01-31T19:00:00+08:00',
      'line 9: if_paid: must be "refund" or "keep"',
      "line 10: mchid: is of a merchant's own order; a service provider's names sp_mchid and sub_mchid",
      'line 11: sub_mchid: is missing',
      'line 12: a quote (") stands where none may, or is not closed',
      'line 14: is longer than 256 KiB: is a quote (") not closed?',
    ])
    assert.match(stderr, /11 of 13 lines are no orders; nothing was sent/)
    assert.deepEqual(batches, [])
  })

  test('the same of JSON, and of ten thousand bad lines only the first are named', async (t) => {
    const { send, batches } = await deployment(t)
    const lines = [
      '{"mchid":',
      '[]',
      '{"mchid":"1","mchid":"2"}',
      '{"mchid":"1900000001","apid":"wx1"}',
      '"\u001b[31m"',
    ]
    const json = await send(file('bad.jsonl', lines.join('\n')))
    assert.equal(json.code, 1)
    assert.match(json.stdout, /^line 1: the line must be JSON\nline 2: .*object\nline 3: .*once\nline 4: .*apid|appid/)
    const many = await send(file('many.jsonl', '{}\n'.repeat(10_000)))
    assert.equal(many.stdout.split('\n').length, 22)
    assert.match(many.stdout, /line 20: mchid: is missing\nand 9,980 more\n$/)
    assert.deepEqual(batches, [])
  })

  test('of a dry run, which needs no AWS', async () => {
    const { code, stdout, stderr } = await runCommand('send', [listOf('dry.jsonl', 3), '--dry-run'])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /3 orders of one merchant/)
    assert.match(stderr, /Nothing was sent: this was a dry run/)
  })

  test('unasked', async (t) => {
    const { stage, env, batches } = await deployment(t)
    const { code, stderr } = await runCommand('send', [listOf('unasked.jsonl', 3), '--stage', stage], env)
    assert.equal(code, 1)
    assert.match(stderr, /nothing was done: stdin and stderr are no terminal/)
    assert.deepEqual(batches, [])
  })

  const GBK = Buffer.concat([Buffer.from('mchid,appid,out_trade_no\n1,2,'), Buffer.from([0xb6, 0xa9, 0xb5, 0xa5])])
  const mistakes: [what: string, list: () => string, says: RegExp][] = [
    ['no such list', () => 'nowhere.csv', /nowhere\.csv is not there \(ENOENT\)/],
    ['another kind of file', () => file('orders.xlsx', ''), /neither \.jsonl nor \.csv/],
    ['semicolons', () => file('semicolons.csv', 'mchid;appid\n1;2'), /"mchid;appid" is no column.*\n.*commas/],
    ['an unknown column', () => file('unknown.csv', `${HEADER},Amount\n`), /"Amount" is no column of an order/],
    ['a column that stands twice', () => file('twice.csv', `${HEADER},appid\n`), /the column appid stands twice/],
    ['a history', () => file('history.csv', `${HEADER},history\n`), /history cannot come from CSV\n.*JSON/],
    ['GBK', () => file('gbk.csv', GBK), /about line 2 is not in UTF-8\n.*not GBK/],
  ]
  for (const [what, list, says] of mistakes) {
    test(`${what}: says what to do`, async () => {
      const { code, stderr } = await runInShared('send', [list(), '--dry-run'])
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n\s+at /)
    })
  }

  test('to a queue that is not there', async (t) => {
    const { send, queueUrl } = await deployment(t)
    const list = listOf('no-queue.jsonl', 3)
    const { code, stderr } = await send(list, '--queue', `${queueUrl}-x`)
    assert.equal(code, 1)
    assert.match(stderr, /there is no such queue: .*; 0 of 3 are on the queue/)
    assert.equal(progressOf(list).sent, 0)
  })
})

describe('a run that did not end goes on where it stopped', { concurrency: 4 }, () => {
  test('killed: every order is there in the end, and few twice', async (t) => {
    const { start, send, queued, disturbFrom, stack } = await deployment(t)
    const list = listOf('killed.jsonl', 2_000)
    const relents = [
      disturbFrom('A1000', { delayMs: 60_000 }),
      stack.fail('sqs', { operation: 'SendMessageBatch', delayMs: 150 }),
    ]
    const { child, ended } = start(list)
    while (!isKept(list) || progressOf(list).sent === 0) await setTimeout(10)
    child.kill('SIGKILL')
    await ended
    for (const relent of relents) relent()
    const { sent } = progressOf(list)
    assert.ok(sent > 0 && sent <= 1_000, `${sent}`)
    const { code, stderr } = await send(list)
    assert.equal(code, 0, stderr)
    assert.match(stderr, RegExp(`${sent.toLocaleString('en')} of them were sent before`))
    const there = await queued()
    assert.deepEqual([...new Set(there)], numbers(2_000))
    assert.ok(there.length <= 3_000 - sent + 160, `${there.length}`)
    assert.equal(isKept(list), false)
  })

  test('stopped by Ctrl-C: what was under way is waited for, and no order is sent twice', async (t) => {
    const { start, send, queued, stack } = await deployment(t)
    const list = listOf('stopped.jsonl', 2_000)
    stack.fail('sqs', { operation: 'SendMessageBatch', delayMs: 50 })
    const { child, ended } = start(list)
    while (!isKept(list) || progressOf(list).sent === 0) await setTimeout(10)
    child.kill('SIGINT')
    const stopped = await ended
    assert.equal(stopped.code, 1)
    const { sent } = progressOf(list)
    assert.match(stopped.stderr, /stopped before its end; [\d,]+ of 2,000 are on the queue\n.*same command goes on/)
    assert.equal((await queued()).length, sent)
    assert.equal((await send(list)).code, 0)
    assert.deepEqual(await queued(), numbers(2_000))
  })

  test('refused by SQS: says how far it came', async (t) => {
    const { send, queued, disturbFrom } = await deployment(t)
    const list = listOf('refused.jsonl', 500)
    const relent = disturbFrom('A0300', { error: 'AccessDenied' })
    const refused = await send(list)
    relent()
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /AWS does not allow it: .*; 300 of 500 are on the queue\n.*right.*goes on there/)
    assert.equal((await send(list)).code, 0)
    assert.deepEqual(await queued(), numbers(500))
  })

  test('but not with another list or to another queue, unless asked to begin again', async (t) => {
    const { send, queued, disturbFrom, queueUrl } = await deployment(t)
    const list = listOf('changed.jsonl', 50)
    const relent = disturbFrom('A0030', { error: 'AccessDenied' })
    await send(list)
    relent()
    const elsewhere = await send(list, '--queue', `${queueUrl}-x`)
    assert.match(elsewhere.stderr, /30 of 50 orders were sent to another queue: .*\n.*--again/)
    listOf('changed.jsonl', 60)
    const changed = await send(list)
    assert.equal(changed.code, 1)
    assert.match(changed.stderr, /30 of 50 orders were sent, and the list has changed since\n.*--again/)
    assert.equal((await queued()).length, 30)
    assert.equal((await send(list, '--again')).code, 0)
    assert.equal((await queued()).length, 90)
    assert.equal(isKept(list), false)
  })

  test('what is kept there may be anything', async (t) => {
    const { send } = await deployment(t)
    for (const [name, kept] of [
      ['kept-1.jsonl', '{'],
      ['kept-2.jsonl', 'null'],
      ['kept-3.jsonl', '{"sent":"7","orders":3}'],
    ] as const) {
      const list = listOf(name, 3)
      file(`${name}.progress.json`, kept)
      const { code, stderr } = await send(list)
      assert.equal(code, 1)
      assert.match(stderr, /does not say how far the list was sent\n.*--again/)
    }
  })
})
