import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EventBridgeClient, PutEventsCommand, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import type { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { createDeadLetters } from '../../../lib/aws/dead-letter.ts'
import { createReversalEvents } from '../../../lib/aws/reversal-events.ts'
import { createReversalQueue } from '../../../lib/aws/reversal-queue.ts'
import { createSettlementQueue } from '../../../lib/aws/settlement-queue.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import type { Reversal } from '../../../lib/reversal/result.ts'
import type { OpenMessage } from '../../../lib/settlement/open-outcome.ts'
import { MAX_OUTCOMES } from '../../../lib/settlement/settle-queue.ts'
import type { Settlement } from '../../../lib/settlement/settlement.ts'

const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }

/** A client that keeps what it is asked, and answers this. */
function recorder(answer: object = {}) {
  const sent: { command: string; input: object }[] = []
  const send = async (command: { input: object }) => {
    sent.push({ command: command.constructor.name, input: command.input })
    return answer
  }
  return { sent, client: { send } as unknown as SQSClient & EventBridgeClient }
}

const PARTNER = { sp_mchid: '1900000100', sub_mchid: '1900000109', out_trade_no: 'A1' }
const OUTCOME = { ...NAMES, outcome: 'REVERSED' } as unknown as OpenMessage
const RECEIVED = ['a', 'b'].map((receiptHandle) => ({ receiptHandle, body: '{}' }))
const REFUSAL = new ReversalError('ReversalRejected', 'why', { code: 'NO_AUTH', request_id: '08-1' })
const entry = (DetailType: string, detail: object) => ({
  Source: 'wechatpay.reversal',
  DetailType,
  EventBusName: 'bus',
  Detail: JSON.stringify(detail),
})

type Operations = ReturnType<typeof operationsOf>

function operationsOf({ client }: ReturnType<typeof recorder>) {
  return {
    reversals: createReversalQueue({ queueUrl: 'q', client }),
    settlements: createSettlementQueue({ queueUrl: 's', client }),
    letters: createDeadLetters({ queueUrl: 'd', client }),
    events: createReversalEvents({ eventBusName: 'bus', client }),
  }
}

describe('SQS and EventBridge are asked', () => {
  const rows: [what: string, operation: (to: Operations) => Promise<unknown>, command: string, input: object][] = [
    [
      'to deliver an order later, in the group of its merchant',
      ({ reversals }) => reversals.put(NAMES, 5),
      'SendMessageCommand',
      { QueueUrl: 'q', MessageBody: JSON.stringify(NAMES), MessageGroupId: NAMES.mchid, DelaySeconds: 5 },
    ],
    [
      "to deliver a provider's order, in the group of the merchant it is for",
      ({ reversals }) => reversals.put(PARTNER, 0),
      'SendMessageCommand',
      { QueueUrl: 'q', MessageBody: JSON.stringify(PARTNER), MessageGroupId: PARTNER.sub_mchid, DelaySeconds: 0 },
    ],
    [
      'to hide a message longer',
      ({ reversals }) => reversals.postpone({ receiptHandle: 'r' }, 5),
      'ChangeMessageVisibilityCommand',
      { QueueUrl: 'q', ReceiptHandle: 'r', VisibilityTimeout: 5 },
    ],
    [
      'to keep an open outcome, in the group of its merchant',
      ({ settlements }) => settlements.put(OUTCOME),
      'SendMessageCommand',
      { QueueUrl: 's', MessageBody: JSON.stringify(OUTCOME), MessageGroupId: NAMES.mchid },
    ],
    [
      'to deliver outcomes again at once',
      ({ settlements }) => settlements.giveBack(RECEIVED),
      'ChangeMessageVisibilityBatchCommand',
      {
        QueueUrl: 's',
        Entries: [
          { Id: '0', ReceiptHandle: 'a', VisibilityTimeout: 0 },
          { Id: '1', ReceiptHandle: 'b', VisibilityTimeout: 0 },
        ],
      },
    ],
    [
      'to delete outcomes that are settled',
      ({ settlements }) => settlements.remove(RECEIVED),
      'DeleteMessageBatchCommand',
      {
        QueueUrl: 's',
        Entries: [
          { Id: '0', ReceiptHandle: 'a' },
          { Id: '1', ReceiptHandle: 'b' },
        ],
      },
    ],
    [
      'to keep a dead letter',
      ({ letters }) => letters.bury({ body: '{}' }, new ReversalError('InvalidOrder', 'why')),
      'SendMessageCommand',
      {
        QueueUrl: 'd',
        MessageBody: '{}',
        MessageAttributes: {
          error: { DataType: 'String', StringValue: 'InvalidOrder' },
          detail: { DataType: 'String', StringValue: 'why' },
        },
      },
    ],
    [
      'to tell that an order ended',
      ({ events }) => events.completed(NAMES as unknown as Reversal),
      'PutEventsCommand',
      { Entries: [entry('Reversal Completed', NAMES)] },
    ],
    [
      'to tell that an order was refused, and why',
      ({ events }) => events.failed(NAMES, REFUSAL),
      'PutEventsCommand',
      {
        Entries: [
          entry('Reversal Failed', {
            ...NAMES,
            error: 'ReversalRejected',
            detail: 'why',
            code: 'NO_AUTH',
            request_id: '08-1',
          }),
        ],
      },
    ],
    [
      'to tell that an outcome is settled',
      ({ events }) => events.settled([NAMES as unknown as Settlement]),
      'PutEventsCommand',
      { Entries: [entry('Reversal Settled', NAMES)] },
    ],
  ]
  for (const [what, operation, command, input] of rows) {
    test(what, async () => {
      const recorded = recorder()
      await operation(operationsOf(recorded))
      assert.deepEqual(recorded.sent, [{ command, input }])
    })
  }

  test('nothing where there is nothing to delete or to tell: they refuse an empty batch', async () => {
    const recorded = recorder()
    const { settlements, events } = operationsOf(recorded)
    await settlements.remove([])
    assert.deepEqual(await events.settled([]), [])
    assert.deepEqual(recorded.sent, [])
  })
})

