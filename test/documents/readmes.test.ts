import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { packagedTemplate } from '../../bin/deployment/packaged.ts'
import { DRAWN } from '../../bin/readme.ts'
import { ERRORS } from '../../lib/reversal/errors.ts'
import { OUTCOMES } from '../../lib/reversal/result.ts'
import { runInShared } from '../bin/shared-process/run-in-shared.ts'
import { anchors, codeBlocks, headings, links, read, root, tables, withoutCode } from './documents.ts'

const english = read('README.md')
/** What a user may read of it. */
const pages = globSync('docs/{,examples/}*.md', { cwd: root })
const everything = [english, ...pages.map(read)].join('\n')
const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts

/** What no translation changes: the names, paths and numbers in backticks. */
const codeOf = (cell: string) => cell.match(/`[^`]+`/g) ?? []

/** Documents that stand in English and in Chinese, without `.md`. The sandbox's have a test of their own. */
const PAIRS = [
  'README',
  'SECURITY',
  'docs/configuration',
  'docs/decision-table',
  'docs/examples/README',
  'docs/faq',
  'docs/figures',
  'docs/local-stack',
  'docs/runbook',
  'docs/scale',
  'docs/what-you-deploy',
]

for (const pair of PAIRS) {
  const english = read(`${pair}.md`)
  const chinese = read(`${pair}.zh-CN.md`)

  describe(`${pair} is in step in both languages`, () => {
    test('as many headings, of the same levels', () => {
      const levels = (text: string) => headings(text).map(({ level }) => level)
      assert.deepEqual(levels(chinese), levels(english))
    })

    test('the same commands and examples; only what is said about them differs', () => {
      const commands = (text: string) =>
        codeBlocks(text).map(({ language, text }) =>
          language === 'mermaid'
            ? text.replaceAll(/[[{|][^\]}|\n]*[\]}|]/g, '…') // the words in the boxes and on the arrows
            : text.replaceAll(/ +# .*$/gm, ''),
        )
      assert.deepEqual(commands(chinese), commands(english))
    })

    test('the same tables, with the same rows', () => {
      const keys = (text: string) =>
        tables(text).map((rows) => rows.map((cells) => [cells.length, ...codeOf(cells[0]!)]))
      assert.deepEqual(keys(chinese), keys(english))
    })

    test('the same links, in the same order, but for the one to each other and the language of what they lead to', () => {
      const name = pair.split('/').at(-1)!
      const isToItself = (target: string) => target === `${name}.md` || target === `${name}.zh-CN.md`
      const others = (text: string) =>
        links(text)
          .filter((target) => !isToItself(target))
          .map((target) => target.replace('.zh-CN.', '.'))
      assert.deepEqual(others(chinese), others(english))
      assert.ok(links(chinese).includes(`${name}.md`) && links(english).includes(`${name}.zh-CN.md`))
    })

    test('the same names in backticks', () => {
      const names = (text: string) => [...new Set(codeOf(withoutCode(text)))].sort()
      assert.deepEqual(names(chinese), names(english))
    })
  })
}

test('what a deployment costs is the same on every page', () => {
  const dollars = (page: string, name: string) =>
    Math.round(Number(new RegExp(`${name}.*?\\$ ([\\d.]+)`).exec(read(page))![1]))
  const atRest = dollars('docs/what-you-deploy.md', 'with one merchant')
  const [http, queue, machine] = ['HTTP', 'SQS', 'Step Functions'].map((name) =>
    dollars('docs/figures.md', `\\| ${name} `),
  )
  for (const page of ['README.md', 'README.zh-CN.md']) {
    assert.match(read(page), new RegExp(`\\$ ${atRest}\\b[^$]*\\$ ${http}\\b[^$]*\\$ ${queue}\\b`), page)
  }
  for (const page of ['docs/what-you-deploy.md', 'docs/what-you-deploy.zh-CN.md']) {
    assert.match(read(page), new RegExp(`\\$ ${http}\\b[^$]*\\$ ${queue}\\b[^$]*\\$ ${machine}\\b`), page)
  }
})

test('each README can be read in ten minutes', () => {
  for (const text of [english, read('README.zh-CN.md')]) assert.ok(text.split('\n').length <= 201)
})

test('what is drawn from the code is as `npm run readme` draws it', async () => {
  const template = await packagedTemplate()
  for (const [name, draw] of Object.entries(DRAWN)) assert.equal(read(name), draw(read(name), template), name)
})

test('every link leads to a file of this repository, to a heading of it, or to a page of somebody else', () => {
  for (const name of [
    'README.md',
    'README.zh-CN.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    'SECURITY.md',
    'SECURITY.zh-CN.md',
    ...pages,
  ]) {
    for (const target of links(read(name))) {
      if (target.startsWith('https://')) continue
      const [file = '', anchor] = target.split('#')
      const path = file === '' ? name : join(dirname(name), file)
      assert.ok(existsSync(join(root, path)), `${name}: ${target}`)
      if (anchor !== undefined) assert.ok(anchors(read(path)).includes(anchor), `${name}: ${target}`)
    }
  }
})

test('a page in Chinese leads to pages in Chinese, where there are', () => {
  for (const name of ['README.zh-CN.md', ...pages.filter((page) => page.endsWith('.zh-CN.md'))]) {
    for (const target of links(read(name))) {
      const [file = ''] = target.split('#')
      const inChinese = join(dirname(name), file.replace(/\.md$/, '.zh-CN.md'))
      if (!file.endsWith('.md') || file.endsWith('.zh-CN.md') || inChinese === name) continue
      assert.ok(!existsSync(join(root, inChinese)), `${name}: ${target}`)
    }
  }
})

test('every path that a document names is there', () => {
  const documents = ['CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/adr/*.md', { cwd: root })]
  const rooms = /^`((?:bin|docs|functions|infra|lib|test)\/[\w./-]*)`$/
  const named = documents.flatMap((name) => codeOf(read(name)).flatMap((code) => rooms.exec(code)?.[1] ?? []))
  assert.ok(named.length > 30)
  for (const path of named) assert.ok(existsSync(join(root, path)), path)
})

test('the newest release of the changelog is the version of the package, and releases are dated in order', () => {
  const releases = [...read('CHANGELOG.md').matchAll(/^## (?!Unreleased)(\S+), (\d{4}-\d\d-\d\d)$/gm)]
  const headings = [...read('CHANGELOG.md').matchAll(/^## /gm)]
  const unreleased = read('CHANGELOG.md').includes('\n## Unreleased\n') ? 1 : 0
  assert.equal(headings.length, releases.length + unreleased, 'every heading is a version with its day, or Unreleased')
  assert.equal(releases[0]?.[1], JSON.parse(read('package.json')).version)
  const days = releases.map(([, , day]) => day)
  assert.deepEqual(days, days.toSorted().reverse())
})

test('every outcome, error, variable and parameter of the code is explained', () => {
  const { params, provider, functions } = parse(read('serverless.yml'), { logLevel: 'error' })
  const variables = [provider, ...Object.values<{ environment?: object }>(functions)].flatMap(({ environment = {} }) =>
    Object.keys(environment),
  )
  assert.ok(variables.length > 8)
  for (const name of [...OUTCOMES, ...Object.keys(ERRORS), ...variables, ...Object.keys(params.default)]) {
    assert.ok(everything.includes(`\`${name}\``), name)
  }
})

