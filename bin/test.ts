// `npm test [-- files…]`: types, lint, then every test, or those of the files named.
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { packagedTemplate } from './deployment/packaged.ts'
import { createCommand, run } from './operator/command.ts'
import { Failure } from './operator/failure.ts'

/** No test takes longer, even beside other load: one that hangs is ended, and named. */
const TEST_TIMEOUT_MS = 180_000

/** All that the build and the tests see of the shell: not its language, colours, AWS accounts, npm or options for Node. */
const KEPT = ['PATH', 'HOME', 'TERM', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'NODE_COMPILE_CACHE']
for (const name of Object.keys(process.env)) if (!KEPT.includes(name)) delete process.env[name]

const examples = [
  ['', 'everything; how long it took is said at the end'],
  ['test/bin/start.test.ts', 'one file'],
] as const

const command = createCommand('test', 'Checks types and lint, then runs every test or those named.', examples)
  .argument('[files...]', 'test files (default: all)')
  .action(runTests)

async function runTests(named: string[]) {
  const startedAt = performance.now()
  step('types', ['node_modules/typescript/bin/tsc'])
  step('lint', ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings'])
  console.log('\nbuild and package')
  await packagedTemplate()
  step('tests', [
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${availableParallelism()}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    ...(named.length > 0 ? named : globSync('test/**/*.test.ts')),
  ])
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  console.log(`\nAll passed, in ${Math.floor(seconds / 60)} min ${seconds % 60} s.`)
}

function step(title: string, args: string[]) {
  console.log(`\n${title}`)
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) throw new Failure(`${title} failed`, 'What failed stands above.', { exitCode: status ?? 1 })
}

await run(command)
