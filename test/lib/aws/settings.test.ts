import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  readAttemptsPerSecond,
  readSettings,
  readSettlementQueue,
  readTelemetrySettings,
  required,
} from '../../../lib/aws/settings.ts'

const MERCHANT_SECRETS = 'merchants/a'

describe('the environment', () => {
  test('needs only the secrets; the rest has the defaults of docs/configuration.md', () => {
    const { merchantSecrets, secretTtlMs, endpoints, timeoutMs } = readSettings({ MERCHANT_SECRETS })
    assert.deepEqual([merchantSecrets, secretTtlMs, timeoutMs], [['merchants/a'], 300_000, 5_000])
    assert.deepEqual(
      endpoints.map(({ origin }) => origin),
      ['https://api.mch.weixin.qq.com', 'https://api2.mch.weixin.qq.com'],
    )
  })

  test('counts as not set where it is empty or blank', () => {
    const blank = { SECRET_TTL_SECONDS: '', WECHATPAY_ENDPOINTS: ' ', WECHATPAY_TIMEOUT_MS: ' ' }
    assert.deepEqual(readSettings({ MERCHANT_SECRETS, ...blank }), readSettings({ MERCHANT_SECRETS }))
  })

  test('lists secrets by name or ARN, each once', () => {
    const arn = 'arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:merchants/b-AbCdEf'
    const { merchantSecrets } = readSettings({ MERCHANT_SECRETS: ` merchants/a ,${arn},,merchants/a` })
    assert.deepEqual(merchantSecrets, ['merchants/a', arn])
  })

  test('one item may end in /*: the prefix of all other merchants', () => {
    const { merchantSecrets, secretPrefix } = readSettings({
      MERCHANT_SECRETS: 'stage/merchants/1900000001, stage/merchants/*',
    })
    assert.deepEqual(
      { merchantSecrets, secretPrefix },
      { merchantSecrets: ['stage/merchants/1900000001'], secretPrefix: 'stage/merchants' },
    )
    assert.deepEqual(readSettings({ MERCHANT_SECRETS: 'stage/*' }).merchantSecrets, [])
  })

  for (const value of ['a/*,b/*', '/*', '*', 'a*', 'a*/b', 'a/*/*']) {
    test(`but ${value} is refused`, () => {
      assert.throws(() => readSettings({ MERCHANT_SECRETS: value }), /^Error: MERCHANT_SECRETS: /)
    })
  }

  test('is read in its units', () => {
    const { secretTtlMs, timeoutMs } = readSettings({
      MERCHANT_SECRETS,
      SECRET_TTL_SECONDS: ' 0.5 ',
      WECHATPAY_TIMEOUT_MS: '999999999999',
    })
    assert.deepEqual([secretTtlMs, timeoutMs], [500, 999_999_999_999])
  })

  test('takes parts of a second', () => {
    assert.equal(readSettings({ MERCHANT_SECRETS, SECRET_TTL_SECONDS: '0.025' }).secretTtlMs, 25)
  })

  test('says whether outcomes are settled: with a settlement queue alone', () => {
    assert.equal(readSettlementQueue({ SETTLEMENT_QUEUE_URL: ' https://sqs/q ' }), 'https://sqs/q')
    for (const SETTLEMENT_QUEUE_URL of [undefined, '', ' ']) {
      assert.equal(readSettlementQueue({ SETTLEMENT_QUEUE_URL }), undefined)
    }
  })
})

describe('the pace of the queue', () => {
  test('is not limited unless told', () => {
    assert.equal(readAttemptsPerSecond({}), Number.POSITIVE_INFINITY)
    assert.equal(readAttemptsPerSecond({ ATTEMPTS_PER_SECOND: '4.7' }), 4.7)
  })

  test('is no other than a number above 0', () => {
    for (const ATTEMPTS_PER_SECOND of ['0', '-1', 'fast']) {
      assert.throws(() => readAttemptsPerSecond({ ATTEMPTS_PER_SECOND }), /^Error: ATTEMPTS_PER_SECOND: /)
    }
  })
})

