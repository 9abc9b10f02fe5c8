import { madeAtMs } from '../../../lib/wechatpay/bill-date.ts'
import type { Bill } from '../../../lib/wechatpay/bills.ts'
import { text } from '../../texts/settle.ts'
import { inChina } from '../china-time.ts'
import { reasonInWords } from '../meanings.ts'
import { paint } from '../paint.ts'
import { drawTable, inOneLine } from '../table.ts'
import { sumOf } from './as-json.ts'
import type { Reversed } from './day-bills.ts'
import { type Judged, type Outcomes, outcomesOf, waits } from './verdicts.ts'
import { billTroubleInWords, whyInWords } from './words.ts'

/** Room for the longest order number. */
const ORDER_WIDTH = 34

const yuan = (fen: number | null | undefined) => (fen == null ? text.unreadableSum : text.yuan((fen / 100).toFixed(2)))

/** A moment in China’s time, and in UTC. */
export function whenInWords(ms: number): string {
  return text.when(inChina(ms).slice(0, 16), new Date(ms).toISOString().slice(11, 16))
}

/** The day's bill in a line, and the orders in it that were reversed. */
export function showDay(
  mchid: string,
  bill: Bill,
  reversed: readonly Reversed[] | undefined,
  judged?: readonly Judged[],
) {
  if (bill.kind === 'refused') return
  console.log(paint.strong(text.billOf(bill.date, mchid)))
  if (bill.kind === 'not ready') {
    const madeMs = madeAtMs(bill.date)
    const why = madeMs > Date.now() ? text.madeAt(whenInWords(madeMs)) : text.says(billTroubleInWords(bill.detail))
    return console.log(paint.warning(text.notMade(why)))
  }
  if (bill.count === 0) return console.log(text.nothingThatDay)
  console.log(text.found(bill.count, reversed?.length ?? 0))
  if (reversed === undefined || reversed.length === 0) return
  const told = judged && outcomesOf(judged)
  const rows = reversed.map((order) => [
    order.returns.map(({ time }) => inOneLine(time.slice(11))),
    [order.out_trade_no, ...(order.sub_mchid === null ? [] : [order.sub_mchid])].map(inOneLine),
    [...returnedInWords(order), ...(told === undefined ? [] : [toldOf(order, told)])],
  ])
  const { at, order, returned } = text.dayHead
  console.log(drawTable({ head: [at, order, returned], widths: [10, ORDER_WIDTH] }, rows))
}

function returnedInWords({ returns, payment }: Reversed): string[] {
  const states = [...new Set(returns.map(({ refundState }) => refundState))].filter(
    (state) => !/^(SUCCESS)?$/.test(state),
  )
  const returned = [yuan(sumOf(returns)), ...states.map((state) => paint.warning(inOneLine(state)))].join(text.and)
  if (payment === undefined) return [returned]
  if (payment === null) return [returned, paint.warning(text.otherDay)]
  return [returned, text.paidAt(yuan(payment.paidFen), inOneLine(payment.time.slice(11)))]
}

function toldOf({ out_trade_no }: Reversed, outcomes: Outcomes): string {
  const outcome = outcomes.get(out_trade_no)
  return outcome === undefined ? paint.warning(text.notListed) : text.told(outcome)
}

/** How the books settle each result. */
export function showResults(path: string, judged: readonly Judged[]) {
  console.log(`\n${paint.strong(text.results(judged.length, path))}`)
  if (judged.length === 0) return
  const lineWidth = Math.max(6, String(judged.at(-1)!.line).length + 2)
  const rows = judged.map((result) => {
    const { line, told } = result
    const { out_trade_no, sub_mchid } = told.ref
    return [
      [String(line)],
      [out_trade_no, ...(sub_mchid === undefined ? [] : [sub_mchid]), text.told(told.outcome)],
      booksSay(result),
    ]
  })
  const { line, order, books } = text.resultsHead
  console.log(drawTable({ head: [line, order, books], widths: [lineWidth, ORDER_WIDTH] }, rows))
  for (const line of summary(judged)) console.log(line)
}

function booksSay({ verdict }: Judged): string[] {
  switch (verdict.do) {
    case 'settle': {
      const { settlement, total } = verdict.settlement
      const name = settlement === 'DISAGREES' ? paint.failed(settlement) : paint.ok(settlement)
      return [total === null ? name : `${name}${text.and}${yuan(total)}`, inOneLine(reasonInWords(verdict.says))]
    }
    case 'wait':
    case 'give up':
      return [paint.warning(text.mustWait), inOneLine(whyInWords(verdict.why))]
    case 'nothing':
      return [paint.quiet(text.noNeed), verdict.why]
  }
}

/** How many of each, with what they come to. */
function summary(judged: readonly Judged[]): string[] {
  const settled = judged.flatMap(({ verdict }) => (verdict.do === 'settle' ? [verdict.settlement] : []))
  const waiting = judged.filter(waits).length
  const counts = [
    ...[...Map.groupBy(settled, ({ settlement }) => settlement)].map(([name, those]) => {
      const total = those.reduce((sum, { total }) => sum + (total ?? 0), 0)
      return [
        those.length,
        total > 0 ? text.inAll(text.settlements[name], yuan(total)) : text.settlements[name],
      ] as const
    }),
    [waiting, text.mustWait] as const,
    [judged.length - settled.length - waiting, text.noNeed] as const,
  ]
  const width = String(judged.length).length
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `  ${text.count(String(count).padStart(width), what)}`)
}
