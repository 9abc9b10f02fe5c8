import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, test } from 'node:test'
import type { Context } from 'aws-lambda'
import type { Metafile } from 'esbuild'
import { build } from '../../bin/build.ts'
import { keepLogLines } from './log-lines.ts'
import { ago, lambdaContext, openSurroundings } from './surroundings.ts'

const { simulator, sqs, eventBridge, settlementQueueUrl, newNames, fail } = await openSurroundings()
const log = keepLogLines()

type Handler = (event: object, context: Context) => Promise<Record<string, unknown>>
const handlerOf = async (name: string) => ((await import(`../../functions/${name}.ts`)) as { handler: Handler }).handler

interface Order {
  out_trade_no: string
}

/** Each way in: takes an order to its outcome, and says which it told. */
const WAYS: Record<string, (order: Order) => Promise<unknown>> = {
  async http({ out_trade_no, ...rest }) {
    const requestContext = { http: { method: 'POST' } }
    const event = { requestContext, headers: {}, pathParameters: { out_trade_no }, body: JSON.stringify(rest) }
    const { body } = await (await handlerOf('http'))(event, lambdaContext())
    return JSON.parse(body as string).outcome
  },
  async queue(order) {
    const body = JSON.stringify(order)
    const attributes = { SentTimestamp: String(Date.now()) }
    const record = { messageId: 'm', receiptHandle: 'r', body, attributes, messageAttributes: {} }
    const { batchItemFailures } = await (await handlerOf('queue'))({ Records: [record] }, lambdaContext())
    assert.deepEqual(batchItemFailures, [])
    const told = eventBridge.events.map(({ detail }) => detail as unknown as Order & { outcome: string })
    return told.find(({ out_trade_no }) => out_trade_no === order.out_trade_no)?.outcome
  },
  async step(order) {
    return (await (await handlerOf('step'))(order, lambdaContext())).outcome
  },
}

const waiting = async () => (await sqs.messages(settlementQueueUrl)).map(({ body }) => JSON.parse(body))
beforeEach(() => sqs.call('PurgeQueue', { QueueUrl: settlementQueueUrl }))

for (const [way, reverse] of Object.entries(WAYS)) {
  describe(`an outcome told by ${way}`, () => {
    const attempted_at = ago(60)
    const order = (state: 'REVOKED' | 'CLOSED' | 'SUCCESS', otherwise: object = {}) => {
      const names = newNames()
      simulator.placeOrder(names, state)
      return { ...names, attempted_at, ...otherwise }
    }

    test('is left to the books when it leaves the money open', async () => {
      const reversed = order('REVOKED')
      assert.equal(await reverse(reversed), 'REVERSED')
      const [message, ...more] = await waiting()
      assert.deepEqual(more, [])
      const { confirmed_at, ...rest } = message
      assert.deepEqual(rest, { ...reversed, outcome: 'REVERSED' })
      assert.ok(Date.parse(confirmed_at) > 0)
    })

    test('goes there with what was asked for', async () => {
      const kept = order('SUCCESS', { if_paid: 'keep' })
      assert.equal(await reverse(kept), 'KEPT')
      assert.equal((await waiting())[0].if_paid, 'keep')
    })

    test('makes no call when it does not', async () => {
      assert.equal(await reverse(order('CLOSED')), 'CLOSED')
      assert.equal(await reverse(order('SUCCESS')), 'REFUNDED')
      assert.deepEqual(await waiting(), [])
    })

    test('is told all the same when the queue does not take it, and somebody hears of it', async () => {
      const reversed = order('REVOKED')
      const stop = fail('sqs', { error: 'InternalError', status: 500 })
      assert.equal(await reverse(reversed), 'REVERSED')
      stop()
      const line = log.all().find(({ message, out_trade_no }) => {
        return message === 'settlement not queued' && out_trade_no === reversed.out_trade_no
      })
      assert.ok(line)
      assert.doesNotMatch(JSON.stringify(line), /evidence|signature/)
      assert.ok(log.all().some((line) => 'SettlementNotQueued' in line))
    })
  })
}

test("the step's function starts without a client for SQS", async () => {
  await build()
  const { outputs } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../dist/metafile.json'), 'utf8'),
  ) as Metafile
  const atStart = new Set<string>()
  const load = (file: string) => {
    if (atStart.has(file) || outputs[file] === undefined) return
    atStart.add(file)
    for (const { path, kind } of outputs[file].imports) if (kind === 'import-statement') load(path)
  }
  load('dist/functions/step.mjs')
  const sources = [...atStart].flatMap((file) => Object.keys(outputs[file]!.inputs))
  assert.ok(sources.some((source) => source.includes('client-secrets-manager')))
  assert.deepEqual(
    sources.filter((source) => source.includes('client-sqs')),
    [],
  )
})
