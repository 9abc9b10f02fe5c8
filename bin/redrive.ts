// `npm run redrive`: the orders that need a person, with their reasons; chosen ones are sent again, or deleted.
import { SQSClient } from '@aws-sdk/client-sqs'
import { SingleBar } from 'cli-progress'
import { requestHandler } from './operator/aws.ts'
import { createCommand, run } from './operator/command.ts'
import { confirm } from './operator/confirm.ts'
import { createDeadLetters, type DeadLetter, NEVER_FINISHED } from './operator/dead-letters.ts'
import { Failure } from './operator/failure.ts'
import { paint, tell } from './operator/paint.ts'
import { readOutputs, type StackOptions, stackOptions, useRegion } from './operator/stack.ts'
import { drawTable, inOneLine } from './operator/table.ts'

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
  ['--stage prod', 'show them'],
  ['--stage prod --error ReversalRejected', 'send those of one reason again'],
  ['--stage prod 1 4 7-9', 'send these again, numbered as shown'],
  ['--stage prod --all', 'send all again'],
  ['--stage prod --order 1217752501201407033233368018 --delete', 'delete that of an order that was settled by hand'],
] as const

const collect = (value: string, values: string[]) => [...values, value]

const command = stackOptions(
  createCommand(
    'redrive',
    'Shows the dead letters with their reasons, and sends chosen ones to the queue again, or deletes them.\nSending twice is harmless.',
    examples,
  ),
)
  .argument('[numbers...]', 'the letters to send again or delete, as shown: 1 4 7-9')
  .option(
    '--error <name>',
    `those with this reason (${NEVER_FINISHED}: moved by SQS itself); may be repeated`,
    collect,
    [],
  )
  .option('--order <out_trade_no>', 'that of this order; may be repeated', collect, [])
  .option('--all', 'all of them')
  .option('--delete', 'delete the chosen letters instead: they were settled by hand')
  .option('--queue <url>', "the queue's address (default: from the stack)")
  .option(
    '--settlement-queue <url>',
    'the address of the queue of outcomes that wait for their bill (default: from the stack)',
  )
  .option('--dead-letter-queue <url>', "the dead-letter queue's address (default: from the stack)")
  .option('-y, --yes', 'do not ask before sending or deleting; a script needs it')
  .option('--json', 'print the dead letters as JSON')
  .action(redrive)

interface Numbered extends DeadLetter {
  number: number
}

async function redrive(numbers: string[], options: Options) {
  const wanted = numbers.flatMap(parseNumbers)
  const isChoosing = wanted.length > 0 || options.error.length > 0 || options.order.length > 0 || options.all === true
  if (options.delete && !isChoosing) {
    throw new Failure('nothing says which letters to delete', 'Choose them: <numbers>, --error, --order or --all.')
  }
  const region = useRegion(options)
  tell(`Looking at ${options.deadLetterQueue ?? `stage ${options.stage} in ${region}`}.`)
  const client = new SQSClient({ maxAttempts: 3, requestHandler })
  const queues = await queuesOf(options)
  const deadLetters = createDeadLetters({ ...queues, client })
  const { letters, hidden } = await deadLetters.list()
  const numbered = letters.map((letter, index) => ({ number: index + 1, ...letter }))
  const chosen = isChoosing ? choose(numbered, wanted, options) : []

  if (options.json) console.log(JSON.stringify(numbered.map(asJson), null, 2))
  else show(isChoosing ? chosen : numbered, numbered.length, hidden, isChoosing)
  if (chosen.length === 0) return

  if (options.delete) await confirm(`Delete ${count(chosen.length)} for good?`, options.yes)
  else {
    const hopeless = chosen.filter(({ error }) => error === 'InvalidOrder').length
    if (hopeless > 0)
      tell(paint.warning(`${hopeless} of them will be refused again as they stand: InvalidOrder`, process.stderr))
    if (queues.settlementQueueUrl === undefined && chosen.some(({ isSettlement }) => isSettlement)) {
      throw new Failure('outcomes that wait for their bill are among them', 'Give --settlement-queue as well.')
    }
    await confirm(`Send ${count(chosen.length)} to the queue again?`, options.yes)
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
  const said = options.delete ? `Deleted ${count(done)}.` : `Sent ${count(done)} to the queue again.`
  tell(paint.ok(said, process.stderr))
  if (done < chosen.length) tell(`  The other ${chosen.length - done} were gone or hidden: list again.`)
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
  throw new Failure('the stack does not name its queues', 'Give --queue and --dead-letter-queue.')
}

/** "4" or "7-9". */
function parseNumbers(text: string): number[] {
  const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(text) ?? []
  if (from === undefined || Number(from) < 1 || Number(to) < Number(from)) {
    throw new Failure(`${text} is no number of a letter`, 'Give numbers as shown, for example: 1 4 7-9')
  }
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index)
}

