import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  type FieldName,
  oddityOf,
  readMchid,
  readOtherKeys,
  readOwnSerial,
  readSandbox,
  readText,
  readWechatpayKey,
  readWechatpayKeyId,
  showName,
} from '../../../lib/wechatpay/secret-fields.ts'
import {
  certificatePem,
  keys,
  MCHID,
  PLATFORM_SERIAL,
  PUBLIC_KEY_ID,
  privatePem,
  publicPem,
  SERIAL,
} from './keys-and-secrets.ts'

const APPID = 'wxd678ef567a6787b1'
const APIV3_KEY = 'Key4ApiV3'.repeat(4).slice(0, 32)

test('the name of a field is repeated only when it is a name', () => {
  for (const name of ['note', 'a.b-c_1', 'x'.repeat(64)]) assert.equal(showName(name), name)
  for (const name of ['', 'two words', ' note', 'note:', 'x'.repeat(65)]) {
    assert.equal(showName(name), '(no name to repeat)')
  }
})

describe('a field that must be there', () => {
  const FIX = /^put it there as text; npm run secret makes the whole/

  test('is the text it holds', () => assert.equal(readText(' x ', 'mchid', []), ' x '))

  const slips: [name: FieldName, strangers: string[], what: string][] = [
    ['mchid', [], 'is missing'],
    ['private_key', ['note', 'privateKey'], 'is missing (is privateKey meant?)'],
    ['certificate_serial_no', ['SERIAL_NO'], 'is missing (is SERIAL_NO meant?)'],
    ['private_key', ['private_key_id', 'my_private_key'], 'is missing'],
    ['private_key', ['private key', '-key', '_', '1', 'key-'], 'is missing'],
    ['private_key', [`${'_'.repeat(37)}key`], `is missing (is ${'_'.repeat(37)}key meant?)`],
    ['private_key', [`${'_'.repeat(38)}key`], 'is missing'],
  ]
  for (const [name, strangers, what] of slips) {
    test(`${what}, as ${name} beside ${JSON.stringify(strangers)}`, () => {
      assert.throws(() => readText(undefined, name, strangers), { what, fix: FIX })
    })
  }

  const wrong: [value: unknown, what: string][] = [
    [' \n', 'is empty'],
    [null, 'must be text in quotes, not null'],
    [['x'], 'must be text in quotes, not a list'],
    [1900000001, 'must be text in quotes, not a number'],
    [{}, 'must be text in quotes, not an object'],
  ]
  for (const [value, what] of wrong) {
    test(`${what}, as ${JSON.stringify(value)}`, () => {
      assert.throws(() => readText(value, 'mchid', []), { what, fix: FIX })
    })
  }
})

describe('a merchant number', () => {
  for (const text of [MCHID, ` ${MCHID}\n`, `x${APPID}`, `${APPID}0`]) {
    test(`is ${JSON.stringify(text)}`, () => assert.equal(readMchid(text), text.trim()))
  }
  const wrong: [text: string, what: string][] = [
    [APPID, 'is an appid'],
    [` ${APPID.toUpperCase()} `, 'is an appid'],
    ['19000 00001', 'must be letters and digits only'],
  ]
  for (const [text, what] of wrong) {
    test(`${what}, as ${JSON.stringify(text)}`, () => {
      assert.throws(() => readMchid(text), { what, fix: /商户号.*8 to 10 digits/ })
    })
  }
})

describe("the serial of a merchant's own certificate", () => {
  const read: [text: string, serial: string][] = [
    [SERIAL.toLowerCase(), SERIAL],
    [' not_hex_1\n', 'not_hex_1'],
    ['my_PUB_KEY_ID_1', 'my_PUB_KEY_ID_1'],
    [`${APIV3_KEY}x`, `${APIV3_KEY}x`],
    [`${APIV3_KEY.slice(1)}_`, `${APIV3_KEY.slice(1)}_`],
    ['z'.repeat(64), 'z'.repeat(64)],
  ]
  for (const [text, serial] of read) {
    test(`is read from ${JSON.stringify(text)}`, () => assert.equal(readOwnSerial(text), serial))
  }
  const wrong: [text: string, what: string][] = [
    [` ${PUBLIC_KEY_ID.toLowerCase()}`, "is WeChat Pay's public key id"],
    [` ${APIV3_KEY}\n`, 'looks like the APIv3 key, a secret that is not needed here'],
    ['z z', 'must be letters and digits only'],
    ['$z', 'must be letters and digits only'],
    ['z'.repeat(65), 'must be letters and digits only'],
  ]
  for (const [text, what] of wrong) {
    test(`${what}, as ${JSON.stringify(text)}`, () => {
      assert.throws(() => readOwnSerial(text), { what, fix: /openssl x509 -in apiclient_cert\.pem -noout -serial/ })
    })
  }
})

