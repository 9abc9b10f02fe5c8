// `npm run bench`: the figures of docs/figures.md, measured side by side with other clients in one run.
import { readFileSync, writeFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, platform } from 'node:os'
import { join } from 'node:path'
import { measureBacklog } from '../test/bench/backlog.ts'
import { measureBill } from '../test/bench/bill.ts'
import { measureBundles } from '../test/bench/bundle.ts'
import { measureCall } from '../test/bench/call.ts'
import { measureColdStart } from '../test/bench/cold.ts'
import { type Measured, renderCost } from '../test/bench/cost.ts'
import { measureFairness } from '../test/bench/fairness.ts'
import type { Figure } from '../test/bench/figure.ts'
import { measureHandler } from '../test/bench/handler.ts'
import { measureMemory } from '../test/bench/memory.ts'
import { measureMerchants } from '../test/bench/merchants.ts'
import { readQueueSettings } from '../test/bench/queue-settings.ts'
import { createSurroundings } from '../test/bench/surroundings.ts'
import { build } from './build.ts'
import { drawFigures } from './documents/figures.zh-CN.ts'
import { replacePart } from './documents/parts.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'

const root = join(import.meta.dirname, '..')
const PARTS = ['call', 'handler', 'cold', 'bundle', 'drain', 'fair', 'memory', 'merchants', 'bill'] as const
type Part = (typeof PARTS)[number]

const command = createCommand('bench', 'Measures the figures of docs/figures.md, side by side with other clients.', [
  ['', 'All of them, in about five minutes, and writes the tables of the page'],
  ['--only call,cold', 'Some of them, written nowhere'],
])
  .option('--only <parts>', `comma-separated: ${PARTS.join(', ')}`)
  .action(({ only }: { only?: string }) => main(only === undefined ? PARTS : readParts(only)))
await run(command)

function readParts(only: string): Part[] {
  const names = only.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !PARTS.includes(name as Part))
  if (unknown !== undefined) throw new Failure(`there is no part ${unknown}`, `The parts: ${PARTS.join(', ')}`)
  return names as Part[]
}

async function main(parts: readonly Part[]) {
  const startedAt = Date.now()
  const bundles = await build()
  const step = bundles.find(({ name }) => name === 'step')!.file
  const { memoryMb } = await readQueueSettings()
  const figures: Figure[] = []
  const measured: Partial<Measured> = { memoryMb }
  const surroundings = await createSurroundings()
  try {
    for (const part of PARTS.filter((name) => parts.includes(name))) {
      process.stdout.write(`${part} …\n`)
      figures.push(...(await measure(part)))
    }
  } finally {
    await surroundings.close()
  }
  const table = renderFigures(figures, Date.now() - startedAt)
  const cost = measured.warmCpuMs && measured.coldCpuMs ? renderCost(measured as Measured) : undefined
  console.log(`\n${table}\n${cost === undefined ? '' : `\n${cost}\n`}`)
  if (parts.length === PARTS.length && cost !== undefined) writeFigures({ bench: table, cost })

  async function measure(part: Part): Promise<Figure[]> {
    if (part === 'call') return measureCall(surroundings)
    if (part === 'bundle') return [await measureBundles(bundles)]
    if (part === 'drain') return [await measureBacklog(console.log)]
    if (part === 'bill') return measureBill(surroundings)
    if (part === 'fair') return [await measureFairness(console.log)]
    if (part === 'merchants') return measureMerchants(surroundings, step)
    if (part === 'memory') return [await measureMemory(surroundings, step)]
    if (part === 'handler') {
      const { figures, cpuMs } = await measureHandler(surroundings, step)
      measured.warmCpuMs = cpuMs
      return figures
    }
    const { figures, cpuMs } = await measureColdStart(surroundings, step)
    measured.coldCpuMs = cpuMs
    return figures
  }
}

function renderFigures(figures: readonly Figure[], tookMs: number): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const day = new Date().toISOString().slice(0, 10)
  return [
    '| figure | to reach | measured | beside it |',
    '|---|---|---|---|',
    ...figures.map(({ what, toReach, measured, beside }) => `| ${what} | ${toReach} | ${measured} | ${beside} |`),
    '',
    `By \`npm run bench\` on ${day} in ${Math.round(tookMs / 1000)} s: version ${version}, Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ` +
      `${platform()} ${arch()}, ${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}. Ratios are medians of interleaved rounds, with the ` +
      'middle half of all rounds in brackets. All clients speak TLS 1.3 over connections kept alive to a server in a process of its own; only the client’s CPU counts.',
  ].join('\n')
}

function writeFigures(tables: Record<string, string>) {
  const read = (name: string) => readFileSync(join(root, name), 'utf8')
  const english = Object.entries(tables).reduce(
    (page, [name, table]) => replacePart(page, name, table),
    read('docs/figures.md'),
  )
  writeFileSync(join(root, 'docs/figures.md'), english)
  writeFileSync(join(root, 'docs/figures.zh-CN.md'), drawFigures(read('docs/figures.zh-CN.md'), english))
  console.log('Written to docs/figures.md and docs/figures.zh-CN.md.')
}
