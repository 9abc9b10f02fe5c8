import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { SQSEvent, SQSRecord } from 'aws-lambda'
import { keepLogLines } from './log-lines.ts'
import { ago, lambdaContext, openSurroundings } from './surroundings.ts'

const { simulator, sqs, eventBridge, fail, newNames, queueUrl, deadLetterQueueUrl, calls, strangerId } =
  await openSurroundings()
const log = keepLogLines()
const { handler } = await import('../../functions/queue.ts')

type Names = ReturnType<typeof newNames>
type Attributes = Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>

/** An order a minute old. */
const order = (names: Names, fields: object = {}) => ({ ...names, attempted_at: ago(60), ...fields })

async function send(body: unknown, MessageAttributes: Attributes = {}) {
  const MessageBody = typeof body === 'string' ? body : JSON.stringify(body)
  await sqs.call('SendMessage', { QueueUrl: queueUrl, MessageBody, MessageAttributes })
}

/** Receives what is on the queue, as Lambda's poller does. */
async function receive(): Promise<SQSRecord[]> {
  const { Messages = [] } = await sqs.call('ReceiveMessage', {
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  })
  lastReceived = Messages.map((message: Record<string, never>) => ({
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes,
    messageAttributes: Object.fromEntries(
      Object.entries<{ DataType: string; StringValue?: string; BinaryValue?: string }>(
        message.MessageAttributes ?? {},
      ).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          stringValue: StringValue,
          binaryValue: BinaryValue,
          stringListValues: [],
          binaryListValues: [],
        },
      ]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:reversals',
    awsRegion: 'us-east-1',
  }))
  return lastReceived
}

let lastReceived: SQSRecord[] = []

/** Receives at once what was received last and not deleted. */
async function receiveAgain(): Promise<SQSRecord[]> {
  for (const { receiptHandle } of lastReceived) {
    await sqs.call('ChangeMessageVisibility', {
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: 0,
    })
  }
  return receive()
}

/** One invocation. Deletes what it says is done, as the poller does; the numbers of the messages that stay. */
async function invoke(records: SQSRecord[], functionMs?: number): Promise<number[]> {
  const event: SQSEvent = { Records: records }
  const { batchItemFailures } = await handler(event, lambdaContext(functionMs))
  const staying = new Set(batchItemFailures.map(({ itemIdentifier }: { itemIdentifier: string }) => itemIdentifier))
  for (const { messageId, receiptHandle } of records) {
    if (!staying.has(messageId)) await sqs.call('DeleteMessage', { QueueUrl: queueUrl, ReceiptHandle: receiptHandle })
  }
  return [...records.keys()].filter((index) => staying.has(records[index]!.messageId))
}

/** Sends these, and lets the function have them in one batch. */
async function deliver(...bodies: unknown[]): Promise<number[]> {
  for (const body of bodies) await send(body)
  return invoke(await receive())
}

const waiting = () => sqs.messages(queueUrl)
const letters = () => sqs.messages(deadLetterQueueUrl)
const eventsOf = ({ out_trade_no }: Names) =>
  eventBridge.events.filter(({ detail }) => detail.out_trade_no === out_trade_no)

/** The one there must be. */
function only<T>(all: T[]): T {
  assert.equal(all.length, 1)
  return all[0]!
}

beforeEach(async () => {
  for (const QueueUrl of [queueUrl, deadLetterQueueUrl]) await sqs.call('PurgeQueue', { QueueUrl })
  simulator.faults.clear()
  eventBridge.events.length = 0
  log.forget()
})