describe('the id of the public key that WeChat Pay is asked to sign with', () => {
  test('is read with a serial beside it, or without', () => {
    for (const own of [undefined, SERIAL]) assert.equal(readWechatpayKeyId(PUBLIC_KEY_ID, own), PUBLIC_KEY_ID)
  })
  test('may be a serial that is as long as an APIv3 key', () => {
    assert.equal(readWechatpayKeyId(SERIAL.slice(8), SERIAL), SERIAL.slice(8))
  })
  const wrong: [text: string, what: RegExp][] = [
    [SERIAL.toLowerCase(), /^is the same as certificate_serial_no, the merchant's own$/],
    [APIV3_KEY, /^looks like the APIv3 key/],
    [` ${APIV3_KEY}\n`, /^looks like the APIv3 key/],
    ['an id', /^must be letters and digits only$/],
  ]
  for (const [text, what] of wrong) {
    test(`is refused as ${JSON.stringify(text)}`, () => {
      assert.throws(() => readWechatpayKeyId(text, SERIAL), { what, fix: /put the id here .*PUB_KEY_ID_…/ })
    })
  }
})

test('other keys are an object of texts, or missing', () => {
  assert.deepEqual(readOtherKeys(undefined), [])
  assert.deepEqual(readOtherKeys({ a: 'b', c: 'd' }), [
    ['a', 'b'],
    ['c', 'd'],
  ])
  const fix = /^write \{ "<serial or PUB_KEY_ID>": "<PEM>" \}/
  for (const value of ['a', 1, null, ['a']]) {
    assert.throws(() => readOtherKeys(value), { what: 'is not an object', fix })
  }
  assert.throws(() => readOtherKeys({ a: 'b', c: 1 }), { what: 'must be an object of texts', fix })
})

describe('the addresses of a sandbox', () => {
  const fix = /^take it out: only a merchant of npm run sandbox has it/
  const wrong: [value: unknown, what: string][] = [
    [[], 'must be a list of addresses'],
    ['http://127.0.0.1:1', 'must be a list of addresses'],
    [['http://127.0.0.1:1', 1], 'must be a list of addresses'],
    [['what?'], 'address 1 cannot be read'],
    [['http://127.0.0.1:1', 'https://192.168.0.1'], 'leads out of this machine, where no sandbox is'],
  ]
  for (const [value, what] of wrong) {
    test(`${JSON.stringify(value)}: ${what}`, () => assert.throws(() => readSandbox(value), { what, fix }))
  }
})

describe('a key of WeChat Pay’s', () => {
  const own = createPublicKey(keys.merchant)
  const certificate = certificatePem(keys.platform, PLATFORM_SERIAL)

  test('may come in a certificate under its serial, or under an id that cannot be read', () => {
    for (const id of [PLATFORM_SERIAL.toLowerCase(), undefined]) {
      assert.equal(readWechatpayKey(certificate, id, own).certificate?.serialNumber, PLATFORM_SERIAL)
    }
    assert.ok(readWechatpayKey(publicPem(keys.wechatPay), 'AB', undefined).key.equals(createPublicKey(keys.wechatPay)))
  })

  const wrong: [title: string, pem: string, id: string, what: string, fix: RegExp][] = [
    [
      "the merchant's own",
      publicPem(keys.merchant),
      'AB',
      "is the merchant's own public key, not WeChat Pay's key",
      /pub_key\.pem; merchant platform: .*微信支付公钥/,
    ],
    [
      "the merchant's certificate",
      certificatePem(keys.merchant, SERIAL),
      SERIAL,
      "is the merchant's own certificate, not WeChat Pay's key",
      /pub_key\.pem; merchant platform: .*微信支付公钥/,
    ],
    [
      'a certificate under another name, which may be a secret',
      certificate,
      'hush',
      `is the platform certificate with the serial ${PLATFORM_SERIAL}, but stands under what stands there`,
      /under its PUB_KEY_ID, and a platform certificate into other_wechatpay_keys under its own serial/,
    ],
  ]
  for (const [title, pem, id, what, fix] of wrong) {
    test(`is not ${title}`, () => assert.throws(() => readWechatpayKey(pem, id, own), { what, fix }))
  }
})

describe('what is odd in a value that can be read', () => {
  const pem = privatePem(keys.merchant)
  const odd: [name: FieldName, text: string, severity: 'warning' | 'note' | undefined, words?: RegExp][] = [
    ['mchid', ` ${MCHID}\n`, undefined],
    ['mchid', 'a1', 'warning', /^is not a number: .*8 to 10 digits/],
    ['mchid', '1a', 'warning', /^is not a number/],
    ['certificate_serial_no', SERIAL, undefined],
    ['certificate_serial_no', ` ${SERIAL}\n`, undefined],
    ['certificate_serial_no', SERIAL.slice(4), undefined],
    [
      'certificate_serial_no',
      SERIAL.toLowerCase(),
      'note',
      /^is not in WeChat Pay's own spelling, but legible: nothing/,
    ],
    ['certificate_serial_no', SERIAL.slice(6), 'warning', /^is not 40 hex digits, as serials are: .*openssl/],
    ['certificate_serial_no', 'not hex', 'warning', /^is not 40 hex digits/],
    ['wechatpay_public_key_id', ` ${PUBLIC_KEY_ID.toLowerCase()}`, undefined],
    ['wechatpay_public_key_id', PLATFORM_SERIAL, undefined],
    [
      'wechatpay_public_key_id',
      `my_${PUBLIC_KEY_ID}`,
      'warning',
      /^does not begin with PUB_KEY_ID_.*: put the id here/,
    ],
    ['private_key', pem, undefined],
    ['private_key', pem.replaceAll('\n', '\r\n'), undefined],
    ['private_key', pem.replaceAll('\n', ' '), 'note', /^is not written as in a PEM file, but legible: nothing need/],
    ['private_key', ` ${pem}`, 'note', /^is not written/],
    ['private_key', pem.replaceAll('\n', '\\n'), 'note', /^is not written/],
    ['wechatpay_public_key', publicPem(keys.wechatPay), undefined],
    ['wechatpay_public_key', 'MIIB', 'note', /^is not written/],
  ]
  for (const [name, text, severity, words] of odd) {
    test(`${name} ${JSON.stringify(text).slice(0, 50)}: ${severity ?? 'nothing'}`, () => {
      const oddity = oddityOf(name, text)
      assert.equal(oddity?.severity, severity)
      if (words !== undefined) assert.match(`${oddity?.what}: ${oddity?.fix}`, words)
    })
  }
})
