import { globSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const folder = import.meta.dirname

/**
 * The measured process and what it may do, as plain JavaScript in dist/bench: what strips types would lie in the heap that
 * is measured, 4 MB of it. Other clients stay as they are installed.
 *
 * @returns the folder
 */
export async function bundleSubjects(): Promise<string> {
  const outdir = join(folder, '..', '..', 'dist', 'bench')
  await build({
    entryPoints: [join(folder, 'worker.ts'), ...globSync(join(folder, 'subjects', '*.ts'))],
    outbase: folder,
    outdir,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    bundle: true,
    splitting: true,
    packages: 'external',
    logLevel: 'warning',
  })
  return outdir
}
