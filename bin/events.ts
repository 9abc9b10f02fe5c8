// `npm run events`: the outcomes that the local stack told as events.
import { Option } from 'commander'
import { inChina } from './operator/china-time.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'
import { interrupted } from './operator/interrupted.ts'
import { type DeliveredEvent, followEvents, readEvents } from './operator/local-events.ts'
import { findLocalStage, LOCAL } from './operator/local-stage.ts'
import { paint, tell } from './operator/paint.ts'
import { inOneLine } from './operator/table.ts'

/** By the word of `--type`. */
const TYPES = { completed: 'Reversal Completed', failed: 'Reversal Failed', settled: 'Reversal Settled' } as const

interface Options {
  stage: string
  type?: keyof typeof TYPES
  follow?: true
  json?: true
}

const examples = [
  ['--stage local', 'every outcome so far, a line each'],
  ['--stage local --follow', 'and what comes, until Ctrl-C'],
  ['--stage local --type completed --json > results.jsonl', 'whole, for npm run settle -- --orders'],
] as const

const command = createCommand(
  'events',
  "Shows the events of the local stack's bus: Reversal Completed, Failed and Settled, oldest first; times are China's.",
  examples,
  ['--stage'],
)
  .option('--stage <name>', `${LOCAL}: the stack of npm start`)
  .addOption(new Option('--type <type>', 'of this type alone').choices(Object.keys(TYPES)))
  .option('-f, --follow', 'go on until Ctrl-C')
  .option('--json', 'whole, as a rule hands them to its target: one a line')
  .action(events)

async function events({ stage, type, follow, json }: Options) {
  if (stage !== LOCAL) throw notReadable(stage)
  const { pageUrl } = await findLocalStage()
  const show = (event: DeliveredEvent) => {
    if (type !== undefined && event['detail-type'] !== TYPES[type]) return
    console.log(json ? JSON.stringify(event) : line(event))
  }
  if (!follow) {
    const all = await readEvents(pageUrl)
    all.forEach(show)
    if (all.length === 0) tell('No events yet. Make one: npm run try -- paid')
    return
  }
  const stopping = new AbortController()
  void interrupted().then(() => stopping.abort())
  for await (const event of followEvents(pageUrl, stopping.signal)) show(event)
}

/** EventBridge hands events to the targets of rules, and keeps none. */
const notReadable = (stage: string) =>
  new Failure(
    `the events of stage ${stage} cannot be read back: EventBridge hands them on, and keeps none`,
    [
      `Give the bus wechatpay-reversal-${stage} a rule whose target keeps them, a queue or a log group (pattern:`,
      '    docs/examples/event-pattern.json). One order now: npm run state. What is past: the results stand in the logs of the',
      '    functions, a line each ("reversal completed", "reversal failed").',
    ].join('\n'),
  )

function line({ 'detail-type': type, time, detail }: DeliveredEvent): string {
  const said = String(detail.settlement ?? detail.outcome ?? detail.error)
  const [, what = type] = /^Reversal (.*)$/.exec(type) ?? []
  const colour = type === TYPES.failed || said === 'DISAGREES' ? paint.failed : paint.ok
  const when = inChina(Date.parse(time)).slice('2026-'.length)
  return `${paint.quiet(when)}  ${what.padEnd(9)}  ${colour(said.padEnd(17))}  ${inOneLine(String(detail.out_trade_no))}`
}

await run(command)