describe('an order that ends', () => {
  test('is told to EventBridge with its proof, logged without it, and deleted', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    assert.deepEqual(await deliver(order(names)), [])
    const event = only(eventsOf(names))
    assert.deepEqual(
      [event.bus, event.source, event.detailType],
      ['reversals', 'wechatpay.reversal', 'Reversal Completed'],
    )
    const { attempted_at, confirmed_at, request_id, evidence, ...rest } = event.detail
    assert.ok(
      Date.parse(attempted_at) < Date.parse(confirmed_at),
      `attempted_at ${attempted_at} of a result is no time before its confirmed_at`,
    )
    assert.deepEqual(rest, { ...names, outcome: 'REFUNDED', trade_state: 'REVOKED', refunded: true })
    assert.ok(confirmed_at && request_id)
    assert.equal(evidence.length, 2)
    assert.deepEqual(await waiting(), [])
    assert.deepEqual(await letters(), [])
    const line = only(log.saying('reversal completed'))
    assert.deepEqual([line.outcome, line.out_trade_no, 'evidence' in line!], ['REFUNDED', names.out_trade_no, false])
    assert.doesNotMatch(log.text(), /payer|signature"/)
  })

  test('each by itself: ten in one batch, ended in different ways', async () => {
    const states = [
      'SUCCESS',
      'NOTPAY',
      'CLOSED',
      'REVOKED',
      'PAYERROR',
      'USERPAYING',
      'SUCCESS',
      'NOTPAY',
      'CLOSED',
      'SUCCESS',
    ] as const
    const all = states.map(() => newNames())
    for (const [index, state] of states.entries()) simulator.placeOrder(all[index]!, state)
    assert.deepEqual(await deliver(...all.map((names) => order(names))), [])
    assert.deepEqual(
      all.map((names) => eventsOf(names)[0]?.detail.outcome),
      [
        'REFUNDED',
        'REVERSED',
        'CLOSED',
        'REVERSED',
        'REVERSED',
        'REVERSED',
        'REFUNDED',
        'REVERSED',
        'CLOSED',
        'REFUNDED',
      ],
    )
    assert.deepEqual(simulator.refusals(), [])
  })

  test('does not wait for a slow one: its event is out before that ends', async () => {
    const [slow, ...others] = Array.from({ length: 10 }, newNames)
    for (const names of [slow!, ...others]) simulator.placeOrder(names, 'SUCCESS')
    simulator.faults.add({ fault: 'silence', out_trade_no: slow!.out_trade_no, times: 'always' })
    for (const names of [slow!, ...others]) await send(order(names))
    let isEnded = false
    const invocation = invoke(await receive(), 7_000).finally(() => (isEnded = true))
    while (eventBridge.events.length < 9 && !isEnded) await new Promise(setImmediate)
    assert.equal(isEnded, false)
    assert.equal((await invocation).length, 0)
    assert.equal(eventBridge.events.length, 9)
    const { body } = only(await waiting())
    assert.equal(JSON.parse(body).out_trade_no, slow!.out_trade_no)
  })

  test('travels on with what was learned while EventBridge refuses its event inside a 200, and is told later', async () => {
    const names = newNames()
    simulator.options.transactionIdAfterReverse = false
    simulator.placeOrder(names, 'SUCCESS')
    eventBridge.refuseEntries(1)
    assert.deepEqual(await deliver(order(names)), [])
    assert.deepEqual(eventsOf(names), [])
    const { body, state } = only(await waiting())
    assert.equal(state, 'delayed')
    await sqs.call('PurgeQueue', { QueueUrl: queueUrl })
    assert.deepEqual(await deliver(body), [])
    simulator.options.transactionIdAfterReverse = true
    const { outcome, evidence } = only(eventsOf(names)).detail
    assert.deepEqual([outcome, evidence.length], ['REFUNDED', 2], 'REVOKED alone would be REVERSED')
    assert.deepEqual(simulator.books.history(names.mchid, names.out_trade_no).at(-1)!.refunded, { amount: 1, count: 1 })
  })

  test('is not taken for a refund by other means when its event failed once', async () => {
    const names = newNames()
    simulator.options.reversedPaidState = 'REFUND'
    simulator.placeOrder(names, 'SUCCESS')
    eventBridge.refuseEntries(1)
    assert.deepEqual(await deliver(order(names)), [])
    const { body } = only(await waiting())
    await sqs.call('PurgeQueue', { QueueUrl: queueUrl })
    assert.deepEqual(await deliver(body), [])
    simulator.options.reversedPaidState = 'REVOKED'
    assert.deepEqual([only(eventsOf(names)).detail.outcome, await letters()], ['REFUNDED', []])
  })

  test('is told however old it is, and stays when that fails', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'REVOKED')
    eventBridge.refuseEntries(1)
    const history = { first_seen_at: ago(8 * 24 * 60 * 60) }
    assert.deepEqual(await deliver(order(names, { history })), [0])
    assert.deepEqual([await letters(), eventsOf(names)], [[], []])
    assert.deepEqual(await invoke(await receiveAgain()), [])
    assert.equal(only(eventsOf(names)).detail.outcome, 'REVERSED')
  })

  test('stays while EventBridge cannot be reached', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'CLOSED')
    const stop = fail('events', { reset: true })
    assert.deepEqual(await deliver(order(names)), [0])
    stop()
    assert.deepEqual(await invoke(await receiveAgain()), [])
    assert.equal(eventsOf(names).length, 1)
  })

  test('handled twice at once by two functions, is refunded once and told at least once', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    await send(order(names))
    const records = await receive()
    const results = await Promise.all([invoke(records), invoke(records), invoke(records)])
    assert.deepEqual(results, [[], [], []])
    assert.deepEqual(simulator.books.history(names.mchid, names.out_trade_no).at(-1)!.refunded, { amount: 1, count: 1 })
    const outcomes = eventsOf(names).map(({ detail }) => detail.outcome)
    assert.ok(outcomes.includes('REFUNDED'))
    assert.ok(outcomes.every((outcome) => outcome === 'REFUNDED'))
  })

  test('and sent twice, ends twice in the same way', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    assert.deepEqual(await deliver(order(names)), [])
    assert.deepEqual(await deliver(order(names)), [])
    assert.deepEqual(
      eventsOf(names).map(({ detail }) => detail.outcome),
      ['REFUNDED', 'REFUNDED'],
    )
    assert.equal(simulator.books.history(names.mchid, names.out_trade_no).at(-1)!.refunded.count, 1)
  })
})

