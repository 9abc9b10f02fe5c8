// `npm run reverse`: one order, by hand, through the same core as the functions.

import { Option } from 'commander'
import { createAttempt, resultOf } from '../lib/reversal/attempt.ts'
import { TIMES } from '../lib/reversal/decision/times.ts'
import { ReversalError } from '../lib/reversal/errors.ts'
import { createLookUp, type LookUpResult, type OrderState } from '../lib/reversal/look-up.ts'
import type { Merchants } from '../lib/reversal/merchants.ts'
import { type OrderMessage, parseOrder } from '../lib/reversal/order.ts'
import type { History, Pending, Reversal } from '../lib/reversal/result.ts'
import { createWechatPay } from '../lib/wechatpay/client.ts'
import type { OrderId } from '../lib/wechatpay/order-id.ts'
import { announcement } from './operator/announce.ts'
import { createCommand, run } from './operator/command.ts'
import { confirm } from './operator/confirm.ts'
import { countdown } from './operator/countdown.ts'
import { Failure } from './operator/failure.ts'
import { readText } from './operator/files.ts'
import { keepResult, printFields } from './operator/keep.ts'
import { asGiven, localOption } from './operator/local-stage.ts'
import { meaningOfOutcome, reasonInWords } from './operator/meanings.ts'
import { endpointsOption, merchantOption, openMerchant } from './operator/merchant.ts'
import { argumentsOf, npmRun } from './operator/npm-run.ts'
import { APPS, type Apps, orderIdOf, orderInWords, SUB_MCHID_OPTION } from './operator/order.ts'
import { paint, tell } from './operator/paint.ts'
import { explainRefusal } from './operator/reversal-failure.ts'
import { tellEvent } from './operator/wire-events.ts'
import { text } from './texts/reverse.ts'

interface Options {
  merchant: string
  subMchid?: string
  appid?: string
  spAppid?: string
  subAppid?: string
  ifPaid: 'refund' | 'keep'
  attemptedAt?: string
  history?: string
  wait?: true
  evidence?: string
  endpoints?: string
  yes?: true
  json?: true
}

/** What one attempt may take: as long as a function may. */
const ATTEMPT_MS = 29_000

const EXIT_PENDING = 2

const examples = [
  ['1217752501201407033233368018 --merchant merchant.json', text.examples.reverse],
  ['1217752501201407033233368018 --merchant merchant.json --wait', text.examples.wait],
  ['1217752501201407033233368018 --merchant merchant.json --if-paid keep', text.examples.keep],
  ['1217752501201407033233368018 --merchant merchant.json --evidence result.json --yes', text.examples.yes],
] as const

const command = createCommand('reverse', text.description, examples, ['--merchant'])
  .argument('<out_trade_no>', text.outTradeNo)
  .addOption(merchantOption())
  .addOption(localOption())
  .option('--appid <appid>', text.appid)
  .option(...SUB_MCHID_OPTION)
  .option('--sp-appid <appid>', text.spAppid)
  .option('--sub-appid <appid>', text.subAppid)
  .addOption(new Option('--if-paid <what>', text.ifPaid).choices(['refund', 'keep']).default('refund'))
  .option('--attempted-at <time>', text.attemptedAt)
  .option('--history <file>', text.history)
  .option('--wait', text.wait)
  .option('--evidence <file>', text.evidence)
  .addOption(endpointsOption())
  .option('-y, --yes', text.yes)
  .option('--json', text.json)
  .action(reverse)

async function reverse(out_trade_no: string, options: Options) {
  const { merchant, merchants, settings } = await openMerchant(options.merchant, options.endpoints)
  const id = orderIdOf(merchant.mchid, out_trade_no, options.subMchid)
  const known: Known = { ...id, ...appsIn(options) }
  const wechatPay = createWechatPay({ ...settings, observe: tellEvent })
  try {
    const message = await orderOf(known, options)
    assertOrder(id.sp_mchid === undefined ? { appid: 'not known yet', ...message } : message)
    const seen = await createLookUp({ wechatPay, merchants })(id, timeLeft())
    const order = complete(message, seen)
    tell(announcement(order, seen))
    await confirm(text.goOn, options.yes)
    await conclude(await attempts(order, { wechatPay, merchants }, options), options)
  } catch (error) {
    if (options.json && error instanceof ReversalError) {
      const { name, message, code, request_id } = error
      console.log(JSON.stringify({ ...known, error: name, detail: message, code, request_id }, null, 2))
    }
    throw explainRefusal(error, options.merchant)
  } finally {
    wechatPay.close()
  }
}

function timeLeft(): () => number {
  const endsAt = Date.now() + ATTEMPT_MS
  return () => endsAt - Date.now()
}

type Known = OrderId & Apps
type Started = Known & Pick<OrderMessage, 'if_paid' | 'attempted_at' | 'history'>

const appsIn = ({ appid, spAppid, subAppid }: Options): Apps => ({
  ...(appid !== undefined && { appid }),
  ...(spAppid !== undefined && { sp_appid: spAppid }),
  ...(subAppid !== undefined && { sub_appid: subAppid }),
})

async function orderOf(known: Known, { ifPaid, attemptedAt, history }: Options): Promise<Started> {
  return {
    ...known,
    if_paid: ifPaid,
    ...(attemptedAt !== undefined && { attempted_at: attemptedAt }),
    ...(history !== undefined && { history: await readHistory(history) }),
  }
}

