import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OrderMessage } from '../../../lib/reversal/order.ts'
import type { OpenOutcome } from '../../../lib/settlement/open-outcome.ts'
import type { Verdict } from '../../../lib/settlement/settle-merchant.ts'
import { createSettleQueue } from '../../../lib/settlement/settle-queue.ts'
import type { Settlement } from '../../../lib/settlement/settlement.ts'
import { type Crashes, createCrossings, NEVER, tryCrashes } from '../crash.ts'

const NOW = Date.parse('2026-02-01T02:15:00Z')
const YESTERDAY = '2026-01-31T12:00:00Z'

const settled = ({ ref, outcome }: OpenOutcome, isDisagreeing: boolean): Verdict => ({
  do: 'settle',
  settlement: {
    ...ref,
    outcome,
    settlement: isDisagreeing ? 'DISAGREES' : 'NEVER_PAID',
    total: null,
    bill_dates: ['2026-01-31'],
    settled_at: '2026-02-01T02:15:00.000Z',
    evidence: [],
  },
  says: '',
  again: isDisagreeing ? ref : undefined,
})

/** What the books say of each order, the first time they are asked and later. */
const VERDICTS: Record<string, (open: OpenOutcome, asked: number) => Verdict> = {
  SETTLED: (open) => settled(open, false),
  DISAGREES: (open) => settled(open, true),
  WAITS: (open, asked) => (asked > 1 ? settled(open, false) : { do: 'wait', untilMs: undefined, why: 'cut' }),
  GIVEN_UP: () => ({ do: 'give up', why: 'ten days' }),
}

/** Runs the settlement, again and again, until nothing waits. */
async function live(crashes: Crashes): Promise<number> {
  let dies = () => {}
  let isDead = false
  const crossings = createCrossings(crashes, () => {
    isDead = true
    dies()
  })
  const toOthers = <T>(call: () => T, otherwise?: () => T): Promise<T> => {
    const fail = () => {
      throw new Error('AWS failed')
    }
    return isDead ? NEVER : crossings.cross(call, otherwise ?? fail)
  }

  const waiting = new Map(
    [...Object.keys(VERDICTS), 'NO OUTCOME'].map((out_trade_no) => {
      const open = {
        mchid: '1900000001',
        appid: 'wx1',
        out_trade_no,
        outcome: 'NOT_FOUND',
        attempted_at: YESTERDAY,
        confirmed_at: YESTERDAY,
      }
      return [out_trade_no, { out_trade_no, body: out_trade_no.includes(' ') ? '{}' : JSON.stringify(open) }]
    }),
  )
  const heard: Settlement[] = []
  const letters: string[] = []
  const again: OrderMessage[] = []
  const asked = new Map<string, number>()

  const settleQueue = createSettleQueue<{ out_trade_no: string; body: string }>({
    queue: {
      receive: () => toOthers(() => [...waiting.values()]),
      giveBack: () => toOthers(() => {}),
      remove: (messages) =>
        toOthers(() => {
          for (const { out_trade_no } of messages) waiting.delete(out_trade_no)
        }),
    },
    reversals: { put: (order) => toOthers(() => void again.push(order)) },
    deadLetters: { bury: ({ out_trade_no }) => toOthers(() => void letters.push(out_trade_no)) },
    events: {
      settled: (settlements) =>
        toOthers(
          () => {
            heard.push(...settlements)
            return settlements.map(() => true)
          },
          () => settlements.map(() => false),
        ),
    },
    settleMerchant: async (_, open) =>
      open.map((outcome) => {
        const number = outcome.ref.out_trade_no
        asked.set(number, (asked.get(number) ?? 0) + 1)
        return VERDICTS[number]!(outcome, asked.get(number)!)
      }),
    report: { settled() {}, waits() {}, failed() {} },
    now: () => NOW,
  })

  for (let run = 0; run < 8 && waiting.size > 0; run++) {
    isDead = false
    const death = new Promise<void>((resolve) => {
      dies = resolve
    })
    await Promise.race([settleQueue(() => 900_000).catch(() => {}), death])
  }

  assert.deepEqual([...waiting.keys()], [], 'something waits for ever')
  for (const number of ['SETTLED', 'DISAGREES', 'WAITS']) {
    assert.ok(
      heard.some(({ out_trade_no }) => out_trade_no === number),
      `${number} is gone, and nobody was told`,
    )
  }
  assert.ok(
    again.every(({ out_trade_no }) => out_trade_no === 'DISAGREES') && again.length > 0,
    'paid, not returned, and not reversed again',
  )
  for (const number of ['GIVEN_UP', 'NO OUTCOME'])
    assert.ok(letters.includes(number), `${number} is gone without a letter`)
  assert.equal(letters.filter((number) => !['GIVEN_UP', 'NO OUTCOME'].includes(number)).length, 0)
  return crossings.calls()
}

test('the settlement may end, and a call come to nothing, at every two calls: nothing is lost, all is told', async () => {
  const pairs = await tryCrashes(live, true)
  assert.ok(pairs > 500, `${pairs} pairs`)
})
