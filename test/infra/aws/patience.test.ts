import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Cron } from 'croner'
import { CALL_MS, type FunctionName, LAST_CALLS, RESERVED_MS, SECRET_READ_MS } from '../../../lib/aws/patience.ts'
import { MAX_WAIT_MS } from '../../../lib/queue/pace.ts'
import { BACKOFF } from '../../../lib/reversal/backoff.ts'
import { TIMES } from '../../../lib/reversal/decision/times.ts'
import { ERRORS } from '../../../lib/reversal/errors.ts'
import { GIVE_UP_MS } from '../../../lib/settlement/decide.ts'
import { addDays, billDateOf, madeAtMs } from '../../../lib/wechatpay/bill-date.ts'
import { IDLE_MS, MAX_DOWNLOAD_MS } from '../../../lib/wechatpay/bill-download.ts'
import { compiledTemplate, type Json } from './compiled-template.ts'

const { Resources } = await compiledTemplate()
const functionOf = (name: FunctionName) =>
  Resources[`${name[0]!.toUpperCase()}${name.slice(1)}LambdaFunction`]!.Properties
const timeoutMs = (name: FunctionName) => functionOf(name).Timeout * 1000
const tryMs = (name: FunctionName) => Number(functionOf(name).Environment.Variables.WECHATPAY_TIMEOUT_MS)
const queue = Resources.ReversalQueue!.Properties
const settlements = Resources.SettlementQueue!.Properties

function assertAtLeast(ms: number, leastMs: number, what: string) {
  assert.ok(ms >= leastMs, `${what} has ${ms} ms, and needs ${leastMs} ms`)
}

/** SQS: "Message visibility timeout … maximum is 12 hours". */
const MAX_VISIBILITY_SECONDS = 43_200

for (const name of (Object.keys(RESERVED_MS) as FunctionName[]).filter((name) => name !== 'settle')) {
  describe(`the time of function ${name}`, () => {
    const attemptMs = timeoutMs(name) - RESERVED_MS[name]

    test('is enough for a secret to be read, and for four tries at WeChat Pay that bring no answer', () => {
      assertAtLeast(attemptMs - SECRET_READ_MS, 4 * tryMs(name), 'an attempt that has read its secret')
    })

    test('leaves room for all calls that may follow an attempt, and for our own work', () => {
      const forOwnWorkMs = RESERVED_MS[name] - LAST_CALLS[name] * CALL_MS
      assertAtLeast(forOwnWorkMs, 300, 'our own work after an attempt')
    })
  })
}

describe('the time of the queue', () => {
  test('leaves the last message of a batch, however slow the pace, three tries: query, reverse, query', () => {
    const leftMs = timeoutMs('queue') - RESERVED_MS.queue - MAX_WAIT_MS
    assertAtLeast(leftMs, 3 * tryMs('queue'), 'the last message of a batch')
  })

  test('hides a message until the function has ended and a reverse that it sent has landed', () => {
    // KEPT depends on it: nothing else records a reverse of an attempt that was cut off.
    const hiddenMs = queue.VisibilityTimeout * 1000 - timeoutMs('queue')
    assertAtLeast(hiddenMs, TIMES.reverseLands * 1000, 'after the function has ended, a message is hidden and')
  })

  test('lets SQS hide a message for the longest back-off', () => {
    const longestMs = timeoutMs('queue') + BACKOFF.laterMaxSeconds * 1000
    assertAtLeast(
      MAX_VISIBILITY_SECONDS * 1000,
      longestMs,
      'what SQS hides a message for, against the longest back-off,',
    )
  })

  test('keeps a message beyond the last look at its order', () => {
    const lastLookSeconds = TIMES.lookedAtAgain + BACKOFF.laterMaxSeconds + queue.VisibilityTimeout
    assertAtLeast(queue.MessageRetentionPeriod * 1000, lastLookSeconds * 1000, 'a message on the queue')
  })
})

describe('the time of one try at WeChat Pay', () => {
  for (const name of ['http', 'queue', 'step', 'settle'] as const) {
    test(`lets ${name} lose two packets and still get its answer`, () => {
      // The first is sent again after 1 s, and again after 2 s more: https://www.rfc-editor.org/rfc/rfc6298#section-2.
      assertAtLeast(tryMs(name), 3_000, 'a try at WeChat Pay, of which two lost packets take 3 s,')
    })
  }
})

