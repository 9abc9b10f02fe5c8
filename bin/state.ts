// `npm run state`: how an order stands, verified. Only looks.
import { createLookUp, type OrderState } from '../lib/reversal/look-up.ts'
import { createWechatPay } from '../lib/wechatpay/client.ts'
import { OUT_TRADE_NO } from '../lib/wechatpay/order-number.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { keepResult, printFields } from './operator/keep.ts'
import { localOption } from './operator/local-stage.ts'
import { meaningOfOrder } from './operator/meanings.ts'
import { endpointsOption, merchantOption, openMerchant } from './operator/merchant.ts'
import { assertSubMchid, orderIdOf, orderInWords, ownerInWords, SUB_MCHID_OPTION } from './operator/order.ts'
import { paint } from './operator/paint.ts'
import { explainRefusal } from './operator/reversal-failure.ts'
import { tellEvent } from './operator/wire-events.ts'
import { text } from './texts/state.ts'

interface Options {
  merchant: string
  subMchid?: string
  evidence?: string
  endpoints?: string
  json?: true
}

const LOOK_MS = 29_000
const EXIT_NOTHING_VERIFIED = 2

const examples = [
  ['1217752501201407033233368018 --merchant merchant.json', text.look],
  ['1217752501201407033233368018 --merchant merchant.json --evidence state.json', text.keepAnswer],
] as const

const command = createCommand('state', text.description, examples, ['--merchant'])
  .argument('<out_trade_no>', text.outTradeNo)
  .addOption(merchantOption())
  .addOption(localOption())
  .option(...SUB_MCHID_OPTION)
  .option('--evidence <file>', text.evidence)
  .addOption(endpointsOption())
  .option('--json', text.json)
  .action(state)

async function state(out_trade_no: string, options: Options) {
  if (!OUT_TRADE_NO.test(out_trade_no)) {
    throw new Failure(text.badNumber, text.correctNumber)
  }
  assertSubMchid(options.subMchid)
  const { merchant, merchants, settings } = await openMerchant(options.merchant, options.endpoints)
  const wechatPay = createWechatPay({ ...settings, observe: tellEvent })
  const endsAt = Date.now() + LOOK_MS
  try {
    const lookUp = createLookUp({ wechatPay, merchants })
    const order = orderIdOf(merchant.mchid, out_trade_no, options.subMchid)
    const seen = await lookUp(order, () => endsAt - Date.now())
    if (seen.kind === 'found') return await show(seen.state, options)
    if (seen.kind === 'none') {
      throw new Failure(text.unknownOrder(out_trade_no, ownerInWords(order)), text.lookAtNumber)
    }
    const next = text.tryAgain(`npm run doctor -- --merchant ${options.merchant}`)
    const nothing = seen.words === undefined ? text.nothingVerified : text.nothingVerifiedBut(seen.words)
    throw new Failure(nothing, next, { exitCode: EXIT_NOTHING_VERIFIED })
  } catch (error) {
    throw explainRefusal(error, options.merchant)
  } finally {
    wechatPay.close()
  }
}

async function show(found: OrderState, { evidence, json }: Options) {
  if (evidence !== undefined) await keepResult(evidence, found)
  if (json) return console.log(JSON.stringify(found, null, 2))
  const { trade_state, transaction_id, success_time, request_id } = found
  console.log(text.found(paint.ok(trade_state), meaningOfOrder(found)))
  printFields({
    order: orderInWords(found),
    transaction_id,
    success_time,
    request_id,
  })
}

await run(command)
