// `npm run settle`: what WeChat Pay's own bill of a day says of the orders that were reversed, and of results that left the money open.

import { MAX_DAYS } from '../lib/settlement/days.ts'
import { createSettleMerchant } from '../lib/settlement/settle-merchant.ts'
import { addDays, billDateOf, isBillDate } from '../lib/wechatpay/bill-date.ts'
import { createBills } from '../lib/wechatpay/bills.ts'
import { createWechatPay } from '../lib/wechatpay/client.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { asGiven, localOption } from './operator/local-stage.ts'
import { endpointsOption, merchantOption, openMerchant } from './operator/merchant.ts'
import { argumentsOf, npmRun } from './operator/npm-run.ts'
import { tell } from './operator/paint.ts'
import { explainRefusal } from './operator/reversal-failure.ts'
import { asJson } from './operator/settlement/as-json.ts'
import { createBillFile } from './operator/settlement/bill-file.ts'
import { createDayBills } from './operator/settlement/day-bills.ts'
import { refusedBills } from './operator/settlement/refused-bill.ts'
import { readResults } from './operator/settlement/results-file.ts'
import { showDay, showResults, whenInWords } from './operator/settlement/show.ts'
import { disagrees, type Judged, judge, openOf, waits } from './operator/settlement/verdicts.ts'
import { tellEvent } from './operator/wire-events.ts'
import { text } from './texts/settle.ts'

interface Options {
  merchant: string
  date: string
  orders?: string
  save?: string
  endpoints?: string
  json?: true
}

const EXIT_DISAGREES = 1
const EXIT_WAITS = 2

const examples = [
  ['--merchant merchant.json --date 2026-11-27', text.examples.day],
  ['--merchant merchant.json --date 2026-11-27 --orders results.jsonl', text.examples.orders],
  [
    '--merchant merchant.json --date 2026-11-27 --orders results.jsonl --json --save bill.csv > settled.json',
    text.examples.keep,
  ],
] as const

const command = createCommand('settle', text.description, examples, ['--merchant', '--date'])
  .addOption(merchantOption())
  .addOption(localOption())
  .option('-d, --date <yyyy-mm-dd>', text.date)
  .option('--orders <file>', text.orders)
  .option('--save <file>', text.save)
  .addOption(endpointsOption())
  .option('--json', text.json)
  .action(settle)

/** Each call and each download has a bound of its own. */
const noHurry = () => Number.POSITIVE_INFINITY

async function settle({ date, json, save, orders, ...options }: Options) {
  assertDate(date, billDateOf(Date.now()))
  const { merchant, merchants, settings } = await openMerchant(options.merchant, options.endpoints)
  const { mchid } = merchant
  const results = orders === undefined ? [] : await readResults(orders, mchid)
  const file = save === undefined ? undefined : await createBillFile(save)
  const wechatPay = createWechatPay({ ...settings, observe: tellEvent })
  try {
    const bills = createDayBills(createBills({ wechatPay, endpoints: settings.endpoints }), date, file)
    const settleMerchant = createSettleMerchant({ bills, merchants, observe: () => {} })
    // Keys that cannot be read are no reason to wait for a bill: they are told at once.
    await merchants.find(mchid)
    const verdicts = await settleMerchant(mchid, openOf(results), noHurry, [date])
    const judged = orders === undefined ? undefined : judge(results, verdicts)
    const { orders: reversed, trouble } = await bills.reversed()
    const read = [...bills.read.values()]

    if (json) console.log(JSON.stringify(asJson(mchid, date, read, reversed, judged), null, 2))
    else {
      const day = bills.read.get(date)
      if (day !== undefined) showDay(mchid, day, reversed, judged)
      if (judged !== undefined) showResults(orders!, judged)
    }
    tellNext(judged ?? [])
    const all = trouble === undefined ? read : [...read, trouble]
    const isLate = all.some(({ kind }) => kind === 'not ready')
    process.exitCode = judged?.some(disagrees) ? EXIT_DISAGREES : isLate || judged?.some(waits) ? EXIT_WAITS : 0
    const refused = all.filter((bill) => bill.kind === 'refused')
    if (refused.length > 0) throw refusedBills(refused, options.merchant)
  } catch (error) {
    throw explainRefusal(error, options.merchant)
  } finally {
    wechatPay.close()
  }
}

/** @param today the day in China */
function assertDate(date: string, today: string) {
  if (!isBillDate(date)) throw new Failure(text.noDay, text.giveDay)
  if (date > today) throw new Failure(text.inFuture(date, today), text.giveDay)
  const oldest = addDays(today, -MAX_DAYS)
  if (date < oldest) throw new Failure(text.tooOld(date, oldest), text.downloadThere)
}

/** What a person does about orders that must wait, and about those that disagree. */
function tellNext(judged: readonly Judged[]) {
  const untilMs = judged.flatMap(({ verdict }) => (verdict.do === 'wait' ? (verdict.untilMs ?? []) : []))
  if (untilMs.length > 0) {
    const [first, last] = [whenInWords(Math.min(...untilMs)), whenInWords(Math.max(...untilMs))]
    tell(`  → ${first === last ? text.again(first) : text.againUntil(first, last)}`)
  }
  for (const { verdict } of judged) {
    if (verdict.do !== 'settle' || verdict.again === undefined) continue
    const { out_trade_no, appid, sub_mchid, sp_appid, sub_appid, attempted_at } = verdict.again
    const given = {
      '--merchant': asGiven(command, 'merchant'),
      '--appid': appid,
      '--sub-mchid': sub_mchid,
      '--sp-appid': sp_appid,
      '--sub-appid': sub_appid,
      '--attempted-at': attempted_at,
      '--endpoints': asGiven(command, 'endpoints'),
      '--stage': asGiven(command, 'stage'),
    }
    tell(`  → ${text.notReturned}\n    ${npmRun('reverse', [out_trade_no, ...argumentsOf(given)])}`)
  }
  if (judged.some(disagrees)) tell(`  → ${text.disagreeing}`)
}

await run(command)
