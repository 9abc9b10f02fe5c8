import Table from 'cli-table3'
import type { LocalStack } from '../../infra/local/stack.ts'
import { padEnd } from '../language/width.ts'
import type { LocalStage } from '../operator/local-stage.ts'
import { npmRun } from '../operator/npm-run.ts'
import { paint } from '../operator/paint.ts'
import { stepWords } from '../texts/steps.ts'
import type { Run, Step } from './runs.ts'
import { type Story, stories } from './stories.ts'
import { ways } from './ways.ts'

/** What a terminal shows at least. */
const WIDTH = 80

const print = (line = '') => console.log(line)
const milliseconds = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)

/** A step of the boot: said when it begins, in a terminal, and when it is done. */
export async function progress<T>(doing: string, work: () => Promise<T>, done: (result: T) => string): Promise<T> {
  const isTerminal = process.stdout.isTTY
  if (isTerminal) process.stdout.write(`  ${paint.quiet(`… ${doing}`)}`)
  const startedAt = performance.now()
  const result = await work()
  if (isTerminal) process.stdout.write('\r\u001b[2K')
  print(`  ${paint.ok('✔')} ${done(result).padEnd(66)} ${paint.quiet(milliseconds(performance.now() - startedAt))}`)
  return result
}

export function showTitle() {
  print()
  print(paint.strong('WeChat Pay reversal: the whole stack, on this machine'))
  print(paint.quiet('Three orders, each through three ways in. Nothing here leaves this machine.'))
  print()
}

export function showStory({ title, tells }: Story, number: number) {
  print()
  print(paint.strong(`${number}  ${title}`))
  print(`   ${tells}`)
}

const colours: Record<Step['answer']['check'], (text: string) => string> = {
  verified: paint.ok,
  unverified: paint.warning,
  lost: paint.warning,
}

/** One call, short enough for 80 columns. */
export function stepLine({ endpoint, host, answer: { said, check } }: Step): string {
  const words: Readonly<Record<string, string>> = stepWords
  const meaning = check === 'lost' ? words.nobodyKnows : words[said]
  const what = `${endpoint.padEnd(7)} → ${(check === 'lost' ? '–' : said).padEnd(15)}`
  const believed = colours[check](padEnd(stepWords[check], 12))
  return [what, believed, host === 'backup' && stepWords.backup, meaning].filter(Boolean).join(' ')
}

export function showRun({ story, way, asked, steps, reversal, tookMs, problems }: Run) {
  print()
  print(`  ${paint.strong(way.title.padEnd(14))} ${asked}`)
  for (const step of steps) print(`     ${stepLine(step)}`)
  if (reversal && problems.length === 0) {
    const { trade_state, request_id, evidence } = reversal
    const answers = `${evidence.length} signed answer${evidence.length === 1 ? '' : 's'}`
    print(
      `   ${paint.ok('✔')} ${paint.ok(story.outcome.padEnd(12))}  ${story.meaning}  ${paint.quiet(milliseconds(tookMs))}`,
    )
    print(`   ${'  proof'.padEnd(14)}  ${trade_state}, ${answers} kept and verified again`)
    print(`   ${' '.repeat(14)}  request ${request_id}`)
    print(`   ${' '.repeat(14)}  key ${evidence.at(-1)!.serial}`)
  }
  for (const problem of problems) print(`   ${paint.failed('✘')} ${paint.failed(problem)}`)
}

export function showTable(runs: Run[]) {
  const head = ['', ...ways.map(({ title }) => title)].map((text) => paint.strong(text))
  const table = new Table({ head, style: { head: [], border: [] } })
  for (const story of stories) {
    const cells = ways.map((way) => {
      const run = runs.find((one) => one.story === story && one.way === way)!
      const isRight = run.problems.length === 0
      return isRight
        ? paint.ok(`✔ ${run.reversal!.outcome}`)
        : paint.failed(`✘ ${run.reversal?.outcome ?? 'no outcome'}`)
    })
    table.push([story.title, ...cells])
  }
  const wrong = runs.filter(({ problems }) => problems.length > 0).length
  print()
  print(table.toString().replaceAll(/^/gm, '  '))
  print()
  print(
    wrong === 0
      ? `  ${paint.ok(`All ${runs.length} ended as they should`)}: each proved by a signed answer,\n  each refunded once if it was paid.`
      : `  ${paint.failed(`${wrong} of ${runs.length} did not end as they should`)}: see the ✘ above.`,
  )
}

