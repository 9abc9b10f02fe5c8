import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, test } from 'node:test'
import { type Endpoint, parseEndpoints } from '../../../lib/wechatpay/endpoints.ts'
import { belongsElsewhere, isSameMerchant, parseMerchant, readMerchant } from '../../../lib/wechatpay/merchant.ts'
import { verifyAnswer } from '../../../lib/wechatpay/verify.ts'
import {
  certificatePem,
  keys,
  MCHID,
  merchantOf,
  PLATFORM_SERIAL,
  PUBLIC_KEY_ID,
  privatePem,
  publicPem,
  SERIAL,
  type Secret,
  secretOf,
} from './keys-and-secrets.ts'
import { signedAnswer } from './signed-answer.ts'
import { wireAnswer } from './wire-answer.ts'

const SHORT_SERIAL = PLATFORM_SERIAL.slice(6)
const textOf = (fields: Secret) => JSON.stringify(secretOf(fields))
const parse = (fields: Secret) => parseMerchant(textOf(fields))

describe('a secret', () => {
  test('gives the merchant, with every key an answer may be signed with', () => {
    const { merchant, ignoredFields } = parse({})
    assert.equal(merchant.mchid, MCHID)
    assert.equal(merchant.certificateSerialNo, SERIAL)
    assert.equal(merchant.wechatpayPublicKeyId, PUBLIC_KEY_ID)
    assert.ok(merchant.privateKey.equals(keys.merchant))
    assert.ok(merchant.wechatpayKeys.get(PUBLIC_KEY_ID)!.equals(createPublicKey(keys.wechatPay)))
    assert.ok(merchant.wechatpayKeys.get(PLATFORM_SERIAL)!.equals(createPublicKey(keys.platform)))
    assert.equal(merchant.wechatpayKeys.size, 2)
    assert.deepEqual(ignoredFields, [])
  })

  test('needs no other keys, and takes public keys and certificates side by side', () => {
    assert.equal(parse({ other_wechatpay_keys: undefined }).merchant.wechatpayKeys.size, 1)
    const other_wechatpay_keys = {
      [PLATFORM_SERIAL.toLowerCase()]: certificatePem(keys.platform, PLATFORM_SERIAL),
      PUB_KEY_ID_2: publicPem(keys.stranger),
    }
    const { wechatpayKeys } = merchantOf({ other_wechatpay_keys })
    assert.deepEqual([...wechatpayKeys.keys()].sort(), [PLATFORM_SERIAL, PUBLIC_KEY_ID, 'PUB_KEY_ID_2'].sort())
  })

  test('may stand on a platform certificate alone, under its serial', () => {
    const merchant = merchantOf({
      wechatpay_public_key_id: PLATFORM_SERIAL,
      wechatpay_public_key: certificatePem(keys.platform, PLATFORM_SERIAL),
      other_wechatpay_keys: {},
    })
    assert.deepEqual([...merchant.wechatpayKeys.keys()], [PLATFORM_SERIAL])
  })

  test('may list a certificate under its serial with or without the zero it begins with', () => {
    const serial = `0${PLATFORM_SERIAL.slice(1)}`
    for (const name of [serial, serial.slice(1), serial.toLowerCase()]) {
      const { wechatpayKeys } = merchantOf({ other_wechatpay_keys: { [name]: certificatePem(keys.platform, serial) } })
      const body = 'x'
      for (const named of [serial, serial.slice(1)]) {
        const answer = wireAnswer(signedAnswer({ key: keys.platform, serial: named, timestamp: 1, body }))
        assert.ok(verifyAnswer(wechatpayKeys, answer.headers, answer.body, 1_000).ok)
      }
    }
  })

  test('is read with a byte order mark before it and blanks around names', () => {
    const { merchant } = parseMerchant(`\uFEFF${JSON.stringify(secretOf({ mchid: ` ${MCHID}\n` }))}`)
    assert.equal(merchant.mchid, MCHID)
  })

  test('warns of fields it does not know, by their names only where they are names', () => {
    const { ignoredFields } = parse({ api_v3_key: 'x', privatekey: 'y', [privatePem(keys.merchant)]: 'z' })
    assert.deepEqual(ignoredFields, ['api_v3_key', 'privatekey', '(no name to repeat)'])
  })
})

