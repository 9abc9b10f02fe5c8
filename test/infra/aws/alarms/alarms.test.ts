import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compiledTemplate, type Json, resourcesOf } from '../compiled-template.ts'
import { goesOffAt } from './alarm.ts'
import { type Life, live } from './lives.ts'
import { addPoint, counted, type Metrics, superpose } from './series.ts'

const alarms = resourcesOf(await compiledTemplate(), 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)
const nameOf = ({ AlarmName }: Json): string => AlarmName.replace('wechatpay-reversal-dev-', '')

const HOURS = 60

/** How often somebody is told, by alarm. */
function told(metrics: Metrics, minutes: number): Record<string, number> {
  const times = alarms.map((alarm) => [nameOf(alarm), goesOffAt(alarm, metrics, minutes).length] as const)
  return Object.fromEntries(times.filter(([, count]) => count > 0))
}

type Kind = Omit<Life, 'minutes' | 'seed'>

/** What happens to an order now and then and is no reason to wake anybody. */
const MISHAPS: readonly Kind[] = [
  { faults: [{ fault: 'silence' }] },
  { faults: [{ fault: 'bad-gateway-page' }] },
  { faults: [{ fault: 'frequency-limited', endpoint: 'reverse' }] },
  { faults: [{ fault: 'system-error', endpoint: 'query' }] },
  { faults: [{ fault: 'probe' }] },
  { faults: [{ fault: 'unknown-serial' }] },
]

/** One after the other: what our functions tell goes through one log. */
async function livesOf(kinds: readonly Kind[], minutes: number): Promise<Metrics[]> {
  const lives: Metrics[] = []
  for (const kind of kinds) lives.push(await live({ ...kind, minutes, seed: lives.length }))
  return lives
}

const [smooth, typing] = (await livesOf([{}, { state: 'USERPAYING' }], 30)) as [Metrics, Metrics]
const mishaps = await livesOf(MISHAPS, 30)

const SEVEN_MINUTES = 7

/** One shop's 200 orders of a day, one every seven minutes: in one of ten the customer is still typing, and each mishap comes once. */
function shop(): Metrics {
  const metrics: Metrics = new Map()
  for (let order = 0; order < 200; order++) {
    const life = order % 30 === 20 ? mishaps[Math.floor(order / 30)] : undefined
    superpose(metrics, life ?? (order % 10 === 5 ? typing : smooth), order * SEVEN_MINUTES)
  }
  return metrics
}

/** Ten thousand merchants' 100 orders a second: as the shop's, and one in a thousand has each of the mishaps. */
function many(minutes: number, ordersAMinute = 6_000): Metrics {
  const metrics: Metrics = new Map()
  for (let minute = 0; minute < minutes; minute++) {
    superpose(metrics, typing, minute, 0.1 * ordersAMinute)
    superpose(metrics, smooth, minute, (0.9 - MISHAPS.length / 1000) * ordersAMinute)
    for (const life of mishaps) superpose(metrics, life, minute, ordersAMinute / 1000)
  }
  return metrics
}

/** As many as the queue's function has at once (serverless.yml). */
const ENVIRONMENTS = 40

const nobody = (): Metrics => new Map()

test('a usual day wakes nobody, at one shop or at ten thousand', () => {
  assert.deepEqual(told(shop(), 24 * HOURS), {})
  assert.deepEqual(told(many(6 * HOURS), 6 * HOURS), {})
})

const ofNoKnownState: Kind = { faults: [{ fault: 'unknown-trade-state', times: 'always' }] }
const refusedForGood: Kind = { faults: [{ fault: 'param-error', endpoint: 'reverse', times: 'always' }] }
const [unknown, refused] = (await livesOf([ofNoKnownState, refusedForGood], 29 * HOURS)) as [Metrics, Metrics]

test('one order that needs a person is told once, among one shop’s or among ten thousand’s', () => {
  for (const metrics of [shop(), many(24 * HOURS)]) {
    superpose(metrics, unknown, HOURS)
    assert.deepEqual(told(metrics, 24 * HOURS), { 'unknown-states': 1, 'oldest-pending': 1 })
  }
  for (const metrics of [shop(), many(24 * HOURS)]) {
    superpose(metrics, refused, HOURS)
    assert.deepEqual(told(metrics, 24 * HOURS), { 'failed-reversals': 1 })
  }
})