describe('a variable that is wrong is named', () => {
  const rows: [variable: string, value: string | undefined][] = [
    ['MERCHANT_SECRETS', undefined],
    ['MERCHANT_SECRETS', ' '],
    ['MERCHANT_SECRETS', ' , ,'],
    ...['SECRET_TTL_SECONDS', 'WECHATPAY_TIMEOUT_MS'].flatMap((variable): [string, string][] =>
      [
        '0',
        '-1',
        'soon',
        '5s',
        '5,000',
        '1e400',
        'Infinity',
        'NaN',
        '0x10',
        '1e9',
        '0.0',
        '1.',
        '.5',
        '1'.repeat(16),
        '1.1234567',
      ].map((value) => [variable, value]),
    ),
    ['WECHATPAY_ENDPOINTS', ','],
    ['WECHATPAY_ENDPOINTS', 'api.mch.weixin.qq.com'],
    ['WECHATPAY_ENDPOINTS', 'http://api.mch.weixin.qq.com'],
    ['WECHATPAY_ENDPOINTS', 'https://api.mch.weixin.qq.com/v3'],
  ]
  for (const [variable, value] of rows) {
    test(`${variable}=${value ?? ''}`, () => {
      assert.throws(() => readSettings({ MERCHANT_SECRETS, [variable]: value }), new RegExp(`^Error: ${variable}: `))
    })
  }

  test('whatever it holds', () => {
    const variable = fc.constantFrom(
      'MERCHANT_SECRETS',
      'SECRET_TTL_SECONDS',
      'WECHATPAY_TIMEOUT_MS',
      'WECHATPAY_ENDPOINTS',
    )
    fc.assert(
      fc.property(variable, fc.string(), (name, value) => {
        try {
          const { secretTtlMs, timeoutMs, endpoints, merchantSecrets } = readSettings({
            MERCHANT_SECRETS,
            [name]: value,
          })
          assert.ok(secretTtlMs > 0 && timeoutMs > 0 && endpoints.length > 0 && merchantSecrets.length > 0)
        } catch (error) {
          assert.ok((error as Error).message.startsWith(`${name}: `))
        }
      }),
    )
  })

  test('a required one that is missing', () => {
    assert.throws(() => required({}, 'QUEUE_URL'), /^Error: QUEUE_URL: is not set$/)
    assert.equal(required({ QUEUE_URL: ' x ' }, 'QUEUE_URL'), 'x')
  })
})

describe('log lines and metrics', () => {
  test('are named and written as docs/configuration.md says unless told', () => {
    assert.deepEqual(readTelemetrySettings({ POWERTOOLS_SERVICE_NAME: ' ', POWERTOOLS_METRICS_NAMESPACE: ' ' }), {
      service: 'wechatpay-reversal',
      namespace: 'WechatPayReversal',
      level: 'INFO',
      areMetricsOff: false,
    })
  })

  test("follow Powertools' variables", () => {
    const told = {
      POWERTOOLS_SERVICE_NAME: ' tills ',
      POWERTOOLS_METRICS_NAMESPACE: ' Tills/live ',
      POWERTOOLS_LOG_LEVEL: 'warn',
      POWERTOOLS_METRICS_DISABLED: 'true',
    }
    assert.deepEqual(readTelemetrySettings(told), {
      service: 'tills',
      namespace: 'Tills/live',
      level: 'WARN',
      areMetricsOff: true,
    })
  })

  for (const [said, areMetricsOff] of Object.entries({
    1: true,
    y: true,
    t: true,
    true: true,
    ' Yes ': true,
    on: true,
    0: false,
    false: false,
    '': false,
  })) {
    test(`metrics disabled: "${said}" means ${areMetricsOff}`, () => {
      assert.equal(readTelemetrySettings({ POWERTOOLS_METRICS_DISABLED: said }).areMetricsOff, areMetricsOff)
    })
  }

  test("take Powertools' old name for the level too, after its own", () => {
    assert.equal(readTelemetrySettings({ LOG_LEVEL: 'warn' }).level, 'WARN')
    assert.equal(readTelemetrySettings({ LOG_LEVEL: 'warn', POWERTOOLS_LOG_LEVEL: 'ERROR' }).level, 'ERROR')
  })

  const LEVELS: [POWERTOOLS_LOG_LEVEL: string, AWS_LAMBDA_LOG_LEVEL: string, level: string][] = [
    ['SILENT', '', 'SILENT'],
    ['TRACE', '', 'TRACE'],
    ['WARN', ' ', 'WARN'],
    [' debug ', '', 'DEBUG'],
    ['loud', '', 'INFO'],
    ['DEBUG', 'ERROR', 'ERROR'],
    ['', 'FATAL', 'CRITICAL'],
    ['CRITICAL', '', 'CRITICAL'],
    ['constructor', '', 'INFO'],
  ]
  for (const [POWERTOOLS_LOG_LEVEL, AWS_LAMBDA_LOG_LEVEL, level] of LEVELS) {
    test(`of level "${POWERTOOLS_LOG_LEVEL}", Lambda's own "${AWS_LAMBDA_LOG_LEVEL}": ${level}`, () => {
      assert.equal(readTelemetrySettings({ POWERTOOLS_LOG_LEVEL, AWS_LAMBDA_LOG_LEVEL }).level, level)
    })
  }
})