export interface HandsOn {
  stack: LocalStack
  local: LocalStage
  /** What the functions write, for as long as the stack is up. */
  logFile: string
  /** A paid order nobody has reversed yet. */
  order: { mchid: string; appid: string; out_trade_no: string }
  attempted_at: string
}

/** What one needs to go on by hand. */
export function showHandsOn(it: HandsOn) {
  const { apiUrl, awsUrl, region, queueUrl, deadLetterQueueUrl, credentials } = it.stack
  const { accessKeyId, secretAccessKey } = credentials
  const { mchid, appid, out_trade_no } = it.order
  print()
  print(paint.strong('Try it by hand'))
  print()
  const rows: [name: string, value: string, what?: string][] = [
    ['Page', it.local.pageUrl, 'all of it, live'],
    ['HTTP API', apiUrl],
    ['Credentials', `AWS_ACCESS_KEY_ID=${accessKeyId}`],
    ['', `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`],
    ['', `AWS_REGION=${region}`, 'made for this start, good for nothing else'],
    ['AWS services', `AWS_ENDPOINT_URL=${awsUrl}`, 'for the SDK and the AWS CLI'],
    ['Queue', queueUrl],
    ['Dead letters', deadLetterQueueUrl],
    ['State machine', it.local.outputs.StateMachineArn ?? ''],
    ['Log', it.logFile, 'what the functions write'],
    ['WeChat Pay', `${it.local.control}/simulator`, 'its control: orders, faults, keys, books'],
  ]
  for (const [name, value, what] of rows) {
    const line = `  ${name.padEnd(13)} ${value}`
    if (line.length > WIDTH) {
      print(`  ${paint.quiet(name)}`)
      print(`  ${value}`)
      continue
    }
    const isShort = what === undefined || line.length + 3 + what.length <= WIDTH
    print(`  ${paint.quiet(name.padEnd(13))} ${value}${what !== undefined && isShort ? `   ${paint.quiet(what)}` : ''}`)
    if (!isShort) print(`  ${' '.repeat(13)} ${paint.quiet(what)}`)
  }
  print()
  print(`  This reverses an order that is waiting for you, ${out_trade_no}, paid ¥0.01:`)
  print()
  print(`  curl --aws-sigv4 'aws:amz:${region}:execute-api' \\`)
  print(`    --user '${accessKeyId}:${secretAccessKey}' \\`)
  print(`  '${apiUrl}/v3/pay/transactions/out-trade-no/${out_trade_no}/reverse' \\`)
  print(`    -H 'Content-Type: application/json' \\`)
  print(`    -d '{"mchid":"${mchid}","appid":"${appid}",`)
  print(`         "attempted_at":"${it.attempted_at}"}'`)
  print()
  print(`  This makes another one, unpaid, to put in its place:`)
  print()
  print(`  curl -X PUT '${it.local.control}/simulator/orders/${mchid}/another-1' \\`)
  print(`    -d '{"state":"NOTPAY"}'`)
  print()
  print('  Where to look next, in another terminal:')
  print()
  for (const [command, what] of [
    [npmRun('try', ['lost-answer']), 'a story; npm run try lists them'],
    [npmRun('state', [out_trade_no, '--stage', 'local']), 'how an order stands, verified'],
    [npmRun('events', ['--stage', 'local', '--follow']), 'every outcome, as it comes'],
    [npmRun('clock', ['--forward', '7d']), 'seven days later, now'],
  ] as const) {
    print(`  ${command.padEnd(44)} ${paint.quiet(what)}`)
  }
  print()
  print('  It stays up until Ctrl-C. What WeChat Pay is asked from now on:')
  print()
}

/** Where nobody is at a terminal it ends. */
export function showHowToStay() {
  print()
  print('  To try it by hand, where nobody is at a terminal too: npm start -- --stay')
  print('  An outage, a change of keys, day 7 and more, each a story: npm run try')
  print()
}
