import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { refusalInChinese } from '../../../bin/operator/checks/refusals.zh-CN.ts'
import { orderRefusalInChinese } from '../../../bin/operator/order-refusals.zh-CN.ts'
import { readMerchant } from '../../../lib/wechatpay/merchant.ts'

const lib = join(import.meta.dirname, '..', '..', '..', 'lib')

/** Parts of sentences, and what is said to nobody. */
const PARTS =
  /^(private key|public key|locked private key|broken certificate|certificate request|SSH key|what stands there|use the key that .*|its password is .*|s own .*)$/

/** Every text of these files of which a person sees the whole. */
function textsOf(file: string): string[] {
  const code = readFileSync(join(lib, file), 'utf8').replace(/^\s*(\/\*\*|\*|\/\/).*$/gm, '')
  return [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)]
    .map(([, single, double]) => (single ?? double ?? '').replaceAll("\\'", "'").replaceAll('\\\\', '\\'))
    .filter((text) => /^[a-z][\w']* [\w{(]/.test(text) && !PARTS.test(text))
}

const readers: [file: string, inChinese: (said: string) => string | undefined][] = [
  ['wechatpay/secret-fields.ts', refusalInChinese],
  ['wechatpay/secret-json.ts', refusalInChinese],
  ['wechatpay/pem.ts', refusalInChinese],
  ['wechatpay/endpoints.ts', (said) => refusalInChinese(said) ?? refusalInChinese(`address 1 ${said}`)],
  ['reversal/order.ts', orderRefusalInChinese],
]

for (const [file, inChinese] of readers) {
  test(`what ${file} refuses has Chinese words`, () => {
    const texts = textsOf(file)
    assert.ok(texts.length > 2)
    const missing = texts.filter((text) => inChinese(text) === undefined)
    assert.deepEqual(missing, [])
  })
}

const broken: [what: string, json: string][] = [
  ['nothing', ''],
  ['no JSON', '{ "mchid": '],
  ['a list', '[]'],
  ['a line break in a text', '{ "private_key": "-----BEGIN\nPRIVATE KEY-----" }'],
  ['no field', '{}'],
  ['a slip', '{ "privateKey": "x", "serial_no": "x" }'],
  ['numbers', '{ "mchid": 1900000001, "private_key": null, "wechatpay_public_key": [] }'],
  [
    'another’s values',
    '{ "mchid": "wx0123456789abcdef", "certificate_serial_no": "PUB_KEY_ID_0119", "private_key": "ssh-rsa AAAA" }',
  ],
  [
    'keys that are none',
    '{ "other_wechatpay_keys": { "not a name": "x", "?": "y" }, "wechatpay_endpoints": ["https://example.com"] }',
  ],
]

for (const [what, json] of broken) {
  test(`a secret with ${what}: each finding is told in Chinese`, () => {
    const { findings } = readMerchant(json)
    assert.ok(findings.length > 0)
    for (const { what, fix } of findings) {
      assert.match(refusalInChinese(what) ?? `missing: ${what}`, /\p{Script=Han}/u)
      assert.match(refusalInChinese(fix) ?? `missing: ${fix}`, /\p{Script=Han}/u)
    }
  })
}

test('a name stays as it is, whatever it is called', () => {
  assert.equal(refusalInChinese('is a key of type constructor'), '是 constructor 类型的密钥')
})
