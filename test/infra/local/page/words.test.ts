import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { WIRE_REASONS_IN_CHINESE } from '../../../../bin/operator/wire-reasons.zh-CN.ts'
import { tomorrowMorning } from '../../../../infra/local/page/browser/china.ts'
import { faultInChinese } from '../../../../infra/local/page/browser/faults.zh-CN.ts'
import { reasonInChinese } from '../../../../infra/local/page/browser/reasons.zh-CN.ts'
import { STORIES } from '../../../../infra/local/page/browser/stories.ts'
import { TEXTS } from '../../../../infra/local/page/browser/texts.ts'
import { agreementOf } from '../../../../infra/local/page/read-parts.ts'
import { rulesOf, rulesOfReverse, rulesOfSettlement } from '../../../../infra/local/page/rules.ts'
import { faults } from '../../../../infra/local/wechatpay/faults.ts'
import { payCodes } from '../../../../infra/local/wechatpay/pay-codes.ts'
import { DECISION } from '../../../../lib/reversal/decision/table.ts'
import { ERRORS } from '../../../../lib/reversal/errors.ts'
import type { ReversalEvent } from '../../../../lib/reversal/events.ts'
import { OUTCOMES } from '../../../../lib/reversal/result.ts'
import { SETTLEMENTS, TABLE } from '../../../../lib/settlement/table.ts'
import type { WireEvent } from '../../../../lib/wechatpay/client.ts'

const root = join(import.meta.dirname, '../../../..')

test('the browser’s code has types, too', () => {
  const { status, stdout } = spawnSync(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(root, 'infra/local/page/browser'),
  ])
  assert.equal(status, 0, String(stdout))
})

test('both languages fill in the same names, and leave no text empty', () => {
  const filled = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()
  for (const [key, text] of Object.entries(TEXTS.en)) {
    const inChinese = TEXTS.zh[key as keyof typeof TEXTS.en]
    assert.deepEqual(filled(inChinese), filled(text), key)
    assert.ok(text && inChinese, key)
  }
})

test('the page says in Chinese why an answer proves nothing, as the commands do', () => {
  for (const [reason, words] of Object.entries(WIRE_REASONS_IN_CHINESE)) {
    assert.equal(TEXTS.zh[`why.${reason as keyof typeof WIRE_REASONS_IN_CHINESE}`], words)
  }
})

/** Everything the layers below tell of an order: a name that the code adds or drops does not compile. */
const EVENTS: Record<(WireEvent | ReversalEvent)['name'], true> = {
  NoAnswer: true,
  UnverifiedAnswer: true,
  UnverifiedInARow: true,
  SignTestProbe: true,
  FailOver: true,
  UnknownState: true,
  QueryRefused: true,
  ReverseRefused: true,
  PaidHistoryIgnored: true,
}

/** What telemetry.ts logs of an order besides. */
const LINES = [
  ...['reversal completed', 'reversal failed', 'reversal pending', 'attempt failed', 'query failed'],
  ...['reversal settled', 'settlement waits', 'settlement not finished', 'settlement failed', 'settlement not queued'],
]

test('everything that can be chosen or happen has words', () => {
  const keys = [
    ...Object.keys(payCodes).map((code) => `customer.${code}`),
    ...[...LINES, ...Object.keys(EVENTS)].map((message) => `said.${message}`),
    ...SETTLEMENTS.map((settlement) => `settlement.${settlement}`),
    ...OUTCOMES.map((outcome) => `outcome.${outcome}`),
    ...Object.keys(ERRORS).map((error) => `error.${error}`),
    ...['SUCCESS', 'NOTPAY', 'USERPAYING', 'PAYERROR', 'REVOKED', 'CLOSED', 'REFUND'].map((state) => `means.${state}`),
  ]
  for (const key of keys) assert.ok(Object.hasOwn(TEXTS.en, key), key)
  for (const [name, { does }] of Object.entries(faults)) assert.ok(faultInChinese(does), `${name}: ${does}`)
})

test('every row of the settlement is found again by what the log says, in both languages', () => {
  for (const { says, next } of TABLE) {
    const detail = typeof next === 'string' ? says : `${says}; 2026-11-27: not made yet`
    const [rule] = rulesOfSettlement({ detail })
    assert.equal(rule?.en.when, says)
    assert.match(rule!.zh.when, /[一-龥]/)
  }
})

