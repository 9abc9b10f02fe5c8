import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createSigningKey } from '../../../infra/local/wechatpay/keys.ts'
import { ReversalError } from '../../../lib/reversal/errors.ts'
import type { Merchants } from '../../../lib/reversal/merchants.ts'
import type { Pending, Reversal } from '../../../lib/reversal/result.ts'
import { type Merchant, parseMerchant } from '../../../lib/wechatpay/merchant.ts'
import { final, NAMES, openService, unfinished, verified } from './virtual-service.ts'
import { SMALL_MERCHANT_KEY } from './virtual-wechatpay.ts'

type Service = ReturnType<typeof openService>

/** How events name the order. */
const ORDER = { mchid: NAMES.mchid, out_trade_no: NAMES.out_trade_no }

const DAY_MS = 24 * 60 * 60 * 1000

/** What an attempt that must be refused throws. */
async function refused(attempt: Promise<Reversal | Pending>): Promise<ReversalError> {
  const error = await attempt.then(
    ({ outcome }) => assert.fail(`was not refused: ${outcome}`),
    (error: unknown) => error,
  )
  assert.ok(error instanceof ReversalError, String(error))
  return error
}

const statesIn = (service: Service, { evidence }: Reversal) =>
  evidence.map((answer) => verified(service.simulator, answer).trade_state)

describe('a result says when the payment was attempted', () => {
  for (const [when, fields, secondsAgo] of [
    ['as the order says it', { attempted_at: 300 }, 300],
    ['as the order says it, not when it was first seen', { attempted_at: 300, first_seen_at: 100 }, 300],
    ['when it was first seen, where the order does not say it', { first_seen_at: 100 }, 100],
  ] as const) {
    test(when, async () => {
      const service = openService()
      service.simulator.placeOrder(NAMES, 'NOTPAY')
      const ago = (seconds: number) => new Date(service.time.now() - seconds * 1000).toISOString()
      const expected = ago(secondsAgo)
      const result = final(
        await service.attempt({
          ...('attempted_at' in fields && { attempted_at: ago(fields.attempted_at) }),
          ...('first_seen_at' in fields && { history: { first_seen_at: ago(fields.first_seen_at) } }),
        }),
      )
      const said = `attempted_at of a result is ${result.attempted_at} and must be ${expected}: bills are searched by it`
      assert.equal(result.attempted_at, expected, said)
    })
  }
})

