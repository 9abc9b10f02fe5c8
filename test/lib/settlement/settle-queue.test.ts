import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { OpenOutcome } from '../../../lib/settlement/open-outcome.ts'
import type { SettleMerchant, Verdict } from '../../../lib/settlement/settle-merchant.ts'
import { createSettleQueue, MAX_OUTCOMES, type SettleQueueOptions } from '../../../lib/settlement/settle-queue.ts'
import type { Settlement } from '../../../lib/settlement/settlement.ts'

const NOW = Date.parse('2026-12-01T02:15:00Z')
const YESTERDAY = '2026-11-30T12:00:00Z'

interface Message {
  body: string
}

const message = (out_trade_no: string, more: object = {}): Message => ({
  body: JSON.stringify({
    mchid: '1900000001',
    appid: 'wx1',
    out_trade_no,
    outcome: 'REVERSED',
    attempted_at: YESTERDAY,
    confirmed_at: YESTERDAY,
    ...more,
  }),
})

const numberOf = ({ body }: Message) => (body.startsWith('{') ? (JSON.parse(body).out_trade_no as string) : body)

const settled = ({ ref, outcome }: OpenOutcome, goesBack = false): Verdict => ({
  do: 'settle',
  settlement: { ...ref, outcome, settlement: goesBack ? 'DISAGREES' : 'REFUNDED' } as unknown as Settlement,
  says: 'in the books',
  again: goesBack ? ref : undefined,
})

/** What the books say of an order, by its number. */
function verdictOf(open: OpenOutcome): Verdict {
  const { out_trade_no } = open.ref
  if (out_trade_no.startsWith('WAITS')) return { do: 'wait', untilMs: undefined, why: 'cut' }
  if (out_trade_no.startsWith('OLD')) return { do: 'give up', why: 'ten days' }
  return settled(open, out_trade_no.startsWith('UNRETURNED'))
}

interface Run {
  messages: readonly Message[]
  /** What AWS does not do. */
  fails?: 'bury' | 'give back' | 'tell' | 'remove' | undefined
  isTaken?: (settlement: Settlement) => boolean
}

/** One run, in the order of what it did. */
async function run({ messages, fails, isTaken = () => true }: Run) {
  const did: string[] = []
  const limits: number[] = []
  const asked: [mchid: string, numbers: string[]][] = []
  const failing = (what: Run['fails']) => {
    if (what === fails) throw new Error(`AWS does not ${what}`)
  }
  const does = (what: string, numbers: readonly string[]) => void did.push([what, ...numbers].join(' '))
  const settleMerchant: SettleMerchant = async (mchid, open, msLeft) => {
    limits.push(msLeft())
    asked.push([mchid, open.map(({ ref }) => ref.out_trade_no)])
    return open.map(verdictOf)
  }
  const options: SettleQueueOptions<Message> = {
    queue: {
      receive: async (most, msLeft) => {
        assert.equal(most, MAX_OUTCOMES)
        limits.push(msLeft())
        return [...messages]
      },
      giveBack: async (some) => {
        failing('give back')
        does('give back', some.map(numberOf))
      },
      remove: async (some) => {
        failing('remove')
        does('remove', some.map(numberOf))
      },
    },
    reversals: { put: async ({ out_trade_no }, delay) => does(`reverse in ${delay} s`, [out_trade_no]) },
    deadLetters: {
      bury: async (buried, { name, message: why }) => {
        failing('bury')
        does(`bury (${name}: ${why})`, [numberOf(buried)])
      },
    },
    events: {
      settled: async (settlements) => {
        failing('tell')
        does(
          'tell',
          settlements.map(({ out_trade_no }) => out_trade_no),
        )
        return settlements.map(isTaken)
      },
    },
    settleMerchant,
    report: {
      settled: ({ out_trade_no }, says, goesBack) => does(`report ${says}${goesBack ? ', back' : ''}:`, [out_trade_no]),
      waits: ({ out_trade_no = '' }, seconds, why) => does(`report ${why}, after ${seconds} s:`, [out_trade_no]),
      failed: ({ out_trade_no = '' }, error) => does(`report ${(error as Error).message}:`, [out_trade_no]),
    },
    now: () => NOW,
  }
  const summary = await createSettleQueue(options)(() => 900_000)
  return { did, summary, limits, asked }
}