describe('a serial number is read in every notation that tools print', () => {
  const serial = `0${SERIAL.slice(1)}`
  const pairs = serial.match(/../g)!
  const notations: Record<string, string> = {
    'as WeChat Pay prints it': serial,
    'in lower case': serial.toLowerCase(),
    'without the zero it begins with': serial.slice(1),
    'with colons, as openssl x509 -text prints it': pairs.join(':').toLowerCase(),
    'with blanks, as Windows shows it': `\u200E${pairs.join(' ').toLowerCase()}`,
    'in groups, as a Java certificate prints it': `[    ${serial.match(/.{8}/g)!.join(' ').toLowerCase()}]`,
    'as a hex literal': `0x${serial.slice(1).toLowerCase()}`,
    'as openssl x509 -serial prints it': `serial=${serial}`,
    'in decimal, as Java and Python print it': BigInt(`0x${serial}`).toString(),
    'with the byte of its sign': `00${serial}`,
  }
  for (const [title, written] of Object.entries(notations)) {
    test(title, () => {
      assert.equal(parse({ certificate_serial_no: written }).merchant.certificateSerialNo, serial)
      const other_wechatpay_keys = { [written.replace('\u200E', '')]: certificatePem(keys.platform, serial) }
      const { wechatpayKeys } = merchantOf({ other_wechatpay_keys })
      for (const named of [serial, serial.slice(1)]) assert.ok(wechatpayKeys.has(named), `an answer names ${named}`)
    })
  }

  test('and an id in lower case', () => {
    const { merchant } = parse({ wechatpay_public_key_id: PUBLIC_KEY_ID.toLowerCase() })
    assert.equal(merchant.wechatpayPublicKeyId, PUBLIC_KEY_ID)
  })
})

test('everything that is wrong or odd is noted at once', () => {
  const { merchant, signer, findings } = readMerchant(
    JSON.stringify(
      secretOf({
        ...{ mchid: 'shop1', certificate_serial_no: SERIAL.toLowerCase(), wechatpay_public_key: 'words', note: 'x' },
        private_key: privatePem(keys.merchant).replaceAll('\n', ' '),
      }),
    ),
  )
  assert.equal(merchant, undefined)
  assert.equal(signer?.certificateSerialNo, SERIAL, 'enough to ask WeChat Pay with')
  assert.deepEqual(
    findings.map(({ severity, field, what }) => [severity, field, what]),
    [
      ['error', 'wechatpay_public_key', 'is no public key that can be read'],
      ['warning', 'mchid', 'is not a number'],
      ['note', 'certificate_serial_no', "is not in WeChat Pay's own spelling, but legible"],
      ['note', 'private_key', 'is not written as in a PEM file, but legible'],
      ['warning', 'note', 'means nothing here'],
    ],
  )
})

test('what is wrong with a part of it is noted once, and for that part', () => {
  const error = { field: '', severity: 'error' }
  const rows: [text: string, findings: object[]][] = [
    ['', [{ ...error, what: 'is empty' }]],
    [textOf({ mchid: undefined }), [{ ...error, field: 'mchid', what: 'is missing' }]],
    [textOf({ other_wechatpay_keys: 1 }), [{ ...error, field: 'other_wechatpay_keys', what: 'is not an object' }]],
  ]
  for (const [text, expected] of rows) {
    const findings = readMerchant(text).findings.map(({ fix: _, ...finding }) => finding)
    assert.deepEqual(findings, expected)
  }
  const [warning] = readMerchant(textOf({ note: 'x' })).findings
  assert.deepEqual(warning, {
    field: 'note',
    severity: 'warning',
    what: 'means nothing here',
    fix: 'take it out, or correct its name',
  })
})

test('each value that could be read is shown, whatever is wrong with the others', () => {
  const { mchid, certificateSerialNo, privateKey, wechatpayPublicKeyId, keyOfId, others, sandbox } = readMerchant(
    textOf({ mchid: '?', wechatpay_endpoints: ['http://localhost:1'] }),
  ).read
  assert.deepEqual([mchid, certificateSerialNo, wechatpayPublicKeyId], [undefined, SERIAL, PUBLIC_KEY_ID])
  assert.ok(privateKey?.equals(keys.merchant))
  assert.ok(keyOfId?.key.equals(createPublicKey(keys.wechatPay)))
  assert.deepEqual(
    others.map(({ id, certificate }) => [id, certificate?.serialNumber]),
    [[PLATFORM_SERIAL, PLATFORM_SERIAL]],
  )
  assert.equal(sandbox?.[0]?.hostname, 'localhost')
})

