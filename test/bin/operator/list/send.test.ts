import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BatchResultErrorEntry, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { sendOrders } from '../../../../bin/operator/list/send.ts'
import type { OrderMessage } from '../../../../lib/reversal/order.ts'

type Refusal = Omit<BatchResultErrorEntry, 'Id'>

/** SQS, which refuses single orders as told: by the order's number, and how often it was refused before. */
function createQueue(refuse: (out_trade_no: string, before: number) => Refusal | undefined) {
  const taken: string[] = []
  const calls: number[] = []
  const refusals = new Map<string, number>()
  const send = async ({ input }: SendMessageBatchCommand) => {
    const entries = input.Entries!.map(({ Id, MessageBody }) => ({ Id, number: JSON.parse(MessageBody!).out_trade_no }))
    calls.push(entries.length)
    const Failed = entries.flatMap(({ Id, number }) => {
      const refusal = refuse(number, refusals.get(number) ?? 0)
      if (refusal === undefined) taken.push(number)
      else refusals.set(number, (refusals.get(number) ?? 0) + 1)
      return refusal === undefined ? [] : [{ Id, ...refusal }]
    })
    return { Failed }
  }
  return { taken, calls, client: { send } as unknown as Pick<SQSClient, 'send'> }
}

const BUSY = { SenderFault: false, Code: 'InternalError' }

async function* ordersOf(count: number, bytes = 0): AsyncGenerator<OrderMessage> {
  for (let number = 1; number <= count; number += 1) {
    const paid = { body: 'x'.repeat(bytes), timestamp: '', nonce: '', signature: '', serial: '', request_id: '' }
    const order = { mchid: '1900000001', appid: 'wx1', out_trade_no: `A${number}` }
    yield bytes === 0 ? order : { ...order, history: { paid } }
  }
}

async function sendTo(queue: ReturnType<typeof createQueue>, orders: AsyncIterable<OrderMessage>) {
  const told: number[] = []
  const { signal } = new AbortController()
  const sending = sendOrders(
    orders,
    { client: queue.client, queueUrl: 'q', signal },
    async (sent) => void told.push(sent),
  )
  const error: Error | undefined = await sending.then(
    () => undefined,
    (error) => error,
  )
  return { told, error }
}

describe('orders are sent in batches', { concurrency: true }, () => {
  test('those that SQS refused for a moment are sent again, and no others', async () => {
    const queue = createQueue((number, before) => (/^A[37]$/.test(number) && before < 2 ? BUSY : undefined))
    const { told, error } = await sendTo(queue, ordersOf(12))
    assert.equal(error, undefined)
    assert.deepEqual(queue.calls.toSorted(), [10, 2, 2, 2])
    assert.equal(new Set(queue.taken).size, 12)
    assert.equal(queue.taken.length, 12)
    assert.deepEqual(told, [10, 12])
  })

  test('one that SQS refuses for good ends it, and what came before it counts', async () => {
    const fault = { SenderFault: true, Code: 'InvalidMessageContents', Message: 'no' }
    const queue = createQueue((number) => (number === 'A15' ? fault : undefined))
    const { told, error } = await sendTo(queue, ordersOf(1_000))
    assert.match(error!.message, /SQS does not take order A15: InvalidMessageContents no/)
    assert.deepEqual(told, [10])
    assert.ok(queue.calls.length <= 17)
  })

  test('one that it goes on refusing ends it after six tries', async () => {
    const queue = createQueue((number) => (number === 'A1' ? BUSY : undefined))
    const { error } = await sendTo(queue, ordersOf(1))
    assert.match(error!.message, /A1: InternalError/)
    assert.equal(queue.calls.length, 6)
  })

  test('no batch is more than SQS takes', async () => {
    const queue = createQueue(() => undefined)
    const { told } = await sendTo(queue, ordersOf(9, 60_000))
    assert.deepEqual(queue.calls, [4, 4, 1])
    assert.deepEqual(told, [4, 8, 9])
  })
})
