import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

/** Which rooms each room may import from, itself always included. The first room that matches a file is its room. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'lib/wechatpay': [],
  'lib/reversal/decision': ['lib/wechatpay', 'lib/reversal'],
  'lib/reversal': ['lib/wechatpay'],
  'lib/settlement': ['lib/reversal', 'lib/wechatpay'],
  'lib/queue': ['lib/settlement', 'lib/reversal', 'lib/wechatpay'],
  'lib/http': ['lib/reversal', 'lib/wechatpay'],
  'lib/aws': ['lib/queue', 'lib/settlement', 'lib/http', 'lib/reversal', 'lib/wechatpay'],
  functions: ['lib'],
  'infra/local/wechatpay': [],
}

const roomOf = (file: string) => Object.keys(MAY_IMPORT).find((room) => file.startsWith(`${room}/`))

/** Every relative import of a file, as a path from the root. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const found = source.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)
  return [...found].map(([, path]) => relative(root, join(root, dirname(file), path!)))
}

const everyFile = globSync('{bin,functions,infra,lib,test}/**/*.{ts,mjs}', { cwd: root })
const files = globSync('{lib,functions,infra/local/wechatpay}/**/*.{ts,mjs}', { cwd: root })

test('imports point one way: functions to lib, lib/aws to lib/reversal to lib/wechatpay, and never to infra or test', () => {
  assert.ok(files.length > 40)
  const against = files.flatMap((file) => {
    const room = roomOf(file)!
    return importsOf(file)
      .filter(
        (path) => !path.startsWith(`${room}/`) && !MAY_IMPORT[room]!.some((other) => path.startsWith(`${other}/`)),
      )
      .map((path) => `${file} imports ${path}`)
  })
  assert.deepEqual(against, [])
})

test('lib/wechatpay and lib/reversal know no AWS', () => {
  const knowing = files.filter(
    (file) =>
      /^lib\/(wechatpay|reversal|settlement)\//.test(file) &&
      /@aws-|aws-lambda|@middy/.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(knowing, [])
})

// secrets-stay-secret defines the environment of a function whole, and talks to it over a channel of its own.
test('tests start what may outlive them through test/child-process.ts alone, which defines what it sees and ends it', () => {
  const spawning = everyFile.filter(
    (file) =>
      /^test\/(?!child-process\.ts|bench\/|functions\/secrets-stay-secret)/.test(file) &&
      /\b(spawn|fork|exec|execFile)\b[^}]*\} from 'node:child_process'/.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(spawning, [])
})

test('no file imports itself by way of others', () => {
  const imports = new Map(everyFile.map((file) => [file, importsOf(file)]))
  const circles: string[] = []
  const finished = new Set<string>()
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '))
    else if (!finished.has(file)) {
      for (const next of imports.get(file) ?? []) visit(next, [...way, file])
      finished.add(file)
    }
  }
  for (const file of everyFile) visit(file, [])
  assert.deepEqual(circles, [])
})

test('the decision is pure: no waiting, no clock, no environment, no chance, and nothing of Node', () => {
  const IMPURE = /\b(await|async|Date|performance|process|globalThis|setTimeout|fetch|crypto)\b|Math\.random|['"]node:/
  const room = files.filter((file) => file.startsWith('lib/reversal/decision/'))
  assert.ok(room.length >= 4)
  for (const file of room) {
    const code = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    assert.doesNotMatch(code, IMPURE, file)
    // From other rooms it knows types alone.
    for (const [line] of code.matchAll(/^import (?!type\b).*from '\.\..*$/gm)) assert.fail(`${file}: ${line}`)
  }
})
