import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { after, describe, test } from 'node:test'
import { EventBridgeClient, type PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import { type ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { createDeadLetters } from '../../../lib/aws/dead-letter.ts'
import { CALL_MS, CALL_OPTIONS } from '../../../lib/aws/patience.ts'
import { createReversalEvents } from '../../../lib/aws/reversal-events.ts'
import { createReversalQueue } from '../../../lib/aws/reversal-queue.ts'
import { createSettlementQueue } from '../../../lib/aws/settlement-queue.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import type { Reversal } from '../../../lib/reversal/result.ts'
import { MAX_OUTCOMES } from '../../../lib/settlement/settle-queue.ts'
import type { Settlement } from '../../../lib/settlement/settlement.ts'

/** What a busy machine may take on top. */
const SLACK_MS = 700

const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }
const ERROR = new ReversalError('InvalidOrder', 'why')

/** The operations of our queues and events against one endpoint. */
function operations(endpoint: string) {
  const options = {
    ...CALL_OPTIONS,
    endpoint,
    region: 'ap-southeast-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  }
  const queue = createReversalQueue({ queueUrl: `${endpoint}/1/q`, client: new SQSClient(options) })
  const letters = createDeadLetters({ queueUrl: `${endpoint}/1/d`, client: new SQSClient(options) })
  const events = createReversalEvents({ eventBusName: 'bus', client: new EventBridgeClient(options) })
  return {
    put: () => queue.put(NAMES, 5),
    postpone: () => queue.postpone({ receiptHandle: 'r' }, 5),
    bury: () => letters.bury({ body: 'x', messageAttributes: {} }, ERROR),
    completed: () => events.completed(NAMES as unknown as Reversal),
    failed: () => events.failed(NAMES, ERROR),
  }
}

async function listening(server: ReturnType<typeof createServer> | ReturnType<typeof createHttpServer>) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const sockets = new Set<{ destroy(): void }>()
const silent = createServer((socket) => sockets.add(socket.on('error', () => {})))
/** Refuses the message itself, each time only just within the patience for one answer: a dead letter has three forms. */
const slow = createHttpServer((_, response) => {
  const body = JSON.stringify({ __type: 'InvalidMessageContents', message: 'no' })
  setTimeout(() => response.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.0' }).end(body), 600)
})
after(() => {
  for (const socket of sockets) socket.destroy()
  silent.close()
  slow.close()
  slow.closeAllConnections()
})

for (const [what, server] of [
  ['says nothing', silent],
  ['refuses slowly', slow],
] as const) {
  const endpoint = await listening(server)
  describe(`an AWS service that ${what}`, { concurrency: true }, () => {
    for (const [name, operation] of Object.entries(operations(endpoint))) {
      test(`holds up "${name}" no longer than one call may take`, async () => {
        const startedAt = performance.now()
        await assert.rejects(operation())
        const tookMs = performance.now() - startedAt
        assert.ok(tookMs <= CALL_MS + SLACK_MS, `${tookMs} ms`)
      })
    }
  })
}

test('a message is in the group of the merchant that the order is for', async () => {
  const groups: unknown[] = []
  const client = {
    send: async ({ input }: { input: Record<string, unknown> }) => groups.push(input.MessageGroupId),
  } as unknown as SQSClient
  const { put } = createReversalQueue({ queueUrl: 'q', client })
  await put(NAMES, 5)
  await put({ sp_mchid: '1900000100', sub_mchid: '1900000109', out_trade_no: 'A1' }, 5)
  assert.deepEqual(groups, ['1900000001', '1900000109'])
})

describe('times beyond what SQS takes', () => {
  const inputs: Record<string, unknown>[] = []
  const client = {
    send: async ({ input }: { input: Record<string, unknown> }) => inputs.push(input),
  } as unknown as SQSClient
  const queue = createReversalQueue({ queueUrl: 'q', client })

  test('are cut to 15 minutes for a new message and 12 hours for a received one', async () => {
    for (const seconds of [-1, 0, 899.2, 901, 43_199.5, 43_201, 1e9, Number.POSITIVE_INFINITY]) {
      inputs.length = 0
      await queue.put(NAMES, seconds)
      await queue.postpone({ receiptHandle: 'r' }, seconds)
      const delay = inputs[0]!.DelaySeconds as number
      const visibility = inputs[1]!.VisibilityTimeout as number
      assert.ok(Number.isInteger(delay) && delay >= 0 && delay <= 900, `a delay of ${delay} s: SQS takes 0 to 900`)
      const hidden = `hidden for ${visibility} s: SQS takes 0 to 43,200`
      assert.ok(Number.isInteger(visibility) && visibility >= 0 && visibility <= 43_200, hidden)
      if (seconds > 43_200) assert.deepEqual([delay, visibility], [900, 43_200])
    }
  })
})

/** What EventBridge counts of an entry: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-calculate-event-size. */
const bytesOf = ({ Source, DetailType, Detail }: PutEventsRequestEntry) =>
  [Source, DetailType, Detail].reduce((bytes, text = '') => bytes + Buffer.byteLength(text), 0)

describe('settlements are told ten at a time', () => {
  const MAX_CALL_BYTES = 256 * 1024

  /** The sizes of the calls that ten settlements take, each with so many characters of three bytes in its evidence. */
  async function callsOf(characters: number): Promise<{ entries: number; bytes: number }[]> {
    const calls: { entries: number; bytes: number }[] = []
    const send = async ({ input: { Entries = [] } }: PutEventsCommand) => {
      calls.push({ entries: Entries.length, bytes: Entries.reduce((bytes, entry) => bytes + bytesOf(entry), 0) })
      return { Entries: Entries.map(() => ({ EventId: '1' })) }
    }
    const client = { send } as unknown as EventBridgeClient
    const { settled } = createReversalEvents({ eventBusName: 'bus', client })
    const one = { ...NAMES, evidence: [{ body: '账'.repeat(characters) }] } as unknown as Settlement
    assert.deepEqual(await settled(Array(10).fill(one)), Array(10).fill(true))
    return calls
  }

  // From a few rows of a bill to one that alone nearly fills a call.
  for (const characters of [1_000, 5_000, 7_500, 8_500, 10_000, 17_000, 20_000, 40_000, 80_000]) {
    test(`no call is larger than EventBridge takes, at ${characters} characters each`, async () => {
      for (const { entries, bytes } of await callsOf(characters)) {
        const size = `a call of ${entries} events with ${bytes} bytes, where EventBridge takes ${MAX_CALL_BYTES}`
        assert.ok(bytes <= MAX_CALL_BYTES, `${size}: all of them would be refused`)
      }
    })
  }

  test('in one call where they fit: a run of 100,000 has time for no more', async () => {
    for (const characters of [100, 1_000, 5_000]) {
      const { length } = await callsOf(characters)
      assert.equal(length, 1, `${length} calls for ten settlements of ${characters} characters, which fit into one`)
    }
  })
})

describe('the outcomes that wait are received', () => {
  /** A queue of so many messages, and what it was asked. */
  async function receive(count: number) {
    const seen = { atOnce: 0, most: 0, inputs: [] as ReceiveMessageCommand['input'][] }
    let left = count
    const send = async ({ input }: ReceiveMessageCommand) => {
      seen.inputs.push(input)
      seen.most = Math.max(seen.most, ++seen.atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      seen.atOnce -= 1
      const Messages = Array.from({ length: Math.min(10, left) }, () => ({ ReceiptHandle: 'r', Body: '{}' }))
      left -= Messages.length
      return { Messages }
    }
    const client = { send } as unknown as SQSClient
    const received = await createSettlementQueue({ queueUrl: 'q', client }).receive(MAX_OUTCOMES, () => 1_000)
    assert.equal(received.length, count)
    return seen
  }

  test('so many at once that a run of the most it takes has them within half a minute', async () => {
    const RECEIVE_SECONDS = 0.05 // of ten messages, at its slowest in calm
    const { most } = await receive(1_000)
    const seconds = ((MAX_OUTCOMES / 10) * RECEIVE_SECONDS) / most
    assert.ok(seconds <= 30, `${most} receives at once take ${Math.round(seconds)} s for ${MAX_OUTCOMES} outcomes`)
    assert.ok(most <= 50, `${most} receives at once, and the SDK has 50 connections`)
  })

  test('from all of the servers of SQS: only long polling asks them all', async () => {
    for (const { WaitTimeSeconds = 0, MaxNumberOfMessages } of (await receive(30)).inputs) {
      assert.ok(
        WaitTimeSeconds >= 1,
        `a receive that waits ${WaitTimeSeconds} s may say "empty" of a queue that is not`,
      )
      assert.equal(MaxNumberOfMessages, 10, 'SQS hands out ten for the price of one')
    }
  })
})
