import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Attempted,
  agesOf,
  type Fate,
  fatesOf as fatesOfAttempt,
  isLastLook,
  type Moment,
} from '../../../lib/queue/fate.ts'
import { ERRORS, type ErrorName, ReversalError } from '../../../lib/reversal/errors.ts'
import { type Order, type OrderMessage, parseOrder } from '../../../lib/reversal/order.ts'
import type { History, Pending, Reversal } from '../../../lib/reversal/result.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')
const DAY_SECONDS = 24 * 60 * 60
const NAMES = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A1' }
const PAID = { body: '{}', timestamp: '1', nonce: 'n', signature: 's', serial: 'PUB_KEY_ID_1', request_id: '' }

const at = (second: number) => new Date(NOW + second * 1000).toISOString()
const order = (message: Partial<OrderMessage> = {}) => parseOrder({ ...NAMES, ...message }, NOW)
const pending = (history: History, retry_after = 60): Pending => ({
  ...NAMES,
  outcome: 'PENDING',
  reason: '',
  retry_after,
  history,
})
const REVERSAL: Reversal = {
  ...NAMES,
  attempted_at: at(0),
  outcome: 'CLOSED',
  trade_state: 'CLOSED',
  refunded: false,
  confirmed_at: at(0),
  request_id: '08-0',
  evidence: [],
}

/** The moment of an order sent so long ago, with the shortest back-off. */
const moment = (ageSeconds: number) => ({ sentAtMs: NOW - ageSeconds * 1000, nowMs: NOW, random: 0 })

type Came = { order: Order; history?: History } & ({ result: Reversal | Pending } | { error: unknown })

/** An attempt that learned nothing beyond what its result says, unless told. */
function fatesOf(came: Came | { error: unknown }, at: Moment) {
  const history = 'result' in came && came.result.outcome === 'PENDING' ? came.result.history : {}
  return fatesOfAttempt('order' in came ? ({ history, ...came } as Attempted) : came, at)
}

const ways = (fates: readonly Fate[]) => fates.map((fate) => fate.do)

describe('an order that ended', () => {
  test('is told, and comes again by the back-off when that cannot be', () => {
    assert.deepEqual(fatesOf({ order: order(), result: REVERSAL }, moment(3600)), [
      { do: 'tell', reversal: REVERSAL },
      { do: 'come again', seconds: 450 },
    ])
  })

  test('travels on with what was learned when it cannot be told: the next attempt must not say less', () => {
    const history = { first_seen_at: at(-3600), reverse_sent_at: at(-1), paid: PAID }
    assert.deepEqual(fatesOf({ order: order(), result: REVERSAL, history }, moment(3600)), [
      { do: 'tell', reversal: REVERSAL },
      { do: 'travel on', order: { ...NAMES, history }, seconds: 450 },
      { do: 'come again', seconds: 450 },
    ])
  })

  test('is told however old it is', () => {
    assert.equal(fatesOf({ order: order(), result: REVERSAL }, moment(8 * DAY_SECONDS))[0].do, 'tell')
  })
})

describe('an error', () => {
  for (const [name, fate] of Object.entries(ERRORS)) {
    test(`${name}: ${fate}`, () => {
      const error = new ReversalError(name as ErrorName, 'why')
      const comeAgain = { do: 'come again', seconds: 450 }
      const fates = fatesOf({ order: order(), error }, moment(3600))
      assert.deepEqual(fates, fate === 'final' ? [{ do: 'bury', error }, comeAgain] : [comeAgain])
    })
  }

  test('travels on with what was learned before it', () => {
    const history = { first_seen_at: at(-3600), reverse_sent_at: at(-1) }
    const error = new ReversalError('CredentialsUnavailable', 'why')
    assert.deepEqual(ways(fatesOf({ order: order(), error, history }, moment(3600))), ['travel on', 'come again'])
  })

  test('in our own code comes again', () => {
    assert.deepEqual(ways(fatesOf({ order: order(), error: new TypeError('slip') }, moment(60))), ['come again'])
  })

  test('in our own code comes again though the message was not read either', () => {
    const error = new TypeError('slip')
    assert.deepEqual(fatesOf({ error }, moment(3600)), [{ do: 'come again', seconds: 450 }])
  })

  test('in a message that is no order waits by the time it was sent', () => {
    const error = new ReversalError('InvalidOrder', 'must be JSON')
    assert.deepEqual(fatesOf({ error }, moment(3600)), [
      { do: 'bury', error },
      { do: 'come again', seconds: 450 },
    ])
  })
})

