import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { LAST_CALLS } from '../../../lib/aws/patience.ts'
import { createHandOver } from '../../../lib/queue/hand-over.ts'
import { createWork, type WorkReport } from '../../../lib/queue/work.ts'
import type { Attempt } from '../../../lib/reversal/attempt.ts'
import { ERRORS, type ErrorName, ReversalError } from '../../../lib/reversal/errors.ts'
import { parseOrder } from '../../../lib/reversal/order.ts'
import type { Pending, Reversal } from '../../../lib/reversal/result.ts'

const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }
const SENT = '2026-01-31T12:00:00.000Z'
const NOW = Date.parse(SENT)
const message = (body: unknown = NAMES) => ({ body: JSON.stringify(body), sentAtMs: NOW })

const REVERSAL: Reversal = {
  ...NAMES,
  attempted_at: SENT,
  outcome: 'REFUNDED',
  trade_state: 'REVOKED',
  refunded: true,
  confirmed_at: SENT,
  request_id: '08-0',
  evidence: [],
}
const PENDING: Pending = {
  ...NAMES,
  outcome: 'PENDING',
  reason: 'why',
  retry_after: 60,
  history: { first_seen_at: SENT },
}
const LEARNED = { first_seen_at: SENT, reverse_sent_at: SENT }

/** Everything an attempt can come to. */
const ATTEMPTS: Record<string, Attempt> = Object.fromEntries(
  [PENDING.history, LEARNED].flatMap((history) => {
    const learned = history === LEARNED ? ', something learned' : ''
    const errors = Object.keys(ERRORS).map((name) => new ReversalError(name as ErrorName, 'why'))
    return [
      [`an outcome${learned}`, async () => ({ result: REVERSAL, history })],
      [`pending${learned}`, async () => ({ result: { ...PENDING, history }, history })],
      ...[new TypeError('slip'), ...errors].map((error) => [
        `${error.name}${learned}`,
        async () => ({ error, history }),
      ]),
    ]
  }),
)

/** Works on one message while the operations fail that are named; tells which were begun, and what was reported. */
async function work(
  attempt: Attempt,
  failing: readonly string[] = [],
  body: unknown = NAMES,
  turn?: (mchid: string) => Promise<boolean>,
) {
  const operations: string[] = []
  const reported: string[] = []
  const seen: { sinceFirstSeen: number; reversibleFor: number }[] = []
  const operation = (name: string) => async () => {
    operations.push(name)
    if (failing.includes(name)) throw new Error(`${name} failed`)
  }
  const report: WorkReport<{ body: string }> = {
    result: ({ outcome }) => reported.push(outcome),
    failure: (_, error) => reported.push((error as Error).name),
    unfinished: (_, ages) => {
      reported.push('unfinished')
      seen.push(ages)
    },
    notPostponed: () => reported.push('not postponed'),
    batchFailed: () => reported.push('batch failed'),
  }
  const { handleBatch } = createWork({
    attempt,
    queue: { put: operation('put'), postpone: operation('postpone') },
    deadLetters: { bury: operation('bury') },
    events: { completed: operation('completed'), failed: operation('failed') },
    report,
    ...(turn && { turn }),
    now: () => NOW,
    random: () => 0.5,
  })
  const staying = await handleBatch([message(body)], () => 1_000)
  return { operations, reported, ages: seen.at(-1), stays: staying.length === 1 }
}

const OPERATIONS = ['put', 'postpone', 'bury', 'completed', 'failed']

/** Every set of operations that may fail together. */
const OUTAGES = Array.from({ length: 2 ** OPERATIONS.length }, (_, bits) =>
  OPERATIONS.filter((_, index) => bits & (1 << index)),
)

describe('after an attempt, whatever it came to and whatever fails then', () => {
  for (const [what, attempt] of Object.entries(ATTEMPTS)) {
    test(`${what}: nothing is deleted before all of it is done, and no more calls follow than time is kept for`, async () => {
      for (const failing of OUTAGES) {
        const { operations, stays } = await work(attempt, failing)
        const isDone = (...needed: string[]) =>
          needed.every((name) => operations.includes(name) && !failing.includes(name))
        const mayGo = isDone('completed') || isDone('bury', 'failed') || isDone('put')
        assert.equal(stays, !mayGo, `with ${failing} failing: ${operations}`)
        assert.ok(operations.length <= LAST_CALLS.queue, `${operations}`)
      }
    })
  }

  test('the most calls that can follow are those that time is kept for', async () => {
    const all = Object.values(ATTEMPTS).flatMap((attempt) => OUTAGES.map((failing) => work(attempt, failing)))
    const most = Math.max(...(await Promise.all(all)).map(({ operations }) => operations.length))
    assert.equal(most, LAST_CALLS.queue)
  })
})

