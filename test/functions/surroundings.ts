import { after } from 'node:test'
import type { Context } from 'aws-lambda'
import { startAwsApi } from '../../infra/local/aws-api.ts'
import type { Resource } from '../../infra/local/cloudformation.ts'
import { createEventBridge } from '../../infra/local/eventbridge.ts'
import { createSecretsManager } from '../../infra/local/secrets-manager.ts'
import { createSqs } from '../../infra/local/sqs.ts'
import { createKeys, generatePrivateKey } from '../../infra/local/wechatpay/keys.ts'
import { startSimulator } from '../../infra/local/wechatpay/server.ts'

const ACCOUNT = { accountId: '000000000000', region: 'us-east-1', partition: 'aws', stackName: 'test' }

/** How long a function may take in these tests, in milliseconds; `WECHATPAY_TIMEOUT_MS` is a tenth of it. */
export const FUNCTION_MS = 8_000

/**
 * Everything a function talks to, as real servers on this machine: WeChat Pay, Secrets Manager, SQS and EventBridge over
 * the SDK's own wire protocol. Sets the environment as a deployment would; a handler is imported after this.
 */
export async function openSurroundings() {
  const awsApi = await startAwsApi()
  const resource = (logicalId: string, type: string, ref: string, properties = {}): Resource => ({
    logicalId,
    type,
    ref,
    properties,
    arn: `arn:aws:sqs:${ACCOUNT.region}:${ACCOUNT.accountId}:${ref.split('/').at(-1)}`,
  })
  const queueUrl = `${awsApi.url}/${ACCOUNT.accountId}/reversals`
  const deadLetterQueueUrl = `${awsApi.url}/${ACCOUNT.accountId}/dead-letters`
  const settlementQueueUrl = `${awsApi.url}/${ACCOUNT.accountId}/settlements`
  const sqs = await createSqs(ACCOUNT, [
    resource('Queue', 'AWS::SQS::Queue', queueUrl, { VisibilityTimeout: 180 }),
    resource('DeadLetters', 'AWS::SQS::Queue', deadLetterQueueUrl),
    resource('Settlements', 'AWS::SQS::Queue', settlementQueueUrl, { VisibilityTimeout: 1200 }),
  ])
  const secrets = createSecretsManager(ACCOUNT, [])
  const eventBridge = createEventBridge(ACCOUNT, [resource('Bus', 'AWS::Events::EventBus', 'reversals')])
  const noLambda = { name: 'lambda', rights: () => undefined, call: () => Promise.reject(new Error('not here')) }
  awsApi.open([sqs, secrets, eventBridge], noLambda, () => undefined)

  const weChatPay = await startSimulator({ keys: createKeys(1024) })
  const { simulator } = weChatPay
  const privateKey = generatePrivateKey(1024)
  const merchant = simulator.openMerchant({ privateKey })
  /** A merchant whose certificate WeChat Pay doesn't know. */
  const stranger = simulator.openMerchant({ mchid: '1900000002', privateKey })
  simulator.merchants.revokeCertificate(stranger.mchid, stranger.certificate_serial_no)
  secrets.put('merchant/one', merchant.secret)
  secrets.put('merchant/two', stranger.secret)

  Object.assign(process.env, {
    AWS_REGION: ACCOUNT.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: awsApi.url,
    MERCHANT_SECRETS: 'merchant/one,merchant/two',
    WECHATPAY_ENDPOINTS: weChatPay.endpoints.join(','),
    WECHATPAY_TIMEOUT_MS: String(FUNCTION_MS / 10),
    QUEUE_URL: queueUrl,
    DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
    SETTLEMENT_QUEUE_URL: settlementQueueUrl,
    EVENT_BUS_NAME: 'reversals',
    POWERTOOLS_SERVICE_NAME: 'wechatpay-reversal',
    POWERTOOLS_METRICS_NAMESPACE: 'WechatPayReversal/test',
    // Whatever somebody sets for debugging, no event may be logged.
    POWERTOOLS_LOGGER_LOG_EVENT: 'true',
  })

  after(async () => {
    await Promise.all([weChatPay.close(), awsApi.close(), sqs.close()])
  })

  let orders = 0
  return {
    simulator,
    secrets,
    sqs,
    eventBridge,
    queueUrl,
    deadLetterQueueUrl,
    settlementQueueUrl,
    /** Disturbs SQS, EventBridge or Secrets Manager; see `AwsApi.fail`. */
    fail: awsApi.fail,
    strangerId: stranger.mchid,
    secretOfMerchant: merchant.secret,
    /** The names of an order nobody used yet. */
    newNames: () => ({ mchid: merchant.mchid, appid: merchant.appid, out_trade_no: `A_1-2*${++orders}` }),
    calls: (out_trade_no: string) =>
      simulator
        .log()
        .filter((line) => line.out_trade_no === out_trade_no)
        .map(({ endpoint }) => endpoint),
  }
}

/** What Lambda tells a function about its invocation: also, how long it still has. */
export function lambdaContext(ms = FUNCTION_MS): Context {
  const endsAt = Date.now() + ms
  return {
    awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    functionName: 'wechatpay-reversal',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:wechatpay-reversal',
    memoryLimitInMB: '512',
    logGroupName: '',
    logStreamName: '',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => endsAt - Date.now(),
    done() {},
    fail() {},
    succeed() {},
  }
}

/** An RFC 3339 time so many seconds ago. */
export const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()
