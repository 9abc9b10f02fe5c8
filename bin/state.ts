// `npm run state`: how an order stands, verified. Only looks.
import { createLookUp, type OrderState } from '../lib/reversal/look-up.ts'
import { createWechatPay } from '../lib/wechatpay/client.ts'
import { MERCHANT_NUMBER } from '../lib/wechatpay/order-id.ts'
import { OUT_TRADE_NO } from '../lib/wechatpay/order-number.ts'
import { meaningOfOrder } from './operator/announce.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { keepResult, printFields } from './operator/keep.ts'
import { localOption } from './operator/local-stage.ts'
import { endpointsOption, merchantOption, openMerchant } from './operator/merchant.ts'
import { orderIdOf, ownerInWords, SUB_MCHID_OPTION } from './operator/order.ts'
import { paint } from './operator/paint.ts'
import { explainRefusal } from './operator/reversal-failure.ts'
import { tellEvent } from './operator/wire-events.ts'

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
  ['1217752501201407033233368018 --merchant merchant.json', 'look'],
  ['1217752501201407033233368018 --merchant merchant.json --evidence state.json', 'and keep the signed answer'],
] as const

const command = createCommand(
  'state',
  'Tells how an order stands, by a verified answer. Reverses nothing.\nExit code 0: it does, 1: no such order, 2: nothing verified came back.',
  examples,
  ['--merchant'],
)
  .argument('<out_trade_no>', "the merchant's order number")
  .addOption(merchantOption())
  .addOption(localOption())
  .option(...SUB_MCHID_OPTION)
  .option('--evidence <file>', 'keep the state with its signed answer, for npm run verify')
  .addOption(endpointsOption())
  .option('--json', 'print the state as JSON')
  .action(state)

async function state(out_trade_no: string, options: Options) {
  if (!OUT_TRADE_NO.test(out_trade_no)) {
    throw new Failure('out_trade_no: must be 1 to 32 digits, letters, "_", "-" or "*"', 'Correct the number.')
  }
  if (options.subMchid !== undefined && !MERCHANT_NUMBER.test(options.subMchid)) {
    throw new Failure('sub_mchid: must be 1 to 32 digits or letters', 'Correct --sub-mchid.')
  }
  const { merchant, merchants, settings } = await openMerchant(options.merchant, options.endpoints)
  const wechatPay = createWechatPay({ ...settings, observe: tellEvent })
  const endsAt = Date.now() + LOOK_MS
  try {
    const lookUp = createLookUp({ wechatPay, merchants })
    const order = orderIdOf(merchant.mchid, out_trade_no, options.subMchid)
    const seen = await lookUp(order, () => endsAt - Date.now())
    if (seen.kind === 'found') return await show(seen.state, options)
    if (seen.kind === 'none') {
      const next = 'Look at the number and the merchant. A payment of the last minutes may still arrive.'
      throw new Failure(`WeChat Pay knows no order ${out_trade_no} of ${ownerInWords(order)}, or not yet`, next)
    }
    const next = `Try again; if it stays so: npm run doctor -- --merchant ${options.merchant}`
    const said = seen.words === undefined ? '' : `; the answer was ${seen.words}`
    throw new Failure(`nothing verified came back${said}`, next, { exitCode: EXIT_NOTHING_VERIFIED })
  } catch (error) {
    throw explainRefusal(error, options.merchant)
  } finally {
    wechatPay.close()
  }
}

async function show(found: OrderState, { evidence, json }: Options) {
  if (evidence !== undefined) await keepResult(evidence, found)
  if (json) return console.log(JSON.stringify(found, null, 2))
  const { appid, sp_appid, sub_appid, out_trade_no, trade_state, transaction_id, success_time, request_id } = found
  console.log(`${paint.ok(trade_state)}: ${meaningOfOrder(found)}`)
  printFields({
    order: [`${out_trade_no} of ${ownerInWords(found)}`, appid, sp_appid, sub_appid].filter(Boolean).join(', '),
    transaction_id,
    success_time,
    request_id,
  })
}

await run(command)
