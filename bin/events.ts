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
import { text } from './texts/events.ts'

/** By the word of `--type`. */
const TYPES = { completed: 'Reversal Completed', failed: 'Reversal Failed', settled: 'Reversal Settled' } as const

interface Options {
  stage: string
  type?: keyof typeof TYPES
  follow?: true
  json?: true
}

const examples = [
  ['--stage local', text.examples.all],
  ['--stage local --follow', text.examples.follow],
  ['--stage local --type completed --json > results.jsonl', text.examples.json],
] as const

const command = createCommand('events', text.description, examples, ['--stage'])
  .option('--stage <name>', text.stage(LOCAL))
  .addOption(new Option('--type <type>', text.type).choices(Object.keys(TYPES)))
  .option('-f, --follow', text.follow)
  .option('--json', text.json)
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
    if (all.length === 0) tell(text.none)
    return
  }
  const stopping = new AbortController()
  void interrupted().then(() => stopping.abort())
  for await (const event of followEvents(pageUrl, stopping.signal)) show(event)
}

/** EventBridge hands events to the targets of rules, and keeps none. */
const notReadable = (stage: string) =>
  new Failure(text.notReadable(stage), text.giveTarget(`wechatpay-reversal-${stage}`))

function line({ 'detail-type': type, time, detail }: DeliveredEvent): string {
  const said = String(detail.settlement ?? detail.outcome ?? detail.error)
  const [, what = type] = /^Reversal (.*)$/.exec(type) ?? []
  const colour = type === TYPES.failed || said === 'DISAGREES' ? paint.failed : paint.ok
  const when = inChina(Date.parse(time)).slice('2026-'.length)
  return `${paint.quiet(when)}  ${what.padEnd(9)}  ${colour(said.padEnd(17))}  ${inOneLine(String(detail.out_trade_no))}`
}

await run(command)
