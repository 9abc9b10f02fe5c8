import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from '../../bin/build.ts'

test('a function that needs what is not deployed with it cannot be built', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'build-'))
  t.after(() => rm(folder, { recursive: true }))
  const entry = join(folder, 'browser.ts')
  await writeFile(entry, `export const handler = () => import('bowser')`)
  await assert.rejects(build({ entries: [entry], outdir: join(folder, 'dist', 'functions') }), /imports bowser/)
})
