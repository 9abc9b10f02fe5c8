import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { createReversalEvents } from '../../../lib/aws/reversal-events.ts'
import { readSettings } from '../../../lib/aws/settings.ts'
import { MAX_WAIT_MS } from '../../../lib/queue/pace.ts'
import { BACKOFF } from '../../../lib/reversal/backoff.ts'
import type { Reversal } from '../../../lib/reversal/result.ts'
import { MAX_OUTCOMES } from '../../../lib/settlement/settle-queue.ts'
import { compiledTemplate, type Json, resourcesOf, walk } from './compiled-template.ts'
import { refersTo } from './rule.ts'

const template = await compiledTemplate()
const { Resources, Parameters } = template
const functions = resourcesOf(template, 'AWS::Lambda::Function').map(
  ([id, { Properties }]) => [id, Properties] as const,
)
const variablesOf = (id: string): Json => Resources[id]!.Properties.Environment.Variables

describe('a function is told', () => {
  for (const [id, { Environment }] of functions) {
    test(`${id}: what the code would take by itself, so that the documents say one thing`, () => {
      const { SECRET_TTL_SECONDS, WECHATPAY_TIMEOUT_MS, MERCHANT_SECRETS } = Environment.Variables
      const own = readSettings({ MERCHANT_SECRETS })
      const told = readSettings({
        MERCHANT_SECRETS,
        SECRET_TTL_SECONDS: String(SECRET_TTL_SECONDS),
        WECHATPAY_TIMEOUT_MS: String(WECHATPAY_TIMEOUT_MS),
        WECHATPAY_ENDPOINTS: Parameters.WechatpayEndpoints!.Default,
      })
      assert.deepEqual(told, own, 'serverless.yml says another default than lib/aws/settings.ts')
    })
  }

  test('a key that was changed within 5 minutes, and a read of it costs next to nothing', () => {
    for (const [id] of functions) {
      const seconds = Number(variablesOf(id).SECRET_TTL_SECONDS)
      assert.ok(seconds <= 300, `${id} signs with a changed key for ${seconds} s more, where docs promise 5 minutes`)
      assert.ok(seconds >= 60, `${id} reads each secret every ${seconds} s, and pays for every read`)
    }
  })

  test("WeChat Pay's own domain first and its backup second, each of its own", () => {
    const { endpoints } = readSettings({
      MERCHANT_SECRETS: 'a',
      WECHATPAY_ENDPOINTS: Parameters.WechatpayEndpoints!.Default,
    })
    const hosts = endpoints.map(({ hostname }) => hostname)
    // Official: https://pay.weixin.qq.com/docs/merchant/apis/code-payment-v3/direct/reverse.html, 主域名 and 备域名.
    assert.equal(hosts[0], 'api.mch.weixin.qq.com', `${hosts[0]} is asked first, and is not WeChat Pay's main domain`)
    assert.equal(hosts[1], 'api2.mch.weixin.qq.com', `${hosts[1]} is no backup domain of WeChat Pay's`)
  })
})

/** What WeChat Pay takes of a merchant's reverses in a second: published for overseas merchants, inferred for the others. */
const REVERSES_PER_SECOND = 150

/** An attempt in calm: three calls of 0.35 s. */
const ATTEMPT_SECONDS = 3 * 0.35

describe('a batch of the queue', () => {
  const { BatchSize, MaximumBatchingWindowInSeconds = 0 } =
    Resources.QueueEventSourceMappingSQSReversalQueue!.Properties
  const perSecond = Number(variablesOf('QueueLambdaFunction').ATTEMPTS_PER_SECOND)

  test('has enough messages to keep the pace while WeChat Pay takes its time', () => {
    const least = Math.ceil(perSecond * ATTEMPT_SECONDS)
    const slow = `${BatchSize} at once begin ${(BatchSize / ATTEMPT_SECONDS).toFixed(1)} attempts a second, and the pace is`
    assert.ok(BatchSize >= least, `${slow} ${perSecond}: a backlog would never be worked at it`)
  })

  test('takes ten, as many as SQS hands out for the price of one', () => {
    assert.ok(
      BatchSize >= 10,
      `batches of ${BatchSize}: the same messages take ${10 / BatchSize} times as many receives`,
    )
    const needsWindow = 'Lambda takes more than ten only with a batching window, and every order would wait for it'
    assert.ok(BatchSize <= 10 && MaximumBatchingWindowInSeconds === 0, needsWindow)
  })

  test('gives the last of its messages a turn', () => {
    const waitMs = ((BatchSize - 1) / perSecond) * 1000
    assert.ok(waitMs <= MAX_WAIT_MS, `the last of ${BatchSize} messages waits ${waitMs} ms for its turn and gets none`)
  })
})

