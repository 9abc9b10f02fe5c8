// `npm run send`: a list of orders onto the queue, such as last night's timeouts of a till.
import { SQSClient } from '@aws-sdk/client-sqs'
import { SingleBar } from 'cli-progress'
import { explainAwsError, requestHandler } from './operator/aws.ts'
import { createCommand, run } from './operator/command.ts'
import { confirm } from './operator/confirm.ts'
import { Failure } from './operator/failure.ts'
import { type CheckedList, checkList, readOrders } from './operator/list/check.ts'
import { createProgress } from './operator/list/progress.ts'
import { sendOrders } from './operator/list/send.ts'
import { npmRun } from './operator/npm-run.ts'
import { paint, tell } from './operator/paint.ts'
import { readOutputs, type StackOptions, stackOptions, useRegion } from './operator/stack.ts'

interface Options extends StackOptions {
  queue?: string
  dryRun?: true
  again?: true
  yes?: true
}

const examples = [
  ['orders.csv --dry-run', 'look at every line, and send nothing'],
  ['orders.csv --stage prod', 'send them; the same again goes on where it stopped'],
  ['orders.jsonl --queue https://sqs.… --yes', 'without asking, to a queue by its address'],
] as const

const command = stackOptions(
  createCommand(
    'send',
    'Puts a list of orders on the queue: JSON, one order a line, or CSV with the names of columns in its first line.\n' +
      'Every line is looked at first; nothing is sent while one of them is no order. Sending twice is harmless.\n' +
      'Exit code 0: all are on the queue.',
    examples,
  ),
)
  .argument('<list>', 'a file that ends in .jsonl or .csv')
  .option('--queue <url>', "the queue's address (default: from the stack)")
  .option('--dry-run', 'only look at the list')
  .option('--again', 'send it from its top, although a part was sent before')
  .option('-y, --yes', 'do not ask before anything is sent; a script needs it')
  .action(send)

/** So much time's orders are sent twice when a run is killed. */
const KEEP_EVERY_MS = 500

async function send(path: string, options: Options) {
  const region = useRegion(options)
  const nowMs = Date.now()
  tell(`Looking at ${path}.`)
  const list = await checkList(path, nowMs)
  show(path, list)
  if (list.orders === 0) return
  if (options.dryRun) return tell('Nothing was sent: this was a dry run.')

  const queue = options.queue ?? (await queueOf(options))
  const progress = createProgress(path)
  const about = { list_sha256: list.sha256, queue, orders: list.orders }
  const before = options.again ? 0 : await progress.read(about)
  if (before > 0) tell(`${number(before)} of them were sent before: this goes on after them.`)
  const where = options.queue ?? `the queue of stage ${options.stage} in ${region}`
  if (before < list.orders) await confirm(`Put ${inWords(list.orders - before)} on ${where}?`, options.yes)
  await sendAfter(before, {
    path,
    nowMs,
    queue,
    orders: list.orders,
    keep: (sent) => progress.write({ ...about, sent }),
  })
  await progress.remove()
  tell(paint.ok(`${inWords(list.orders)} ${list.orders === 1 ? 'is' : 'are'} on the queue.`, process.stderr))
  if (options.queue === undefined)
    tell(`  → Those that need a person, later: ${npmRun('redrive', ['--stage', options.stage])}`)
}

interface Sending {
  path: string
  /** When the list was looked at. */
  nowMs: number
  queue: string
  orders: number
  keep(sent: number): Promise<void>
}

/** Sends what comes after the first so many orders. @throws Failure that says how far it came, which is kept */
async function sendAfter(before: number, { path, nowMs, queue, orders, keep }: Sending) {
  const client = new SQSClient({ maxAttempts: 5, requestHandler })
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  const bar = new SingleBar({ format: '  {bar} {value}/{total}', hideCursor: true, stream: process.stderr })
  let sent = before
  let keptAtMs = Date.now()
  // Where nothing can be kept, that is better known before anything is sent.
  await keep(sent)
  if (process.stderr.isTTY) bar.start(orders, sent)
  try {
    const to = { client, queueUrl: queue, signal: stopping.signal }
    await sendOrders(readOrders(path, nowMs, before), to, async (count) => {
      sent = before + count
      bar.update(sent)
      if (Date.now() - keptAtMs < KEEP_EVERY_MS) return
      keptAtMs = Date.now()
      await keep(sent)
    })
    if (sent < orders) throw new Failure('stopped before its end')
  } catch (error) {
    await keep(sent)
    throw withHowFar(error, sent, orders)
  } finally {
    bar.stop()
    client.destroy()
  }
}

async function queueOf(options: Options): Promise<string> {
  const { ReversalQueueUrl } = await readOutputs(options)
  if (ReversalQueueUrl !== undefined) return ReversalQueueUrl
  throw new Failure('the stack does not name its queue', 'Give --queue.')
}

/** @throws Failure when a line is no order */
function show(path: string, { lines, problems, problemCount, ...list }: CheckedList) {
  for (const { line, problem } of problems) console.log(`line ${line}: ${oneLine(problem)}`)
  if (problemCount > problems.length) console.log(`and ${number(problemCount - problems.length)} more`)
  if (problemCount > 0) {
    const next = 'Correct the list and give it again: its other lines are in order.'
    const are = problemCount === 1 ? 'is no order' : 'are no orders'
    throw new Failure(`${number(problemCount)} of ${number(lines)} lines ${are}; nothing was sent`, next)
  }
  if (list.orders === 0) return tell(paint.warning(`${path} holds no order: there is nothing to send`, process.stderr))
  const merchants = list.merchants === 1 ? 'one merchant' : `${number(list.merchants)} merchants`
  console.log(`${path}: ${inWords(list.orders)} of ${merchants}. ${whatBecomesOf(list)}`)
  for (const [count, what] of [
    [list.repeated, 'named above already: sent twice, which is harmless'],
    [list.undated, 'without attempted_at: their 7 days count from now'],
    [list.late, 'attempted more than 7 days ago: what is still open is not reversed any more'],
  ] as const) {
    if (count > 0) tell(paint.warning(`  ${number(count)} ${what}`, process.stderr))
  }
}

const number = (value: number) => value.toLocaleString('en')
const inWords = (count: number) => (count === 1 ? '1 order' : `${number(count)} orders`)

/** The names of fields stand in it as somebody wrote them. */
const oneLine = (text: string) => text.replace(/\p{Cc}/gu, ' ')

function whatBecomesOf({ keeps, orders }: Pick<CheckedList, 'keeps' | 'orders'>) {
  if (keeps === orders) return 'What is paid is kept.'
  if (keeps === 0) return 'What is paid is refunded.'
  return `What is paid is refunded; ${number(keeps)} ${keeps === 1 ? 'is' : 'are'} kept then.`
}

/** The way on, whatever stopped it. */
function withHowFar(error: unknown, sent: number, all: number): unknown {
  const failure = explainAwsError(error)
  if (failure === undefined) return error
  const goOn = 'The same command goes on there.'
  const next = failure.next === undefined ? goOn : `${failure.next} ${goOn}`
  return new Failure(`${failure.message}; ${number(sent)} of ${number(all)} are on the queue`, next, { cause: error })
}

await run(command)