describe('an order that is not known yet', () => {
  test('was first seen now when nothing says otherwise: neither its history nor a SentTimestamp', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    await send(order(names, { attempted_at: undefined }))
    const [{ attributes: _, ...record }] = (await receive()) as [SQSRecord]
    assert.deepEqual(await invoke([record as SQSRecord]), [])
    const { history } = JSON.parse(only(await waiting()).body)
    assert.ok(Math.abs(Date.parse(history.first_seen_at) - Date.now()) < 60_000)
  })

  test('stays, alone of its batch, and comes again when its time has come', async () => {
    const [young, paid] = [newNames(), newNames()]
    for (const names of [young, paid]) simulator.placeOrder(names, 'NOTPAY')
    assert.deepEqual(await deliver(order(young, { attempted_at: ago(2) }), order(paid)), [0])
    const message = only(await waiting())
    assert.equal(JSON.parse(message.body).out_trade_no, young.out_trade_no)
    const seconds = (message.visibleAt! - Date.now()) / 1000
    assert.ok(seconds > 8 && seconds <= 13, `in ${seconds} s`)
    assert.equal(log.saying('reversal pending').length, 1)
  })

  test('comes again later the longer we have known it, by its history or by when it was sent', async () => {
    const [bySentTimestamp, byHistory] = [newNames(), newNames()]
    for (const names of [bySentTimestamp, byHistory]) {
      simulator.placeOrder(names, 'NOTPAY')
      simulator.faults.add({ fault: 'unknown-trade-state', out_trade_no: names.out_trade_no })
    }
    await send(order(bySentTimestamp))
    await send(order(byHistory, { history: { first_seen_at: ago(3600) } }))
    const [sent, told] = await receive()
    sent!.attributes.SentTimestamp = String(Date.now() - 3_600_000)
    assert.deepEqual(await invoke([sent!, told!]), [0, 1])
    for (const { visibleAt } of await waiting()) {
      const seconds = (visibleAt! - Date.now()) / 1000
      assert.ok(seconds > 440 && seconds <= 901, `in ${seconds} s`)
    }
    const ages = log.metric('PendingAgeSeconds')
    assert.ok(ages.length === 2 && ages.every((age) => age >= 3600 && age < 3700), `${ages}`)
  })

  test('travels on in a new message, put before the old one goes, when a fact was learned', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    const message = order(names, { attempted_at: ago(0), if_paid: 'refund' })
    assert.deepEqual(await deliver(message), [])
    const follower = only(await waiting())
    const { history, ...rest } = JSON.parse(follower.body)
    assert.deepEqual(rest, message)
    assert.equal(JSON.parse(history.paid.body).trade_state, 'SUCCESS')
    assert.equal(follower.state, 'delayed')
  })

  test('does not when nothing new was learned', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    await deliver(order(names, { attempted_at: ago(0) }))
    const { body } = only(await waiting())
    await sqs.call('PurgeQueue', { QueueUrl: queueUrl })
    assert.deepEqual(await deliver(body), [0])
    const same = only(await waiting())
    assert.deepEqual([same.body, same.state], [body, 'inflight'])
  })

  test('ends REFUNDED with both answers, although SUCCESS was seen by another invocation than REVOKED', async () => {
    const names = newNames()
    simulator.options.transactionIdAfterReverse = false
    simulator.placeOrder(names, 'SUCCESS')
    simulator.faults.add({ fault: 'reset-after-effect', endpoint: 'reverse', times: 'always' })
    simulator.faults.add({ fault: 'bad-gateway-page', endpoint: 'query', after: 1, times: 'always' })
    assert.deepEqual(await deliver(order(names)), [])
    simulator.faults.clear()
    const { body } = only(await waiting())
    await sqs.call('PurgeQueue', { QueueUrl: queueUrl })
    assert.deepEqual(await deliver(body), [])
    simulator.options.transactionIdAfterReverse = true
    const { detail } = only(eventsOf(names))
    assert.equal(detail.outcome, 'REFUNDED')
    assert.deepEqual(
      detail.evidence.map(({ body }: { body: string }) => JSON.parse(body).trade_state),
      ['SUCCESS', 'REVOKED'],
    )
  })

  test('keeps its old message when the new one cannot be put', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'SUCCESS')
    const stop = fail('sqs', { operation: 'SendMessage', error: 'InternalError', status: 500 })
    assert.deepEqual(await deliver(order(names, { attempted_at: ago(0) })), [0])
    stop()
    assert.equal((await waiting()).length, 1)
  })

  test('is left to its visibility time-out when it cannot be postponed', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'NOTPAY')
    await send(order(names, { attempted_at: ago(0) }))
    const records = await receive()
    const stop = fail('sqs', { operation: 'ChangeMessageVisibility', error: 'InternalError', status: 500 })
    assert.deepEqual(await invoke(records), [0])
    stop()
    const message = only(await waiting())
    assert.ok(message.visibleAt! > Date.now() + 150_000)
    assert.equal(log.saying('message left to its visibility time-out').length, 1)
  })

  test('is not counted as a failed batch', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'NOTPAY')
    await deliver(order(names, { attempted_at: ago(0) }), order({ ...newNames(), mchid: strangerId }))
    assert.deepEqual(log.metric('BatchFailed'), [])
  })
})