const WAITED_S = (NOW - Date.parse(YESTERDAY)) / 1000

describe('one run over the settlement queue', () => {
  test('takes each message to its end, and keeps a minute for what follows the last bill', async () => {
    const messages = ['A', 'UNRETURNED', 'WAITS', 'OLD'].map((number) => message(number))
    const { did, summary, limits } = await run({ messages })
    assert.deepEqual(did, [
      `report cut, after ${WAITED_S} s: WAITS`,
      'bury (SettlementFailed: ten days) OLD',
      'remove OLD',
      'report ten days: OLD',
      'reverse in 0 s UNRETURNED',
      'tell A UNRETURNED',
      'report in the books: A',
      'report in the books, back: UNRETURNED',
      'remove A UNRETURNED',
      'give back WAITS',
    ])
    assert.deepEqual(summary, { received: 4, settled: 2, waiting: 1, failed: 1 })
    assert.deepEqual(limits, [840_000, 840_000])
  })

  test('asks the books once for each merchant, with all that waits for it', async () => {
    const other = { mchid: '1900000002' }
    const provider = { mchid: undefined, appid: undefined, sp_mchid: '1900000002', sub_mchid: '3' }
    const { asked } = await run({ messages: [message('A'), message('B', other), message('C'), message('D', provider)] })
    assert.deepEqual(asked, [
      ['1900000001', ['A', 'C']],
      ['1900000002', ['B', 'D']],
    ])
  })

  const times = (text: string) => ({ attempted_at: text, confirmed_at: text })

  test('asks no books before an outcome is due', async () => {
    const today = message('TODAY', times('2026-12-01T00:00:00Z'))
    const { did, summary, asked } = await run({ messages: [today] })
    assert.deepEqual([did, asked], [['give back TODAY'], []])
    assert.deepEqual(summary, { received: 1, settled: 0, waiting: 1, failed: 0 })
  })

  test('buries what is no open outcome, and says why', async () => {
    const messages = [{ body: 'no JSON' }, message('X', { outcome: 'REFUNDED' })]
    const { did, summary } = await run({ messages })
    assert.match(did[0]!, /^bury \(SettlementFailed: no open outcome: Unexpected token.*\) no JSON$/)
    assert.deepEqual(did.slice(1, 3), [
      'remove no JSON',
      did[0]!.replace(/^bury \(SettlementFailed: (.*)\) no JSON$/, 'report $1: '),
    ])
    assert.match(did[3]!, /^bury \(SettlementFailed: no open outcome: outcome: must be one of .*\) X$/)
    assert.match(did[5]!, /: X$/)
    assert.deepEqual(summary, { received: 2, settled: 0, waiting: 0, failed: 2 })
  })

  test('works in batches of ten, and what is not taken stays', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `A${index}`)
    const messages = names.map((name) => message(name))
    const { did, summary } = await run({ messages, isTaken: ({ out_trade_no }) => out_trade_no !== 'A11' })
    const sizes = (what: string) =>
      did.filter((line) => line.startsWith(what)).map((line) => line.split(' ').length - 1)
    assert.deepEqual(
      [sizes('tell '), sizes('remove ')],
      [
        [10, 10, 5],
        [10, 9, 5],
      ],
    )
    const removed = did.filter((line) => line.startsWith('remove ')).flatMap((line) => line.split(' ').slice(1))
    assert.deepEqual(removed.toSorted(), names.filter((name) => name !== 'A11').toSorted())
    assert.equal(summary.settled, 24)
  })
})

describe('what AWS does not do is told, and comes again', () => {
  for (const [fails, number] of [
    ['bury', 'OLD'],
    ['give back', 'WAITS'],
    ['tell', 'A'],
    ['remove', 'A'],
  ] as const) {
    test(fails, async () => {
      const { did, summary } = await run({ messages: [message(number)], fails })
      const order = fails === 'bury' ? number : ''
      assert.ok(did.includes(`report AWS does not ${fails}: ${order}`), did.join('\n'))
      assert.ok(!did.some((line) => line.startsWith('remove')))
      assert.equal(summary.failed, 0)
    })
  }
})