test('an order that waits for days is told of once, though it is looked at only once an hour', () => {
  const metrics = nobody()
  superpose(metrics, unknown, HOURS)
  assert.deepEqual(told(metrics, 30 * HOURS), { 'unknown-states': 1, 'oldest-pending': 1 })
})

/** One shop's orders from the first hour on, all of one kind. */
async function troubled(kind: Kind) {
  const lives = await livesOf([kind, kind, kind, kind, kind], 7 * HOURS)
  return (metrics: Metrics) => {
    for (let minute = HOURS; minute < 8 * HOURS; minute += SEVEN_MINUTES) {
      superpose(metrics, lives[minute % lives.length]!, minute)
    }
    return told(metrics, 8 * HOURS)
  }
}
const revoked = await troubled({ faults: [{ fault: 'sign-error', times: 'always' }] })
const withoutRight = await troubled({ faults: [{ fault: 'no-auth', times: 'always' }] })
const withoutBalance = await troubled({ faults: [{ fault: 'not-enough', endpoint: 'reverse', times: 'always' }] })

describe('one shop’s trouble', () => {
  test('a revoked key among ten thousand is told once, and once more when an order of it is an hour old', () => {
    assert.deepEqual(revoked(many(8 * HOURS)), { 'unavailable-credentials': 1, 'oldest-pending': 1 })
  })

  test('a revoked key of the only one', () => {
    assert.deepEqual(revoked(nobody()), {
      'unavailable-credentials': 1,
      'unverified-answers': 1,
      'failed-batches': 1,
      'unproved-attempts': 1,
      'oldest-pending': 1,
    })
  })

  test('a right or a balance that one of ten thousand lacks is told by the age of its orders', () => {
    assert.deepEqual(withoutRight(many(8 * HOURS)), { 'oldest-pending': 1 })
    assert.deepEqual(withoutBalance(many(8 * HOURS)), { 'oldest-pending': 1 })
  })

  test('a right or a balance that the only one lacks is told by the refusals', () => {
    assert.deepEqual(withoutRight(nobody()), {
      'refused-queries': 1,
      'refused-reversals': 1,
      'unproved-attempts': 1,
      'oldest-pending': 1,
    })
    assert.deepEqual(withoutBalance(nobody()), { 'refused-reversals': 1, 'unproved-attempts': 1, 'oldest-pending': 1 })
  })
})

const OUTAGE = 120
const STEP = 5

async function outageOf(fault: string) {
  const lives: Metrics[] = []
  for (let minute = 0; minute < OUTAGE; minute += STEP) {
    const faults = [{ fault, times: 'always' as const }]
    lives.push(await live({ faults, healsAfterMinutes: OUTAGE - minute, minutes: 5 * HOURS, seed: minute }))
  }
  return (ordersIn: (minute: number) => number) => {
    const metrics = nobody()
    for (let minute = 0; minute < 6 * HOURS; minute++) {
      const since = minute - HOURS
      const isOut = since >= 0 && since < OUTAGE
      superpose(metrics, isOut ? lives[Math.floor(since / STEP)]! : smooth, minute, ordersIn(minute))
    }
    return told(metrics, 6 * HOURS)
  }
}
const silence = await outageOf('silence')
const gateways = await outageOf('bad-gateway-page')

describe('an outage of WeChat Pay of two hours', () => {
  const ofShop = (minute: number) => (minute % SEVEN_MINUTES === 0 ? 1 : 0)
  const ofMany = () => 6_000

  test('in which it does not answer', () => {
    const wakes = { 'missing-answers': 1, 'fail-overs': 1, 'unproved-attempts': 1, 'oldest-pending': 1 }
    assert.deepEqual(silence(ofShop), wakes)
    assert.deepEqual(silence(ofMany), wakes)
  })

  test('in which its gateways answer for it', () => {
    const wakes = {
      'unverified-in-a-row': 1,
      'unverified-answers': 1,
      'fail-overs': 1,
      'unproved-attempts': 1,
      'oldest-pending': 1,
    }
    assert.deepEqual(gateways(ofShop), wakes)
    assert.deepEqual(gateways(ofMany), wakes)
  })
})

test('a preferred domain that is down is told among many, though each environment tries it only twice a minute', () => {
  const metrics = many(8 * HOURS)
  for (let minute = HOURS; minute < 8 * HOURS; minute++) {
    for (const name of ['NoAnswer', 'FailOver']) addPoint(metrics, name, minute, counted(2 * ENVIRONMENTS))
  }
  assert.deepEqual(told(metrics, 8 * HOURS), { 'fail-overs': 1 })
})