describe('wrong credentials', () => {
  test('keep the order on the queue, backing off, and are counted', async () => {
    const names = { ...newNames(), mchid: strangerId }
    const first_seen_at = ago(3600)
    // A reverse was sent: that it was refused is not signed.
    assert.deepEqual(await deliver(order(names, { history: { first_seen_at } })), [])
    const { body, state } = only(await waiting())
    assert.equal(state, 'delayed')
    assert.ok(JSON.parse(body).history.reverse_sent_at)
    assert.deepEqual(await letters(), [])
    assert.deepEqual(log.metric('CredentialsUnavailable'), [1])
    assert.deepEqual(log.metric('BatchFailed'), [1])
    assert.ok(log.metric('PendingAgeSeconds')[0]! >= 3600)
    const line = only(log.saying('attempt failed'))
    assert.deepEqual([line.error, line.out_trade_no], ['CredentialsUnavailable', names.out_trade_no])
  })

  test('for more than 7 days end it as ReversalExpired', async () => {
    const names = { ...newNames(), mchid: strangerId }
    const history = { first_seen_at: ago(7 * 24 * 60 * 60 + 60) }
    assert.deepEqual(await deliver(order(names, { history })), [])
    const letter = only(await letters())
    assert.equal(letter.attributes.error, 'ReversalExpired')
    assert.match(letter.attributes.detail!, /CredentialsUnavailable.*certificate_serial_no/)
  })
})

