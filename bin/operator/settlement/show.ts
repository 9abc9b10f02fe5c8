import { madeAtMs } from '../../../lib/wechatpay/bill-date.ts'
import type { Bill } from '../../../lib/wechatpay/bills.ts'
import { inChina } from '../china-time.ts'
import { paint } from '../paint.ts'
import { counted, drawTable, inOneLine } from '../table.ts'
import { sumOf } from './as-json.ts'
import type { Reversed } from './day-bills.ts'
import { type Judged, type Outcomes, outcomesOf, waits } from './verdicts.ts'

/** Room for the longest order number. */
const ORDER_WIDTH = 34

const yuan = (fen: number | null | undefined) =>
  fen == null ? 'a sum we cannot read' : `${(fen / 100).toFixed(2)} yuan`

/** `2026-11-29 10:00 in China (02:00 UTC)`. */
export function whenInWords(ms: number): string {
  return `${inChina(ms).slice(0, 16)} in China (${new Date(ms).toISOString().slice(11, 16)} UTC)`
}

/** The day's bill in a line, and the orders in it that were reversed. */
export function showDay(
  mchid: string,
  bill: Bill,
  reversed: readonly Reversed[] | undefined,
  judged?: readonly Judged[],
) {
  if (bill.kind === 'refused') return
  console.log(paint.strong(`Trade bill of ${bill.date} of merchant ${mchid}`))
  if (bill.kind === 'not ready') {
    const madeMs = madeAtMs(bill.date)
    const when = madeMs > Date.now() ? `it is made at ${whenInWords(madeMs)}` : `WeChat Pay says ${bill.detail}`
    return console.log(`${paint.warning('Not made yet')}: ${when}.`)
  }
  if (bill.count === 0) return console.log('There is none: nothing was paid or returned that day, says WeChat Pay.')
  console.log(`${counted(bill.count, 'row')}, ${counted(reversed?.length ?? 0, 'reversed order')}.`)
  if (reversed === undefined || reversed.length === 0) return
  const told = judged && outcomesOf(judged)
  const rows = reversed.map((order) => [
    order.returns.map(({ time }) => inOneLine(time.slice(11))),
    [order.out_trade_no, ...(order.sub_mchid === null ? [] : [order.sub_mchid])].map(inOneLine),
    [...returnedInWords(order), ...(told === undefined ? [] : [toldOf(order, told)])],
  ])
  console.log(drawTable({ head: ['at', 'reversed order', 'returned'], widths: [10, ORDER_WIDTH] }, rows))
}

function returnedInWords({ returns, payment }: Reversed): string[] {
  const states = [...new Set(returns.map(({ refundState }) => refundState))].filter(
    (state) => !/^(SUCCESS)?$/.test(state),
  )
  const returned = [yuan(sumOf(returns)), ...states.map((state) => paint.warning(inOneLine(state)))].join(', ')
  if (payment === undefined) return [returned]
  if (payment === null) return [returned, paint.warning('payment not in this bill')]
  return [returned, `of ${yuan(payment.paidFen)} paid at ${inOneLine(payment.time.slice(11))}`]
}

function toldOf({ out_trade_no }: Reversed, outcomes: Outcomes): string {
  const outcome = outcomes.get(out_trade_no)
  return outcome === undefined ? paint.warning('not in the list') : `told ${outcome}`
}

/** How the books settle each result. */
export function showResults(path: string, judged: readonly Judged[]) {
  console.log(`\n${paint.strong(`${counted(judged.length, 'result')} in ${path}`)}`)
  if (judged.length === 0) return
  const lineWidth = Math.max(6, String(judged.at(-1)!.line).length + 2)
  const rows = judged.map((result) => {
    const { line, told } = result
    const { out_trade_no, sub_mchid } = told.ref
    return [
      [String(line)],
      [out_trade_no, ...(sub_mchid === undefined ? [] : [sub_mchid]), `told ${told.outcome}`],
      booksSay(result),
    ]
  })
  console.log(drawTable({ head: ['line', 'order', 'the books say'], widths: [lineWidth, ORDER_WIDTH] }, rows))
  for (const line of summary(judged)) console.log(line)
}

function booksSay({ verdict }: Judged): string[] {
  switch (verdict.do) {
    case 'settle': {
      const { settlement, total } = verdict.settlement
      const name = settlement === 'DISAGREES' ? paint.failed(settlement) : paint.ok(settlement)
      return [total === null ? name : `${name}, ${yuan(total)}`, inOneLine(verdict.says)]
    }
    case 'wait':
    case 'give up':
      return [paint.warning('must wait'), inOneLine(verdict.why)]
    case 'nothing':
      return [paint.quiet('no need'), verdict.why]
  }
}

/** How many of each, with what they come to. */
function summary(judged: readonly Judged[]): string[] {
  const settled = judged.flatMap(({ verdict }) => (verdict.do === 'settle' ? [verdict.settlement] : []))
  const waiting = judged.filter(waits).length
  const counts = [
    ...[...Map.groupBy(settled, ({ settlement }) => settlement)].map(([name, those]) => {
      const total = those.reduce((sum, { total }) => sum + (total ?? 0), 0)
      return [those.length, total > 0 ? `${name}, ${yuan(total)} in all` : name] as const
    }),
    [waiting, 'must wait'] as const,
    [judged.length - settled.length - waiting, 'no need'] as const,
  ]
  const width = String(judged.length).length
  return counts.filter(([count]) => count > 0).map(([count, what]) => `  ${String(count).padStart(width)} ${what}`)
}
