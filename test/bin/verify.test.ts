import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { signedAnswer } from '../../infra/local/wechatpay/answer.ts'
import { errorResult, ok } from '../../infra/local/wechatpay/error-codes.ts'
import { createSimulator } from '../../infra/local/wechatpay/simulator.ts'
import type { Evidence } from '../../lib/wechatpay/answer.ts'
import { file } from './run-command.ts'
import { runInShared } from './shared-process/run-in-shared.ts'

const simulator = createSimulator()
const merchant = simulator.openMerchant()
const { publicKey, platformCertificate } = simulator.keys.current()
const order = { mchid: merchant.mchid, appid: merchant.appid, out_trade_no: 'A*1' }
const SIGNED_AT = Date.parse('2026-03-01T11:00:00Z')

function answer(result: object, key = publicKey): Evidence {
  const { body, headers } = signedAnswer(ok(result), { key, now: SIGNED_AT })
  const of = (name: string) => headers.find(([header]) => header === name)![1]
  return {
    body: body.toString(),
    timestamp: of('Wechatpay-Timestamp'),
    nonce: of('Wechatpay-Nonce'),
    signature: of('Wechatpay-Signature'),
    serial: of('Wechatpay-Serial'),
    request_id: of('Request-ID'),
  }
}

const paid = answer({ ...order, trade_state: 'SUCCESS', transaction_id: '42', payer: { openid: 'oSECRET' } })
const revoked = answer({ ...order, trade_state: 'REVOKED' })
const revokedByCertificate = answer({ ...order, trade_state: 'REVOKED' }, platformCertificate)
const providers = { sp_mchid: merchant.mchid, sub_mchid: '1900000109', out_trade_no: 'A*1' }
const providersRevoked = answer({ ...providers, trade_state: 'REVOKED' })
const notExist = answer(errorResult('ORDER_NOT_EXIST').body!)
const refunded = { ...order, outcome: 'REFUNDED', trade_state: 'REVOKED', refunded: true, evidence: [paid, revoked] }

let keys: string[]
before(() => {
  keys = ['--merchant', file('merchant.json', merchant.secret)]
})

const verify = (json: unknown, args = keys) =>
  runInShared('verify', [file(`kept-${Math.random()}.json`, json), ...args])

describe('what WeChat Pay said can be checked later', { concurrency: 3 }, () => {
  const good: [what: string, json: unknown, says: RegExp][] = [
    ['a whole result', refunded, /REFUNDED is proved/],
    ['an event', { source: 'wechatpay.reversal', detail: refunded }, /REFUNDED is proved/],
    [
      'a service provider’s result',
      { ...providers, outcome: 'REVERSED', trade_state: 'REVOKED', evidence: [providersRevoked] },
      /sub_mchid +1900000109[\s\S]*REVERSED is proved/,
    ],
    ['a list of answers', [paid, revoked], /answer 2 of 2[\s\S]*WeChat Pay said so\./],
    ['one answer', paid, /trade_state +SUCCESS[\s\S]*out_trade_no +A\*1/],
    ['an answer signed with a platform certificate', revokedByCertificate, RegExp(`key +${platformCertificate.id}`)],
    [
      'a pending result that was seen paid',
      { ...order, outcome: 'PENDING', history: { paid } },
      /trade_state +SUCCESS/,
    ],
    ['an order state', { ...order, trade_state: 'REVOKED', evidence: [revoked] }, /WeChat Pay said so/],
    [
      'no such order, which names none',
      { ...order, outcome: 'NOT_FOUND', trade_state: null, evidence: [notExist] },
      /! it names no order[\s\S]*NOT_FOUND is proved/,
    ],
  ]
  for (const [what, json, says] of good) {
    test(`${what} verifies: key, time and what it says, and never who paid`, async () => {
      const { code, stdout, stderr } = await verify(json)
      assert.equal(code, 0, stdout + stderr)
      assert.match(stdout, says)
      assert.match(stdout, /signed_at +2026-03-01T11:00:00\.000Z/)
      assert.doesNotMatch(stdout, /oSECRET/)
    })
  }

  const bad: [what: string, json: unknown, says: RegExp][] = [
    ['a changed body', [{ ...paid, body: paid.body.replace('SUCCESS', 'CLOSED') }], /signature does not fit/],
    ['a changed time', [{ ...paid, timestamp: '1772362801' }], /signature does not fit/],
    ['a key nobody has', [{ ...paid, serial: 'PUB_KEY_ID_9' }], /signed with PUB_KEY_ID_9, of which no key/],
    ['an answer about another order', { ...refunded, out_trade_no: 'B2' }, /speaks of out_trade_no A\*1, not B2/],
    ['an answer about another merchant', { ...refunded, mchid: '1900000009' }, /speaks of mchid/],
    [
      'an answer about another merchant of a service provider',
      { ...providers, sub_mchid: '1900000110', evidence: [providersRevoked] },
      /speaks of sub_mchid 1900000109, not 1900000110/,
    ],
    [
      'an answer about a merchant’s own order for a service provider’s',
      { ...providers, evidence: [revoked] },
      /speaks of an order without sp_mchid/,
    ],
    ['an outcome that does not follow', { ...refunded, evidence: [revoked] }, /REFUNDED is not proved by REVOKED/],
    ['an outcome nobody knows', { ...refunded, outcome: 'DONE' }, /DONE is not proved/],
    [
      'a state that is not the answer’s',
      { ...order, trade_state: 'CLOSED', evidence: [paid] },
      /trade_state CLOSED is not/,
    ],
  ]
  for (const [what, json, says] of bad) {
    test(`${what} is told, with exit code 1`, async () => {
      const { code, stdout } = await verify(json)
      assert.equal(code, 1)
      assert.match(stdout, says)
    })
  }

  test("WeChat Pay's public key alone is enough", async () => {
    const key = `${publicKey.id}=${file('pub_key.pem', publicKey.pem)}`
    const { code, stdout } = await verify(refunded, ['--key', key, '--json'])
    assert.equal(code, 0)
    const { ok: isProved, answers } = JSON.parse(stdout)
    assert.deepEqual([isProved, answers.length, answers[0].key], [true, 2, publicKey.id])
  })

  const mistakes: [what: string, json: unknown, args: string[] | undefined, says: RegExp][] = [
    ['no key', paid, [], /no key to verify with/],
    ['a file that is not JSON', 'x', undefined, /is not JSON/],
    ['JSON without answers', { hello: 1 }, undefined, /no signed answers in it/],
    ['half an answer', [{ body: '{}' }], undefined, /not whole: timestamp is missing/],
    ['an empty list', [], undefined, /holds no signed answer/],
    [
      'no key in a file',
      [],
      ['--merchant', 'merchant.json', '--key', 'AB=package.json'],
      /json is no public key.*\n.*→ Put/,
    ],
    ['a typo', paid, ['--merchan', 'x'], /Did you mean --merchant/],
  ]
  for (const [what, json, args, says] of mistakes) {
    test(`${what}: says what to give`, async () => {
      const { code, stderr } = await verify(json, args)
      assert.equal(code, 1)
      assert.match(stderr, says)
      assert.doesNotMatch(stderr, /\n\s+at /)
    })
  }
})
