import { join } from 'node:path'
import { writeBill } from './bill-file.ts'
import type { Figure } from './figure.ts'
import { ratioText } from './figure.ts'
import { interleave, startWorker } from './measure.ts'
import { ratios, summarize } from './statistics.ts'
import type { Surroundings } from './surroundings.ts'

const ROUNDS = 9
const ROWS = 100_000
const FEW_ROWS = 10_000
const MANY_ROWS = 2_000_000

const NAMES = ['floor', 'ours', 'wechatpay-axios-plugin'] as const

/** CPU of reading a bill, and the memory that it takes, however long it is. */
export async function measureBill(surroundings: Surroundings): Promise<Figure[]> {
  const environmentOf = async (rows: number) => {
    const file = join(surroundings.directory, `bill-${rows}.csv.gz`)
    return { BENCH_BILL: file, BENCH_BILL_SHA1: await writeBill(file, rows), BENCH_BILL_ROWS: String(rows) }
  }
  const env = await environmentOf(ROWS)
  const workers = await Promise.all(NAMES.map((name) => startWorker(surroundings, 'bill', name, { env })))
  for (const worker of workers) await worker.run({ times: 2 })
  const things = Object.fromEntries(NAMES.map((name, index) => [name, () => workers[index]!.run({ times: 1 })]))
  const seen = await interleave(ROUNDS, things)
  for (const worker of workers) worker.close()

  const cpuUs = (name: string) => seen[name]!.map((cost) => cost.cpuUs)
  const against = (name: string) => ratioText(ratios(cpuUs(name), cpuUs('floor')))
  const rowsPerSecond = ROWS / (summarize(seen.ours!.map(({ wallUs }) => wallUs)).median / 1e6)

  /** Of a process of its own that reads one bill. */
  const peakMb = async (name: string, rows: number) => {
    const worker = await startWorker(surroundings, 'bill', name, { env: await environmentOf(rows) })
    const { peakBytes } = await worker.run({ times: 1 })
    worker.close()
    return Math.round(peakBytes / 1e6)
  }
  const [few, many] = [await peakMb('ours', FEW_ROWS), await peakMb('ours', MANY_ROWS)]
  return [
    {
      what: `CPU of reading a trade bill of ${ROWS.toLocaleString('en')} rows / inflating and hashing it alone`,
      toReach: '≤ 1.5',
      measured: `${against('ours')}; ${(Math.round(rowsPerSecond / 1000) * 1000).toLocaleString('en')} rows/s`,
      beside: `wechatpay-axios-plugin ${against('wechatpay-axios-plugin')}`,
    },
    {
      what: `memory of a process that reads a bill of ${MANY_ROWS.toLocaleString('en')} rows / of ${FEW_ROWS.toLocaleString('en')}`,
      toReach: 'flat',
      measured: `${(many / few).toFixed(2)}: ${many} MB / ${few} MB at the most`,
      beside: `inflating and hashing alone ${await peakMb('floor', MANY_ROWS)} MB; wechatpay-axios-plugin ${await peakMb('wechatpay-axios-plugin', ROWS)} MB for ${ROWS.toLocaleString('en')} rows, and it cannot hold ${MANY_ROWS.toLocaleString('en')}`,
    },
  ]
}