describe('WeChat Pay can be asked what it thinks of a secret', () => {
  test('whatever is wrong with its keys', () => {
    const { signer } = readMerchant(textOf({ wechatpay_public_key_id: '?', wechatpay_public_key: '?' }))
    assert.deepEqual([signer?.mchid, signer?.certificateSerialNo], [MCHID, SERIAL])
    assert.equal(signer?.wechatpayPublicKeyId, 'PUB_KEY_ID_UNKNOWN')
  })

  for (const name of ['mchid', 'certificate_serial_no', 'private_key']) {
    test(`but not without ${name}: nothing can be signed`, () => {
      assert.equal(readMerchant(textOf({ [name]: undefined })).signer, undefined)
    })
  }
})

describe('a secret that is wrong is refused, with the field and what to do', () => {
  const texts: Record<string, [text: string, words: RegExp]> = {
    nothing: ['', /^is empty: put the JSON/],
    blanks: [' \n', /^is empty: put the JSON/],
    'a PEM file': [privatePem(keys.merchant), /^is a private key, not the JSON that holds one/],
    'a certificate in DER': [
      Buffer.from(certificatePem(keys.merchant, SERIAL).replace(/-----[^-]+-----|\s/g, '')).toString(),
      /^is a certificate, not the JSON/,
    ],
    'the answer of GetSecretValue': [
      JSON.stringify({ ARN: 'arn:aws:x', Name: 'x', SecretString: JSON.stringify(secretOf()) }),
      /^is the whole answer of GetSecretValue: .*--query SecretString --output text/,
    ],
    'UTF-16 that was read as another encoding': [
      Buffer.from(JSON.stringify(secretOf()), 'utf16le').toString('latin1'),
      /^is text in UTF-16.*: save the file as UTF-8/,
    ],
    'not JSON': ['mchid=1900000001', /^is not JSON/],
    'JSON with line breaks in a value': [
      `{"private_key": "${privatePem(keys.merchant)}"}`,
      /^is not JSON, for a line break stands inside a text.*\\n/,
    ],
    'JSON in a JSON string': [JSON.stringify(JSON.stringify(secretOf())), /is JSON text with the object inside it/],
    'an array': ['[]', /^is JSON, but not an object/],
    null: ['null', /^is JSON, but not an object/],
    'a number': ['1900000001', /^is JSON, but not an object/],
  }
  const fields: Record<string, [fields: Secret, words: RegExp]> = {
    ...Object.fromEntries(
      ['mchid', 'certificate_serial_no', 'private_key', 'wechatpay_public_key_id', 'wechatpay_public_key'].flatMap(
        (name): [string, [Secret, RegExp]][] => [
          [`no ${name}`, [{ [name]: undefined }, new RegExp(`^${name}: is missing`)]],
          [`an empty ${name}`, [{ [name]: ' ' }, new RegExp(`^${name}: is empty`)]],
          [`a number for ${name}`, [{ [name]: 1900000001 }, new RegExp(`^${name}: must be text`)]],
          [`null for ${name}`, [{ [name]: null }, new RegExp(`^${name}: must be text`)]],
        ],
      ),
    ),
    'an mchid that breaks out of a header': [{ mchid: '1",serial_no="' }, /^mchid: must be letters and digits/],
    'an mchid of 33': [{ mchid: '1'.repeat(33) }, /^mchid: must be letters and digits/],
    'an appid for the mchid': [{ mchid: 'wxd678efh567hg6787'.replace(/[gh]/g, 'a') }, /^mchid: is an appid/],
    'a serial that breaks out of a header': [
      { certificate_serial_no: '51",mchid="' },
      /^certificate_serial_no: must be letters and digits.*openssl x509/,
    ],
    'the APIv3 key for the serial': [
      { certificate_serial_no: 'Key4ApiV3'.repeat(4).slice(0, 32) },
      /^certificate_serial_no: looks like the APIv3 key/,
    ],
    'the serial for the public key id': [
      { wechatpay_public_key_id: SERIAL.toLowerCase() },
      /^wechatpay_public_key_id: is the same as certificate_serial_no/,
    ],
    'the public key id for the serial': [
      { certificate_serial_no: PUBLIC_KEY_ID },
      /^certificate_serial_no: is WeChat Pay's public key id/,
    ],
    'the serial of the platform certificate, with more zeros before it, for the merchant’s own': [
      {
        certificate_serial_no: `00${SHORT_SERIAL}`,
        other_wechatpay_keys: { [SHORT_SERIAL]: certificatePem(keys.platform, SHORT_SERIAL) },
      },
      /^certificate_serial_no: names a key of WeChat Pay/,
    ],
    'the serial of the platform certificate for the merchant’s own': [
      { certificate_serial_no: PLATFORM_SERIAL.toLowerCase() },
      /^certificate_serial_no: names a key of WeChat Pay/,
    ],
    'a public key for the private one': [{ private_key: publicPem(keys.merchant) }, /^private_key: is a public key/],
    'a private key for the public one': [
      { wechatpay_public_key: privatePem(keys.wechatPay) },
      /^wechatpay_public_key: is a private key/,
    ],
    "the merchant's own public key": [
      { wechatpay_public_key: publicPem(keys.merchant) },
      /^wechatpay_public_key: is the merchant's own public key/,
    ],
    "the merchant's own certificate": [
      { wechatpay_public_key: certificatePem(keys.merchant, SERIAL) },
      /^wechatpay_public_key: is the merchant's own certificate/,
    ],
    'a certificate under a public key id': [
      { wechatpay_public_key: certificatePem(keys.platform, PLATFORM_SERIAL) },
      new RegExp(
        `^wechatpay_public_key: is the platform certificate with the serial ${PLATFORM_SERIAL}, but stands under ${PUBLIC_KEY_ID}`,
      ),
    ],
    'other keys as an array': [
      { other_wechatpay_keys: [publicPem(keys.platform)] },
      /^other_wechatpay_keys: (is not an object|must be an object of texts)/,
    ],
    'other keys as text': [
      { other_wechatpay_keys: publicPem(keys.platform) },
      /^other_wechatpay_keys: (is not an object|must be an object of texts)/,
    ],
    'other keys that are null': [
      { other_wechatpay_keys: null },
      /^other_wechatpay_keys: (is not an object|must be an object of texts)/,
    ],
    'another key that is no text': [
      { other_wechatpay_keys: { X: 1 } },
      /^other_wechatpay_keys: (is not an object|must be an object of texts)/,
    ],
    'another key that is none': [
      { other_wechatpay_keys: { X1: 'words' } },
      /^other_wechatpay_keys\.X1: is no public key/,
    ],
    'another key that is private': [
      { other_wechatpay_keys: { X1: privatePem(keys.platform) } },
      /^other_wechatpay_keys\.X1: is a private key/,
    ],
    'a certificate under another serial': [
      { other_wechatpay_keys: { ABC: certificatePem(keys.platform, PLATFORM_SERIAL) } },
      /^other_wechatpay_keys\.ABC: is the platform certificate with the serial/,
    ],
    'a key under a name that only ends as one': [
      { other_wechatpay_keys: { 'hush! ABC': publicPem(keys.platform) } },
      /^other_wechatpay_keys: the name of entry 1 must be a serial/,
    ],
    'key and name exchanged': [
      { other_wechatpay_keys: { A: publicPem(keys.platform), [privatePem(keys.platform)]: 'B' } },
      /^other_wechatpay_keys: the name of entry 2 must be a serial/,
    ],
  }
  const rows = Object.entries(texts).concat(
    Object.entries(fields).map(([title, [fields, words]]) => [title, [textOf(fields), words]]),
  )
  const pieces = Object.values(keys).flatMap((key) => privatePem(key).split('\n').slice(1, -2))
  for (const [title, [text, words]] of rows) {
    test(title, () => {
      assert.throws(
        () => parseMerchant(text),
        ({ message }: Error) => words.test(message) && !pieces.some((piece) => message.includes(piece)),
      )
    })
  }
})

