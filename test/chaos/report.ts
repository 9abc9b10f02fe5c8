import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { ChaosReport } from './run.ts'

/** The report as people want to read it. */
export function printReport(report: ChaosReport & { seed: number }) {
  const {
    seed,
    sent,
    proved,
    refused,
    lost,
    unfinished,
    wrong,
    refundedTwice,
    settled,
    unsettled,
    settledWrong,
    charged,
    answers,
    faultyAnswers,
    killed,
    seconds,
  } = report
  const table = new Table({ head: ['', 'orders'], colAligns: ['left', 'right'], style: { head: [], border: [] } })
  const count = (title: string, number: number) => table.push([title, String(number)])
  const mustBeNone = (title: string, number: number) =>
    table.push([title, number === 0 ? '0' : styleText('red', String(number))])

  count('sent', sent)
  for (const [outcome, number] of Object.entries(proved).sort()) count(`proved ${outcome}`, number)
  for (const [error, number] of Object.entries(refused).sort()) count(`dead letter ${error}`, number)
  for (const [settlement, number] of Object.entries(settled).sort()) count(`settled ${settlement}`, number)
  mustBeNone('lost (must be 0)', lost)
  mustBeNone('not final (must be 0)', unfinished)
  mustBeNone('wrongly ended (must be 0)', wrong.length)
  mustBeNone('refunded twice (must be 0)', refundedTwice.length)
  mustBeNone('customers charged (must be 0)', charged.length)
  mustBeNone('not settled by a bill (must be 0)', unsettled.length)
  mustBeNone('wrongly settled (must be 0)', settledWrong.length)

  const share = Math.round((faultyAnswers / Math.max(1, answers)) * 100)
  console.log(table.toString())
  console.log(
    `${answers} answers before the healing, ${faultyAnswers} of them faulty (${share} %), ${killed} environments killed, ${seconds} s, seed ${seed}`,
  )
  const named = (labels: string[], what: string) => labels.map((label) => `${label}: ${what}`)
  const lines = [
    ...wrong,
    ...settledWrong,
    ...named(refundedTwice, 'refunded twice'),
    ...named(charged, 'charged'),
    ...named(unsettled, 'not settled'),
  ]
  for (const line of lines.slice(0, 20)) console.log(line)
  console.log(
    report.isSound
      ? styleText('green', 'Every order ended once, and as the books say, on the day and by the bill.')
      : styleText('red', 'NOT SOUND'),
  )
}