describe('the person on call hears', () => {
  const CASES: [what: string, attempt: string, failing: string[], reported: string[]][] = [
    ['of an outcome once its event is out', 'an outcome', [], ['REFUNDED']],
    ['of one whose event fails', 'an outcome', ['completed'], ['Error', 'unfinished', 'batch failed']],
    [
      'of one whose event fails, and that travels on',
      'an outcome, something learned',
      ['completed'],
      ['Error', 'unfinished', 'batch failed'],
    ],
    ['of an order that waits', 'pending', [], ['PENDING', 'unfinished']],
    ['of one that travels on', 'pending, something learned', [], ['PENDING', 'unfinished']],
    ['of one that cannot', 'pending, something learned', ['put'], ['PENDING', 'Error', 'unfinished', 'batch failed']],
    ['of a refusal', 'ReversalRejected', [], ['ReversalRejected']],
    [
      'of a refusal whose letter fails',
      'ReversalRejected',
      ['bury'],
      ['ReversalRejected', 'Error', 'unfinished', 'batch failed'],
    ],
    [
      'of what keeps an order waiting',
      'CredentialsUnavailable',
      [],
      ['CredentialsUnavailable', 'unfinished', 'batch failed'],
    ],
    [
      'of a message left to its visibility timeout',
      'pending',
      ['postpone'],
      ['PENDING', 'not postponed', 'unfinished', 'batch failed'],
    ],
  ]
  for (const [what, attempt, failing, reported] of CASES) {
    test(what, async () => assert.deepEqual((await work(ATTEMPTS[attempt]!, failing)).reported, reported))
  }

  test('on the eighth day of what the letter says', async () => {
    const first_seen_at = new Date(NOW - 7 * 86_400_000 - 1).toISOString()
    const body = { ...NAMES, history: { first_seen_at } }
    const { reported } = await work(ATTEMPTS.CredentialsUnavailable!, [], body)
    assert.deepEqual(reported, ['ReversalExpired'])
  })

  test('how old an order is that stays, and how long it can still be reversed', async () => {
    const body = { ...NAMES, history: { first_seen_at: new Date(NOW - 3_600_000).toISOString() } }
    const hour = { sinceFirstSeen: 3600, reversibleFor: 7 * 86_400 - 3600 }
    assert.deepEqual((await work(ATTEMPTS.CredentialsUnavailable!, [], body)).ages, hour)
    assert.deepEqual((await work(ATTEMPTS.pending!, [], body, async () => false)).ages, hour)
  })

  test('of a message that is no order, and nothing is attempted', async () => {
    const never: Attempt = () => assert.fail('attempted')
    const { operations, reported } = await work(never, [], { ...NAMES, refund: true })
    assert.deepEqual([operations, reported], [['bury', 'failed'], ['InvalidOrder']])
  })
})

describe('a batch', () => {
  /** Attempts that end as the order's number says. */
  const attempt: Attempt = async ({ ref }, { seenAtMs, msLeft }) => {
    asked.push({ seenAtMs, msLeft: msLeft() })
    return ref.out_trade_no === 'FAILS'
      ? ATTEMPTS.TypeError!({} as never, {} as never)
      : { result: REVERSAL, history: {} }
  }
  const asked: { seenAtMs: number; msLeft: number }[] = []
  const failures: unknown[] = []
  async function failedBatches(...messages: { body: string; sentAtMs?: number }[]) {
    let count = 0
    const { handleBatch } = createWork({
      attempt,
      queue: { put: async () => {}, postpone: async () => {} },
      deadLetters: { bury: async () => {} },
      events: { completed: async () => {}, failed: async () => {} },
      report: {
        result() {},
        failure: (_, error) => void failures.push(error),
        unfinished() {},
        notPostponed() {},
        batchFailed: () => (count += 1),
      },
      now: () => NOW + 5_000,
      random: () => 0.5,
    })
    await handleBatch(messages, () => 1_234)
    return count
  }
  const fails = message({ ...NAMES, out_trade_no: 'FAILS' })

  test('has failed when all of it has, and when there was something', async () => {
    assert.deepEqual(
      [await failedBatches(fails, fails), await failedBatches(fails, message()), await failedBatches()],
      [1, 0, 0],
    )
  })

  test('gives each attempt the time that is left, and when its message was sent; now, where the queue does not say', async () => {
    asked.length = 0
    await failedBatches(message(), { body: JSON.stringify(NAMES) })
    assert.deepEqual(asked, [
      { seenAtMs: NOW, msLeft: 1_234 },
      { seenAtMs: NOW + 5_000, msLeft: 1_234 },
    ])
  })

  test('says of a message that is no JSON that it is the message', async () => {
    failures.length = 0
    await failedBatches({ body: '{' })
    assert.match(String(failures[0]), /InvalidOrder: the message must be JSON/)
  })
})

