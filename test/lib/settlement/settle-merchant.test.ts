import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import type { OpenOutcome } from '../../../lib/settlement/open-outcome.ts'
import { type BillEvent, createSettleMerchant, type Verdict } from '../../../lib/settlement/settle-merchant.ts'
import type { BillRow } from '../../../lib/wechatpay/bill-columns.ts'
import type { Bill } from '../../../lib/wechatpay/bills.ts'
import type { Merchant } from '../../../lib/wechatpay/merchant.ts'
import { at, open, row } from './cases.ts'

const evidenceOf = (date: string) => ({
  body: `the bill of ${date}`,
  timestamp: '1',
  nonce: 'n',
  signature: 's',
  serial: 'PUB_KEY_ID',
  request_id: date,
})

const withRows = (date: string, rows: readonly BillRow[]): Bill => ({
  kind: 'whole',
  date,
  evidence: evidenceOf(date),
  count: rows.length,
  rows,
})

const empty = (date: string) => withRows(date, [])

const refused = (date: string, asksForFreshKeys = false): Bill => ({
  kind: 'refused',
  date,
  reason: 'refused',
  detail: 'no right',
  code: 'NO_AUTH',
  request_id: 'r1',
  asksForFreshKeys,
})

const named = (out_trade_no: string): Partial<OpenOutcome> => ({
  ref: { mchid: '1900000001', appid: 'wx1', out_trade_no },
})

const OLD = { mchid: '1900000001' } as Merchant
const FRESH = { mchid: '1900000001' } as Merchant

interface Run {
  outcomes: readonly OpenOutcome[]
  /** What WeChat Pay answers for a day, asked with these keys. */
  billOf: (date: string, merchant: Merchant) => Bill
  now?: string
  msLeft?: number
  alsoRead?: readonly string[]
  find?: () => Promise<Merchant>
  /** The keys that another read of the secret brings. */
  renewed?: Merchant
}

/** The verdicts, and what was asked for and noticed on the way. */
async function settle({ outcomes, billOf, now = '2026-12-01T10:00:00', ...run }: Run) {
  const { msLeft = 60_000, alsoRead, find = async () => OLD, renewed } = run
  const asked: string[] = []
  const wanted = new Set<string>()
  const noticed: BillEvent[] = []
  const adoptions: Merchant[] = []
  let renewals = 0
  const settleMerchant = createSettleMerchant({
    bills: {
      fetchBill: async ({ date, merchant, wants }) => {
        asked.push(`${date}${merchant === FRESH ? ', fresh keys' : ''}`)
        for (const number of ['A', 'B', 'C']) if (wants(number)) wanted.add(number)
        return billOf(date, merchant)
      },
    },
    merchants: {
      find,
      renew: async () => {
        renewals += 1
        return renewed && { merchant: renewed, adopt: () => adoptions.push(renewed) }
      },
    },
    observe: (event) => noticed.push(event),
    now: () => at(now),
  })
  const verdicts = await settleMerchant('1900000001', outcomes, () => msLeft, alsoRead)
  return { verdicts, asked, wanted: [...wanted], noticed, adopted: adoptions.length, renewals }
}

const said = (verdict: Verdict | undefined) => (verdict?.do === 'settle' ? verdict.settlement.settlement : verdict?.do)
const day = (number: number) => `2026-11-${number}`
const WAITS_FOR_OWN = 'a bill from the attempt to the outcome is missing'

