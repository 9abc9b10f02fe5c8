import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import { parseOrder } from '../../../lib/reversal/order.ts'

const NOW = Date.parse('2026-01-31T12:00:00Z')

const PAID = { body: '{}', timestamp: '1', nonce: 'n', signature: 's', serial: 'PUB_KEY_ID_1', request_id: '' }

const ORDER = { mchid: '1900000001', appid: 'wxd678efh567hg6787', out_trade_no: 'A_1-2*b' }

function refusal(input: unknown): string {
  try {
    parseOrder(input, NOW)
  } catch (error) {
    assert.ok(error instanceof ReversalError)
    assert.equal(error.name, 'InvalidOrder')
    return error.message
  }
  return assert.fail('was not refused')
}

describe('an order is taken as it is', () => {
  test('with its three names alone: it is to be refunded, and nothing is known of its age', () => {
    const order = parseOrder(ORDER, NOW)
    assert.deepEqual(order, { ref: ORDER, attemptedAtMs: undefined, ifPaid: 'refund', message: ORDER })
  })

  test('with everything it may have', () => {
    const history = {
      first_seen_at: '2026-01-31T11:00:00Z',
      reverse_sent_at: '2026-01-31T19:01:00.5+08:00',
      reverse_answered_at: '2026-01-31T11:01:01Z',
      paid: PAID,
    }
    const input = { ...ORDER, attempted_at: '2026-01-31T18:59:00+08:00', if_paid: 'keep', history }
    const order = parseOrder(input, NOW)
    assert.equal(order.ifPaid, 'keep')
    assert.equal(order.attemptedAtMs, Date.parse('2026-01-31T10:59:00Z'))
    assert.deepEqual(order.message, input)
  })

  test('with an empty history', () => assert.deepEqual(parseOrder({ ...ORDER, history: {} }, NOW).message.history, {}))

  test('the case of out_trade_no is kept', () =>
    assert.equal(parseOrder({ ...ORDER, out_trade_no: 'aBc' }, NOW).ref.out_trade_no, 'aBc'))

  test('at the longest', () => {
    const longest = { mchid: '1'.repeat(32), appid: 'w'.repeat(32), out_trade_no: '*'.repeat(32) }
    assert.deepEqual(parseOrder(longest, NOW).message, longest)
  })
})

/** A service provider's order, with the least it must say. */
const PARTNER = { sp_mchid: '1900000100', sub_mchid: '1900000201', out_trade_no: 'A_1-2*b' }

describe("a service provider's order is taken as it is", () => {
  test('without apps', () => {
    const order = parseOrder(PARTNER, NOW)
    assert.deepEqual(order, { ref: PARTNER, attemptedAtMs: undefined, ifPaid: 'refund', message: PARTNER })
  })

  test('with one of them, or both', () => {
    for (const apps of [{ sp_appid: 'wx1' }, { sub_appid: 'wx2' }, { sp_appid: 'wx1', sub_appid: 'wx2' }]) {
      const input = { ...PARTNER, ...apps, if_paid: 'keep', history: { first_seen_at: '2026-01-31T11:00:00Z' } }
      const order = parseOrder(input, NOW)
      assert.deepEqual(order.ref, { ...PARTNER, ...apps })
      assert.deepEqual(order.message, input)
    }
  })
})