describe('a dead letter', () => {
  /** What goes wrong with an order in WeChat Pay's hands. */
  const REFUSALS: Record<string, (names: Names) => object> = {
    ReversalRejected: (names) => {
      simulator.placeOrder(names, 'NOTPAY')
      simulator.faults.add({ fault: 'no-auth', endpoint: 'reverse', out_trade_no: names.out_trade_no })
      return order(names)
    },
    RefundedElsewhere: (names) => {
      simulator.placeOrder(names, 'REFUND')
      return order(names)
    },
    ReversalExpired: (names) => {
      simulator.placeOrder(names, 'SUCCESS')
      return order(names, { attempted_at: ago(8 * 24 * 60 * 60) })
    },
    UnknownMerchant: (names) => order({ ...names, mchid: '1999999999' }),
    InvalidOrder: (names) => order(names, { if_paid: 'maybe' }),
  }
  for (const [error, prepare] of Object.entries(REFUSALS)) {
    test(`is written at once for ${error}: the message as it stood, the reason, and an event`, async () => {
      const names = newNames()
      const message = prepare(names)
      assert.deepEqual(await deliver(message), [])
      assert.deepEqual(await waiting(), [])
      const letter = only(await letters())
      assert.equal(letter.body, JSON.stringify(message))
      assert.equal(letter.attributes.error, error)
      const event = only(eventsOf(names))
      assert.equal(event.detailType, 'Reversal Failed')
      const { detail, code, request_id } = letter.attributes
      const { if_paid, attempted_at, ...rest } = event.detail
      assert.deepEqual(rest, {
        ...names,
        ...(error === 'UnknownMerchant' && { mchid: '1999999999' }),
        error,
        detail,
        ...(code !== undefined && { code }),
        ...(request_id !== undefined && { request_id }),
      })
      assert.equal(attempted_at, (message as { attempted_at: string }).attempted_at)
      assert.equal(if_paid, error === 'InvalidOrder' ? 'maybe' : undefined)
      assert.equal(log.saying('reversal failed').length, 1)
      if (error === 'ReversalRejected') assert.deepEqual([code, Boolean(request_id)], ['NO_AUTH', true])
      if (error === 'UnknownMerchant' || error === 'InvalidOrder') {
        assert.deepEqual(Object.keys(letter.attributes).sort(), ['detail', 'error'])
        assert.deepEqual(calls(names.out_trade_no), [])
      }
    })
  }

  const POISON: [what: string, body: string, detail: RegExp][] = [
    ['no JSON', 'refund A1 please', /must be JSON/],
    ['half a JSON', '{"mchid":"1900000001",', /must be JSON/],
    ['a field twice', '{"if_paid":"keep","mchid":"1900000001","if_paid":"refund"}', /each field once/],
    ['a null', 'null', /must be a JSON object/],
    ['a list', '[{}]', /must be a JSON object/],
    ['a number', '42', /must be a JSON object/],
    ['no fields', '{}', /^mchid: is missing/],
    ['a nested order', '{"order":{"mchid":"1900000001"}}', /^mchid: is missing/],
    ['an unknown field', JSON.stringify({ ...newNames(), refund: true }), /^refund: unknown field/],
    [
      'a field with a name that SQS takes in no attribute',
      JSON.stringify({ ...newNames(), 'a\u0000\ud800b': 1 }),
      /^a\uFFFD+b: unknown field/,
    ],
    ['a prototype', `{"__proto__":null,${JSON.stringify(newNames()).slice(1)}`, /^__proto__: unknown field/],
    ['a null field', JSON.stringify({ ...newNames(), history: null }), /^history: must be an object/],
    ['depth', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, /must be a JSON object/],
    ['a long field', JSON.stringify({ ...newNames(), appid: 'x'.repeat(300_000) }), /^appid: must have at most 32/],
    ['what nobody may send', JSON.stringify({ ...newNames(), out_trade_no: '../../refund' }), /^out_trade_no: /],
  ]
  test('takes every kind of poison at once, with its reason, and no neighbour with it', async () => {
    for (const [what, body, detail] of POISON) {
      const neighbour = newNames()
      simulator.placeOrder(neighbour, 'SUCCESS')
      assert.deepEqual(await deliver(body, order(neighbour)), [], what)
      const letter = only(await letters())
      assert.deepEqual([letter.body, letter.attributes.error], [body, 'InvalidOrder'], what)
      assert.match(letter.attributes.detail!, detail, what)
      assert.deepEqual(
        eventBridge.events.map(({ detailType }) => detailType).sort(),
        ['Reversal Completed', 'Reversal Failed'],
        what,
      )
      assert.equal(eventsOf(neighbour)[0]!.detail.outcome, 'REFUNDED', what)
      await sqs.call('PurgeQueue', { QueueUrl: deadLetterQueueUrl })
      eventBridge.events.length = 0
    }
  })

  test('of a message that fills SQS to its limit loses its end, not its reason', async () => {
    const body = 'x'.repeat(1_048_576)
    assert.deepEqual(await deliver(body), [])
    const letter = only(await letters())
    assert.equal(letter.attributes.error, 'InvalidOrder')
    assert.ok(body.startsWith(letter.body) && letter.body.length > 1_000_000)
  })

  test("keeps the message's own attributes, text and bytes", async () => {
    await send('poison', {
      shop: { DataType: 'String', StringValue: 'Shanghai' },
      till: { DataType: 'Number.int', StringValue: '7' },
      receipt: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]).toString('base64') },
    })
    await invoke(await receive())
    const { Messages } = await sqs.call('ReceiveMessage', {
      QueueUrl: deadLetterQueueUrl,
      MessageAttributeNames: ['All'],
    })
    const { shop, till, receipt, error } = Messages[0].MessageAttributes
    assert.deepEqual([shop.StringValue, till.DataType, error.StringValue], ['Shanghai', 'Number.int', 'InvalidOrder'])
    assert.deepEqual(Buffer.from(receipt.BinaryValue, 'base64'), Buffer.from([0, 255]))
  })

  test('has its reason although the message brought ten attributes of its own', async () => {
    const own = Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [`a${n}`, { DataType: 'String', StringValue: 'x' }]),
    )
    await send('poison', own)
    await invoke(await receive())
    const letter = only(await letters())
    assert.equal(letter.attributes.error, 'InvalidOrder')
    assert.equal(Object.keys(letter.attributes).length, 10)
  })

  test('sent again by hand gets its new reason, and nothing of the old one', async () => {
    const reason = { error: 'ReversalRejected', detail: 'old', code: 'NO_AUTH', request_id: '08-1' }
    const old = Object.fromEntries(
      Object.entries(reason).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
    )
    await send('poison', old)
    await invoke(await receive())
    const letter = only(await letters())
    assert.deepEqual(Object.keys(letter.attributes).sort(), ['detail', 'error'])
    assert.equal(letter.attributes.error, 'InvalidOrder')
  })

  test('sent again by hand ends like any other order, once its reason is gone', async () => {
    const names = newNames()
    REFUSALS.ReversalRejected!(names)
    await deliver(order(names))
    const { Messages } = await sqs.call('ReceiveMessage', {
      QueueUrl: deadLetterQueueUrl,
      MessageAttributeNames: ['All'],
    })
    await send(Messages[0].Body, Messages[0].MessageAttributes)
    assert.deepEqual(await invoke(await receive()), [])
    assert.equal(eventsOf(names).at(-1)!.detail.outcome, 'REVERSED')
  })

  test('that cannot be written keeps the message, and nobody is told yet', async () => {
    const stop = fail('sqs', { operation: 'SendMessage', error: 'InternalError', status: 500 })
    assert.deepEqual(await deliver('poison'), [0])
    stop()
    assert.deepEqual([eventBridge.events, await letters()], [[], []])
    assert.deepEqual(await invoke(await receiveAgain()), [])
    assert.equal((await letters()).length, 1)
  })

  test('whose event fails keeps the message too, and comes again by the back-off', async () => {
    eventBridge.refuseEntries(1)
    assert.deepEqual(await deliver('poison'), [0])
    const message = only(await waiting())
    assert.ok(message.visibleAt! < Date.now() + 10_000)
    assert.deepEqual(await invoke(await receiveAgain()), [])
    assert.equal(eventBridge.events.length, 1)
    assert.equal((await letters()).length, 2)
  })

  test('and its event hold no personal data and no keys', async () => {
    const names = newNames()
    simulator.placeOrder(names, 'REFUND')
    const paid = {
      body: '{"payer":{"openid":"o-x"}}',
      timestamp: '1',
      nonce: 'n',
      signature: 'c2ln',
      serial: 'S',
      request_id: '',
    }
    await deliver(order(names, { history: { paid } }))
    assert.doesNotMatch(JSON.stringify(eventBridge.events) + log.text(), /openid|c2ln|PRIVATE/)
    const letter = only(await letters())
    assert.doesNotMatch(JSON.stringify(letter.attributes), /openid|c2ln/)
  })
})

