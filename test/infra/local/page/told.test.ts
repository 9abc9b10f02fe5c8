import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { reasonInChinese } from '../../../../infra/local/page/browser/reasons.zh-CN.ts'
import { until } from '../fixtures/until.ts'
import { openPlace, watch } from './open-place.ts'

const place = await openPlace()
const { parts, orders, said, close } = await watch(place.url)
after(async () => {
  await close()
  await place.close()
})
const { mchid } = place.merchant
const orderOf = (number: string) => orders().find(({ out_trade_no }) => out_trade_no === number)

async function pay(out_trade_no: string, customer = '00', fault?: object) {
  if (fault) assert.equal((await place.act('plan', { mchid, out_trade_no, ...fault })).status, 200)
  const paid = await place.act('pay', { mchid, out_trade_no, total: 8800, customer })
  assert.equal(paid.status, 200, await paid.text())
}
const reverse = (out_trade_no: string, way: string, more = {}) =>
  place.act('reverse', { mchid, out_trade_no, way, if_paid: 'refund', attempted_seconds_ago: 60, ...more })

test('the three ways in: books and service, side by side', async () => {
  for (const way of ['http', 'sqs', 'step']) {
    await pay(`paid-${way}`)
    await reverse(`paid-${way}`, way)
    await until(() => orderOf(`paid-${way}`)?.agrees === true)
    const { ledger, service } = orderOf(`paid-${way}`)!
    assert.deepEqual([ledger?.trade_state, ledger?.refunded.amount, service?.outcome], ['REVOKED', 8800, 'REFUNDED'])
  }
  await until(() => parts.events?.length === 1 && parts.executions?.[0]?.status === 'SUCCEEDED')
  assert.equal(parts.executions?.[0]?.outcome, 'REFUNDED')
})

test('a service provider’s order, by each of the three ways in', async () => {
  for (const way of ['http', 'sqs', 'step']) {
    const out_trade_no = `partner-${way}`
    const paid = await place.act('pay', { mchid, sub_mchid: '1900000109', out_trade_no, total: 1, customer: '00' })
    assert.equal(paid.status, 200)
    await reverse(out_trade_no, way)
    await until(() => orderOf(out_trade_no)?.agrees === true)
    for (const entry of orderOf(out_trade_no)!.timeline) {
      if (entry.kind === 'call') assert.equal(entry.answer.check, 'verified', `${entry.endpoint}: ${entry.answer.why}`)
    }
    assert.deepEqual(
      [orderOf(out_trade_no)?.sub_mchid, orderOf(out_trade_no)?.service?.outcome],
      ['1900000109', 'REFUNDED'],
    )
  }
})

test('a timeline tells every call, what was signed, what was verified and which rows decided', async () => {
  await pay('told', '00', { fault: 'unsigned-not-exist', endpoint: 'query', times: 1 })
  await reverse('told', 'http')
  await until(() => orderOf('told')?.agrees === true)
  const calls = orderOf('told')!.timeline.filter((entry) => entry.kind === 'call')
  const seen = calls.map(({ endpoint, answer: { said, check } }) => [endpoint, said, check].join(' '))
  assert.deepEqual(seen.slice(0, 2), ['codepay SUCCESS verified', 'query ORDER_NOT_EXIST unverified'])
  assert.equal(seen.at(-1), 'query REVOKED verified')
  assert.equal(calls[1]!.answer.why, 'unsigned')
  const { method, target, timestamp, nonce, body, serial } = calls[0]!.signed
  assert.deepEqual(
    [method, target, serial],
    ['POST', '/v3/pay/transactions/codepay', place.merchant.certificate_serial_no],
  )
  assert.ok(timestamp && nonce && JSON.parse(body).out_trade_no === 'told')
  const sent = calls.find(({ endpoint }) => endpoint === 'reverse')!
  assert.deepEqual(sent.rules.at(-1)?.en, { table: 'a reverse is due', when: 'otherwise', next: 'reverse' })
  const { rules } = orderOf('told')!.service!
  assert.deepEqual([rules[0]?.en.table, rules[0]?.en.next], ['a verified query says REVOKED', 'finish `REFUNDED`'])
})

test('too old an order becomes a dead letter, and its row is named', async () => {
  await pay('old')
  await reverse('old', 'sqs', { attempted_seconds_ago: 8 * 86_400 })
  await until(() => parts.deadLetters?.length === 1 && orderOf('old')?.service !== null)
  assert.deepEqual([parts.deadLetters![0]!.out_trade_no, parts.deadLetters![0]!.error], ['old', 'ReversalExpired'])
  assert.equal(orderOf('old')!.service!.rules[0]!.en.next, 'refuse `ReversalExpired`')
})

