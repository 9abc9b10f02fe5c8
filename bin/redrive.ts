// `npm run redrive`: the orders that need a person, with their reasons; chosen ones are sent again, or deleted.
import { SQSClient } from '@aws-sdk/client-sqs'
import { SingleBar } from 'cli-progress'
import { addressOption } from './operator/address-option.ts'
import { requestHandler } from './operator/aws.ts'
import { createCommand, run } from './operator/command.ts'
import { confirm } from './operator/confirm.ts'
import { createDeadLetters, type DeadLetter, NEVER_FINISHED } from './operator/dead-letters.ts'
import { Failure } from './operator/failure.ts'
import { paint, tell } from './operator/paint.ts'
import { readOutputs, type StackOptions, stackOptions, useRegion } from './operator/stack.ts'
import { drawTable, inOneLine } from './operator/table.ts'
import { text } from './texts/redrive.ts'

interface Options extends StackOptions {
  queue?: string
  settlementQueue?: string
  deadLetterQueue?: string
  error: string[]
  order: string[]
  all?: true
  delete?: true
  yes?: true
  json?: true
}

const examples = [
  ['--stage prod', text.examples.show],
  ['--stage prod --error ReversalRejected', text.examples.error],
  ['--stage prod 1 4 7-9', text.examples.numbers],
  ['--stage prod --all', text.examples.all],
  ['--stage prod --order 1217752501201407033233368018 --delete', text.examples.delete],
] as const

const collect = (value: string, values: string[]) => [...values, value]

const command = stackOptions(createCommand('redrive', text.description, examples))
  .argument('[numbers...]', text.numbers)
  .option('--error <name>', text.error(NEVER_FINISHED), collect, [])
  .option('--order <out_trade_no>', text.order, collect, [])
  .option('--all', text.all)
  .option('--delete', text.delete)
  .addOption(addressOption('--queue', text.queue))
  .addOption(addressOption('--settlement-queue', text.settlementQueue))
  .addOption(addressOption('--dead-letter-queue', text.deadLetterQueue))
  .option('-y, --yes', text.yes)
  .option('--json', text.json)
  .action(redrive)

interface Numbered extends DeadLetter {
  number: number
}

async function redrive(numbers: string[], options: Options) {
  const wanted = numbers.flatMap(parseNumbers)
  const isChoosing = wanted.length > 0 || options.error.length > 0 || options.order.length > 0 || options.all === true
  if (options.delete && !isChoosing) {
    throw new Failure(text.nothingChosen, text.choose)
  }
  const region = useRegion(options)
  tell(text.lookingAt(options.deadLetterQueue ?? text.stageIn(options.stage, region)))
  const client = new SQSClient({ maxAttempts: 3, requestHandler })
  const queues = await queuesOf(options)
  const deadLetters = createDeadLetters({ ...queues, client })
  const { letters, hidden } = await deadLetters.list()
  const numbered = letters.map((letter, index) => ({ number: index + 1, ...letter }))
  const chosen = isChoosing ? choose(numbered, wanted, options) : []

  if (options.json) console.log(JSON.stringify(numbered.map(asJson), null, 2))
  else show(isChoosing ? chosen : numbered, numbered.length, hidden, isChoosing)
  if (chosen.length === 0) return

  if (options.delete) await confirm(text.askDelete(chosen.length), options.yes)
  else {
    const hopeless = chosen.filter(({ error }) => error === 'InvalidOrder').length
    if (hopeless > 0) tell(paint.warning(text.hopeless(hopeless), process.stderr))
    if (queues.settlementQueueUrl === undefined && chosen.some(({ isSettlement }) => isSettlement)) {
      throw new Failure(text.settlementsAmong, text.giveSettlementQueue)
    }
    await confirm(text.askSend(chosen.length), options.yes)
  }
  const done = await withBar(chosen.length, (update) => {
    let taken = 0
    const onTaken = () => update(++taken)
    if (options.delete) return deadLetters.delete(chosen, onTaken)
    // All at once is SQS's own work. It would take along what has come since, which nobody has seen but was asked for.
    return chosen.length === numbered.length && options.all && !chosen.some(({ isSettlement }) => isSettlement)
      ? deadLetters.moveAll(update)
      : deadLetters.sendAgain(chosen, onTaken)
  })
  const said = options.delete ? text.deleted(done) : text.sent(done)
  tell(paint.ok(said, process.stderr))
  if (done < chosen.length) tell(`  ${text.othersGone(chosen.length - done)}`)
}