describe('with nothing going wrong', () => {
  test('an unpaid order is REVERSED in three calls: query, reverse, query', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'NOTPAY')
    const attempted_at = new Date(service.time.now() - 60_000).toISOString()
    const result = final(await service.attempt())
    const { confirmed_at, request_id, evidence, ...rest } = result
    assert.deepEqual(rest, { ...NAMES, attempted_at, outcome: 'REVERSED', trade_state: 'REVOKED', refunded: null })
    assert.equal(Date.parse(confirmed_at), service.time.now())
    assert.equal(request_id, evidence[0]!.request_id)
    assert.match(request_id, /-0$/)
    assert.deepEqual(statesIn(service, result), ['REVOKED'])
    assert.deepEqual(service.calls(), ['query', 'reverse', 'query'])
    assert.deepEqual(service.simulator.refusals(), [])
  })

  test('a paid order is REFUNDED, proved by SUCCESS before and REVOKED after', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    const result = final(await service.attempt())
    assert.equal(result.outcome, 'REFUNDED')
    assert.equal(result.refunded, true)
    assert.deepEqual(statesIn(service, result), ['SUCCESS', 'REVOKED'])
    assert.deepEqual(service.calls(), ['query', 'reverse', 'query'])
    assert.deepEqual(service.book()?.refunded, { amount: 1, count: 1 })
  })

  test('an order that says REFUND after our reverse is REFUNDED', async () => {
    const service = openService({ options: { reversedPaidState: 'REFUND' } })
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    const result = final(await service.attempt())
    assert.equal(result.outcome, 'REFUNDED')
    assert.deepEqual(statesIn(service, result), ['SUCCESS', 'REFUND'])
  })

  test('a user who pays just before the reverse is REFUNDED when the final answer names the payment', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'NOTPAY')
    service.simulator.books.schedule(service.time.now() + 30, NAMES.mchid, NAMES.out_trade_no, 'pay')
    const result = final(await service.attempt())
    assert.equal(result.outcome, 'REFUNDED')
    const [answer] = result.evidence.map((evidence) => verified(service.simulator, evidence))
    assert.ok(answer!.transaction_id)
    assert.equal(result.evidence.length, 1)
  })

  test('and REVERSED when it does not: whether anything was paid is not proved', async () => {
    const service = openService({ options: { transactionIdAfterReverse: false } })
    service.simulator.placeOrder(NAMES, 'NOTPAY')
    service.simulator.books.schedule(service.time.now() + 30, NAMES.mchid, NAMES.out_trade_no, 'pay')
    const result = final(await service.attempt())
    assert.equal(result.outcome, 'REVERSED')
    assert.equal(result.refunded, null)
  })

  test('a failed payment is reversed, and REFUNDED if the user was charged all the same', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'PAYERROR', true)
    assert.equal(final(await service.attempt()).outcome, 'REFUNDED')
    assert.deepEqual(service.book()?.refunded, { amount: 1, count: 1 })
  })

  for (const [state, outcome, refunded] of [
    ['REVOKED', 'REVERSED', null],
    ['CLOSED', 'CLOSED', false],
  ] as const) {
    test(`an order that is ${state} already is ${outcome} after one query, however old`, async () => {
      const service = openService()
      service.simulator.placeOrder(NAMES, state)
      const result = final(await service.attempt({ attempted_at: '2025-01-01T00:00:00Z' }))
      assert.deepEqual([result.outcome, result.refunded, result.trade_state], [outcome, refunded, state])
      assert.deepEqual(statesIn(service, result), [state])
      assert.deepEqual(service.calls(), ['query'])
    })
  }

  test('a paid order to be kept is KEPT after one query, and never reversed', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    const result = final(await service.attempt({ if_paid: 'keep' }))
    assert.deepEqual([result.outcome, result.refunded, result.trade_state], ['KEPT', false, 'SUCCESS'])
    assert.deepEqual(statesIn(service, result), ['SUCCESS'])
    assert.deepEqual(service.calls(), ['query'])
  })

  test('an unpaid order to be kept if paid is reversed all the same', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'NOTPAY')
    assert.equal(final(await service.attempt({ if_paid: 'keep' })).outcome, 'REVERSED')
  })

  for (const reverseUnknownOrder of ['ok', 'ORDER_NOT_EXIST'] as const) {
    test(`an unknown order is NOT_FOUND 90 s after we first saw it, when its reverse is answered ${reverseUnknownOrder}`, async () => {
      const service = openService({ options: { reverseUnknownOrder } })
      const seenAtMs = service.time.now() - 89_000
      const { reason, history } = unfinished(await service.attempt({}, { seenAtMs }))
      assert.match(reason, /reverse/)
      await service.time.pass(1_000)
      const result = final(await service.attempt({ history }))
      assert.deepEqual([result.outcome, result.refunded, result.trade_state], ['NOT_FOUND', null, null])
      assert.equal(verified(service.simulator, result.evidence[0]!).code, 'ORDER_NOT_EXIST')
      assert.deepEqual(service.calls(), ['query', 'reverse', 'query', 'query'])
    })
  }

  test('an order does not vanish: ORDER_NOT_EXIST after a state of it, or after SUCCESS, is no end', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    service.simulator.faults.add({ fault: 'order-not-exist', endpoint: 'query', after: 1 })
    const first = unfinished(await service.attempt({}, { seenAtMs: service.time.now() - 600_000 }))
    assert.match(first.reason, /not final yet/)
    service.simulator.faults.add({ fault: 'order-not-exist', endpoint: 'query' })
    assert.equal(final(await service.attempt({ history: first.history })).outcome, 'REFUNDED')
  })

  test('an order too young to be reversed is only looked at', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    const attempted_at = new Date(service.time.now() - 10_000).toISOString()
    const { reason, retry_after } = unfinished(await service.attempt({ attempted_at }))
    assert.deepEqual([reason, retry_after], ['too early to reverse', 5])
    assert.deepEqual(service.calls(), ['query'])
  })

  for (const userPayingAlone of [false, true]) {
    const form = userPayingAlone ? 'USERPAYING alone' : 'a whole USERPAYING answer'
    test(`a paying user is waited for up to 45 s, told by ${form}, then the order is reversed`, async () => {
      const service = openService({ options: { userPayingAlone } })
      service.simulator.placeOrder(NAMES, 'USERPAYING')
      const seenAtMs = service.time.now() - 44_000
      const first = unfinished(await service.attempt({}, { seenAtMs }))
      assert.deepEqual([first.reason, first.retry_after], ['the user is paying', 5])
      assert.deepEqual(service.calls(), ['query'])
      await service.time.pass(5_000)
      assert.equal(final(await service.attempt({ history: first.history })).outcome, 'REVERSED')
    })
  }

  test('a reverse refused while the user pays (202) is pending, and the next one ends the order', async () => {
    const service = openService({ options: { reverseWhileUserPaying: 'USERPAYING' } })
    service.simulator.placeOrder(NAMES, 'USERPAYING')
    const { reason, history } = unfinished(await service.attempt())
    assert.match(
      reason,
      /^WeChat Pay refused the reverse for now \(answered to the reverse 202 USERPAYING .*Request-ID 08/,
    )
    assert.deepEqual(
      service.events.map(({ name }) => name),
      ['ReverseRefused'],
    )
    service.simulator.books.happen(NAMES.mchid, NAMES.out_trade_no, 'leave', service.time.now())
    assert.equal(final(await service.attempt({ history })).outcome, 'REVERSED')
  })
})