describe('the commands that the documents name', { concurrency: 2 }, () => {
  const documents = [everything, read('CONTRIBUTING.md')].join('\n').replaceAll(/\\\n\s*/g, '')
  const called = [...documents.matchAll(/npm run (?:--silent )?(\w[\w-]*)(?: -- ([^`#\n]*))?/g)]
  const names = [...new Set(called.map(([, name]) => name!))]

  test('npm start and npm test are there', () => {
    assert.match(english, /^npm start .*\nnpm test /m)
    assert.ok(scripts.start && scripts.test)
  })

  for (const name of names) {
    test(`npm run ${name} is there, answers --help, and takes the options shown`, async () => {
      const script = /bin\/([\w-]+)\.ts$/.exec(scripts[name] ?? '')?.[1]
      if (script === undefined) return assert.ok(scripts[name], `package.json has no script ${name}`)
      const { code, stdout, stderr } = await runInShared(script, ['--help'])
      assert.equal(code, 0, stderr)
      assert.match(stdout, new RegExp(`^Usage: npm run ${name} --`))
      const shown = called
        .filter(([, other]) => other === name)
        .flatMap(([, , args = '']) => args.match(/--[\w-]+/g) ?? [])
      for (const option of shown) assert.ok(stdout.includes(option), `${option} is no option of ${name}`)
    })
  }
})
