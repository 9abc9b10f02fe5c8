import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, test } from 'node:test'
import { build } from '../../bin/build.ts'
import {
  APPID,
  certificatePem,
  keys,
  privatePem,
  publicPem,
  type Secret,
  secretOf,
} from '../lib/wechatpay/keys-and-secrets.ts'
import { openAwsRecorder } from './aws-recorder.ts'
import { billOrders, ECHOES, openEchoingWechatPay, orderNumber, PLACES } from './echoing-wechat-pay.ts'
import type { Invocation } from './invoke.ts'

const MCHID = '1900000001'
const SENTINEL = 'TheSentinelOfEverySecretField'
const pem = privatePem(keys.merchant)

/** Secrets of merchants that nobody can use, each with what must not be told in it. */
const BROKEN: Record<string, Secret | string> = {
  notJson: `{"mchid": "2", "private_key": "${pem}", "x": "${SENTINEL}"`,
  string: JSON.stringify(JSON.stringify(secretOf({ note: SENTINEL }))),
  halfKey: secretOf({ private_key: `${pem.slice(0, 900)}${SENTINEL}` }),
  lockedKey: secretOf({
    private_key: keys.merchant.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: SENTINEL }),
  }),
  serial: secretOf({ certificate_serial_no: `${SENTINEL}\n${pem}` }),
  mchid: secretOf({ mchid: pem }),
  publicKeyId: secretOf({ wechatpay_public_key_id: pem }),
  publicKey: secretOf({ wechatpay_public_key: pem }),
  ownKey: secretOf({ wechatpay_public_key: publicPem(keys.merchant), private_key: pem }),
  otherKeys: secretOf({ other_wechatpay_keys: pem }),
  otherKeyName: secretOf({ other_wechatpay_keys: { [pem]: SENTINEL } }),
  otherKeyValue: secretOf({ other_wechatpay_keys: { A1: pem } }),
  otherCertificate: secretOf({ other_wechatpay_keys: { A1: certificatePem(keys.merchant, 'B1') }, note: SENTINEL }),
  unknownFields: secretOf({ mchid: '3', [SENTINEL.repeat(9)]: pem, [pem]: SENTINEL, api_v3_key: SENTINEL }),
}

const aws = await openAwsRecorder(({ SecretId = '' }) => {
  if (SecretId === 'good') return { SecretString: JSON.stringify(secretOf({ mchid: MCHID })) }
  if (SecretId === 'error') return { error: `${SENTINEL} ${pem}`, message: `cannot give you ${pem} ${SENTINEL}` }
  const value = BROKEN[SecretId]!
  return { SecretString: typeof value === 'string' ? value : JSON.stringify(value) }
})
const wechatPay = await openEchoingWechatPay((date) => numberOfDay.get(date)!)
const directory = await mkdtemp(join(tmpdir(), 'bundles-'))
const bundles = await build({ outdir: join(directory, 'functions') })
after(async () => {
  await Promise.all([aws.close(), wechatPay.close(), rm(directory, { recursive: true })])
})

const environment = (level: string) => ({
  PATH: process.env.PATH,
  MERCHANT_SECRETS: ['good', 'error', ...Object.keys(BROKEN)].join(),
  WECHATPAY_ENDPOINTS: wechatPay.url,
  WECHATPAY_TIMEOUT_MS: '2000',
  QUEUE_URL: `${aws.url}/1/queue`,
  SETTLEMENT_QUEUE_URL: `${aws.url}/1/settlements`,
  DEAD_LETTER_QUEUE_URL: `${aws.url}/1/dead-letters`,
  EVENT_BUS_NAME: 'bus',
  POWERTOOLS_SERVICE_NAME: 'wechatpay-reversal',
  POWERTOOLS_METRICS_NAMESPACE: 'WechatPayReversal/test',
  POWERTOOLS_LOG_LEVEL: level,
  POWERTOOLS_LOGGER_LOG_EVENT: 'true',
  AWS_ENDPOINT_URL: aws.url,
  AWS_REGION: 'ap-southeast-1',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AWS_LAMBDA_FUNCTION_NAME: 'f',
})

interface Order {
  mchid: string
  appid: string
  out_trade_no: string
  attempted_at: string
}

const ATTEMPTED_AT = new Date(Date.now() - 600_000).toISOString()
const orderOf = (out_trade_no: string, mchid = MCHID): Order => ({
  mchid,
  appid: APPID,
  out_trade_no,
  attempted_at: ATTEMPTED_AT,
})

/** A bill names no order: each order's was on a day of its own, too long ago for another try. */
const numberOfDay = new Map<string, string>()
const DAY_MS = 86_400_000

/** What waits on the settlement queue of a list of orders. */
function openOutcomes(orders: Order[]): string[] {
  numberOfDay.clear()
  const noonMs = Date.parse(`${new Date().toISOString().slice(0, 10)}T04:00:00Z`)
  return orders.map((order, index) => {
    const at = new Date(noonMs - (12 + index) * DAY_MS).toISOString()
    numberOfDay.set(at.slice(0, 10), order.out_trade_no)
    return JSON.stringify({ ...order, outcome: 'REVERSED', attempted_at: at, confirmed_at: at })
  })
}