describe('what an attempt learned is not lost with its result', () => {
  test('an outcome brings the signed SUCCESS and the reverse that led to it', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    const { history } = await service.ending()
    assert.equal(verified(service.simulator, history.paid!).trade_state, 'SUCCESS')
    assert.ok(history.reverse_sent_at && history.reverse_answered_at)
    // Told by nobody, it is attempted again: the order is REVOKED already, and still known to have been paid.
    assert.equal(final(await service.attempt({ history })).outcome, 'REFUNDED')
  })

  test('so does a refusal', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    service.simulator.faults.add({ fault: 'param-error', endpoint: 'reverse' })
    const ending = await service.ending()
    assert.ok('error' in ending && ending.error instanceof ReversalError)
    assert.equal(verified(service.simulator, ending.history.paid!).trade_state, 'SUCCESS')
  })

  test('and an attempt that could not begin brings what the one before it learned', async () => {
    const service = openService({ merchants: { find: () => Promise.reject(new Error('no secret')) } })
    const history = { first_seen_at: new Date(service.time.now() - 1000).toISOString() }
    assert.deepEqual((await service.ending({ history })).history, history)
  })
})

describe('refusals', () => {
  test('ReversalRejected: a verified refusal for good of an order that is not final, with its code and words', async () => {
    for (const fault of ['param-error', 'appid-mchid-not-match', 'mch-not-exists', 'no-auth', 'noauth']) {
      const service = openService()
      service.simulator.placeOrder(NAMES, 'SUCCESS')
      service.simulator.faults.add({ fault, endpoint: 'reverse' })
      const error = await refused(service.attempt())
      assert.equal(error.name, 'ReversalRejected')
      assert.equal(error.code, fault.toUpperCase().replaceAll('-', '_'))
      assert.match(error.request_id!, /^08/)
      assert.match(error.message, new RegExp(`${error.code} .+; last verified state: SUCCESS`))
      assert.deepEqual(service.calls(), ['query', 'reverse', 'query'])
    }
  })

  test('a refusal for good of a reverse that was carried out all the same is no refusal', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    service.simulator.faults.add({ fault: 'param-error-after-effect', endpoint: 'reverse' })
    assert.equal(final(await service.attempt()).outcome, 'REFUNDED')
  })

  test('an unsigned refusal for good is a hint to repeat', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    service.simulator.faults.add({ fault: 'unsigned-param-error', endpoint: 'reverse' })
    const { reason, history } = unfinished(await service.attempt())
    assert.match(reason, /^the answer to the reverse does not verify/)
    assert.equal(history.reverse_answered_at, undefined)
    assert.equal(final(await service.attempt({ history })).outcome, 'REFUNDED')
  })

  test('RefundedElsewhere: REFUND without a reverse of ours', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'REFUND')
    const error = await refused(service.attempt())
    assert.equal(error.name, 'RefundedElsewhere')
    assert.deepEqual(service.calls(), ['query'])
  })

  test('RefundedElsewhere: also when a blind reverse of ours was refused, for then the refund is not ours', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'REFUND')
    service.simulator.faults.add({ fault: 'unsigned', endpoint: 'query' })
    const error = await refused(service.attempt())
    assert.equal(error.name, 'RefundedElsewhere')
    assert.deepEqual(service.calls(), ['query', 'reverse', 'query'])
  })

  describe('a refund is ours when any try of our reverse may have made it, whatever the other tries were answered', () => {
    const tries: Record<string, { fault: string; host?: 'main' }> = {
      'no answer from the main domain': { fault: 'reset-after-effect', host: 'main' },
      'a page of a gateway from the main domain': { fault: 'timeout-page-after-effect', host: 'main' },
      'a signed 500 from the main domain': { fault: 'system-error-after-effect', host: 'main' },
      'an answer under an unknown serial': { fault: 'unknown-serial' },
    }
    for (const [title, fault] of Object.entries(tries)) {
      test(`${title}, then a refusal`, async () => {
        let merchant: Merchant | undefined
        const merchants: Partial<Merchants> = { renew: async () => ({ merchant: merchant!, adopt() {} }) }
        const service = openService({ options: { reversedPaidState: 'REFUND' }, merchants })
        merchant = service.merchant
        service.simulator.placeOrder(NAMES, 'SUCCESS')
        service.simulator.faults.add({ endpoint: 'reverse', ...fault })
        service.simulator.faults.add({ endpoint: 'reverse', fault: 'invalid-request', times: 'always' })
        const result = final(await service.attempt())
        assert.deepEqual([result.outcome, result.trade_state], ['REFUNDED', 'REFUND'])
        assert.deepEqual(service.calls(), ['query', 'reverse', 'reverse', 'query'])
      })
    }

    test('but not when it was refused, now or in the attempt before', async () => {
      const service = openService()
      service.simulator.placeOrder(NAMES, 'SUCCESS')
      service.simulator.faults.add({ fault: 'invalid-request', endpoint: 'reverse' })
      const { history } = unfinished(await service.attempt())
      assert.equal(history.reverse_sent_at, undefined)
      assert.ok(history.reverse_answered_at)
      service.simulator.books.happen(NAMES.mchid, NAMES.out_trade_no, 'refund', service.time.now())
      assert.equal((await refused(service.attempt({ history }))).name, 'RefundedElsewhere')
    })

    test('but not when it was refused', async () => {
      const service = openService()
      service.simulator.placeOrder(NAMES, 'REFUND')
      service.simulator.faults.add({ fault: 'unsigned', endpoint: 'query' })
      service.simulator.faults.add({ fault: 'param-error', endpoint: 'reverse' })
      assert.equal((await refused(service.attempt())).name, 'RefundedElsewhere')
    })
  })

  test('ReversalExpired: more than 7 days old, with the last reason and the last verified state', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    const attempted_at = new Date(service.time.now() - 7 * DAY_MS - 1_000).toISOString()
    const error = await refused(service.attempt({ attempted_at }))
    assert.equal(error.name, 'ReversalExpired')
    assert.equal(
      error.message,
      'more than 7 days have passed; last reason: a reverse is due; last verified state: SUCCESS',
    )
    assert.deepEqual(service.calls(), ['query'])
  })

  test('ReversalExpired comes also after 7 days without one verified answer, and says so', async () => {
    const service = openService()
    service.simulator.faults.add({ fault: 'reset', times: 'always' })
    const error = await refused(service.attempt({}, { seenAtMs: service.time.now() - 7 * DAY_MS - 1_000 }))
    assert.equal(error.name, 'ReversalExpired')
    assert.equal(
      error.message,
      'more than 7 days have passed; last reason: no verified answer to our query; last verified state: none',
    )
  })

  test('a state never seen before touches nothing and tells somebody', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'NOTPAY')
    service.simulator.faults.add({ fault: 'unknown-trade-state' })
    const { history } = unfinished(await service.attempt())
    assert.deepEqual(service.calls(), ['query'])
    const [event] = service.events
    assert.ok(event?.name === 'UnknownState' && event.trade_state === 'ACCEPT')
    assert.deepEqual([event.mchid, event.out_trade_no], [NAMES.mchid, NAMES.out_trade_no])
    assert.equal(final(await service.attempt({ history })).outcome, 'REVERSED')
  })

  test('a code never seen before, on a reverse, waits and tells somebody', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'NOTPAY')
    service.simulator.faults.add({ fault: 'unknown-code', endpoint: 'reverse' })
    unfinished(await service.attempt())
    assert.deepEqual(
      service.events.map(({ name }) => name),
      ['ReverseRefused', 'UnknownState'],
    )
  })

  test('a refusal of the merchant passes as it is, and nothing is sent', async () => {
    const unknown = new ReversalError('UnknownMerchant', 'mchid: none of ours')
    const service = openService({ merchants: { find: () => Promise.reject(unknown) } })
    assert.equal(await refused(service.attempt()), unknown)
    assert.deepEqual(service.calls(), [])
  })
})