describe('an order names a merchant of its own or a service provider, and a field of the other kind is refused by its name', () => {
  const OF_PROVIDER = "is of a service provider's order, which names sp_mchid and sub_mchid instead of mchid"
  const OF_MERCHANT = "is of a merchant's own order; a service provider's names sp_mchid and sub_mchid"
  const ROWS: [title: string, input: object, says: string][] = [
    ...['sub_mchid', 'sp_appid', 'sub_appid'].map((name): [string, object, string] => [
      `${name} beside mchid`,
      { ...ORDER, [name]: '1' },
      `${name}: ${OF_PROVIDER}`,
    ]),
    ...['mchid', 'appid'].map((name): [string, object, string] => [
      `${name} beside sp_mchid`,
      { ...PARTNER, [name]: '1' },
      `${name}: ${OF_MERCHANT}`,
    ]),
    ['even a null', { ...PARTNER, mchid: null }, `mchid: ${OF_MERCHANT}`],
    ['sub_mchid and appid alone', { sub_mchid: '1', appid: 'wx1', out_trade_no: '1' }, `appid: ${OF_MERCHANT}`],
    ['no sub_mchid', { ...PARTNER, sub_mchid: undefined }, 'sub_mchid: is missing'],
    ['no sp_mchid', { sub_mchid: '1900000201', out_trade_no: '1' }, 'sp_mchid: is missing'],
    ['no names at all', { out_trade_no: '1' }, 'mchid: is missing'],
    ['an empty sub_mchid', { ...PARTNER, sub_mchid: '' }, 'sub_mchid: must be 1 to 32 digits or letters'],
    ['a sp_mchid that climbs', { ...PARTNER, sp_mchid: '../1' }, 'sp_mchid: must be 1 to 32 digits or letters'],
    ['a null sp_appid', { ...PARTNER, sp_appid: null }, 'sp_appid: must be a string'],
    ['a long sub_appid', { ...PARTNER, sub_appid: 'w'.repeat(33) }, 'sub_appid: must have at most 32 characters'],
    ['an unknown field', { ...PARTNER, sub_mch_id: '1' }, 'sub_mch_id: unknown field'],
  ]
  for (const [title, input, says] of ROWS) test(title, () => assert.equal(refusal(input), says))

  test('where the way in says the kind, that is the kind', () => {
    assert.throws(() => parseOrder(ORDER, NOW, 'partner'), { message: `mchid: ${OF_MERCHANT}` })
    assert.throws(() => parseOrder(PARTNER, NOW, 'direct'), { message: `sp_mchid: ${OF_PROVIDER}` })
    assert.throws(() => parseOrder({ out_trade_no: '1' }, NOW, 'partner'), { message: 'sp_mchid: is missing' })
  })
})