test('a batch of several merchants is one line of metrics for each, with its attempts and what they came to', async () => {
  const [one, two, wrong] = [newNames(), newNames(), { ...newNames(), mchid: strangerId }]
  for (const names of [one, two]) simulator.placeOrder(names, 'CLOSED')
  const { appid: _, mchid: sp_mchid, ...names } = newNames()
  await deliver(order(one), order(two), order(wrong), { ...names, sp_mchid, sub_mchid: '1900000109' }, '{"mchid":"19"}')
  const metrics = log.all().flatMap(({ _aws, ...line }) => (_aws ? [line] : []))
  const of = (wanted: object) => {
    const names = Object.entries({ mchid: undefined, sp_mchid: undefined, sub_mchid: undefined, ...wanted })
    return only(metrics.filter((line) => names.every(([name, value]) => line[name] === value)))
  }
  assert.equal(metrics.length, 4)
  assert.deepEqual([of({ mchid: one.mchid }).ReversalAttempted, of({ mchid: one.mchid }).ReversalCompleted], [2, 2])
  const { ReversalAttempted, CredentialsUnavailable, PendingAgeSeconds } = of({ mchid: strangerId })
  assert.deepEqual([ReversalAttempted, CredentialsUnavailable, typeof PendingAgeSeconds], [1, 1, 'number'])
  assert.equal(of({ sp_mchid, sub_mchid: '1900000109' }).ReversalAttempted, 1)
  // What is no order is never attempted, and of a message that is none the names are logged that are well formed.
  assert.deepEqual([of({ mchid: '19' }).ReversalFailed, 'ReversalAttempted' in of({ mchid: '19' })], [1, false])
  assert.equal(log.metric('ReversalAttempted').length, 3)
})

test('a batch of nothing but failures is counted, since no other metric would tell', async () => {
  const stop = fail('events', { error: 'InternalFailure', status: 500 })
  const [one, two] = [newNames(), newNames()]
  for (const names of [one, two]) simulator.placeOrder(names, 'CLOSED')
  assert.deepEqual(await deliver(order(one), order(two)), [0, 1])
  stop()
  assert.deepEqual(log.metric('BatchFailed'), [1])
})