describe('the HTTP API', () => {
  const { ThrottlingRateLimit, ThrottlingBurstLimit } = Resources.HttpApiStage!.Properties.DefaultRouteSettings
  const reserved = Resources.HttpLambdaFunction!.Properties.ReservedConcurrentExecutions['Fn::If'][1]

  test('lets in half of what WeChat Pay takes, and leaves the queue the other', () => {
    const half = REVERSES_PER_SECOND / 2
    assert.equal(ThrottlingRateLimit, half, `${ThrottlingRateLimit} requests a second, where tills may make ${half}`)
  })

  test('lets tills that time out together in at once, two seconds of them', () => {
    const least = 2 * ThrottlingRateLimit
    assert.ok(ThrottlingBurstLimit >= least, `${ThrottlingBurstLimit} at once, and the rest is turned away with 429`)
    assert.ok(
      ThrottlingBurstLimit <= REVERSES_PER_SECOND,
      `${ThrottlingBurstLimit} at once are more than WeChat Pay takes`,
    )
  })

  test('has as much concurrency as its requests need in calm', () => {
    const needed = Math.ceil(ThrottlingRateLimit * ATTEMPT_SECONDS)
    assert.ok(reserved >= needed, `${reserved} at once, where ${ThrottlingRateLimit} requests a second need ${needed}`)
  })
})

/** A number of the deployment, what it must be, and why. */
type Bound = [what: string, is: number, least: number, most: number, because: string]

const functionOf = (name: string) => Resources[`${name}LambdaFunction`]!.Properties
const reservedOf = (name: string): number => functionOf(name).ReservedConcurrentExecutions['Fn::If'][1]
const { MaximumConcurrency } = Resources.QueueEventSourceMappingSQSReversalQueue!.Properties.ScalingConfig

/** MB of memory that come with one whole vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html. */
const MB_OF_A_VCPU = 1769
/** What a run of the settlement at its largest takes of a vCPU, in seconds (docs/performance.md). */
const LARGEST_RUN_SECONDS = 240

const RUNS_A_DAY = 14 // 10:15 to 23:15, see patience.test.ts

const BOUNDS: Bound[] = [
  ...resourcesOf(template, 'AWS::Logs::LogGroup').map(
    ([id, { Properties }]): Bound => [
      `days of ${id}`,
      Properties.RetentionInDays,
      180,
      400,
      'network logs must be kept for six months in China (网络安全法, article 21), and disputes come late',
    ],
  ),
  ...['Http', 'Queue', 'Step'].map(
    (name): Bound => [
      `MB of ${name}`,
      functionOf(name).MemorySize,
      512,
      1024,
      'a cold start and a batch share a third of a vCPU; the rest is waiting, and would be paid for',
    ],
  ),
  [
    'seconds of a largest run of the settlement',
    Math.round((LARGEST_RUN_SECONDS * MB_OF_A_VCPU) / functionOf('Settle').MemorySize),
    LARGEST_RUN_SECONDS,
    functionOf('Settle').Timeout / 2,
    'a run must end in half of its time-out, for WeChat Pay may send its bills slowly; more than a vCPU is idle',
  ],
  [
    'outcomes that a run takes',
    MAX_OUTCOMES,
    Math.ceil(1_000_000 / RUNS_A_DAY),
    120_000,
    'a million a day must be settled within it, and SQS hands out no more than 120,000 at once',
  ],
  [
    'MB of the outcomes that a run takes, each with 1.5 kB',
    (MAX_OUTCOMES * 1_500) / 1e6,
    0,
    functionOf('Settle').MemorySize / 2,
    'the bills and Node need the rest of the memory',
  ],
  ['runs of the settlement at once', reservedOf('Settle'), 1, 1, 'a second one would read the same bills again'],
  [
    'concurrency of Queue',
    reservedOf('Queue'),
    MaximumConcurrency,
    MaximumConcurrency,
    'nobody but the queue calls it: less throttles the queue, more is kept from the account for nothing',
  ],
  [
    'concurrency of Step',
    reservedOf('Step'),
    Math.ceil((REVERSES_PER_SECOND / 4) * ATTEMPT_SECONDS),
    Math.ceil(REVERSES_PER_SECOND * ATTEMPT_SECONDS),
    'a quarter of what WeChat Pay takes must get through in calm, and never more than all',
  ],
  [
    'seconds a dead letter is hidden from the others while a person looks at it',
    Resources.DeadLetterQueue!.Properties.VisibilityTimeout,
    60,
    900,
    'a person needs a minute, and a letter put back must not seem gone',
  ],
  [
    'seconds an order is hidden when its attempt was cut off',
    Resources.ReversalQueue!.Properties.VisibilityTimeout,
    6 * functionOf('Queue').Timeout,
    BACKOFF.firstDayMaxSeconds,
    'AWS asks for six time-outs, and one that was cut off must not wait longer than one that failed',
  ],
  [
    'days until a key that somebody deletes is gone',
    Resources.MerchantKey!.Properties.PendingWindowInDays,
    30,
    30,
    'it is the longest that KMS waits, and without the key no secret can be read again',
  ],
]