/** What is sent beside or instead of the good fields, and what the refusal says. */
const REFUSED: Record<string, [given: string, change: Record<string, unknown>, says: string][]> = {
  mchid: [
    ['missing', { mchid: undefined }, 'mchid: is missing'],
    ['null', { mchid: null }, 'mchid: must be a string'],
    ['a number', { mchid: 1900000001 }, 'mchid: must be a string'],
    ...['', '1'.repeat(33), '../1', '1/2', '1_2', '1 ', '１'].map(
      (value): [string, Record<string, unknown>, string] => [
        JSON.stringify(value),
        { mchid: value },
        'mchid: must be 1 to 32 digits or letters',
      ],
    ),
    ['a list', { mchid: ['1900000001'] }, 'mchid: must be a string'],
  ],
  appid: [
    ['missing', { appid: undefined }, 'appid: is missing'],
    ['null', { appid: null }, 'appid: must be a string'],
    ['empty', { appid: '' }, 'appid: must not be empty'],
    ['33 characters', { appid: 'w'.repeat(33) }, 'appid: must have at most 32 characters'],
  ],
  out_trade_no: [
    ['missing', { out_trade_no: undefined }, 'out_trade_no: is missing'],
    ['null', { out_trade_no: null }, 'out_trade_no: must be a string'],
    ['a number', { out_trade_no: 12 }, 'out_trade_no: must be a string'],
    ...['', 'a b', 'a/b', '..', 'a%2A', 'é', '１', 'a\n', 'a'.repeat(33)].map(
      (value): [string, Record<string, unknown>, string] => [
        JSON.stringify(value),
        { out_trade_no: value },
        'out_trade_no: must be 1 to 32 digits, letters, "_", "-" or "*"',
      ],
    ),
  ],
  if_paid: [
    ['null', { if_paid: null }, 'if_paid: must be "refund" or "keep"'],
    ['another word', { if_paid: 'retain' }, 'if_paid: must be "refund" or "keep"'],
    ['another case', { if_paid: 'Keep' }, 'if_paid: must be "refund" or "keep"'],
    ['a truth', { if_paid: true }, 'if_paid: must be "refund" or "keep"'],
    ['misspelt', { if_payed: 'keep' }, 'if_payed: unknown field'],
    ['in camel case', { ifPaid: 'keep' }, 'ifPaid: unknown field'],
  ],
  'an unknown field': [
    ['any', { note: 'x' }, 'note: unknown field'],
    ['with a null', { note: null }, 'note: unknown field'],
    ['toString', { toString: 'x' }, 'toString: unknown field'],
    ['constructor', { constructor: 'x' }, 'constructor: unknown field'],
    ['a long name', { ['x'.repeat(5000)]: 1 }, `${'x'.repeat(100)}: unknown field`],
  ],
  history: [
    ['null', { history: null }, 'history: must be an object'],
    ['a list', { history: [] }, 'history: must be an object'],
    ['a text', { history: '{}' }, 'history: must be an object'],
    ['an unknown field', { history: { reversed_at: '2026-01-31T11:00:00Z' } }, 'history.reversed_at: unknown field'],
    ['a null time', { history: { first_seen_at: null } }, 'history.first_seen_at: must be a string'],
    [
      'no time',
      { history: { reverse_sent_at: 'yesterday' } },
      'history.reverse_sent_at: must be an RFC 3339 time, for example 2026-01-31T19:00:00+08:00',
    ],
    ['milliseconds', { history: { reverse_answered_at: NOW } }, 'history.reverse_answered_at: must be a string'],
    ['a null paid', { history: { paid: null } }, 'history.paid: must be an object'],
    ['a text paid', { history: { paid: 'SUCCESS' } }, 'history.paid: must be an object'],
    ['a list for paid', { history: { paid: [] } }, 'history.paid.body: is missing'],
    ['paid in part', { history: { paid: { ...PAID, nonce: undefined } } }, 'history.paid.nonce: is missing'],
    ['paid parsed', { history: { paid: { ...PAID, body: {} } } }, 'history.paid.body: must be a string'],
    ['paid with more', { history: { paid: { ...PAID, status: 200 } } }, 'history.paid.status: unknown field'],
    ['paid too long', { history: { paid: { ...PAID, body: 'x'.repeat(65_537) } } }, 'history.paid.body: is too long'],
    ['a history in it', { history: { history: {} } }, 'history.history: unknown field'],
  ],
  attempted_at: [
    ['null', { attempted_at: null }, 'attempted_at: must be a string'],
    ['seconds', { attempted_at: 1769860800 }, 'attempted_at: must be a string'],
    [
      '5 minutes and a millisecond ahead',
      { attempted_at: new Date(NOW + 300_001).toISOString() },
      'attempted_at: must not be more than 5 minutes in the future',
    ],
    ['too long', { attempted_at: `2026-01-31T11:00:00.${'0'.repeat(60)}Z` }, 'attempted_at: is too long'],
    ...[
      '',
      '2026-01-31',
      '2026-01-31T11:00:00',
      '2026-01-31T11:00Z',
      '2026-01-31 11:00:00Z',
      '2026-01-31T11:00:00,5Z',
      '2026-01-31T11:00:00.Z',
      '2026-01-31T11:00:00+0800',
      '2026-01-31T11:00:00+08',
      '2026-01-31T11:00:00+24:00',
      '2026-01-31T11:00:00+08:60',
      '2026-02-30T11:00:00Z',
      '2026-13-01T11:00:00Z',
      '2026-00-10T11:00:00Z',
      '2026-01-00T11:00:00Z',
      '2026-01-31T24:00:00Z',
      '2026-01-31T11:60:00Z',
      '2026-01-31T11:00:61Z',
      '+02026-01-31T11:00:00Z',
      '20260131T110000Z',
      '1769860800',
      ' 2026-01-31T11:00:00Z',
      '2026-01-31T11:00:00Z\n',
    ].map((value): [string, Record<string, unknown>, string] => [
      JSON.stringify(value),
      { attempted_at: value },
      'attempted_at: must be an RFC 3339 time, for example 2026-01-31T19:00:00+08:00',
    ]),
  ],
}

for (const [field, cases] of Object.entries(REFUSED)) {
  describe(`${field} is refused, and the refusal says so`, () => {
    for (const [given, change, says] of cases) {
      test(`when it is ${given}`, () => {
        const input = JSON.parse(JSON.stringify({ ...ORDER, ...change }))
        assert.equal(refusal(input), says)
      })
    }
  })
}