/** The events of a function for a list of orders, as its trigger makes them. */
const EVENTS: Record<string, (orders: Order[]) => unknown[]> = {
  step: (orders) => orders,
  settle: (orders) => {
    aws.fill(openOutcomes(orders))
    return [{}]
  },
  queue: (orders) => [
    {
      Records: orders.map((order, index) => ({
        messageId: String(index),
        receiptHandle: 'r',
        body: JSON.stringify(order),
        attributes: { SentTimestamp: String(Date.now() - 600_000), ApproximateReceiveCount: '1' },
        messageAttributes: {},
        eventSource: 'aws:sqs',
      })),
    },
  ],
  http: (orders) =>
    orders.flatMap(({ out_trade_no, mchid, ...body }) => {
      const request = (method: string) => ({
        version: '2.0',
        headers: {},
        requestContext: { http: { method } },
        pathParameters: { out_trade_no },
        queryStringParameters: { mchid },
        isBase64Encoded: false,
      })
      return [{ ...request('POST'), body: JSON.stringify({ ...body, mchid }) }, request('GET')]
    }),
}

/** Everything that got out of the functions: results and errors of each, and all they printed. */
async function run(level: string, ordersFor: (name: string) => Order[]) {
  const child = fork(join(import.meta.dirname, 'invoke.ts'), {
    env: environment(level),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  const printed = Promise.all([text(child.stdout!), text(child.stderr!)])
  const results: Record<string, string> = {}
  try {
    for (const { name, file } of bundles) {
      wechatPay.forget()
      results[name] = ''
      for (const event of EVENTS[name]!([...ordersFor(name), orderOf('A', '2')])) {
        child.send({ file, event, msLeft: name === 'settle' ? 900_000 : 25_000 } satisfies Invocation)
        results[name] += `${(await once(child, 'message'))[0]}\n`
      }
    }
  } finally {
    child.disconnect()
  }
  return { results, printed: (await printed).join('') }
}

/** A secret text in the forms in which it might get out. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const middle = secret.length >> 1
  const parts =
    secret.length > 120 ? [secret.slice(0, 40), secret.slice(middle, middle + 40), secret.slice(-40)] : [secret]
  return [
    ...parts.flatMap((part) => [part, encodeURIComponent(part), part.replaceAll('+', '-').replaceAll('/', '_')]),
    // Base64 of it looks otherwise for each of the three places it can begin at.
    ...[0, 1, 2].map((shift) => bytes.subarray(shift).toString('base64').slice(0, 60)),
    bytes.toString('hex').slice(0, 60),
  ]
}

const privateKeyForms = [
  SENTINEL,
  ...pem.split('\n').slice(1, -2).flatMap(formsOf),
  ...formsOf(pem.replace(/-----.*-----|\s/g, '')),
  ...formsOf(
    keys.merchant
      .export({ type: 'pkcs1', format: 'pem' })
      .toString()
      .replace(/-----.*-----|\s/g, ''),
  ),
]

/** Fails when anything of what must stay inside stands in `said`, however JSON escaped it. */
function assertSilent(said: string[], forms: string[]) {
  for (const one of said) {
    const haystacks = [one, one.replace(/\\+n/g, '').replaceAll('\\', '')]
    for (const form of forms) {
      for (const haystack of haystacks) {
        const at = haystack.indexOf(form)
        assert.ok(at < 0, `found ${form.slice(0, 20)}… in: ${haystack.slice(Math.max(0, at - 300), at + 60)}`)
      }
    }
  }
}

/** All there are; the first one tells most. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL', 'SILENT']
const ALL_ORDERS = Object.keys(PLACES).flatMap((place) =>
  Object.keys(ECHOES).map((echo) => orderOf(orderNumber(place, echo))),
)

/** The most talkative level meets every echo, in one of the functions; the others one of each end. */
const PLAIN = [
  'RequestId',
  'RefusedForGood',
  'RefusedForNow',
  'Elsewhere',
  'SignError',
  'UnknownCode',
  'Serial',
  'NotHttp',
]
const isPlain = ({ out_trade_no }: Order) => PLAIN.some((place) => out_trade_no === orderNumber(place, 'header'))
const ORDERS_OF_BILLS = Object.keys(ECHOES).flatMap((echo) => billOrders(echo).map((number) => orderOf(number)))

describe('the functions tell nothing secret, and all that helps', () => {
  for (const level of LEVELS) {
    test(`at the log level ${level}`, async () => {
      wechatPay.signatures.length = 0
      aws.sent.length = 0
      const { results, printed } = await run(level, (name) => [
        ...ALL_ORDERS.filter((order) => (level === 'TRACE' && name === 'step') || isPlain(order)),
        ...(name === 'settle' ? ORDERS_OF_BILLS : []),
      ])
      const said = [...Object.values(results), printed, ...aws.sent]

      assert.ok(wechatPay.signatures.length > 3 * PLAIN.length)
      assertSilent(said, [...wechatPay.signatures.flatMap(formsOf), ...privateKeyForms, 'signature="'])

      const told = { http: results.http!, step: results.step!, queue: aws.sent.join('\n') }
      for (const [name, text] of Object.entries(told)) {
        for (const word of ['REFUNDED', 'ReversalRejected', 'PARAM_ERROR', 'RefundedElsewhere']) {
          assert.ok(text.includes(word), `${name} tells ${word}`)
        }
      }
      const letters = aws.sent.filter((call) => call.includes('SettlementFailed'))
      for (const word of ['PARAM_ERROR', 'our signature in it', 'no hash', 'the download was answered 401']) {
        assert.ok(
          letters.some((letter) => letter.includes(word)),
          `settle tells ${word}`,
        )
      }
      for (const text of [results.http!, results.step!])
        assert.match(text, /secret error: .*secret halfKey: private_key/)
      assert.equal(/"level":"(WARN|ERROR)"/.test(printed), !['CRITICAL', 'SILENT'].includes(level))
    })
  }
})