describe('a merchant is settled with as few bills as that takes', () => {
  test('each is read once, for all who wait for it, and only for them', async () => {
    const { verdicts, asked, wanted } = await settle({
      outcomes: [open('REVERSED', named('A')), open('NOT_FOUND', named('B'))],
      billOf: (date) => withRows(date, [row('SUCCESS'), row('REVOKED'), row('SUCCESS', { out_trade_no: 'C' })]),
    })
    assert.deepEqual(verdicts.map(said), ['REFUNDED', 'NEVER_PAID'])
    assert.deepEqual([asked, wanted], [[day(27)], ['A', 'B']])
  })

  test('a later day is read when the first leaves it open, in order', async () => {
    const outcomes = [open('KEPT'), open('REVERSED', named('B'))]
    const billOf = (date: string) =>
      withRows(date, date === day(27) ? [row('SUCCESS'), row('SUCCESS', { out_trade_no: 'B' })] : [])
    const { verdicts, asked } = await settle({ outcomes, billOf })
    assert.deepEqual(asked, [27, 28, 29, 30].map(day))
    assert.deepEqual(verdicts.map(said), ['PAID', 'DISAGREES'])
  })

  test('none before the outcome is due, even one that is made', async () => {
    const outcomes = [open('KEPT')]
    const { asked } = await settle({ outcomes, billOf: empty, now: '2026-11-29T09:59:59' })
    assert.deepEqual(asked, [])
    assert.deepEqual((await settle({ outcomes, billOf: empty, now: '2026-11-29T10:00:00' })).asked, [day(27), day(28)])
  })

  test('the oldest first, whoever waits for it', async () => {
    const earlier = { attemptedAtMs: at('2026-11-26T12:00:00'), confirmedAtMs: at('2026-11-26T12:01:00') }
    const { asked } = await settle({ outcomes: [open('KEPT'), open('REVERSED', earlier)], billOf: empty })
    assert.deepEqual(asked.slice(0, 2), [day(26), day(27)])
  })

  test('those that are asked for in any case', async () => {
    const { asked } = await settle({ outcomes: [open('REVERSED')], billOf: empty, alsoRead: [day(26), day(27)] })
    assert.deepEqual(asked, [day(26), day(27)])
  })
})

describe('what was settled says so', () => {
  test('with every bill that was read of its days, each with its rows', async () => {
    const fields = { 商户订单号: 'A' }
    const { verdicts } = await settle({
      outcomes: [open('NOT_FOUND')],
      billOf: (date) => withRows(date, [row('SUCCESS', { fields }), row('SUCCESS', { out_trade_no: 'B' })]),
      alsoRead: [day(28), day(30)],
    })
    assert.deepEqual(verdicts, [
      {
        do: 'settle',
        says: 'not found, and in the books all the same',
        settlement: {
          mchid: '1900000001',
          appid: 'wx1',
          out_trade_no: 'A',
          outcome: 'NOT_FOUND',
          settlement: 'DISAGREES',
          total: 3690,
          bill_dates: [day(27), day(28), day(30)],
          settled_at: '2026-12-01T02:00:00.000Z',
          evidence: [27, 28, 30].map((number) => ({
            bill_date: day(number),
            ...evidenceOf(day(number)),
            rows: [fields],
          })),
        },
        again: { mchid: '1900000001', appid: 'wx1', out_trade_no: 'A', attempted_at: '2026-11-27T12:00:00+08:00' },
      },
    ])
  })

  test('and goes back only while it can be reversed', async () => {
    const billOf = (date: string) => withRows(date, [row('SUCCESS')])
    const { verdicts } = await settle({ outcomes: [open('NOT_FOUND')], billOf, now: '2026-12-04T12:00:00' })
    assert.ok(verdicts[0]?.do === 'settle' && verdicts[0].again === undefined)
  })
})

