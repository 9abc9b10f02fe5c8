// `npm run build`: the functions, bundled for Lambda into dist/functions.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { build as bundle, type Metafile, type Plugin } from 'esbuild'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'

const root = join(import.meta.dirname, '..')

/** One bundled function: its archive path, what it loads at start, and how much of that is not the AWS SDK's. */
export interface Bundle {
  name: string
  file: string
  bytes: number
  bytesBesideSdk: number
}

/**
 * Bundles functions/{http,queue,step,settle}.ts to dist/functions/{http,queue,step,settle}.mjs, each exporting `handler`,
 * with what they share in dist/functions/chunks. Throws a Failure when the code does not bundle, after esbuild said why.
 *
 * Split ESM starts fastest of what was measured (54 ms from process start to first answer; one ESM file 88–96 ms,
 * CommonJS 64 ms, the runtime's own SDK 92 ms).
 * Source maps lie beside the bundles and stay out of the archive: enabling them costs 25 ms at every cold start.
 */
export async function build({
  entries = ['http', 'queue', 'step', 'settle'].map((name) => join(root, 'functions', `${name}.ts`)),
  outdir = join(root, 'dist', 'functions'),
} = {}): Promise<Bundle[]> {
  const { metafile } = await bundle({
    entryPoints: entries,
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[hash]',
    absWorkingDir: root,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    bundle: true,
    splitting: true,
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    // Of the SDK's code for browsers; nothing here reaches it (else the build fails), yet it would lie in the archive.
    external: ['bowser'],
    sourcemap: 'external',
    metafile: true,
    logLevel: 'warning',
    plugins: [builtinsWhole],
  }).catch((cause) => {
    throw new Failure('the functions cannot be bundled', 'The reason stands above.', { cause })
  })
  refuseExternals(metafile)
  await removeStale(outdir, metafile)
  await mkdir(dirname(outdir), { recursive: true })
  await writeFile(join(dirname(outdir), 'metafile.json'), JSON.stringify(metafile))
  return Object.entries(metafile.outputs)
    .filter(([, { entryPoint }]) => entryPoint && entries.includes(join(root, entryPoint)))
    .map(([file]) => measure(file, metafile))
}

/**
 * Node's own modules as whole objects. Importing one makes Node read each of its exports, getters too: `node:http` has one
 * that loads all of undici for the WebSocket nobody asked for, 18 ms of every cold start.
 */
const builtinsWhole: Plugin = {
  name: 'builtins whole',
  setup({ onResolve, onLoad }) {
    const namespace = 'builtin'
    onResolve({ filter: /^(node:)?[a-z_]+(\/[a-z]+)?$/ }, ({ path }) => {
      const name = path.replace('node:', '')
      return builtinModules.includes(name) ? { path: name, namespace, sideEffects: false } : undefined
    })
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

/** What a bundle still imports from elsewhere would be missed at the first call that needs it: nothing else is deployed. */
function refuseExternals({ outputs }: Metafile) {
  for (const [file, { imports }] of Object.entries(outputs)) {
    const missing = imports.find(({ external }) => external)
    if (missing) throw new Failure(`${file} imports ${missing.path}, which is not deployed with it`)
  }
}

/** Earlier builds leave chunks behind; a running local stack may still hold the current ones, so only strangers go. */
async function removeStale(outdir: string, metafile: Metafile) {
  const current = new Set(Object.keys(metafile.outputs).map((file) => join(root, file)))
  const files = await readdir(outdir, { recursive: true, withFileTypes: true })
  const stale = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  await Promise.all(stale.filter((file) => !current.has(file)).map((file) => rm(file)))
}

function measure(entry: string, { outputs }: Metafile): Bundle {
  const loaded = new Set([entry])
  for (const file of loaded) {
    for (const { path, kind, external } of outputs[file]!.imports) {
      if (kind === 'import-statement' && !external) loaded.add(path)
    }
  }
  const bytesOf = (kept: (input: string) => boolean) =>
    [...loaded]
      .flatMap((file) => Object.entries(outputs[file]!.inputs))
      .reduce((sum, [input, { bytesInOutput }]) => (kept(input) ? sum + bytesInOutput : sum), 0)
  return {
    name: entry.replace(/^.*\/|\.mjs$/g, ''),
    file: join(root, entry),
    bytes: [...loaded].reduce((sum, file) => sum + outputs[file]!.bytes, 0),
    bytesBesideSdk: bytesOf((input) => !/node_modules\/@(aws-sdk|aws-crypto|aws|smithy)\//.test(input)),
  }
}

async function main() {
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`
  for (const { file, bytes, bytesBesideSdk } of await build()) {
    console.log(
      `${relative(root, file)}  ${kilobytes(bytes)}, of which beside the AWS SDK ${kilobytes(bytesBesideSdk)}`,
    )
  }
}

if (import.meta.main) {
  const command = createCommand('build', 'Bundles the four functions for Lambda into dist/functions.', [
    ['', 'Bundles them, and says how large they are'],
  ])
  await run(command.action(main))
}