describe('the time of the state machine', () => {
  const machine: Json = Resources.ReversalStateMachine!.Properties.Definition
  const { Retry, TimeoutSeconds: taskSeconds } = machine.States.Reverse
  const retryOf = (error: string): Json =>
    Retry.find(({ ErrorEquals }: Json) => ErrorEquals.includes(error) || ErrorEquals.includes('States.ALL'))

  /** The longest that all retries of an error take: full jitter takes half of it on average. */
  function longestSeconds({ IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts }: Json): number {
    const delays = Array.from({ length: MaxAttempts }, (_, tries) => IntervalSeconds * BackoffRate ** tries)
    return delays.reduce((seconds, delay) => seconds + Math.min(delay, MaxDelaySeconds), 0)
  }

  /**
   * What Lambda or its task may say while an outage lasts (official:
   * https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception and
   * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html).
   */
  const OUTAGES = [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'Lambda.Unknown',
    'Sandbox.Timedout',
    'States.Timeout',
  ]
  const HALF_A_DAY = 43_200 // seconds: the first retries come sooner than the later ones

  for (const error of ['CredentialsUnavailable', ...OUTAGES]) {
    test(`outlasts a week of ${error}, as long as an order can be reversed`, () => {
      const seconds = longestSeconds(retryOf(error)) / 2
      const gaveUp = `${error} is tried again for ${Math.round(seconds / 3600)} h on average, and then its order is given up`
      const least = `where it can be reversed for ${TIMES.reversible / 3600} h`
      assert.ok(seconds >= TIMES.reversible - HALF_A_DAY, `${gaveUp}, ${least}`)
    })
  }

  for (const [error] of Object.entries(ERRORS).filter(([, fate]) => fate === 'final')) {
    test(`is not spent on ${error}: the same call never ends otherwise`, () => {
      assert.equal(
        retryOf(error).MaxAttempts,
        0,
        `${error} is final, and tried again ${retryOf(error).MaxAttempts} times`,
      )
    })
  }

  test('is over only after the longest of its retries, and after our own rule has ended the order', () => {
    for (const { ErrorEquals, ...retry } of Retry.filter(({ MaxAttempts }: Json) => MaxAttempts > 0)) {
      const leastMs = (longestSeconds(retry) + (retry.MaxAttempts + 1) * taskSeconds) * 1000
      assertAtLeast(machine.TimeoutSeconds * 1000, leastMs, `an execution that retries ${ErrorEquals[0]}`)
    }
    const lastLookSeconds = TIMES.lookedAtAgain + BACKOFF.laterMaxSeconds + taskSeconds
    assertAtLeast(machine.TimeoutSeconds * 1000, lastLookSeconds * 1000, 'an execution that waits to the last look')
  })
})

describe('the time of a sale', () => {
  const [{ States: paying }, { States: clock }]: Json[] =
    Resources.ReversalStateMachine!.Properties.Definition.States.Sale.Branches
  const pollingSeconds: number = clock.PollingTime.Seconds

  test('is as long as a customer may look at the password box', () => {
    const gives = `a sale is given up after ${pollingSeconds} s, and a customer may pay for ${TIMES.userPaying} s`
    assert.equal(pollingSeconds, TIMES.userPaying, gives)
  })

  test('is left for a query by a pay function that hangs', () => {
    const hangs = `a pay function that hangs is waited for ${paying.Pay.TimeoutSeconds} s of ${pollingSeconds} s`
    assert.ok(paying.Pay.TimeoutSeconds + paying.BeforeNextQuery.Seconds < pollingSeconds, hangs)
  })

  test('is asked for as often as WeChat Pay says', () => {
    const { Seconds } = paying.BeforeNextQuery
    assert.equal(
      Seconds,
      TIMES.userPayingAgain,
      `asked every ${Seconds} s, and WeChat Pay's rhythm is ${TIMES.userPayingAgain} s`,
    )
  })
})

