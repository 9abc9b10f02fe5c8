import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readSettings } from '../../../lib/aws/settings.ts'
import { MAX_WAIT_MS } from '../../../lib/queue/pace.ts'
import { compiledTemplate, type Json, resourcesOf } from './compiled-template.ts'

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
