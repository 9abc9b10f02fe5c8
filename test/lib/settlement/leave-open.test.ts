import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OUTCOMES, type Reversal } from '../../../lib/reversal/result.ts'
import { createLeaveOpen } from '../../../lib/settlement/leave-open.ts'

const ORDER = { message: { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A1' } }

test('what leaves the money open is put on the queue, and told even if the queue does not take it', async () => {
  for (const works of [true, false]) {
    const [taken, failures]: [string[], unknown[]] = [[], []]
    const leaveOpen = createLeaveOpen({
      put: async ({ outcome }) => {
        if (!works) throw new Error(`no queue for ${outcome}`)
        taken.push(outcome)
      },
      failed: ({ outcome }, error) => failures.push([outcome, (error as Error).message]),
    })
    for (const outcome of OUTCOMES) await leaveOpen(ORDER, { outcome } as Reversal)
    const open = ['REVERSED', 'KEPT', 'NOT_FOUND']
    assert.deepEqual([taken, failures], works ? [open, []] : [[], open.map((name) => [name, `no queue for ${name}`])])
  }
})
