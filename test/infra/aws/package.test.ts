import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build } from '../../../bin/build.ts'
import { startNode } from '../../child-process.ts'

const root = join(import.meta.dirname, '../../..')
const place = await mkdtemp(join(tmpdir(), 'wechatpay-reversal-'))
after(() => rm(place, { recursive: true }))

/** A stranger's shell: no account, no home, and every way into the network ends the process. */
const GUARD = `import net from 'node:net'; import dns from 'node:dns';
  const stop = () => { process.stderr.write('NETWORK'); process.exit(97) };
  net.Socket.prototype.connect = stop; dns.lookup = stop; dns.promises.lookup = stop`
const stranger = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(GUARD)}`,
}

/** The names of the files in a ZIP archive, from its central directory. */
async function filesIn(archive: string): Promise<string[]> {
  const bytes = await readFile(archive)
  const names: string[] = []
  for (let at = bytes.indexOf('PK\x01\x02'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 1)) {
    names.push(bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28)))
  }
  return names
}

test('each function is bundled to a module that exports its handler, with its source map beside it', async () => {
  const outdir = join(place, 'dist', 'functions')
  const bundles = await build({ outdir })
  assert.deepEqual(
    bundles.map(({ name }) => name),
    ['http', 'queue', 'step', 'settle'],
  )
  Object.assign(process.env, {
    MERCHANT_SECRETS: 'none',
    QUEUE_URL: 'http://127.0.0.1:9/queue',
    DEAD_LETTER_QUEUE_URL: 'http://127.0.0.1:9/dead',
    SETTLEMENT_QUEUE_URL: 'http://127.0.0.1:9/settlements',
    EVENT_BUS_NAME: 'none',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  })
  for (const { name, file, bytes, bytesBesideSdk } of bundles) {
    const { handler } = await import(pathToFileURL(file).href)
    assert.equal(typeof handler, 'function', name)
    assert.ok(bytes > bytesBesideSdk && bytesBesideSdk > 0, name)
  }
  const files = await readdir(outdir)
  assert.ok(['http.mjs', 'http.mjs.map'].every((file) => files.includes(file)))
})

test('a build leaves nothing of an earlier one behind', async () => {
  const outdir = join(place, 'dist', 'functions')
  await writeFile(join(outdir, 'chunks', 'EARLIER.mjs'), '')
  await build({ outdir })
  assert.ok(!(await readdir(outdir, { recursive: true })).includes(join('chunks', 'EARLIER.mjs')))
})

test('packaging needs no network, no credentials and no account, and the archive holds the bundles alone', async () => {
  const directory = join(place, 'package')
  const script = `import { packageTemplate } from ${JSON.stringify(pathToFileURL(join(root, 'bin/package.ts')).href)}
    process.stdout.write(JSON.stringify(await packageTemplate({ directory: ${JSON.stringify(directory)} })))`
  const { code, stdout, stderr } = await startNode(['--input-type=module', '-e', script], { env: stranger }).ended
  assert.equal(code, 0, stderr)
  const { template, archive } = JSON.parse(stdout)
  assert.ok(JSON.parse(await readFile(template, 'utf8')).Resources.ReversalStateMachine)
  const files = await filesIn(archive)
  assert.ok(['http', 'queue', 'step', 'settle'].every((name) => files.includes(`dist/functions/${name}.mjs`)))
  assert.deepEqual(
    files.filter((file) => !/^dist\/functions\/(chunks\/)?\w+\.mjs$/.test(file)),
    [],
  )
})

test('a deployment without credentials is refused at once, and says what to do', async () => {
  const { code, stderr } = await startNode([join(root, 'bin/deploy.ts')], { env: stranger }).ended
  assert.equal(code, 1)
  assert.match(stderr, /no AWS credentials/)
  assert.match(stderr, /AWS_PROFILE/)
  assert.doesNotMatch(stderr, /NETWORK|at .*\.ts:/)
})