test('two versions of a secret are the same when all their credentials are', () => {
  const merchant = merchantOf()
  assert.ok(isSameMerchant(merchant, merchantOf({ note: 'new', private_key: privatePem(keys.merchant, 'pkcs1') })))
  const others: Secret[] = [
    { mchid: '1' },
    { certificate_serial_no: 'A1' },
    { private_key: privatePem(keys.stranger) },
    { wechatpay_public_key_id: 'PUB_KEY_ID_2' },
    { wechatpay_public_key: publicPem(keys.stranger) },
    { other_wechatpay_keys: {} },
    { other_wechatpay_keys: { [PLATFORM_SERIAL]: publicPem(keys.stranger) } },
    { other_wechatpay_keys: { PUB_KEY_ID_3: publicPem(keys.platform) } },
  ]
  for (const other of others) {
    assert.ok(!isSameMerchant(merchant, merchantOf(other)), Object.keys(other)[0])
    assert.ok(!isSameMerchant(merchantOf(other), merchant), Object.keys(other)[0])
  }
  const [first, second] = [publicPem(keys.wechatPay), publicPem(keys.platform)]
  const changing = (id: string, pem: string, others: Secret) =>
    merchantOf({ wechatpay_public_key_id: id, wechatpay_public_key: pem, other_wechatpay_keys: others })
  assert.ok(
    !isSameMerchant(
      changing('PUB_KEY_ID_1', first, { PUB_KEY_ID_2: second }),
      changing('PUB_KEY_ID_2', second, { PUB_KEY_ID_1: first }),
    ),
    'the key that WeChat Pay is asked to sign with',
  )
})