describe('each number is what its reason asks for', () => {
  for (const [what, is, least, most, because] of BOUNDS) {
    const right = least === most ? `${least}` : `${least} to ${most}`
    test(`${right} ${what}`, () => {
      assert.ok(is >= least && is <= most, `${is} ${what}, where it must be ${right}: ${because}`)
    })
  }

  test('whoever says no to the reserved concurrency is told how much it is', () => {
    const sum = functions.reduce(
      (sum, [, { ReservedConcurrentExecutions }]) => sum + ReservedConcurrentExecutions['Fn::If'][1],
      0,
    )
    const said = Number(/Reserves (\d+) /.exec(Parameters.ReserveConcurrency!.Description!)![1])
    assert.equal(said, sum, `the parameter says ${said}, and the functions reserve ${sum}`)
  })

  test('an outcome and a refusal are logged: the queries of the runbook read them', () => {
    const level = Parameters.LogLevel!.Default
    assert.ok(['DEBUG', 'INFO'].includes(level), `at ${level} no line says how an order ended`)
  })
})

describe('what is named after a thing leads to that thing', () => {
  const LEADS: Readonly<Record<string, string>> = {
    QUEUE_URL: 'ReversalQueue',
    DEAD_LETTER_QUEUE_URL: 'DeadLetterQueue',
    SETTLEMENT_QUEUE_URL: 'SettlementQueue',
    EVENT_BUS_NAME: 'EventBus',
    ReversalQueueUrl: 'ReversalQueue',
    DeadLetterQueueUrl: 'DeadLetterQueue',
    SettlementQueueUrl: 'SettlementQueue',
    StateMachineArn: 'ReversalStateMachine',
    EventBusName: 'EventBus',
    MerchantKeyArn: 'MerchantKey',
    HttpApiUrl: 'HttpApi',
  }
  /** What each function needs to end an order, and to leave an outcome to the books. */
  const NEEDS: Readonly<Record<string, readonly string[]>> = {
    Http: ['QUEUE_URL', 'SETTLEMENT_QUEUE_URL'],
    Queue: ['QUEUE_URL', 'DEAD_LETTER_QUEUE_URL', 'SETTLEMENT_QUEUE_URL', 'EVENT_BUS_NAME'],
    Step: ['SETTLEMENT_QUEUE_URL'],
    Settle: ['QUEUE_URL', 'DEAD_LETTER_QUEUE_URL', 'SETTLEMENT_QUEUE_URL', 'EVENT_BUS_NAME'],
  }
  for (const [name, variables] of Object.entries(NEEDS)) {
    for (const variable of variables) {
      test(`${variable} of ${name}`, () => {
        const value = functionOf(name).Environment.Variables[variable]
        const wrong = `${name} is told ${JSON.stringify(value)} as its ${variable}, and not ${LEADS[variable]}`
        assert.ok(refersTo(value, LEADS[variable]!), wrong)
      })
    }
  }
  for (const [output, { Value }] of Object.entries(template.Outputs)) {
    const id = LEADS[output]
    if (id === undefined) continue
    test(`the output ${output}`, () => {
      assert.ok(
        walk(Value).some(({ value }) => value === id || String(value).includes(`\${${id}}`)),
        `${output} is ${JSON.stringify(Value)}, and leads not to ${id}`,
      )
    })
  }
})

describe('the events', () => {
  test('reach the rule that keeps their bus: it listens to the source that we send', async () => {
    let source: string | undefined
    const send = async ({ input }: PutEventsCommand) => {
      source = input.Entries![0]!.Source
      return {}
    }
    const client = { send } as unknown as EventBridgeClient
    await createReversalEvents({ eventBusName: 'bus', client }).completed({} as Reversal)
    const { EventPattern } = Resources.EventBusLatch!.Properties
    assert.deepEqual(
      EventPattern.source,
      [source],
      `the latch listens to ${EventPattern.source}, and we send ${source}`,
    )
  })

  test('come from a function that may send to its own queue: Lambda would stop its orders after 16 messages', () => {
    const { RecursiveLoop } = functionOf('Queue')
    assert.equal(RecursiveLoop, 'Allow', `${RecursiveLoop}: an order that travels on would be dropped by Lambda`)
    for (const name of ['Http', 'Step', 'Settle']) {
      assert.notEqual(functionOf(name).RecursiveLoop, 'Allow', `${name} calls nothing that calls it: a loop is a slip`)
    }
  })
})
