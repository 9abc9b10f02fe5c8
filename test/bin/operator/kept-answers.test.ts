import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from '../../../bin/operator/kept-answers.ts'
import type { Evidence } from '../../../lib/wechatpay/answer.ts'
import { MCHID, merchantOf } from '../../lib/wechatpay/keys-and-secrets.ts'
import { signedAnswer } from '../../lib/wechatpay/signed-answer.ts'

const ORDER = { sp_mchid: MCHID, sub_mchid: '1900000201', out_trade_no: 'A' }

function kept(body: object): Evidence {
  const answer = signedAnswer({ body: JSON.stringify(body) })
  const [timestamp, nonce, signature, serial] = ['Timestamp', 'Nonce', 'Signature', 'Serial'].map(
    (part) => answer.headers.find(([name]) => name === `Wechatpay-${part}`)![1],
  )
  const text = answer.body.toString()
  return { body: text, timestamp: timestamp!, nonce: nonce!, signature: signature!, serial: serial!, request_id: '' }
}

test("a service provider's result is proved by an answer about both of its merchants", () => {
  const { wechatpayKeys } = merchantOf()
  const answer = kept({ ...ORDER, trade_state: 'REVOKED' })
  assert.equal(judge(answer, wechatpayKeys, ORDER).trouble, undefined)
  assert.equal(
    judge(answer, wechatpayKeys, { ...ORDER, sub_mchid: '1900000202' }).trouble,
    'it speaks of sub_mchid 1900000201, not 1900000202',
  )
  assert.equal(
    judge(answer, wechatpayKeys, { ...ORDER, sp_mchid: '1900000101' }).trouble,
    `it speaks of sp_mchid ${MCHID}, not 1900000101`,
  )
})