describe('the time of the settlement', () => {
  const { ScheduleExpression, ScheduleExpressionTimezone: timezone, Target } = Resources.SettlementSchedule!.Properties
  const [, fields] = /^cron\((.+)\)$/.exec(ScheduleExpression)!
  /** A day's runs and the first one of the next day, from midnight in China. */
  const runs = new Cron(`0 ${fields}`, { timezone, paused: true })
    .nextRuns(26, new Date('2026-01-30T15:59:59Z'))
    .map((run) => run.getTime())
  const ofTheDay = runs.filter((run) => billDateOf(run) === '2026-01-31')
  const HOUR_MS = 3_600_000
  const inChina = (ms: number) => `${new Date(ms + 8 * HOUR_MS).toISOString().slice(11, 16)} in China`

  test("begins when WeChat Pay has made yesterday's bill, from 10:00 in China on", () => {
    for (const run of ofTheDay) {
      const yesterday = addDays(billDateOf(run), -1)
      assert.ok(run >= madeAtMs(yesterday), `a run at ${inChina(run)}: the bill of the day before is not made yet`)
    }
    const waitsMs = ofTheDay[0]! - madeAtMs('2026-01-30')
    assert.ok(waitsMs < HOUR_MS, `the first run is at ${inChina(ofTheDay[0]!)}, where the bill is there from 10:00 on`)
  })

  test('comes again each hour of the day, for a bill that is late or was cut off', () => {
    assert.ok(ofTheDay.length >= 10, `only ${ofTheDay.length} runs a day: a bill that is late waits for another day`)
    for (const [index, run] of ofTheDay.entries()) {
      const apartMs = run - (ofTheDay[index - 1] ?? run)
      assert.ok(apartMs <= HOUR_MS, `${apartMs / HOUR_MS} h without a run before ${inChina(run)}`)
    }
  })

  test('hides what a run has received until the run has ended, and no longer than to the next run', () => {
    const hiddenMs = settlements.VisibilityTimeout * 1000
    assertAtLeast(hiddenMs, timeoutMs('settle'), 'while a run may still work on it, an outcome is hidden and')
    const apartMs = ofTheDay[1]! - ofTheDay[0]!
    assert.ok(
      hiddenMs < apartMs,
      `what a run left is hidden for ${hiddenMs} ms, and the next run comes after ${apartMs} ms`,
    )
  })

  test('a run that could not begin is tried again before the next one, and not beside it', () => {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = Target.RetryPolicy
    assert.ok(MaximumRetryAttempts >= 1, 'a run that could not begin is not tried again')
    const apartMs = ofTheDay[1]! - ofTheDay[0]!
    assert.ok(
      MaximumEventAgeInSeconds * 1000 < apartMs,
      `tried again for ${MaximumEventAgeInSeconds} s, beside the next run`,
    )
  })

  test('leaves a bill that never ends, or stands still, no time that the others need', () => {
    const runMs = timeoutMs('settle')
    assert.ok(MAX_DOWNLOAD_MS <= (2 / 3) * runMs, `one bill may take ${MAX_DOWNLOAD_MS} ms of a run of ${runMs} ms`)
    assertAtLeast(MAX_DOWNLOAD_MS, runMs / 3, 'a bill of millions of rows over a slow way')
    assert.ok(IDLE_MS <= MAX_DOWNLOAD_MS / 10, `a download that stands still is waited for ${IDLE_MS} ms`)
    assertAtLeast(IDLE_MS, 15_000, 'a download of which four packets in a row are lost (RFC 6298)')
  })

  test('keeps an outcome until it is given up and a person is told, with a day to spare', () => {
    assertAtLeast(settlements.MessageRetentionPeriod * 1000, GIVE_UP_MS + 86_400_000, 'an outcome on its queue')
  })

  test('gives an outcome up by its own rule, before SQS does by counting', () => {
    const { maxReceiveCount } = settlements.RedrivePolicy
    const most = (GIVE_UP_MS / 86_400_000 + 1) * ofTheDay.length
    assert.ok(maxReceiveCount > most, `SQS moves an outcome away after ${maxReceiveCount} receives; ${most} are usual`)
  })
})