test('AWS’s own: among many a few are turned away, dropped or refused every day, at one shop each is told', () => {
  const counts: Record<string, { usual: number; all: string; wakes: string; few: number }> = {
    'HttpLambdaFunction Throttles': {
      usual: 500,
      all: 'HttpLambdaFunction Invocations',
      wakes: 'http-throttles',
      few: 1,
    },
    'QueueLambdaFunction Throttles': {
      usual: 500,
      all: 'QueueLambdaFunction Invocations',
      wakes: 'queue-throttles',
      few: 1,
    },
    'StepLambdaFunction Throttles': {
      usual: 500,
      all: 'StepLambdaFunction Invocations',
      wakes: 'step-throttles',
      few: 1,
    },
    'StepLambdaFunction Errors': { usual: 500, all: 'StepLambdaFunction Invocations', wakes: 'step-errors', few: 5 },
    'HttpApi 5xx': { usual: 500, all: 'HttpApi Count', wakes: 'api-server-errors', few: 5 },
    'HttpApi 4xx': { usual: 500, all: 'HttpApi Count', wakes: 'api-client-errors', few: 20 },
    SettlementFailed: { usual: 500, all: 'SettlementCompleted', wakes: 'failed-settlements', few: 1 },
  }
  for (const [name, { usual, all, wakes, few }] of Object.entries(counts)) {
    const night = (counting: number, ofAll: number) => {
      const metrics = nobody()
      addPoint(metrics, name, 10, counted(counting))
      addPoint(metrics, all, 10, counted(ofAll))
      return told(metrics, 2 * HOURS)
    }
    assert.deepEqual(night(usual, 30_000), {}, `${name}: a few among many`)
    assert.deepEqual(night(3_000, 30_000), { [wakes]: 1 }, `${name}: many among many`)
    assert.deepEqual(night(few, few), { [wakes]: 1 }, `${name}: at one shop`)
    assert.deepEqual(night(few - 1, few), {}, `${name}: too few`)
  }
})

test('five minutes in which WeChat Pay does not answer are a hiccup and wake nobody, ten are an outage', () => {
  const metrics = nobody()
  const silentAt = (minute: number) => {
    for (const name of ['ReversalAttempted', 'ReversalCompleted']) addPoint(metrics, name, minute, counted(100))
    addPoint(metrics, 'NoAnswer', minute, counted(30))
  }
  silentAt(HOURS)
  assert.deepEqual(told(metrics, 3 * HOURS), {}, 'a hiccup wakes somebody')
  silentAt(HOURS + SEVEN_MINUTES)
  assert.deepEqual(told(metrics, 3 * HOURS), { 'missing-answers': 1 }, 'an outage wakes nobody, or more than once')
})

test('Secrets Manager that cannot be read for a while is told, one read that failed is not', () => {
  const metrics = shop()
  addPoint(metrics, 'StaleSecretServed', 2 * HOURS, counted(1))
  assert.deepEqual(told(metrics, 24 * HOURS), {})
  for (let minute = 0; minute < 30; minute += SEVEN_MINUTES) {
    addPoint(metrics, 'StaleSecretServed', 10 * HOURS + minute, counted(1))
  }
  assert.deepEqual(told(metrics, 24 * HOURS), { 'stale-secrets': 1 })
})

test('an alarm of expressions has at most ten metrics, and a length that CloudWatch takes', () => {
  // Official: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  for (const { AlarmName, Metrics, EvaluationPeriods, DatapointsToAlarm = 1, ...alarm } of alarms) {
    const stats: Json[] = (Metrics ?? []).flatMap(({ MetricStat }: Json) => MetricStat ?? [])
    const { Period = stats[0]?.Period } = alarm
    assert.ok(stats.length <= 10 && stats.every((stat) => stat.Period === Period), AlarmName)
    assert.ok(Period * EvaluationPeriods <= (Period < 3600 ? 86_400 : 604_800), AlarmName)
    assert.ok(DatapointsToAlarm <= EvaluationPeriods, AlarmName)
    assert.equal(Metrics?.filter(({ ReturnData = true }: Json) => ReturnData).length ?? 1, 1, AlarmName)
  }
})
