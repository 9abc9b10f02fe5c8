// `npm start`: boots the whole stack on this machine and shows nine reversals.
import { startLocalStack } from '../infra/local/stack.ts'
import { startSimulator } from '../infra/local/wechatpay/server.ts'
import { createSimulator } from '../infra/local/wechatpay/simulator.ts'
import { parseMerchant } from '../lib/wechatpay/merchant.ts'
import { createCommand, run } from './command/command.ts'
import { paint } from './command/paint.ts'
import { packagedTemplate } from './packaged.ts'
import { type Run, runStory, type Stage } from './start/runs.ts'
import { progress, showHandsOn, showRun, showStory, showTable, showTitle, stepLine } from './start/show.ts'
import { stories } from './start/stories.ts'
import { ways } from './start/ways.ts'
import { type Step, watched } from './start/wire.ts'

const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
const examples = [
  ['', 'nine reversals; then, in a terminal, it stays up for trying by hand'],
  ['--stay', 'stay up without a terminal, too'],
] as const
const command = createCommand('start', 'Boots the whole stack on this machine and shows nine reversals.', examples)
  .option('--stay', 'stay up until Ctrl-C, terminal or not', isTerminal)
  .option('--no-stay', 'end after the nine reversals, terminal or not')
  .action(start)

/** Exit code 0 when every reversal ended as it should, 1 otherwise. */
async function start({ stay }: { stay: boolean }) {
  showTitle()
  const { on, control, close } = await boot()
  const runs: Run[] = []
  for (const [index, story] of stories.entries()) {
    showStory(story, index + 1)
    for (const done of await Promise.all(ways.map((way) => runStory(on, story, way)))) {
      showRun(done)
      runs.push(done)
    }
  }
  showTable(runs)
  process.exitCode = runs.every(({ problems }) => problems.length === 0) ? 0 : 1

  const { stack, simulator, merchant } = on
  const order = { mchid: merchant.mchid, appid: merchant.appid, out_trade_no: 'by-hand-1' }
  simulator.placeOrder(order, 'SUCCESS')
  const attempted_at = new Date(Date.now() - 60_000).toISOString()
  const { accessKeyId, secretAccessKey } = stack.credentials
  showHandsOn({ ...stack, control, accessKeyId, secretAccessKey, ...order, attempted_at }, stay)
  if (stay) await untilInterrupted(on)
  await close()
}

async function boot() {
  let isNew = false
  const template = await progress(
    'bundling the functions and packaging the template',
    () =>
      packagedTemplate(() => {
        isNew = true
      }),
    () =>
      `the functions and the CloudFormation template, ${isNew ? 'made from their sources' : 'unchanged since they were made'}`,
  )
  const steps: Stage['steps'] = []
  const listeners: ((step: Step) => void)[] = [(step) => steps.push(step)]
  const { running, merchant, keys } = await progress(
    'opening WeChat Pay, and an account there',
    async () => {
      const simulator = createSimulator()
      const merchant = simulator.openMerchant()
      const keys = parseMerchant(JSON.stringify(merchant.secret)).merchant.wechatpayKeys
      const tell = (step: Step) => {
        for (const listener of listeners) listener(step)
      }
      return { running: await startSimulator(watched(simulator, keys, tell)), merchant, keys }
    },
    ({ merchant }) => `WeChat Pay on two domains, and merchant ${merchant.mchid} with a fresh key`,
  )
  const stack = await progress(
    'booting the stack',
    () =>
      startLocalStack({
        template,
        wechatPayEndpoints: running.endpoints,
        secrets: { MerchantSecretDefault: merchant.secret },
      }),
    ({ lambda }) =>
      `HTTP API, queue, state machine, secrets, events, ${lambda.functions.length} functions, IAM between them`,
  )
  const on: Stage & { listeners: typeof listeners } = {
    stack,
    simulator: running.simulator,
    merchant,
    keys,
    steps,
    listeners,
  }
  const close = async () => {
    await stack.close()
    await running.close()
  }
  return { on, control: running.control, close }
}

/** Shows every further call until Ctrl-C. */
async function untilInterrupted({ listeners }: { listeners: ((step: Step) => void)[] }) {
  listeners.push((step) => console.log(`  ${paint.quiet(time())}  ${step.out_trade_no.padEnd(18)} ${stepLine(step)}`))
  await new Promise((resolve) => {
    // Listened to until the end: Ctrl-C arrives twice, from the terminal and from npm, and the second must not cut us short.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve)
  })
}

const time = () => new Date().toTimeString().slice(0, 8)

await run(command)