describe('EventBridge answers 200 also where it took no event', () => {
  test('one is an error, with its code', async () => {
    const answer = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] }
    const { events } = operationsOf(recorder(answer))
    const refused = { message: 'EventBridge did not take the event: InternalFailure' }
    await assert.rejects(events.completed(NAMES as unknown as Reversal), refused)
    await assert.rejects(events.failed(NAMES, REFUSAL), refused)
    const { events: untold } = operationsOf(recorder({ FailedEntryCount: 1 }))
    await assert.rejects(untold.failed(NAMES, REFUSAL), { message: /did not take the event/ })
    const { events: empty } = operationsOf(recorder({ FailedEntryCount: 1, Entries: [] }))
    await assert.rejects(empty.failed(NAMES, REFUSAL), { message: /did not take the event/ })
  })

  test('of many, each counts as taken only where its own entry has an id and no error', async () => {
    const Entries = [{ EventId: '1' }, { ErrorCode: 'InternalFailure' }, {}, { EventId: '4', ErrorCode: 'Throttled' }]
    const settlements = Array(5).fill(NAMES) as Settlement[]
    const { events } = operationsOf(recorder({ FailedEntryCount: 3, Entries }))
    assert.deepEqual(await events.settled(settlements), [true, false, false, false, false])
    const { events: silent } = operationsOf(recorder())
    assert.deepEqual(await silent.settled(settlements), Array(5).fill(false))
  })
})

describe('a dead letter that SQS refuses', () => {
  /** How many letters are written before it is given up, when SQS refuses each with an error of this name. */
  async function lettersRefusedWith(name: string): Promise<number> {
    let sent = 0
    const send = async () => {
      sent += 1
      throw Object.assign(new Error('no'), { name })
    }
    const { bury } = createDeadLetters({ queueUrl: 'd', client: { send } as unknown as SQSClient })
    await assert.rejects(bury({ body: '{}' }, REFUSAL), { name })
    return sent
  }

  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors
  for (const name of [
    'InvalidMessageContents',
    'AWS.SimpleQueueService.InvalidParameterValue',
    'InvalidAttributeValue',
    'MessageTooLong',
    'RequestEntityTooLarge',
    'UnsupportedOperation',
  ]) {
    test(`for what it holds (${name}) is written with less and less of the message`, async () => {
      assert.equal(await lettersRefusedWith(name), 3)
    })
  }
  for (const name of [
    'RequestThrottled',
    'QueueDoesNotExist',
    'KmsInvalidState',
    'KmsInvalidKeyUsage',
    'InvalidAddress',
    'InvalidSecurity',
    'InvalidClientTokenId',
    'TimeoutError',
  ]) {
    test(`for another reason (${name}) is not`, async () => {
      assert.equal(await lettersRefusedWith(name), 1)
    })
  }
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
  /** A queue of so many messages, and what it was asked until `most` had come. */
  async function receive(count: number, most = MAX_OUTCOMES, msLeft = () => 1_000) {
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
    const received = await createSettlementQueue({ queueUrl: 'q', client }).receive(most, msLeft)
    return { ...seen, received }
  }

  test('so many at once that a run of the most it takes has them within half a minute', async () => {
    const RECEIVE_SECONDS = 0.05 // of ten messages, at its slowest in calm
    const { most, received } = await receive(1_000)
    assert.equal(received.length, 1_000)
    const seconds = ((MAX_OUTCOMES / 10) * RECEIVE_SECONDS) / most
    assert.ok(seconds <= 30, `${most} receives at once take ${Math.round(seconds)} s for ${MAX_OUTCOMES} outcomes`)
    assert.ok(most <= 50, `${most} receives at once, and the SDK has 50 connections`)
  })

  test('each with its handle, and empty where it has no body', async () => {
    const Messages = [{ ReceiptHandle: 'a', Body: '{}' }, { ReceiptHandle: 'b' }]
    const { settlements } = operationsOf(recorder({ Messages }))
    assert.deepEqual(await settlements.receive(2, () => 1_000), [
      { receiptHandle: 'a', body: '{}' },
      { receiptHandle: 'b', body: '' },
    ])
  })

  test('by one receive where that is enough: none wait, the most have come, or the time is up', async () => {
    for (const [count, most, msLeft] of [
      [0, 100, 1_000],
      [100, 10, 1_000],
      [100, 100, 0],
    ] as const) {
      const { inputs, received } = await receive(count, most, () => msLeft)
      assert.deepEqual([inputs.length, received.length], [1, Math.min(count, 10)])
    }
    const { settlements } = operationsOf(recorder())
    assert.deepEqual(await settlements.receive(10, () => 1_000), [])
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