/** The history of a pending result, or one by itself. */
async function readHistory(path: string): Promise<History> {
  try {
    const json = JSON.parse(await readText(path)) as { history?: History }
    return json.history ?? (json as History)
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure(text.notJson(path), text.giveHistory)
  }
}

/** @throws ReversalError InvalidOrder that names the field */
const assertOrder = (message: unknown) => parseOrder(message, Date.now())

/** What the person left out stands in WeChat Pay's answer, when the order is known there; and that it was paid. */
function complete(order: Started, seen: LookUpResult): OrderMessage {
  const { success_time, trade_state, evidence, ...found }: Partial<OrderState> = seen.kind === 'found' ? seen.state : {}
  const apps: Apps = {}
  for (const name of APPS) {
    const [given, said] = [order[name], (found as Apps)[name]]
    const option = `--${name.replace('_', '-')}`
    if (given !== undefined && said !== undefined && given !== said) {
      throw new Failure(text.otherApp(name, said, given), text.giveApp(option, said))
    }
    const known = given ?? said
    if (known !== undefined) apps[name] = known
  }
  if (order.sp_mchid === undefined && apps.appid === undefined) {
    throw new Failure(text.noAppid, text.giveAppid)
  }
  // Paid at the latest then: the 15 s in which nothing is reversed are over for a payment of an hour ago.
  const attempted_at = order.attempted_at ?? success_time
  const paid = order.history?.paid ?? (trade_state === 'SUCCESS' ? evidence?.[0] : undefined)
  return {
    ...order,
    ...apps,
    ...(attempted_at !== undefined && { attempted_at }),
    ...(paid !== undefined && { history: { ...order.history, paid } }),
  } as OrderMessage
}

interface Core {
  wechatPay: ReturnType<typeof createWechatPay>
  merchants: Merchants
}

/** Attempts until the order is proved; only one without `wait`. Ctrl-C ends the waiting, not the attempt under way. */
async function attempts(order: OrderMessage, core: Core, { wait, evidence }: Options): Promise<Reversal | Pending> {
  const attempt = createAttempt({ ...core, observe: tellEvent })
  const seenAtMs = Date.now()
  const interrupted = new AbortController()
  if (wait) process.on('SIGINT', () => interrupted.abort())
  for (let message = order, count = 1; ; count += 1) {
    const result = resultOf(await attempt(parseOrder(message, Date.now()), { seenAtMs, msLeft: timeLeft() }))
    if (result.outcome !== 'PENDING') return result
    if (!wait) return result
    // Whatever becomes of this process, what was learned is there to go on from.
    if (evidence !== undefined) await keepResult(evidence, result)
    tell(`  ${text.attempt(count, reasonInWords(result.reason), result.retry_after)}`)
    await countdown(result.retry_after, text.nextAttempt, interrupted.signal)
    if (interrupted.signal.aborted) return result
    message = { ...message, history: result.history }
  }
}

async function conclude(result: Reversal | Pending, options: Options) {
  const { json, evidence } = options
  if (evidence !== undefined) await keepResult(evidence, result)
  process.exitCode = result.outcome === 'PENDING' ? EXIT_PENDING : 0
  if (json) return console.log(JSON.stringify(result, null, 2))
  if (result.outcome === 'PENDING') {
    const { reason, retry_after } = result
    console.log(text.pending(paint.warning(result.outcome), reasonInWords(reason), duration(retry_after)))
    tell(`  → ${text.stay(npmRun('reverse', goOn(result, options)))}`)
    // Without its history the next run cannot know that this order may not be kept after all.
    if (options.ifPaid === 'keep' && evidence === undefined && result.history.reverse_sent_at !== undefined) {
      tell(`    ${text.mayStillAct(TIMES.reverseLands)}`)
    }
    return
  }
  const { outcome, trade_state, refunded, confirmed_at, request_id, evidence: proofs } = result
  console.log(text.proved(paint.ok(outcome), meaningOfOutcome(outcome)))
  const answers = text.answers(proofs.length)
  printFields({
    order: orderInWords(result),
    trade_state: trade_state ?? text.noState,
    refunded: text.refunded[`${refunded}`],
    confirmed_at,
    request_id,
    evidence: evidence === undefined ? text.answersNotKept(answers) : text.answersKept(answers, evidence),
  })
}

const duration = (seconds: number) => (seconds < 120 ? text.seconds(seconds) : text.minutes(Math.ceil(seconds / 60)))

/** Without the wishes of this run, the next one would refund what was to be kept. */
function goOn({ out_trade_no, appid, sub_mchid, sp_appid, sub_appid }: Pending, options: Options): string[] {
  const { ifPaid, attemptedAt, evidence, history } = options
  const given = {
    '--merchant': asGiven(command, 'merchant'),
    '--appid': appid,
    '--sub-mchid': sub_mchid,
    '--sp-appid': sp_appid,
    '--sub-appid': sub_appid,
    '--if-paid': ifPaid === 'keep' ? ifPaid : undefined,
    '--attempted-at': attemptedAt,
    '--history': evidence ?? history,
    '--evidence': evidence,
    '--endpoints': asGiven(command, 'endpoints'),
    '--stage': asGiven(command, 'stage'),
  }
  return [out_trade_no, ...argumentsOf(given), '--wait']
}

await run(command)