describe('a turn', () => {
  const never: Attempt = () => assert.fail('attempted')
  const noTurn = async () => false

  test('that is not to be had puts the message off, which is no failure', async () => {
    const { operations, reported, stays } = await work(never, [], NAMES, noTurn)
    assert.deepEqual(
      { operations, reported, stays },
      { operations: ['postpone'], reported: ['unfinished'], stays: true },
    )
  })

  test('that is not to be had costs nothing when the message cannot be put off either', async () => {
    const { reported, stays } = await work(never, ['postpone'], NAMES, noTurn)
    assert.deepEqual({ reported, stays }, { reported: ['not postponed', 'unfinished'], stays: true })
  })

  test('is waited for by no order at its last look: who is put off then is never heard of again', async () => {
    const first_seen_at = new Date(NOW - 7 * 86_400_000 - 1).toISOString()
    const { reported } = await work(ATTEMPTS['an outcome']!, [], { ...NAMES, history: { first_seen_at } }, noTurn)
    assert.deepEqual(reported, ['REFUNDED'])
  })

  test('is that of the merchant whose keys sign, and none for what is no order', async () => {
    const asked: string[] = []
    const turn = async (mchid: string) => asked.push(mchid) > 0
    const partner = { sp_mchid: '1900000100', sub_mchid: '1900000101', out_trade_no: 'A1' }
    for (const body of [NAMES, partner, { ...NAMES, refund: true }]) {
      await work(ATTEMPTS.pending!, [], body, turn)
    }
    assert.deepEqual(asked, ['1900000001', '1900000100'])
  })

  test('that one merchant waits for holds up no other in the same batch', async () => {
    const begun: string[] = []
    let begin = () => {}
    const { handleBatch } = createWork({
      attempt: async ({ ref }) => {
        begun.push(ref.out_trade_no)
        return { result: REVERSAL, history: {} }
      },
      queue: { put: async () => {}, postpone: async () => {} },
      deadLetters: { bury: async () => {} },
      events: { completed: async () => {}, failed: async () => {} },
      report: { result() {}, failure() {}, unfinished() {}, notPostponed() {}, batchFailed() {} },
      turn: (mchid) =>
        mchid === NAMES.mchid ? new Promise((resolve) => (begin = () => resolve(true))) : Promise.resolve(true),
      now: () => NOW,
    })
    const quiet = { ...NAMES, mchid: '1900000002', out_trade_no: 'quiet' }
    const batch = handleBatch([message(), message(quiet)], () => 1_000)
    await setImmediate()
    assert.deepEqual(begun, ['quiet'])
    begin()
    await batch
    assert.deepEqual(begun, ['quiet', 'A1'])
  })
})

describe('a hand-over from HTTP', () => {
  const handOver = (attempt: Attempt, put: () => Promise<void>) =>
    createHandOver({
      attempt,
      merchants: { find: () => Promise.reject(new ReversalError('CredentialsUnavailable', '')) },
      queue: { put },
      report: { result() {}, handOverFailed() {} },
    })

  test('makes no more calls than time is kept for, and promises nothing that the queue does not have', async () => {
    for (const attempt of Object.values(ATTEMPTS)) {
      for (const fails of [false, true]) {
        let puts = 0
        const put = async () => {
          puts += 1
          if (fails) throw new Error('put failed')
        }
        const { reverse, enqueue } = handOver(attempt, put)
        const order = parseOrder(NAMES, NOW)
        for (const begin of [() => reverse(order, { seenAtMs: NOW, msLeft: () => 1_000 }), () => enqueue(order, NOW)]) {
          puts = 0
          const result = await begin().catch((error: Error) => error)
          assert.ok(puts <= LAST_CALLS.http)
          if ('outcome' in result && result.outcome === 'PENDING') assert.ok(puts === 1 && !fails)
          if (puts === 1 && fails) assert.equal((result as Error).name, 'HandOverFailed')
        }
      }
    }
  })
})
