// `npm test [files…]`: types, lint, then every test (or those named).
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { packagedTemplate } from './deployment/packaged.ts'

const run = (title: string, args: string[]) => {
  console.log(`\n${title}`)
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}

const named = process.argv.slice(2)
run('types', ['node_modules/typescript/bin/tsc'])
run('lint', ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings'])
console.log('\nbuild and package')
await packagedTemplate()
run('tests', [
  '--disable-warning=ExperimentalWarning',
  '--test',
  '--test-reporter=spec',
  ...(named.length > 0 ? named : globSync('test/**/*.test.ts')),
])
