// `npm run chaos`: thousands of orders through the whole local stack while a third of all answers is faulty, functions are
// killed, keys change and the main domain goes down; then WeChat Pay's books are compared with what we said.
import { Command, InvalidArgumentError } from 'commander'
import { createRandom } from '../infra/local/wechatpay/fault-plans.ts'
import { printReport } from '../test/chaos/report.ts'
import { runChaos } from '../test/chaos/run.ts'

const number = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (!(value >= least && value <= most)) throw new InvalidArgumentError(`must be a number from ${least} to ${most}`)
  return value
}

const { orders, faulty, seconds, seed, json } = new Command('npm run chaos --')
  .description('Attacks the whole local stack and compares what came out with the books of the simulator.')
  .option('--orders <number>', 'how many orders', number(1, 100_000), 2_000)
  .option('--faulty <share>', 'share of all answers that is faulty, until the healing', number(0, 0.9), 0.35)
  .option(
    '--seconds <number>',
    'how long the trouble lasts at least: it goes on until most orders are final',
    number(1, 3_600),
    60,
  )
  .option(
    '--seed <number>',
    'the same seed deals the same orders and faults',
    number(0, 2 ** 31),
    Date.now() % 1_000_000,
  )
  .option('--json', 'print the report as JSON')
  .addHelpText(
    'after',
    '\nExit code 0 when nothing was lost, wrongly ended, refunded twice, left\nunfinished or wrongly settled.',
  )
  .parse()
  .opts<{ orders: number; faulty: number; seconds: number; seed: number; json?: true }>()

const tell = (what: string) => process.stderr.write(`${what}\n`)
const report = await runChaos({ orders, faulty, troubleMs: seconds * 1000, random: createRandom(seed), tell })
if (json) console.log(JSON.stringify({ seed, ...report }, null, 2))
else printReport({ seed, ...report })
process.exit(report.isSound ? 0 : 1)