describe('what cannot be settled yet says why, and until when', () => {
  const outcomes = [open('REVERSED')]

  test('the bill is not made', async () => {
    const { verdicts } = await settle({ outcomes, billOf: empty, now: '2026-11-28T09:00:00' })
    const why = `${WAITS_FOR_OWN}; ${day(27)}: not made yet`
    assert.deepEqual(verdicts, [{ do: 'wait', untilMs: at('2026-11-28T10:00:00'), why }])
  })

  test('of several, until the last is made', async () => {
    const billOf = (date: string) => withRows(date, date === day(27) ? [row('SUCCESS')] : [])
    const { verdicts, asked } = await settle({ outcomes, billOf, now: '2026-11-29T12:00:00' })
    assert.deepEqual(asked, [day(27), day(28)])
    const missing = [29, 30].map((number) => `${day(number)}: not made yet`).join('; ')
    const why = `the row that is missing may come late; ${missing}`
    assert.deepEqual(verdicts, [{ do: 'wait', untilMs: at('2026-12-01T10:00:00'), why }])
  })

  const TROUBLES: [what: string, run: Partial<Run> & Pick<Run, 'billOf'>, why: string, isAsked: boolean][] = [
    ['it is not ready', { billOf: (date) => ({ kind: 'not ready', date, detail: 'come later' }) }, 'come later', true],
    ['it is refused', { billOf: (date) => refused(date) }, 'refused: no right', true],
    ['there is no time to read it', { billOf: empty, msLeft: 4_999 }, 'no time left in this run', false],
    [
      'the keys cannot be read',
      { billOf: empty, find: () => Promise.reject(new ReversalError('CredentialsUnavailable', 'no secret')) },
      'CredentialsUnavailable: no secret',
      false,
    ],
  ]
  for (const [what, run, why, isAsked] of TROUBLES) {
    test(what, async () => {
      const { verdicts, asked, adopted } = await settle({ outcomes, ...run })
      const whole = `${WAITS_FOR_OWN}; ${day(27)}: ${why}`
      assert.deepEqual(verdicts, [{ do: 'wait', untilMs: undefined, why: whole }])
      assert.deepEqual([asked.length, adopted], [isAsked ? 1 : 0, 0])
      const onTime = await settle({ outcomes, ...run, now: '2026-11-28T10:00:00' })
      assert.deepEqual(onTime.verdicts, verdicts)
      const late = await settle({ outcomes, ...run, now: '2026-12-07T12:01:01' })
      assert.deepEqual(late.verdicts, [{ do: 'give up', why: whole }])
    })
  }

  test('time for a bill is time enough', async () => {
    assert.deepEqual((await settle({ outcomes, billOf: empty, msLeft: 5_000 })).asked, [day(27)])
  })
})

describe('a bill that is refused', () => {
  const outcomes = [open('REVERSED')]
  const EVENT = {
    name: 'BillRefused',
    mchid: '1900000001',
    bill_date: day(27),
    reason: 'refused',
    detail: 'no right',
    code: 'NO_AUTH',
    request_id: 'r1',
  }

  test('for its keys is asked for once more with fresh ones, which are kept when they work', async () => {
    const { verdicts, asked, adopted, noticed } = await settle({
      outcomes: [open('KEPT')],
      billOf: (date, merchant) => (merchant === FRESH ? withRows(date, [row('SUCCESS')]) : refused(date, true)),
      renewed: FRESH,
    })
    assert.deepEqual(asked, [day(27), `${day(27)}, fresh keys`, `${day(28)}, fresh keys`])
    assert.deepEqual([verdicts.map(said), adopted, noticed], [['PAID'], 1, []])
  })

  test('again with fresh keys: these are not kept, and somebody hears of it once', async () => {
    const { asked, adopted, noticed } = await settle({
      outcomes,
      billOf: (date) => refused(date, true),
      renewed: FRESH,
    })
    assert.deepEqual([asked, adopted, noticed], [[day(27), `${day(27)}, fresh keys`], 0, [EVENT]])
  })

  test('keys are read anew once in a run, and not for a refusal of another kind', async () => {
    const alsoRead = [day(26), day(27)]
    const one = await settle({ outcomes, billOf: (date) => refused(date, true), alsoRead })
    assert.deepEqual([one.renewals, one.noticed.length], [1, 2])
    const other = await settle({ outcomes, billOf: (date) => refused(date), renewed: FRESH })
    assert.deepEqual([other.renewals, other.asked, other.noticed], [0, [day(27)], [EVENT]])
  })
})