describe('a merchant of the sandbox', () => {
  const HERE = ['http://127.0.0.1:8301', 'http://127.0.0.1:8302']
  const WECHAT_PAY = parseEndpoints('https://api.mch.weixin.qq.com,https://api2.mch.weixin.qq.com')

  test('says where its sandbox runs, and goes nowhere else', () => {
    const { merchant, ignoredFields } = parse({ wechatpay_endpoints: HERE })
    assert.deepEqual(
      merchant.sandbox?.map(({ origin }) => origin),
      HERE,
    )
    assert.deepEqual(ignoredFields, [])
    assert.equal(belongsElsewhere(merchant, parseEndpoints(HERE.join())), undefined)
    assert.equal(belongsElsewhere(merchant, parseEndpoints(HERE[1]!)), undefined)
    const elsewhere: [to: Endpoint[], told: string][] = [
      [WECHAT_PAY, 'https://api.mch.weixin.qq.com and https://api2.mch.weixin.qq.com'],
      [parseEndpoints(`${HERE[0]},http://127.0.0.1:9999`), 'http://127.0.0.1:9999'],
      [[], 'WeChat Pay'],
    ]
    for (const [to, told] of elsewhere) {
      assert.equal(
        belongsElsewhere(merchant, to),
        `wechatpay_endpoints: is a merchant of the sandbox at ${HERE.join(' and ')}, and not sent to ${told}`,
      )
    }
  })

  test('is not one of WeChat Pay’s own, which go wherever they are sent', () => {
    assert.equal(belongsElsewhere(merchantOf({}), WECHAT_PAY), undefined)
    assert.equal(belongsElsewhere(merchantOf({}), parseEndpoints(HERE.join())), undefined)
  })

  const refused: [string, unknown][] = [
    ['leads to a domain', ['https://evil.example']],
    ['leads there besides', [HERE[0], 'https://api.mch.weixin.qq.com']],
    ['only looks like this machine', ['http://127.0.0.1.evil.example']],
    ['leads to this network', ['https://192.168.0.1']],
    ['has a path', ['http://127.0.0.1:8301/v3']],
    ['has a password', ['http://127.0.0.1:1@evil.example']],
    ['is text', HERE[0]],
    ['is empty', []],
    ['holds no texts', [8301]],
    ['is null', null],
  ]
  for (const [title, wechatpay_endpoints] of refused) {
    test(`is refused when its address ${title}: nothing is signed for anybody`, () => {
      const { merchant, signer, findings } = readMerchant(JSON.stringify(secretOf({ wechatpay_endpoints })))
      assert.deepEqual([merchant, signer], [undefined, undefined])
      assert.deepEqual(
        findings.map(({ field, severity }) => [field, severity]),
        [['wechatpay_endpoints', 'error']],
      )
      assert.doesNotMatch(JSON.stringify(findings), /evil/)
    })
  }
})