describe('on the eighth day', () => {
  const WEEK_SECONDS = 7 * DAY_SECONDS
  const said = { code: 'SIGN_ERROR', request_id: '08-0' }
  const error = new ReversalError('CredentialsUnavailable', 'secret x: is empty', said)

  test('a temporary error becomes ReversalExpired, with its reason and what WeChat Pay said; not sooner', () => {
    assert.deepEqual(ways(fatesOf({ order: order(), error }, moment(WEEK_SECONDS))), ['come again'])
    const [fate] = fatesOf({ order: order(), error }, moment(WEEK_SECONDS + 0.001))
    assert.ok(fate.do === 'bury')
    assert.equal(fate.error.cause, error)
    assert.deepEqual(
      [fate.error.name, fate.error.code, fate.error.request_id],
      ['ReversalExpired', 'SIGN_ERROR', '08-0'],
    )
    assert.match(
      fate.error.message,
      /last reason: CredentialsUnavailable: secret x: is empty; last verified state: none/,
    )
  })

  test('so does an error in our own code', () => {
    const [fate] = fatesOf({ order: order(), error: new TypeError('slip') }, moment(WEEK_SECONDS + 1))
    assert.ok(fate.do === 'bury' && fate.error.name === 'ReversalExpired')
  })

  test('counted from when the order was first seen, not from when its message was sent', () => {
    const old = order({ history: { first_seen_at: at(-WEEK_SECONDS - 1) } })
    assert.equal(fatesOf({ order: old, error }, moment(60))[0].do, 'bury')
  })

  test('an error that a person must look at keeps its name', () => {
    for (const [name] of Object.entries(ERRORS).filter(([, fate]) => fate === 'final')) {
      const final = new ReversalError(name as ErrorName, '')
      assert.deepEqual(fatesOf({ order: order(), error: final }, moment(8 * DAY_SECONDS))[0], {
        do: 'bury',
        error: final,
      })
    }
  })
})

describe('an order travels on in a new message', () => {
  const seen = { first_seen_at: at(-60) }
  const sent = { ...seen, reverse_sent_at: at(-30) }
  const answered = { ...sent, reverse_answered_at: at(-30) }
  const OTHER_PAID = { ...PAID, signature: 't' }
  const travelsOn = (message: Partial<OrderMessage>, result: Pending) =>
    fatesOf({ order: order(message), result }, moment(60))[0].do === 'travel on'
  const CASES: [title: string, before: History | undefined, after: History, refund: boolean, keep: boolean][] = [
    ['not when nothing was learned', undefined, seen, false, false],
    ['not when nothing new was learned', { ...answered, paid: PAID }, { ...answered, paid: PAID }, false, false],
    ['when a reverse was sent', undefined, sent, true, true],
    ['when a reverse was answered', sent, answered, true, true],
    ['when SUCCESS was seen', seen, { ...seen, paid: PAID }, true, true],
    [
      'when SUCCESS was seen instead of one that proves nothing',
      { paid: PAID },
      { ...seen, paid: OTHER_PAID },
      true,
      true,
    ],
    ['not when a reverse was only sent again', answered, { ...answered, reverse_sent_at: at(-5) }, false, false],
    [
      'not because a time is written otherwise',
      { ...seen, reverse_sent_at: '2026-01-31T19:59:30+08:00' },
      sent,
      false,
      false,
    ],
  ]
  for (const [title, before, after, refund, keep] of CASES) {
    test(title, () => {
      const history = before === undefined ? {} : { history: before }
      assert.equal(travelsOn(history, pending(after)), refund)
      assert.equal(travelsOn({ ...history, if_paid: 'keep' }, pending(after)), keep)
    })
  }

  test('to be kept, waits until a reverse that its message does not hold has landed', () => {
    const again = { ...answered, reverse_sent_at: at(-5) }
    const keep = order({ history: answered, if_paid: 'keep' })
    const seconds = (message: Order, history: History, retry_after: number) => {
      const [fate] = fatesOf({ order: message, result: pending(history, retry_after) }, moment(60))
      return fate.do === 'come again' && fate.seconds
    }
    assert.equal(seconds(keep, again, 5), 90)
    assert.equal(seconds(keep, again, 91), 91)
    assert.equal(seconds(keep, answered, 5), 5)
    assert.equal(seconds(order({ history: answered }), again, 5), 5)
  })

  test('to be kept, waits as long when its new message cannot be put', () => {
    const keep = order({ if_paid: 'keep' })
    assert.deepEqual(fatesOf({ order: keep, result: pending(sent, 5) }, moment(0)).slice(1), [
      { do: 'come again', seconds: 90 },
    ])
  })

  test('with all that is known, after the time the attempt asked for; else the old one', () => {
    const message = { attempted_at: at(-3600), if_paid: 'refund' as const }
    assert.deepEqual(fatesOf({ order: order(message), result: pending(sent, 77) }, moment(3600)), [
      { do: 'travel on', order: { ...NAMES, ...message, history: sent }, seconds: 77 },
      { do: 'come again', seconds: 77 },
    ])
  })

  test('and else comes again after the time the attempt asked for', () => {
    assert.deepEqual(fatesOf({ order: order(), result: pending(seen, 77) }, moment(3600)), [
      { do: 'come again', seconds: 77 },
    ])
  })
})

test('the last look at an order is after 7 days, and not sooner', () => {
  assert.equal(isLastLook(order(), moment(7 * DAY_SECONDS)), false)
  assert.equal(isLastLook(order(), moment(7 * DAY_SECONDS + 0.001)), true)
})

describe('what is left', () => {
  test('until an order can no longer be reversed counts from the payment, however late it reached us', () => {
    const late = order({ attempted_at: at(-6.5 * DAY_SECONDS) })
    assert.deepEqual(agesOf(late, moment(60)), { sinceFirstSeen: 60, reversibleFor: 0.5 * DAY_SECONDS })
  })

  test('counts from when we first saw an order that does not say when it was paid', () => {
    const seen = order({ history: { first_seen_at: at(-DAY_SECONDS) } })
    assert.deepEqual(agesOf(seen, moment(60)), { sinceFirstSeen: DAY_SECONDS, reversibleFor: 6 * DAY_SECONDS })
  })
})