test('what WeChat Pay says beside the reason of a wait hides neither the rule nor the Chinese words', async () => {
  await pay('not-allowed', '00', { fault: 'no-auth', times: 'always' })
  await reverse('not-allowed', 'sqs')
  await until(() => orderOf('not-allowed')?.service?.outcome === 'PENDING')
  const { reason, rules } = orderOf('not-allowed')!.service!
  assert.match(reason!, /NO_AUTH/)
  assert.equal(rules[0]?.en.table, 'the reverse of this attempt was')
  assert.match(reasonInChinese(reason!)!, /^微信支付拒绝了撤销，.*（应答：.*NO_AUTH/s)
  const refused = orderOf('not-allowed')!.timeline.find(
    (entry) => entry.kind === 'said' && entry.message === 'QueryRefused',
  )
  assert.match(JSON.stringify(refused), /"detail":"NO_AUTH /)
})

test('a person reads why an execution failed, not where', async () => {
  await pay('refused-for-good', '00', { fault: 'no-auth', endpoint: 'reverse', times: 'always' })
  await reverse('refused-for-good', 'step')
  const execution = () => parts.executions?.find(({ out_trade_no }) => out_trade_no === 'refused-for-good')
  await until(() => execution()?.status === 'FAILED')
  assert.match(execution()!.cause!, /^WeChat Pay refused the reverse for good/)
})

test('an order that never reached WeChat Pay, and one that waits', async () => {
  await pay('unknown', 'none')
  await reverse('unknown', 'sqs')
  const isQueued = () => parts.queue?.some(({ out_trade_no }) => out_trade_no === 'unknown') === true
  await until(() => orderOf('unknown')?.service?.outcome === 'PENDING' && isQueued())
  assert.equal(orderOf('unknown')!.ledger, null)
})

test('what WeChat Pay refuses is on the timeline, with its reason', async () => {
  await pay('refused')
  const sent = await fetch(`${place.running.endpoints[0]}/v3/pay/transactions/out-trade-no/refused?mchid=${mchid}`, {
    headers: { Authorization: `WECHATPAY2-SHA256-RSA2048 mchid="${mchid}"` },
  })
  assert.equal(sent.status, 401)
  await until(
    () => orderOf('refused')?.timeline.some((entry) => entry.kind === 'call' && entry.refused !== null) === true,
  )
})

test('the bill of the day has the last word, beside the outcome it settles', async () => {
  await pay('walked-away', '02')
  await reverse('walked-away', 'http', { attempted_seconds_ago: 120 })
  await until(() => orderOf('walked-away')?.service?.outcome === 'REVERSED')
  await place.act('forward', { seconds: 2 * 86_400 })
  assert.equal((await place.act('settle', {})).status, 200)
  await until(() => orderOf('walked-away')?.settled !== null)
  const { service, settled } = orderOf('walked-away')!
  assert.equal(service!.outcome, 'REVERSED')
  assert.equal(settled!.settlement, 'NEVER_PAID')
  assert.deepEqual(settled!.rules[0]?.zh, {
    table: '交易账单',
    when: '账单中没有此订单：没有人被扣款',
    next: '`NEVER_PAID`',
  })
  const published = () => orderOf('walked-away')!.timeline.find((entry) => entry.kind === 'event')
  await until(() => published() !== undefined)
  assert.equal(published()!.outcome, 'NEVER_PAID')
})

// Last: everything that was ever told is looked through.
test('no private key, no Authorization, no signature we made and no personal data is ever told', async () => {
  // An answer that echoes our signature must not bring it to the page either.
  await pay('echo', '02', { fault: 'sign-error', endpoint: 'query', times: 'always' })
  await reverse('echo', 'http')
  await until(() => orderOf('echo')?.timeline.some((entry) => entry.kind === 'said') === true)
  const all = said()
  assert.ok(place.authorizations.length > 15)
  for (const authorization of place.authorizations) {
    const [, signature] = /signature="([^"]+)"/.exec(authorization) ?? []
    if (signature === undefined) continue
    for (const part of [signature, signature.slice(20, 60), JSON.stringify(signature).slice(1, -1)]) {
      assert.ok(!all.includes(part), 'a signature we made')
    }
  }
  assert.doesNotMatch(all, /WECHATPAY2-SHA256|signature="|BEGIN|PRIVATE KEY/)
  const pem = place.merchant.secret.private_key
  for (const line of pem.split('\n').filter((line) => line.length > 20)) assert.ok(!all.includes(line), 'a private key')
  const { accessKeyId, secretAccessKey } = place.stack!.credentials
  for (const secret of [accessKeyId, secretAccessKey]) assert.ok(!all.includes(secret), 'credentials of AWS')
  assert.doesNotMatch(all, /SecretAccessKey|SessionToken|X-Amz-Security-Token|apiv3_?key/i)
  assert.doesNotMatch(all, /"openid\\?":\s*\\?"[^…\\]|"auth_code\\?":\s*\\?"[^…\\]/)
  assert.doesNotMatch(all, new RegExp(`o${mchid}-payer|\\b1[0-5]\\d{16}\\b`))
})