/** What all of the given choices name. @throws Failure when a choice names nothing */
function choose(letters: Numbered[], wanted: number[], { error, order }: Options): Numbered[] {
  const missing = wanted.find((number) => number > letters.length)
  if (missing !== undefined)
    throw new Failure(`there is no letter ${missing}: there are ${letters.length}`, 'List them again.')
  const chosen = letters.filter(
    (letter) =>
      (wanted.length === 0 || wanted.includes(letter.number)) &&
      (error.length === 0 || error.includes(letter.error)) &&
      (order.length === 0 || order.includes(letter.order.out_trade_no ?? '')),
  )
  if (chosen.length > 0 || letters.length === 0) return chosen
  throw new Failure('no dead letter is of that choice', `There are: ${reasonsOf(letters)}`)
}

function reasonsOf(letters: readonly DeadLetter[]): string {
  const counts = Map.groupBy(letters, ({ error }) => error)
  return [...counts].map(([error, those]) => `${error} (${those.length})`).join(', ')
}

const count = (letters: number) => (letters === 1 ? '1 dead letter' : `${letters} dead letters`)

function asJson({ number, messageId, sentAt, order, error, detail, code, request_id }: Numbered) {
  const sent_at = new Date(sentAt).toISOString()
  return { number, message_id: messageId, sent_at, ...order, error, detail, code, request_id }
}

function show(letters: readonly Numbered[], total: number, hidden: number, isChosen: boolean) {
  if (hidden > 0)
    tell(paint.warning(`${count(hidden)} more cannot be seen now: somebody else is looking.`, process.stderr))
  if (total === 0) return console.log(paint.ok('No dead letters.'))
  const look = {
    head: ['#', 'age', 'order, merchant', 'reason'],
    // Room for the longest order number; the rest of the terminal is the reason's.
    widths: [String(total).length + 2, 13, 34],
    columns: process.stdout.columns ?? 160,
  }
  const rows = letters.map(({ number, sentAt, order, error, detail = '', code = '' }) => [
    [String(number)],
    [age(sentAt)],
    [order.out_trade_no ?? '?', order.sub_mchid ?? order.mchid ?? '?'].map(inOneLine),
    [
      `${error} ${code}`,
      error === NEVER_FINISHED ? 'received too often without an end: moved by SQS itself' : detail,
    ].map(inOneLine),
  ])
  console.log(drawTable(look, rows))
  if (isChosen) return console.log(`${letters.length} of ${count(total)} chosen.`)
  console.log(`${count(total)}: ${reasonsOf(letters)}`)
  tell('  → Send some again: the same command with <numbers>, --error <name> or --all')
  tell('  → Settled by hand: the same with --delete')
}

function age(sentAt: number): string {
  const minutes = Math.max(0, Math.floor((Date.now() - sentAt) / 60_000))
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  if (days > 0) return `${days} d ${hours} h`
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`
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