describe('credentials', () => {
  const SIGNATURE = /certificate_serial_no must be the serial/

  test('refused also after one fresh read: CredentialsUnavailable', async () => {
    let reads = 0
    const renew = async () => {
      reads += 1
      return undefined
    }
    const service = openService({ merchants: { renew } })
    service.simulator.merchants.revokeCertificate(NAMES.mchid, service.merchant.certificateSerialNo)
    const error = await refused(service.attempt())
    assert.equal(error.name, 'CredentialsUnavailable')
    assert.equal(error.code, 'SIGN_ERROR')
    assert.match(error.message, SIGNATURE)
    assert.equal(reads, 1)
    // What may be kept is not reversed blind: it would wait, and nobody would hear of the keys.
    assert.equal((await refused(service.attempt({ if_paid: 'keep' }))).name, 'CredentialsUnavailable')
    // Of an order that is too old it would say so, although wrong keys can be corrected, and the order looked at.
    const first_seen_at = new Date(service.time.now() - 8 * DAY_MS).toISOString()
    assert.equal((await refused(service.attempt({ history: { first_seen_at } }))).name, 'CredentialsUnavailable')
  })

  test('refused once, then read anew: the order goes on, and those after it begin with the new ones', async () => {
    let adopted = 0
    const service: Service = openService({
      merchants: {
        renew: async () => ({
          merchant: parseMerchant(JSON.stringify(fresh.secret)).merchant,
          adopt: () => (adopted += 1),
        }),
      },
    })
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    service.simulator.merchants.revokeCertificate(NAMES.mchid, service.merchant.certificateSerialNo)
    const fresh = service.simulator.openMerchant({ ...NAMES, privateKey: SMALL_MERCHANT_KEY })
    assert.equal(final(await service.attempt()).outcome, 'REFUNDED')
    assert.equal(adopted, 1)
    assert.equal(service.simulator.refusals().length, 1)
  })

  test('an answer signed with a key we do not know leads to one fresh read', async () => {
    let reads = 0
    const service: Service = openService({
      merchants: {
        renew: async () => {
          reads += 1
          return { merchant: parseMerchant(JSON.stringify(withNewKey)).merchant, adopt() {} }
        },
      },
    })
    const { id, pem } = service.simulator.keys.rotate(
      createSigningKey('public key', { privateKey: service.simulator.keys.stranger.privateKey }),
    )
    service.simulator.keys.answerWith(id)
    const withNewKey = { ...service.secret, wechatpay_public_key_id: id, wechatpay_public_key: pem }
    service.simulator.placeOrder(NAMES, 'NOTPAY')
    assert.equal(final(await service.attempt()).outcome, 'REVERSED')
    assert.equal(reads, 1)
    assert.equal(service.calls().length, 4)
  })

  test('a reverse that was answered is known to have been sent, although its repeat with fresh credentials was not', async () => {
    const service: Service = openService({
      merchants: {
        renew: async () => {
          service.simulator.faults.add({ fault: 'silence', times: 'always' })
          return { merchant: service.merchant, adopt() {} }
        },
      },
    })
    service.simulator.placeOrder(NAMES, 'NOTPAY')
    service.simulator.faults.add({ fault: 'unknown-serial', endpoint: 'reverse' })
    const { reason, history } = unfinished(await service.attempt({}, { msLeft: 5_100 }))
    assert.match(reason, /^the answer to the reverse does not verify/)
    assert.ok(history.reverse_sent_at)
  })

  test('one refused signature after answers that never came is not taken for wrong credentials: the reverse may be done', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    service.simulator.faults.add({ fault: 'reset', endpoint: 'query', times: 2 })
    service.simulator.faults.add({ fault: 'reset-after-effect', endpoint: 'reverse', times: 2 })
    service.simulator.faults.add({ fault: 'sign-error', endpoint: 'query' })
    const { reason, history } = unfinished(await service.attempt())
    assert.match(reason, /^no answer to the reverse/)
    assert.ok(history.reverse_sent_at)
  })

  test('unavailable, they are what the attempt says, however old the order', async () => {
    const cause = new ReversalError('CredentialsUnavailable', 'secret x: is empty')
    const service = openService({ merchants: { find: () => Promise.reject(cause) } })
    for (const seenAtMs of [service.time.now(), service.time.now() - 8 * DAY_MS]) {
      assert.equal(await refused(service.attempt({}, { seenAtMs })), cause)
    }
  })

  test('are not refused by the 401 page of a proxy', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    service.simulator.faults.add({ fault: 'unauthorized-page', times: 'always' })
    const { reason } = unfinished(await service.attempt())
    assert.match(reason, /^the answer to the reverse does not verify/)
  })
})