test('a "__proto__" in the JSON is an unknown field, not a prototype', () => {
  assert.equal(
    refusal(JSON.parse(`{"__proto__":{"if_paid":"keep"},${JSON.stringify(ORDER).slice(1)}`)),
    '__proto__: unknown field',
  )
})

test('what is no object is no order', () => {
  for (const input of [null, undefined, true, 0, 'order', [], [ORDER]]) {
    assert.equal(refusal(input), 'the order must be a JSON object')
  }
})

test('a refusal never repeats what stood in a field', () => {
  const secret = 'o-payer-openid / -----BEGIN PRIVATE KEY-----'
  const paid = Object.keys(PAID).map((field) => ({ history: { paid: { ...PAID, [field]: [secret] } } }))
  const times = ['first_seen_at', 'reverse_sent_at'].map((field) => ({ history: { [field]: secret } }))
  const fields = [...Object.keys(ORDER), 'attempted_at', 'if_paid', 'history'].map((field) => ({ [field]: secret }))
  for (const change of [...fields, ...times, ...paid]) {
    assert.doesNotMatch(refusal({ ...ORDER, ...change }), /openid|BEGIN/)
  }
})

describe('attempted_at', () => {
  const TIMES: [string, string][] = [
    ['2026-01-31T11:00:00Z', '2026-01-31T11:00:00.000Z'],
    ['2026-01-31t11:00:00z', '2026-01-31T11:00:00.000Z'],
    ['2026-01-31T19:00:00+08:00', '2026-01-31T11:00:00.000Z'],
    ['2026-01-31T05:30:00-05:30', '2026-01-31T11:00:00.000Z'],
    ['2026-01-31T11:00:00-00:00', '2026-01-31T11:00:00.000Z'],
    ['2026-01-31T11:00:00.1239Z', '2026-01-31T11:00:00.123Z'],
    ['2026-01-31T11:00:00.123456789+00:00', '2026-01-31T11:00:00.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['0099-01-01T00:00:00Z', '0099-01-01T00:00:00.000Z'],
  ]
  for (const [text, means] of TIMES) {
    test(`${text} is ${means}`, () => {
      assert.equal(new Date(parseOrder({ ...ORDER, attempted_at: text }, NOW).attemptedAtMs!).toISOString(), means)
    })
  }

  test('may be 5 minutes ahead of our clock', () => {
    const attempted_at = new Date(NOW + 300_000).toISOString()
    assert.equal(parseOrder({ ...ORDER, attempted_at }, NOW).attemptedAtMs, NOW + 300_000)
  })

  test('means the same moment however it is written', () => {
    const anyTime = fc.date({ min: new Date('1970-01-01Z'), max: new Date(NOW), noInvalidDate: true })
    const anyOffset = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 })
    fc.assert(
      fc.property(anyTime, anyOffset, (time, minutes) => {
        const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, -1)
        const two = (number: number) => String(Math.trunc(Math.abs(number))).padStart(2, '0')
        const attempted_at = `${local}${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
        assert.equal(parseOrder({ ...ORDER, attempted_at }, NOW).attemptedAtMs, time.getTime())
      }),
    )
  })
})

describe('whatever comes in', () => {
  const anyField = fc.constantFrom('mchid', 'appid', 'out_trade_no', 'attempted_at', 'if_paid', 'history', '__proto__')
  const anyValue = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('keep', 'refund', '2026-01-31T11:00:00Z', 'A1'),
    fc.string(),
  )

  test('is an order or refused as InvalidOrder, never a crash', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        try {
          parseOrder(input, NOW)
        } catch (error) {
          assert.ok(error instanceof ReversalError && error.name === 'InvalidOrder')
        }
      }),
    )
  })

  test('a good order with one field replaced is an order or names that field', () => {
    fc.assert(
      fc.property(anyField, anyValue, (field, value) => {
        const input = { ...ORDER }
        Object.defineProperty(input, field, { value, enumerable: true, configurable: true })
        let message: unknown
        try {
          message = parseOrder(input, NOW).message
        } catch (error) {
          assert.ok(error instanceof ReversalError)
          return assert.ok(error.message.startsWith(field), error.message)
        }
        assert.notEqual(field, '__proto__')
        assert.deepEqual(message, input)
      }),
    )
  })
})
