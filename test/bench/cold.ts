import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { build as bundle } from 'esbuild'
import { build } from '../../bin/build.ts'
import { type Figure, msText, ratioText } from './figure.ts'
import { interleave } from './measure.ts'
import { ratios, summarize } from './statistics.ts'
import { orderEvent } from './subjects/reversal.ts'
import type { Surroundings } from './surroundings.ts'

const ROUNDS = 25

export interface ColdStart {
  figures: Figure[]
  /** CPU from process start to the first answer. */
  cpuMs: number
}

interface FirstAnswer {
  wallMs: number
  cpuMs: number
}

const folder = join(import.meta.dirname, 'functions')

/** First answer of a fresh process: the bundled step function, a bare one, and the bare one around a peer. */
export async function measureColdStart(surroundings: Surroundings, step: string): Promise<ColdStart> {
  const [{ file: floor } = { file: '' }] = await build({
    entries: [join(folder, 'floor.ts')],
    outdir: join(surroundings.directory, 'floor', 'functions'),
  })
  const peer = await bundlePeer(surroundings.directory)
  const files = { floor, step, 'wechatpay-axios-plugin': peer }
  for (const file of Object.values(files)) await start(surroundings, file)

  const seen = await interleave(ROUNDS, {
    floor: () => start(surroundings, floor),
    step: () => start(surroundings, step),
    peer: () => start(surroundings, peer),
  })
  const of = (name: keyof typeof seen, what: keyof FirstAnswer) => seen[name].map((answer) => answer[what])
  const against = (name: keyof typeof seen, what: keyof FirstAnswer) =>
    ratioText(ratios(of(name, what), of('floor', what)))
  return {
    cpuMs: summarize(of('step', 'cpuMs')).median,
    figures: [
      {
        what: 'first answer of a cold step function / of a bare middy handler with one secret and three floor calls',
        toReach: '≤ 1.15',
        measured: `${against('step', 'wallMs')}, its CPU ${against('step', 'cpuMs')}; ${msText(summarize(of('step', 'wallMs')))}`,
        beside: `the bare handler around wechatpay-axios-plugin ${against('peer', 'wallMs')}`,
      },
    ],
  }
}

/** CommonJS: the plugin sets a property that is read-only, which only sloppy code survives. */
async function bundlePeer(directory: string): Promise<string> {
  const outfile = join(directory, 'peer', 'axios-plugin.cjs')
  await bundle({
    entryPoints: [join(folder, 'axios-plugin.ts')],
    outfile,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    bundle: true,
    minify: true,
    tsconfigRaw: '{}',
    logLevel: 'warning',
  })
  return outfile
}

let starts = 0

/** From the start of a process to its first answer; what it prints is dropped. */
async function start({ environment }: Surroundings, file: string): Promise<FirstAnswer> {
  const event = JSON.stringify({ ...orderEvent(`cold-${starts++}`, environment.BENCH_SECRET) })
  const startedAt = performance.now()
  const child = fork(join(import.meta.dirname, 'cold-start.mjs'), [file, event], {
    env: { PATH: process.env.PATH, ...environment },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${code} and no answer`)
  })
  ended.catch(() => {})
  const [answer] = await Promise.race([once(child, 'message'), ended])
  const wallMs = performance.now() - startedAt
  child.kill()
  if (answer.trade_state !== 'REVOKED') throw new Error(`${file} answered ${JSON.stringify(answer)}`)
  return { wallMs, cpuMs: answer.cpuMs }
}
