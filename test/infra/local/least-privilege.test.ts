// The deployed template's roles, held against what really happens: every right is used, and none can be missed.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AwsClient } from 'aws4fetch'
import { packagedTemplate } from '../../../bin/deployment/packaged.ts'
import type { Json, Template } from '../../../infra/local/cloudformation.ts'
import { type LocalStack, startLocalStack } from '../../../infra/local/stack.ts'
import { resolveTemplate } from '../../../infra/local/template.ts'
import type { MerchantWithKeys } from '../../../infra/local/wechatpay/merchants.ts'
import type { TradeState } from '../../../infra/local/wechatpay/order.ts'
import type { RunningSimulator } from '../../../infra/local/wechatpay/running.ts'
import { startSimulator } from '../../../infra/local/wechatpay/server.ts'
import { until } from './fixtures/until.ts'

// Logs and traces are written by Lambda and Step Functions themselves, which this stack does not run.
const isRunHere = (action: string) => !/^(logs|xray):/.test(action)

const parameters = { PayFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:till' }
const template = await packagedTemplate()
let wechatPay: RunningSimulator
let merchant: MerchantWithKeys
before(async () => {
  wechatPay = await startSimulator()
  merchant = wechatPay.simulator.openMerchant()
})
after(() => wechatPay.close())

const boot = (from: Template = template) =>
  startLocalStack({
    template: from,
    parameters,
    wechatPayEndpoints: wechatPay.endpoints,
    merchants: [merchant.secret],
    waitSeconds: { BeforeNextQuery: 0.1 },
    retrySeconds: 0.1,
  })

const settlements = ({ resources, sqs }: LocalStack) =>
  sqs.messages(resources.find(({ logicalId }) => logicalId === 'SettlementQueue')!.ref)

/** Waits until the outcome of an order waits for its bill. */
const untilLeftOpen = (stack: LocalStack, out_trade_no: string) =>
  until(async () => (await settlements(stack)).some(({ body }) => JSON.parse(body).out_trade_no === out_trade_no))

/** An outcome of some days ago, as it waits for its bill. */
async function leaveOpen(stack: LocalStack, state: 'paid' | 'unpaid', daysAgo: number) {
  const { mchid, appid } = merchant
  const out_trade_no = `OPEN-${++numbers}`
  const at = Date.now() - daysAgo * 86_400_000
  wechatPay.simulator.books.create({ mchid, appid, out_trade_no }, at)
  if (state === 'paid') wechatPay.simulator.books.happen(mchid, out_trade_no, 'pay', at)
  const time = new Date(at).toISOString()
  const message = { mchid, appid, out_trade_no, outcome: 'NOT_FOUND', attempted_at: time, confirmed_at: time }
  const QueueUrl = stack.resources.find(({ logicalId }) => logicalId === 'SettlementQueue')!.ref
  await stack.sqs.call('SendMessage', { QueueUrl, MessageBody: JSON.stringify(message) })
  return out_trade_no
}

async function settle(stack: LocalStack) {
  const paid = await leaveOpen(stack, 'paid', 3)
  const { mchid, appid } = merchant
  const waits = { mchid, appid, out_trade_no: `OPEN-${++numbers}`, outcome: 'REVERSED' }
  const now = new Date().toISOString()
  const QueueUrl = stack.resources.find(({ logicalId }) => logicalId === 'SettlementQueue')!.ref
  for (const body of [{ ...waits, attempted_at: now, confirmed_at: now }, { mchid: 1 }]) {
    await stack.sqs.call('SendMessage', { QueueUrl, MessageBody: JSON.stringify(body) })
  }
  await stack.runSchedules()
  assert.ok(stack.events().some(({ detail }) => detail.settlement === 'DISAGREES' && detail.out_trade_no === paid))
  const left = await settlements(stack)
  assert.ok(left.some(({ body, state }) => JSON.parse(body).out_trade_no === waits.out_trade_no && state === 'ready'))
  assert.ok(left.every(({ body }) => JSON.parse(body).out_trade_no !== paid))
  assert.ok((await stack.deadLetters()).some(({ attributes }) => attributes.error === 'SettlementFailed'))
}

let numbers = 0
function place(state: TradeState, secondsAgo = 60) {
  const out_trade_no = `ORDER-${++numbers}`
  const { mchid, appid } = merchant
  wechatPay.simulator.placeOrder({ mchid, appid, out_trade_no }, state)
  return { mchid, appid, out_trade_no, attempted_at: new Date(Date.now() - secondsAgo * 1000).toISOString() }
}

/** What every role is there for. Each part rejects, or waits in vain, when a right is missing. */
const parts: Record<string, (stack: LocalStack) => Promise<void>> = {
  HttpRole: async (stack) => {
    const { credentials, region, apiUrl } = stack
    const client = new AwsClient({ ...credentials, region, service: 'execute-api', retries: 0 })
    const post = async (headers: Record<string, string>, { out_trade_no, ...order } = place('SUCCESS')) => {
      const url = `${apiUrl}/v3/pay/transactions/out-trade-no/${out_trade_no}/reverse`
      const json = { 'content-type': 'application/json', ...headers }
      return (await client.fetch(url, { method: 'POST', headers: json, body: JSON.stringify(order) })).status
    }
    assert.deepEqual([await post({}), await post({ prefer: 'respond-async' })], [200, 202])
    const reversed = place('REVOKED')
    await post({}, reversed)
    await untilLeftOpen(stack, reversed.out_trade_no)
  },
  StepRole: async (stack) => {
    const { result } = await stack.invoke('StepLambdaFunction', place('SUCCESS'))
    assert.equal(result.outcome, 'REFUNDED')
    const reversed = place('REVOKED')
    await stack.invoke('StepLambdaFunction', reversed)
    await untilLeftOpen(stack, reversed.out_trade_no)
  },
  WorkflowRole: async (stack) => {
    assert.equal((await stack.startExecution(place('SUCCESS')).ended).status, 'SUCCEEDED')
    const { attempted_at, ...sale } = place('SUCCESS')
    assert.equal((await stack.startExecution({ ...sale, pay: {} }).ended).output.trade_state, 'SUCCESS')
  },
  QueueRole: async (stack) => {
    const done = place('SUCCESS')
    const waiting = place('USERPAYING', 1)
    // Seen paid, and then nothing verified any more: what was learned travels on in a new message.
    const learned = place('SUCCESS')
    const { mchid, out_trade_no } = learned
    wechatPay.simulator.faults.add({ fault: 'unsigned', mchid, out_trade_no, after: 1, times: 'always' })
    const reversed = place('REVOKED')
    for (const body of [done, waiting, learned, reversed, { mchid: 1 }]) await stack.sendMessage(body)
    await until(async () => {
      const bodies = (await stack.messages()).map(({ body, state, visibleAt = 0 }) => ({
        ...JSON.parse(body),
        comesSoon: state === 'inflight' && visibleAt < Date.now() + 60_000,
      }))
      return (
        stack.events().some(({ detail }) => detail.out_trade_no === done.out_trade_no) &&
        bodies.every((one) => one.out_trade_no !== done.out_trade_no) &&
        bodies.some((one) => one.out_trade_no === waiting.out_trade_no && one.comesSoon) &&
        bodies.some((one) => one.out_trade_no === out_trade_no && one.history?.paid) &&
        (await stack.deadLetters()).some(({ attributes }) => attributes.error === 'InvalidOrder')
      )
    })
    await untilLeftOpen(stack, reversed.out_trade_no)
  },
  SettleRole: settle,
  SettlementScheduleRole: settle,
}

interface Granted {
  role: string
  action: string
  resource: string
  remove(): Template
}

/** Every right of every role, each with the template that lacks it. */
function grants(): Granted[] {
  const account = { accountId: '000000000000', region: 'us-east-1', partition: 'aws', stackName: 'local' }
  const urls = { awsUrl: 'http://127.0.0.1', apiUrl: 'http://127.0.0.1' }
  const { ofType } = resolveTemplate(template, { ...account, ...urls, parameters })
  return ofType('AWS::IAM::Role').flatMap(({ logicalId: role, properties }) =>
    properties.Policies.flatMap(({ PolicyDocument }: Json, policy: number) =>
      PolicyDocument.Statement.flatMap(({ Action, Resource }: Json, statement: number) =>
        [Action].flat().flatMap((action) =>
          [Resource].flat().map((resource, index) => ({
            role,
            action,
            resource,
            remove: () => {
              const copy = structuredClone(template)
              const { Statement } = copy.Resources[role]!.Properties.Policies[policy].PolicyDocument
              const { Action: all, Resource: on, ...rest } = Statement[statement]
              const others = [all].flat().filter((one) => one !== action)
              const elsewhere = [on].flat().filter((_, at) => at !== index)
              Statement.splice(statement, 1)
              if (others.length > 0) Statement.push({ ...rest, Action: others, Resource: on })
              if (elsewhere.length > 0) Statement.push({ ...rest, Action: action, Resource: elsewhere })
              return copy
            },
          })),
        ),
      ),
    ),
  )
}
/** A grant on all merchants is used when one of them is read. */
const covers = (granted: string, used: string) =>
  granted.endsWith('/*') ? used.startsWith(granted.slice(0, -1)) : granted === used

const granted = grants().filter(({ action }) => isRunHere(action))

test('with every right in place everything goes through, and every right is used', async () => {
  const stack = await boot()
  try {
    await Promise.all(Object.values(parts).map((part) => part(stack)))
    assert.deepEqual(
      stack.access().filter(({ isAllowed }) => !isAllowed),
      [],
    )
    const arnOf = (role: string) => stack.resources.find(({ logicalId }) => logicalId === role)!.arn
    const isUsed = ({ role, action, resource }: Granted) =>
      stack.access().some((one) => one.arn === arnOf(role) && one.action === action && covers(resource, one.resource))
    const idle = granted
      .filter((one) => !isUsed(one))
      .map(({ role, action, resource }) => `${role} ${action} ${resource}`)
    assert.deepEqual(idle, [], 'rights nobody needs')
  } finally {
    await stack.close()
  }
})

describe('without one of its rights a role fails', () => {
  for (const { role, action, resource, remove } of granted) {
    test(`${role}: ${action} on ${resource.split(':').slice(5).join(':')}`, async () => {
      const stack = await boot(remove()).catch((error: Error) => {
        // What the poller needs is asked for when the mapping is made, as AWS does.
        assert.match(error.message, new RegExp(`not authorized to perform: ${action}`))
      })
      if (!stack) return
      const isRefused = () =>
        stack.access().some((one) => !one.isAllowed && one.action === action && covers(resource, one.resource))
      let hasSucceeded = false
      parts[role]!(stack).then(
        () => {
          hasSucceeded = true
        },
        () => undefined,
      )
      try {
        await until(() => isRefused() || hasSucceeded)
      } finally {
        await stack.close()
      }
      assert.equal(hasSucceeded, false)
    })
  }
})
