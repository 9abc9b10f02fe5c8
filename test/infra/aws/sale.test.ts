// Sales through the state machine on the local stack: the real HTTP function answers its queries.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type LocalStack, startLocalStack } from '../../../infra/local/stack.ts'
import type { TradeState } from '../../../infra/local/wechatpay/order.ts'
import type { RunningSimulator } from '../../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { compiledTemplate } from './compiled-template.ts'

let wechatPay: RunningSimulator
let stack: LocalStack
const ORDER = { mchid: '1900000001', appid: 'wxd678efh567hg6787' }

before(async () => {
  wechatPay = await startSimulator()
  const { secret } = wechatPay.simulator.openMerchant(ORDER)
  stack = await startLocalStack({
    template: await compiledTemplate(),
    // Nobody answers there: to the machine a till that broke down, whose payment is unknown.
    parameters: { PayFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:till' },
    merchants: [secret],
    wechatPayEndpoints: wechatPay.endpoints,
    waitSeconds: { PollingTime: 5, BeforeNextQuery: 0.1 },
    retrySeconds: 0.01,
  })
})
after(async () => {
  await stack.close()
  await wechatPay.close()
})

function sell(out_trade_no: string, state: TradeState) {
  wechatPay.simulator.placeOrder({ ...ORDER, out_trade_no }, state)
  return stack.startExecution({ ...ORDER, out_trade_no, pay: { auth_code: '130000000000000000' } })
}

test('a sale whose till broke down, but which was paid, ends Paid: no reverse is ever sent', async () => {
  const { output, error, cause } = await sell('PAID*1', 'SUCCESS').ended
  assert.equal(error, undefined, cause)
  assert.equal(output.trade_state, 'SUCCESS')
  assert.equal(output.evidence.length, 1)
  assert.deepEqual(wechatPay.simulator.books.reverses(), [])
})

test('a sale that is paid while it is polled ends Paid', async () => {
  const { simulator } = wechatPay
  const execution = sell('LATE*1', 'USERPAYING')
  simulator.books.schedule(Date.now() + 300, ORDER.mchid, 'LATE*1', 'pay')
  const { output } = await execution.ended
  assert.equal(output.trade_state, 'SUCCESS')
  assert.deepEqual(simulator.books.reverses(), [])
})

test('a sale that WeChat Pay itself revoked is given up at once, and proved Reversed', async () => {
  const { output, history } = await sell('REVOKED*1', 'REVOKED').ended
  assert.equal(output.outcome, 'REVERSED')
  const given = history.find(({ state }) => state?.name === 'Reverse')!.state!.input.order
  assert.equal(given.if_paid, 'refund')
  assert.ok(Date.parse(given.attempted_at) <= Date.now())
  assert.deepEqual(wechatPay.simulator.books.reverses(), [])
})
