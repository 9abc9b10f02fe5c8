import Table from 'cli-table3'
import type { LocalStack } from '../../infra/local/stack.ts'
import { padEnd, widthOf } from '../language/width.ts'
import type { LocalStage } from '../operator/local-stage.ts'
import { npmRun } from '../operator/npm-run.ts'
import { paint } from '../operator/paint.ts'
import { signIn } from '../operator/running.ts'
import { text } from '../texts/start.ts'
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
  print(`  ${paint.ok('✔')} ${padEnd(done(result), 66)} ${paint.quiet(milliseconds(performance.now() - startedAt))}`)
  return result
}

export function showTitle() {
  print()
  print(paint.strong(text.title))
  print(paint.quiet(text.about))
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
    print(
      `   ${paint.ok('✔')} ${paint.ok(story.outcome.padEnd(12))}  ${story.meaning}  ${paint.quiet(milliseconds(tookMs))}`,
    )
    print(`   ${padEnd(`  ${text.proof}`, 14)}  ${text.proved(String(trade_state), evidence.length)}`)
    print(`   ${' '.repeat(14)}  ${text.request(request_id)}`)
    print(`   ${' '.repeat(14)}  ${text.key(evidence.at(-1)!.serial)}`)
  }
  for (const problem of problems) print(`   ${paint.failed('✘')} ${paint.failed(problem)}`)
}

export function showTable(runs: Run[]) {
  const head = ['', ...ways.map(({ title }) => title)].map((title) => paint.strong(title))
  const table = new Table({ head, style: { head: [], border: [] } })
  for (const story of stories) {
    const cells = ways.map((way) => {
      const run = runs.find((one) => one.story === story && one.way === way)!
      const isRight = run.problems.length === 0
      return isRight
        ? paint.ok(`✔ ${run.reversal!.outcome}`)
        : paint.failed(`✘ ${run.reversal?.outcome ?? text.noOutcome}`)
    })
    table.push([story.title, ...cells])
  }
  const wrong = runs.filter(({ problems }) => problems.length > 0).length
  print()
  print(table.toString().replaceAll(/^/gm, '  '))
  print()
  print(
    wrong === 0
      ? `  ${paint.ok(text.allRight(runs.length))}${text.why}`
      : `  ${paint.failed(text.wrong(wrong, runs.length))}${text.seeAbove}`,
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
  const { names, whats } = text
  print()
  print(paint.strong(text.byHand))
  print()
  const rows: [name: string, value: string, what?: string][] = [
    [names.page, it.local.pageUrl, whats.page],
    [names.api, apiUrl],
    [names.credentials, `AWS_ACCESS_KEY_ID=${accessKeyId}`],
    ['', `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`],
    ['', `AWS_REGION=${region}`, whats.credentials],
    [names.aws, `AWS_ENDPOINT_URL=${awsUrl}`, whats.aws],
    [names.shell, signIn, whats.shell],
    [names.queue, queueUrl],
    [names.deadLetters, deadLetterQueueUrl],
    [names.stateMachine, it.local.outputs.StateMachineArn ?? ''],
    [names.log, it.logFile, whats.log],
    [names.wechatPay, `${it.local.control}/simulator`, whats.wechatPay],
  ]
  for (const [name, value, what] of rows) {
    const line = `  ${padEnd(name, 13)} ${value}`
    if (widthOf(line) > WIDTH) {
      print(`  ${paint.quiet(name)}`)
      print(`  ${value}`)
      continue
    }
    const isShort = what === undefined || widthOf(line) + 3 + widthOf(what) <= WIDTH
    print(
      `  ${paint.quiet(padEnd(name, 13))} ${value}${what !== undefined && isShort ? `   ${paint.quiet(what)}` : ''}`,
    )
    if (!isShort) print(`  ${' '.repeat(13)} ${paint.quiet(what)}`)
  }
  print()
  print(`  ${text.reverseIt(out_trade_no)}`)
  print()
  print(`  curl --aws-sigv4 'aws:amz:${region}:execute-api' \\`)
  print(`    --user '${accessKeyId}:${secretAccessKey}' \\`)
  print(`  '${apiUrl}/v3/pay/transactions/out-trade-no/${out_trade_no}/reverse' \\`)
  print(`    -H 'Content-Type: application/json' \\`)
  print(`    -d '{"mchid":"${mchid}","appid":"${appid}",`)
  print(`         "attempted_at":"${it.attempted_at}"}'`)
  print()
  print(`  ${text.makeAnother}`)
  print()
  print(`  curl -X PUT '${it.local.control}/simulator/orders/${mchid}/another-1' \\`)
  print(`    -d '{"state":"NOTPAY"}'`)
  print()
  print(`  ${text.lookNext}`)
  print()
  for (const [command, what] of [
    [npmRun('try', ['lost-answer']), text.commands.try],
    [npmRun('state', [out_trade_no, '--stage', 'local']), text.commands.state],
    [npmRun('events', ['--stage', 'local', '--follow']), text.commands.events],
    [npmRun('clock', ['--forward', '7d']), text.commands.clock],
  ] as const) {
    print(`  ${command.padEnd(44)} ${paint.quiet(what)}`)
  }
  print()
  print(`  ${text.staysUp}`)
  print()
}

/** Where nobody is at a terminal it ends. */
export function showHowToStay() {
  print()
  print(`  ${text.howToStay('npm start -- --stay')}`)
  print(`  ${text.moreStories('npm run try')}`)
  print()
}