async function queuesOf(options: Options) {
  const { queue, settlementQueue, deadLetterQueue } = options
  if (queue !== undefined && deadLetterQueue !== undefined)
    return { queueUrl: queue, settlementQueueUrl: settlementQueue, deadLetterQueueUrl: deadLetterQueue }
  const { ReversalQueueUrl, SettlementQueueUrl, DeadLetterQueueUrl } = await readOutputs(options)
  const queueUrl = queue ?? ReversalQueueUrl
  const settlementQueueUrl = settlementQueue ?? SettlementQueueUrl
  const deadLetterQueueUrl = deadLetterQueue ?? DeadLetterQueueUrl
  if (queueUrl !== undefined && deadLetterQueueUrl !== undefined)
    return { queueUrl, settlementQueueUrl, deadLetterQueueUrl }
  throw new Failure(text.noQueues, text.giveQueues)
}

/** "4" or "7-9". */
function parseNumbers(given: string): number[] {
  const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(given) ?? []
  if (from === undefined || Number(from) < 1 || Number(to) < Number(from)) {
    throw new Failure(text.noNumber(given), text.giveNumbers)
  }
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index)
}

/** What all of the given choices name. @throws Failure when a choice names nothing */
function choose(letters: Numbered[], wanted: number[], { error, order }: Options): Numbered[] {
  const missing = wanted.find((number) => number > letters.length)
  if (missing !== undefined) throw new Failure(text.noSuchLetter(missing, letters.length), text.listAgain)
  const chosen = letters.filter(
    (letter) =>
      (wanted.length === 0 || wanted.includes(letter.number)) &&
      (error.length === 0 || error.includes(letter.error)) &&
      (order.length === 0 || order.includes(letter.order.out_trade_no ?? '')),
  )
  if (chosen.length > 0 || letters.length === 0) return chosen
  throw new Failure(text.noneOfChoice, text.thereAre(reasonsOf(letters)))
}

function reasonsOf(letters: readonly DeadLetter[]): string {
  const counts = Map.groupBy(letters, ({ error }) => error)
  return [...counts].map(([error, those]) => text.reason(error, those.length)).join(', ')
}

function asJson({ number, messageId, sentAt, order, error, detail, code, request_id }: Numbered) {
  const sent_at = new Date(sentAt).toISOString()
  return { number, message_id: messageId, sent_at, ...order, error, detail, code, request_id }
}

function show(letters: readonly Numbered[], total: number, hidden: number, isChosen: boolean) {
  if (hidden > 0) tell(paint.warning(text.hidden(hidden), process.stderr))
  if (total === 0) return console.log(paint.ok(text.none))
  const look = {
    head: ['#', text.head.age, text.head.order, text.head.reason],
    // Room for the longest order number; the rest of the terminal is the reason's.
    widths: [String(total).length + 2, 13, 34],
    columns: process.stdout.columns ?? 160,
  }
  const rows = letters.map(({ number, sentAt, order, error, detail = '', code = '' }) => [
    [String(number)],
    [age(sentAt)],
    [order.out_trade_no ?? '?', order.sub_mchid ?? order.mchid ?? '?'].map(inOneLine),
    [`${error} ${code}`, error === NEVER_FINISHED ? text.neverFinished : detail].map(inOneLine),
  ])
  console.log(drawTable(look, rows))
  if (isChosen) return console.log(text.chosen(letters.length, total))
  console.log(text.total(total, reasonsOf(letters)))
  tell(`  → ${text.sendSome}`)
  tell(`  → ${text.settledByHand}`)
}

function age(sentAt: number): string {
  const minutes = Math.max(0, Math.floor((Date.now() - sentAt) / 60_000))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  if (days > 0) return text.days(days, hours)
  return hours > 0 ? text.hours(hours, minutes % 60) : text.minutes(minutes)
}

async function withBar(total: number, work: (update: (done: number) => void) => Promise<number>): Promise<number> {
  const bar = new SingleBar({ format: '  {bar} {value}/{total}', hideCursor: true, stream: process.stderr })
  if (process.stderr.isTTY) bar.start(total, 0)
  try {
    return await work((done) => bar.update(done))
  } finally {
    bar.stop()
  }
}

await run(command)