describe('what was learned travels on', () => {
  /** Paid; the first attempt sees it, and nothing more: its reverse is done, and no answer comes back any more. */
  async function seenPaidThenLost(service: Service) {
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    service.simulator.faults.add({ fault: 'reset-after-effect', endpoint: 'reverse', times: 2 })
    service.simulator.faults.add({ fault: 'silence', endpoint: 'query', after: 1, times: 2 })
    const result = unfinished(await service.attempt())
    assert.match(result.reason, /^no answer to the reverse/)
    assert.deepEqual(service.book()?.refunded, { amount: 1, count: 1 })
    return result
  }
  const quiet = { options: { transactionIdAfterReverse: false } }

  test('SUCCESS in one attempt and REVOKED in the next is REFUNDED, with both answers', async () => {
    const service = openService(quiet)
    const { history } = await seenPaidThenLost(service)
    const result = final(await service.attempt({ history }))
    assert.equal(result.outcome, 'REFUNDED')
    assert.deepEqual(statesIn(service, result), ['SUCCESS', 'REVOKED'])
  })

  test('also days later: the age of a signed answer does not matter', async () => {
    const service = openService(quiet)
    const { history } = await seenPaidThenLost(service)
    await service.time.pass(5 * DAY_MS)
    assert.equal(final(await service.attempt({ history })).outcome, 'REFUNDED')
  })

  test('without it the same order is only REVERSED', async () => {
    const service = openService(quiet)
    await seenPaidThenLost(service)
    assert.equal(final(await service.attempt()).outcome, 'REVERSED')
  })

  test('also when the next attempt runs in another function, which has to read its keys anew', async () => {
    const first = openService(quiet)
    const { history } = await seenPaidThenLost(first)
    const { publicKey } = first.simulator.keys.current()
    const older = createSigningKey('public key', { privateKey: first.simulator.keys.stranger.privateKey })
    const newer = parseMerchant(JSON.stringify(first.secret)).merchant
    const second: Service = openService({
      ...quiet,
      merchants: { find: async () => asBefore, renew: async () => ({ merchant: newer, adopt() {} }) },
    })
    second.simulator.keys.rotate(older)
    const asBefore = parseMerchant(
      JSON.stringify({ ...second.secret, wechatpay_public_key_id: older.id, wechatpay_public_key: older.pem }),
    ).merchant
    second.simulator.merchants.add({
      ...NAMES,
      certificate_serial_no: first.secret.certificate_serial_no,
      public_key: SMALL_MERCHANT_KEY,
    })
    second.simulator.placeOrder(NAMES, 'REVOKED', true)
    assert.equal(history.paid!.serial, publicKey.id)
    const result = final(await second.attempt({ history }))
    assert.equal(result.outcome, 'REFUNDED')
    assert.equal(result.evidence.length, 2)
    assert.deepEqual(second.events, [], 'it was not ignored')
  })

  test('a `paid` that does not verify proves nothing, is counted, and stays in the history', async () => {
    const service = openService(quiet)
    const { history } = await seenPaidThenLost(service)
    const paid = history.paid!
    const other = openService(quiet)
    other.simulator.placeOrder({ ...NAMES, out_trade_no: 'B2' }, 'SUCCESS')
    const ofAnother = final(await other.attempt({ out_trade_no: 'B2', if_paid: 'keep' })).evidence[0]!
    const unpaid = openService(quiet)
    unpaid.simulator.placeOrder(NAMES, 'CLOSED')
    const closed = final(await unpaid.attempt()).evidence[0]!

    const forgeries = {
      'another body': { ...paid, body: paid.body.replace('"total":1', '"total":2') },
      'another time': { ...paid, timestamp: String(Number(paid.timestamp) + 1) },
      'another nonce': { ...paid, nonce: 'x' },
      'another signature': { ...paid, signature: `A${paid.signature.slice(1)}` },
      'no base64': { ...paid, signature: '!' },
      'an unknown key': { ...paid, serial: 'PUB_KEY_ID_0' },
      'another key': { ...paid, serial: service.simulator.keys.current().platformCertificate.id },
      'another order': ofAnother,
      'another state': closed,
    }
    for (const [what, forged] of Object.entries(forgeries)) {
      service.events.length = 0
      const result = final(await service.attempt({ history: { ...history, paid: forged } }))
      assert.equal(result.outcome, 'REVERSED', what)
      assert.deepEqual(service.events, [{ name: 'PaidHistoryIgnored', serial: forged.serial, ...ORDER }], what)
    }

    service.simulator.faults.add({ fault: 'reset', times: 'always' })
    const kept = unfinished(await service.attempt({ history: { ...history, paid: forgeries['an unknown key'] } }))
    assert.deepEqual(kept.history.paid, forgeries['an unknown key'])
  })

  test('the older the order, the longer the wait', async () => {
    const service = openService(quiet)
    service.simulator.faults.add({ fault: 'reset', times: 'always' })
    const waits: number[] = []
    for (const seconds of [60, 3_600, 86_400]) {
      const first_seen_at = new Date(service.time.now() - seconds * 1000).toISOString()
      waits.push(unfinished(await service.attempt({ history: { first_seen_at } })).retry_after)
    }
    assert.ok(waits[0]! < waits[1]! && waits[1]! < waits[2]! && waits[2]! <= 3_600, `${waits}`)
  })

  test('paid and to be kept after a reverse of ours: KEPT only 90 s after it', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    const reverse_sent_at = new Date(service.time.now()).toISOString()
    const first = unfinished(await service.attempt({ if_paid: 'keep', history: { reverse_sent_at } }))
    assert.match(first.reason, /may still land/)
    assert.equal(first.retry_after, 90)
    assert.equal(verified(service.simulator, first.history.paid!).trade_state, 'SUCCESS')
    await service.time.pass(90_000)
    assert.equal(final(await service.attempt({ if_paid: 'keep', history: first.history })).outcome, 'KEPT')
    assert.deepEqual(service.calls(), ['query', 'query'])
  })

  test('times ahead of our clock are taken for now, so that nobody waits for them', async () => {
    const service = openService()
    service.simulator.placeOrder(NAMES, 'SUCCESS')
    const far = '2199-01-01T00:00:00Z'
    const history = { first_seen_at: far, reverse_sent_at: far }
    const first = unfinished(await service.attempt({ if_paid: 'keep', history }))
    assert.equal(first.retry_after, 90)
    assert.ok(Date.parse(first.history.first_seen_at!) <= service.time.now())
    await service.time.pass(90_000)
    assert.equal(final(await service.attempt({ if_paid: 'keep', history: first.history })).outcome, 'KEPT')
  })

  test('when we first saw the order: as the history says, else when it reached us', async () => {
    const service = openService()
    const seenAtMs = service.time.now() - 30_000
    const { history } = unfinished(await service.attempt({}, { seenAtMs }))
    assert.equal(Date.parse(history.first_seen_at!), seenAtMs)
    const { history: later } = unfinished(await service.attempt({ history }, { seenAtMs: service.time.now() }))
    assert.equal(later.first_seen_at, history.first_seen_at)
  })
})

test('an attempt ends within the time it is given, however silent WeChat Pay is', async () => {
  const service = openService()
  service.simulator.faults.add({ fault: 'silence', times: 'always' })
  const begunAt = service.time.now()
  unfinished(await service.attempt({}, { msLeft: 25_500 }))
  assert.ok(service.time.now() - begunAt <= 25_500)
})
