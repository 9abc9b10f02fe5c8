import fc from 'fast-check'
import { faults } from '../../../infra/local/wechatpay/faults.ts'
import type { SimulatorOptions } from '../../../infra/local/wechatpay/options.ts'
import type { OrderEvent } from '../../../infra/local/wechatpay/order.ts'
import type { Crashes } from '../crash.ts'

/** What becomes of one order, as chosen by the test. Times are milliseconds, counted from the moment we first see the order. */
export interface Story {
  ifPaid: 'refund' | 'keep'
  /** What `attempted_at` says; null: the caller doesn't tell. */
  attemptedAt: number | null
  /** When the payment reaches WeChat Pay; null: never. */
  arrivesAt: number | null
  /** What happens to it there, each so long after the one before. */
  life: { after: number; event: OrderEvent }[]
  /** How this WeChat Pay behaves where the documents leave it open. */
  habits: Partial<SimulatorOptions>
  /** Where the order comes in. */
  from: 'HTTP' | 'the queue'
  /** What goes wrong with the calls that reach WeChat Pay, in their order. When the list is over, all is well. */
  faults: (string | null)[]
  /** What goes wrong with every call of a kind. */
  always?: Partial<Record<'query' | 'reverse', string>>
  /** Which of our calls to SQS and EventBridge fail, in their order. When the list is over, all is well. */
  awsFailures?: boolean[]
  /** How long our requests take to WeChat Pay, in their order. Beyond our patience they land when nobody waits any more. */
  delays: number[]
  /** After how many of its calls an attempt dies, in the order they begin; null: it lives. */
  deaths: (number | null)[]
  /** What goes wrong at which of our calls to anybody, counted from 0 through all attempts. */
  crashes?: Crashes
  /** When a message is delivered once more although somebody is busy with it. */
  duplicates: number[]
  /** When the clock of our functions jumps, and by how much; and when it is right again. */
  clock: { from: number; to: number; by: number } | null
}

const S = 1_000
const MIN = 60 * S
const H = 60 * MIN

/**
 * Left out of all the faults of the simulator, on queries alone: that WeChat Pay signs what is not so at that moment, an
 * outdated state or that an existing order does not exist. No rule could tell such an answer from a true one.
 */
export const QUERY_LIES = /^(stale-read|order-?not-?exist(-after-effect)?)$/

const LIVES: Record<string, OrderEvent[]> = {
  'never paid': [],
  'paid at once, or late': ['pay'],
  'paid with the password': ['prompt', 'pay'],
  'left at the password': ['prompt', 'leave'],
  'paid at the second try': ['prompt', 'leave', 'prompt', 'pay'],
  failed: ['fail'],
  'failed, and charged all the same': ['fail', 'charge'],
  'closed by other means': ['close'],
  'refunded by other means': ['pay', 'refund'],
}

const anyLife = fc
  .tuple(
    fc.constantFrom(...Object.values(LIVES)),
    fc.array(anyOf([0, S], [S, 30 * S], [30 * S, 10 * MIN]), { minLength: 4, maxLength: 4 }),
  )
  .map(([events, waits]) => events.map((event, index) => ({ after: waits[index]!, event })))

const anyHabits = fc.record({
  autoRevokeAfterMs: fc.constantFrom(null, 45 * S),
  reversedPaidState: fc.constantFrom('REVOKED' as const, 'REVOKED' as const, 'REFUND' as const),
  reverseWhileUserPaying: fc.constantFrom('accept' as const, 'USERPAYING' as const, 'USER_PAYING' as const),
  reverseUnknownOrder: fc.constantFrom('ok' as const, 'ORDER_NOT_EXIST' as const),
  reverseAnswersAppid: fc.boolean(),
  transactionIdAfterReverse: fc.boolean(),
  userPayingAlone: fc.boolean(),
})

const usual = {
  attemptedAt: fc.option(anyOf([-10 * S, 0], [-50 * S, -10 * S], [-10 * MIN, -50 * S]), { freq: 2 }),
  life: anyLife,
  habits: anyHabits,
  faults: fc.array(fc.option(fc.constantFrom(...Object.keys(faults)), { freq: 3 }), {
    maxLength: 25,
  }),
  awsFailures: fc.array(fc.boolean(), { maxLength: 6 }),
  deaths: fc.array(fc.option(fc.integer({ min: 1, max: 4 }), { freq: 1 }), { maxLength: 4 }),
}

/** A payment that may be on its way for 85 s, and requests that may be on theirs for 80 s: our rules wait for 90 s. */
const late = {
  arrivesAt: fc.option(anyOf([-10 * S, 0], [0, 85 * S]), { freq: 6 }),
  delays: fc.array(anyOf([20, 20], [1, 4 * S], [4 * S, 80 * S]), { maxLength: 25 }),
  clock: fc.constant(null),
}

/** The clocks of our functions are wrong for a while, and by how much; then everything else must be in time. */
const wrongClocks = {
  arrivesAt: fc.option(fc.constant(-1 * S), { freq: 6 }),
  delays: fc.constant<number[]>([]),
  clock: fc.record({
    from: anyOf([0, 0], [0, 2 * MIN]),
    // By a clock set back an order stays young and comes every 5 s: after 80 min SQS has given it up as a dead letter.
    to: anyOf([2 * MIN, 5 * MIN], [5 * MIN, 80 * MIN]),
    by: anyOf([-3 * H, 3 * H], [-5 * MIN, 5 * MIN], [-240 * H, 240 * H]),
  }),
}

/** Orders given up: from anywhere, and in several hands at once. */
const givenUp = {
  ifPaid: fc.constant('refund' as const),
  from: fc.constantFrom('HTTP' as const, 'the queue' as const),
  duplicates: fc.array(anyOf([0, 10 * S], [0, 3 * MIN]), { maxLength: 3 }),
}

/**
 * Orders to be kept if paid. They are attempted one at a time and by the queue: of two attempts at once, one may see
 * NOTPAY and the other SUCCESS, and nothing is stored by which the reverse of the one could stop the KEPT of the other.
 */
const maybeKept = {
  ifPaid: fc.constant('keep' as const),
  from: fc.constant('the queue' as const),
  duplicates: fc.constant<number[]>([]),
}

const plain = { noNullPrototype: true }

export const anyStory: fc.Arbitrary<Story> = fc
  .oneof(
    { weight: 5, arbitrary: fc.record({ ...usual, ...givenUp, ...late }, plain) },
    { weight: 2, arbitrary: fc.record({ ...usual, ...givenUp, ...wrongClocks }, plain) },
    { weight: 3, arbitrary: fc.record({ ...usual, ...maybeKept, ...late }, plain) },
  )
  .map((story) => ({ ...story, arrivesAt: inTime(story) }))

/** A payment arrives at most 390 s after what its own clock says. */
function inTime({ attemptedAt, arrivesAt }: Pick<Story, 'attemptedAt' | 'arrivesAt'>) {
  return arrivesAt === null || attemptedAt === null ? arrivesAt : Math.min(arrivesAt, attemptedAt + 385 * S)
}

function anyOf(...ranges: [min: number, max: number][]) {
  return fc.oneof(...ranges.map(([min, max]) => fc.integer({ min, max })))
}

/** An order at WeChat Pay that nobody pays, and nothing goes wrong. */
export const UNPAID: Story = {
  ifPaid: 'refund',
  attemptedAt: null,
  arrivesAt: 0,
  life: [],
  habits: {},
  from: 'the queue',
  faults: [],
  delays: [],
  deaths: [],
  duplicates: [],
  clock: null,
}
