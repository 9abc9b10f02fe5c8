import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, test } from 'node:test'
import { build } from '../../bin/build.ts'
import { keepLogLines } from './log-lines.ts'
import { ago, lambdaContext, openSurroundings } from './surroundings.ts'

const { simulator, newNames, calls, strangerId } = await openSurroundings()
const log = keepLogLines()

const outdir = await mkdtemp(join(tmpdir(), 'step-'))
after(() => rm(outdir, { recursive: true }))
const entry = join(import.meta.dirname, '..', '..', 'functions', 'step.ts')
await build({ entries: [entry], outdir: join(outdir, 'functions') })

type Names = ReturnType<typeof newNames>
type Invoke = (event: unknown, context: unknown) => Promise<Record<string, unknown>>

const HANDLERS: Record<string, Invoke> = {
  'the function': (await import('../../functions/step.ts')).handler as unknown as Invoke,
  'the function as it is deployed, bundled and minified': (await import(join(outdir, 'functions', 'step.mjs'))).handler,
}

/** An order a minute old. */
const order = (names: Names, fields: object = {}) => ({ ...names, attempted_at: ago(60), ...fields })

beforeEach(() => {
  simulator.faults.clear()
  log.forget()
})

for (const [what, handler] of Object.entries(HANDLERS)) {
  const attempt = (event: unknown) => handler(event, lambdaContext())

  describe(what, () => {
    test('returns the reversal', async () => {
      const names = newNames()
      simulator.placeOrder(names, 'SUCCESS')
      const { attempted_at: _, outcome, refunded, trade_state, evidence, ...rest } = await attempt(order(names))
      assert.deepEqual(
        [outcome, refunded, trade_state, (evidence as unknown[]).length],
        ['REFUNDED', true, 'REVOKED', 2],
      )
      assert.deepEqual(rest, { ...names, confirmed_at: rest.confirmed_at, request_id: rest.request_id })
      assert.equal(log.saying('reversal completed').length, 1)
    })

    test('returns what is not known yet, so that the state machine can wait and hand its history back', async () => {
      const names = newNames()
      simulator.options.transactionIdAfterReverse = false
      simulator.placeOrder(names, 'SUCCESS')
      simulator.faults.add({ fault: 'reset-after-effect', endpoint: 'reverse', times: 'always' })
      simulator.faults.add({ fault: 'system-error', endpoint: 'query', after: 1, times: 'always' })
      const { outcome, reason, retry_after, history } = await attempt(order(names))
      assert.equal(outcome, 'PENDING')
      assert.match(String(reason), /^no answer to the reverse \(answered to the query 500 SYSTEM_ERROR .*Request-ID/)
      assert.ok(Number.isInteger(retry_after) && (retry_after as number) >= 1)
      simulator.faults.clear()
      const { outcome: next, evidence } = await attempt(order(names, { history: JSON.parse(JSON.stringify(history)) }))
      simulator.options.transactionIdAfterReverse = true
      assert.deepEqual([next, (evidence as unknown[]).length], ['REFUNDED', 2])
    })

    const REFUSALS: Record<string, (names: Names) => unknown> = {
      InvalidOrder: ({ mchid, ...names }) => names,
      UnknownMerchant: (names) => order({ ...names, mchid: '1999999999' }),
      CredentialsUnavailable: (names) => order({ ...names, mchid: strangerId }),
      RefundedElsewhere: (names) => {
        simulator.placeOrder(names, 'REFUND')
        return order(names)
      },
      ReversalRejected: (names) => {
        simulator.placeOrder(names, 'NOTPAY')
        simulator.faults.add({ fault: 'param-error', endpoint: 'reverse' })
        return order(names)
      },
      ReversalExpired: (names) => {
        simulator.placeOrder(names, 'PAYERROR')
        return order(names, { attempted_at: ago(8 * 24 * 60 * 60) })
      },
    }
    for (const [name, prepare] of Object.entries(REFUSALS)) {
      test(`throws ${name} under that very name, which Lambda makes the errorType`, async () => {
        const names = newNames()
        await assert.rejects(attempt(prepare(names)), { name })
        const line = log.saying(name === 'CredentialsUnavailable' ? 'attempt failed' : 'reversal failed')[0]!
        assert.deepEqual([line.error, line.out_trade_no], [name, names.out_trade_no])
        // Written although the invocation fails.
        assert.deepEqual(log.metric(name === 'CredentialsUnavailable' ? name : 'ReversalFailed'), [1])
      })
    }

    test('refuses whatever is no order, and asks WeChat Pay nothing', async () => {
      const before = simulator.log().length
      const none = [
        null,
        undefined,
        [],
        'A1',
        1,
        {},
        { order: newNames() },
        order(newNames(), { history: { paid: {} } }),
      ]
      for (const event of none) await assert.rejects(attempt(event), { name: 'InvalidOrder' })
      assert.equal(simulator.log().length, before)
    })

    test('makes three calls for an unpaid order', async () => {
      const names = newNames()
      simulator.placeOrder(names, 'NOTPAY')
      await attempt(order(names))
      assert.deepEqual(calls(names.out_trade_no), ['query', 'reverse', 'query'])
    })
  })
}
