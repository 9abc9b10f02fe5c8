// `npm start`: boots the whole stack on this machine and shows nine reversals.
import { startPage } from '../infra/local/page/page.ts'
import { shareClock } from '../infra/local/shared-clock.ts'
import { startLocalStack } from '../infra/local/stack.ts'
import { startSimulator } from '../infra/local/wechatpay/server.ts'
import { createSimulator } from '../infra/local/wechatpay/simulator.ts'
import { parseMerchant } from '../lib/wechatpay/merchant.ts'
import { packagedTemplate } from './deployment/packaged.ts'
import { createCommand, run } from './operator/command.ts'
import { type Open, stayOpen } from './start/by-hand.ts'
import { openInBrowser } from './start/open-in-browser.ts'
import { type Run, runStory } from './start/runs.ts'
import { progress, showHowToStay, showRun, showStory, showTable, showTitle } from './start/show.ts'
import { stories } from './start/stories.ts'
import { ways } from './start/ways.ts'
import { type Step, watched } from './start/wire.ts'

const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY)
const examples = [
  ['', 'nine reversals; then, in a terminal, it stays up for trying by hand'],
  ['--stay', 'stay up without a terminal, too'],
  ['--open', 'stay up, and open the page that shows it live'],
] as const
const command = createCommand('start', 'Boots the whole stack on this machine and shows nine reversals.', examples)
  .option('--stay', 'stay up until Ctrl-C, terminal or not', isTerminal)
  .option('--no-stay', 'end after the nine reversals, terminal or not')
  .option('--open', 'stay up, and open its page in the browser')
  .action(start)

/** Exit code 0 when every reversal ended as it should, 1 otherwise. */
async function start({ stay, open = false }: { stay: boolean; open?: boolean }) {
  showTitle()
  const { on, close } = await boot()
  if (open) openInBrowser(on.pageUrl)
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

  if (stay || open) await stayOpen(on)
  else showHowToStay()
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
    () => `the functions and their template, ${isNew ? 'made from their sources' : 'unchanged'}`,
  )
  const steps: Step[] = []
  const requestListeners: Open['requestListeners'] = []
  const logListeners: Open['logListeners'] = []
  const { running, merchant, keys } = await progress(
    'opening WeChat Pay, and an account there',
    async () => {
      const simulator = createSimulator({
        onRequest: (request) => {
          for (const listener of requestListeners) listener(request)
        },
      })
      const merchant = simulator.openMerchant()
      simulator.addSubMerchant({ sp_mchid: merchant.mchid, sub_mchid: '1900000109' })
      const keys = parseMerchant(JSON.stringify(merchant.secret)).merchant.wechatpayKeys
      const tell = (step: Step) => steps.push(step)
      return { running: await startSimulator(watched(simulator, keys, tell)), merchant, keys }
    },
    ({ merchant }) => `WeChat Pay on two domains, merchant ${merchant.mchid} with a fresh key`,
  )
  const clock = shareClock(running.simulator.clock)
  const stack = await progress(
    'booting the stack',
    () =>
      startLocalStack({
        template,
        wechatPayEndpoints: running.endpoints,
        merchants: [merchant.secret],
        clock,
        onLog: (line) => {
          for (const listener of logListeners) listener(line)
        },
      }),
    ({ lambda }) => `API, queue, state machine, secrets, events, IAM, ${lambda.functions.length} functions`,
  )
  const page = await startPage({ running, merchants: [merchant], stack })
  const { simulator, endpoints, control } = running
  const pageUrl = page.url
  const clockFile = clock.file
  const on: Open = {
    stack,
    simulator,
    endpoints,
    control,
    pageUrl,
    clockFile,
    merchant,
    keys,
    steps,
    requestListeners,
    logListeners,
  }
  const close = async () => {
    await page.close()
    await stack.close()
    await running.close()
    clock.close()
  }
  return { on, close }
}

await run(command)
