// `npm run send`: a list of orders onto the queue, such as last night's timeouts of a till.
import { SQSClient } from '@aws-sdk/client-sqs'
import { SingleBar } from 'cli-progress'
import { addressOption } from './operator/address-option.ts'
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
import { inOneLine } from './operator/table.ts'
import { text } from './texts/send.ts'

interface Options extends StackOptions {
  queue?: string
  dryRun?: true
  again?: true
  yes?: true
}

const examples = [
  ['orders.csv --dry-run', text.examples.look],
  ['orders.csv --stage prod', text.examples.send],
  ['orders.jsonl --queue https://sqs.… --yes', text.examples.address],
] as const

const command = stackOptions(createCommand('send', text.description, examples))
  .argument('<list>', text.list)
  .addOption(addressOption('--queue', text.queue))
  .option('--dry-run', text.dryRun)
  .option('--again', text.again)
  .option('-y, --yes', text.yes)
  .action(send)

/** So much time's orders are sent twice when a run is killed. */
const KEEP_EVERY_MS = 500

async function send(path: string, options: Options) {
  const region = useRegion(options)
  const nowMs = Date.now()
  tell(text.lookingAt(path))
  const list = await checkList(path, nowMs)
  show(path, list)
  if (list.orders === 0) return
  if (options.dryRun) return tell(text.wasDryRun)

  const queue = options.queue ?? (await queueOf(options))
  const progress = createProgress(path)
  const about = { list_sha256: list.sha256, queue, orders: list.orders }
  const before = options.again ? 0 : await progress.read(about)
  if (before > 0) tell(text.sentBefore(before))
  const where = options.queue ?? text.queueOf(options.stage, region)
  if (before < list.orders) await confirm(text.ask(list.orders - before, where), options.yes)
  await sendAfter(before, {
    path,
    nowMs,
    queue,
    orders: list.orders,
    keep: (sent) => progress.write({ ...about, sent }),
  })
  await progress.remove()
  tell(paint.ok(text.sent(list.orders), process.stderr))
  if (options.queue === undefined) tell(`  → ${text.later(npmRun('redrive', ['--stage', options.stage]))}`)
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
    if (sent < orders) throw new Failure(text.stopped)
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
  throw new Failure(text.noQueue, text.giveQueue)
}

/** @throws Failure when a line is no order */
function show(path: string, { lines, problems, problemCount, ...list }: CheckedList) {
  // The names of fields stand in a problem as somebody wrote them.
  for (const { line, problem } of problems) console.log(text.line(line, inOneLine(problem)))
  if (problemCount > problems.length) console.log(text.more(problemCount - problems.length))
  if (problemCount > 0) throw new Failure(text.noOrders(problemCount, lines), text.correct)
  if (list.orders === 0) return tell(paint.warning(text.empty(path), process.stderr))
  console.log(text.both(text.found(path, list.orders, list.merchants), whatBecomesOf(list)))
  for (const [count, warning] of [
    [list.repeated, text.repeated],
    [list.undated, text.undated],
    [list.late, text.late],
  ] as const) {
    if (count > 0) tell(paint.warning(`  ${warning(count)}`, process.stderr))
  }
}

function whatBecomesOf({ keeps, orders }: Pick<CheckedList, 'keeps' | 'orders'>) {
  if (keeps === orders) return text.allKept
  return keeps === 0 ? text.allRefunded : text.someKept(keeps)
}

/** The way on, whatever stopped it. */
function withHowFar(error: unknown, sent: number, all: number): unknown {
  const failure = explainAwsError(error)
  if (failure === undefined) return error
  const next = failure.next === undefined ? text.goOn : text.both(failure.next, text.goOn)
  return new Failure(text.howFar(failure.message, sent, all), next, { cause: error })
}

await run(command)