test('every story is one that can be told', () => {
  for (const { customer, fault } of Object.values(STORIES)) {
    assert.ok(customer === 'none' || Object.hasOwn(payCodes, customer), customer)
    assert.ok(fault === undefined || Object.hasOwn(faults, fault), fault)
  }
})

test('every end and every wait of the decision table is found again from what the service says', () => {
  const { states, whenDue, afterReverse, whenLookingAgain } = DECISION
  const rows = [
    ...Object.values(states).flatMap(({ rows }) => rows),
    ...whenDue,
    ...Object.values(afterReverse).flat(),
    ...whenLookingAgain,
  ]
  let ends = 0
  for (const { next } of rows) {
    if ('reason' in next) {
      const [rule] = rulesOf({ outcome: 'PENDING', reason: next.reason })
      assert.ok(rule, next.reason)
      assert.ok(reasonInChinese(next.reason), next.reason)
      ends++
    }
    if (next.do === 'refuse') assert.equal(rulesOf({ error: next.error })[0]?.en.next, `refuse \`${next.error}\``)
    if (next.do === 'expire') {
      const [rule] = rulesOf({
        error: 'ReversalExpired',
        detail: `${next.detail}; last reason: ${next.lastReason ?? 'x'}`,
      })
      assert.equal(rule?.en.table, next.lastReason ? 'a reverse is due' : 'look again')
    }
  }
  assert.ok(ends > 8)
  for (const [state, { rows }] of Object.entries(states)) {
    for (const { next } of rows) {
      if (next.do !== 'finish') continue
      const trade_state = state === 'ORDER_NOT_EXIST' ? null : state
      const [rule] = rulesOf({ outcome: next.outcome, trade_state })
      assert.deepEqual(
        [rule?.en.table, rule?.en.next],
        [`a verified query says ${state}`, `finish \`${next.outcome}\``],
      )
      assert.match(rule!.zh.next, /结束/)
    }
  }
})

test('a reverse was due by the row of what the query said', () => {
  assert.deepEqual(
    rulesOfReverse('SUCCESS').map(({ en }) => [en.table, en.next]),
    [
      ['a verified query says SUCCESS', 'a reverse is due'],
      ['a reverse is due', 'reverse'],
    ],
  )
  assert.equal(rulesOfReverse('ORDER_NOT_EXIST').length, 1)
  assert.equal(rulesOfReverse('SOMETHING_NEW').length, 1)
})

test('whether the books bear out an outcome', () => {
  const order = (trade_state: 'REVOKED' | 'SUCCESS' | 'CLOSED', charged: number, refunded: number) => ({
    trade_state,
    charged: { amount: charged, count: charged && 1 },
    refunded: { amount: refunded, count: refunded && 1 },
  })
  const rows: [Parameters<typeof agreementOf>[0], string | null, boolean | null][] = [
    [order('REVOKED', 100, 100), 'REFUNDED', true],
    [order('REVOKED', 0, 0), 'REFUNDED', false],
    [order('REVOKED', 100, 0), 'REFUNDED', false],
    [order('REVOKED', 0, 0), 'REVERSED', true],
    [order('REVOKED', 100, 100), 'REVERSED', true],
    [order('SUCCESS', 100, 0), 'REVERSED', false],
    [order('CLOSED', 0, 0), 'CLOSED', true],
    [order('SUCCESS', 100, 0), 'KEPT', true],
    [order('REVOKED', 100, 100), 'KEPT', false],
    [undefined, 'NOT_FOUND', true],
    [order('SUCCESS', 100, 0), 'NOT_FOUND', false],
    [order('SUCCESS', 100, 0), 'PENDING', null],
    [order('SUCCESS', 100, 0), null, null],
  ]
  for (const [books, outcome, agrees] of rows) assert.equal(agreementOf(books, outcome), agrees, `${outcome}`)
})

test('tomorrow is China’s, whatever the hour', () => {
  const rows = [
    ['2026-11-28T15:59:59Z', '2026-11-29T02:15:00.000Z'],
    ['2026-11-28T16:00:00Z', '2026-11-30T02:15:00.000Z'],
    ['2026-11-29T02:14:59Z', '2026-11-30T02:15:00.000Z'],
    ['2026-12-31T12:00:00Z', '2027-01-01T02:15:00.000Z'],
  ] as const
  for (const [now, then] of rows) assert.equal(new Date(tomorrowMorning(Date.parse(now))).toISOString(), then, now)
})
