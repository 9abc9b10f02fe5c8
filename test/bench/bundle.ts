import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build as bundle, type Metafile } from 'esbuild'
import type { Bundle } from '../../bin/build.ts'
import type { Figure } from './figure.ts'

const root = join(import.meta.dirname, '..', '..')
const PEERS = ['wechatpay-axios-plugin', 'wechatpay-node-v3']

/** What each function loads at start beside the AWS SDK, minified, not compressed; and what the peers alone come to. */
export async function measureBundles(bundles: readonly Bundle[]): Promise<Figure> {
  const peers = await Promise.all(PEERS.map(async (name) => `${name} alone ${kB(await bytesOfPeer(name))}`))
  const metafile = JSON.parse(await readFile(join(root, 'dist', 'metafile.json'), 'utf8'))
  const of = (names: RegExp) => kB(bytesOf(metafile, names))
  return {
    what: 'bundle of each function, beyond the SDK',
    toReach: '≤ 60 kB',
    measured: bundles.map(({ name, bytesBesideSdk }) => `${name} ${kB(bytesBesideSdk)}`).join(', '),
    beside: `${peers.join(', ')}; of ours valibot ${of(/valibot/)}, middy ${of(/@middy/)}`,
  }
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`

/** Bytes of these modules in all outputs together; each module is in one of them only. */
function bytesOf({ outputs }: Metafile, names: RegExp): number {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .reduce((sum, [input, { bytesInOutput }]) => (names.test(input) ? sum + bytesInOutput : sum), 0)
}

async function bytesOfPeer(name: string): Promise<number> {
  const { outputFiles } = await bundle({
    stdin: { contents: `export * from '${name}'`, resolveDir: root },
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    bundle: true,
    minify: true,
    legalComments: 'none',
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]!.contents.length
}
