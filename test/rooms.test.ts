import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

/** Which rooms each room may import from, itself always included. The first room that matches a file is its room. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'lib/wechatpay': [],
  'lib/reversal': ['lib/wechatpay'],
  'lib/aws': ['lib/reversal', 'lib/wechatpay'],
  functions: ['lib/aws', 'lib/reversal', 'lib/wechatpay'],
  'infra/local/wechatpay': [],
}

const roomOf = (file: string) => Object.keys(MAY_IMPORT).find((room) => file.startsWith(`${room}/`))

/** Every relative import of a file, as a path from the root. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const found = source.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)
  return [...found].map(([, path]) => relative(root, join(root, dirname(file), path!)))
}

const files = globSync('{lib,functions,infra/local/wechatpay}/**/*.{ts,mjs}', { cwd: root })

test('imports point one way: functions to lib/aws and lib/reversal to lib/wechatpay, and never to infra or test', () => {
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
      /^lib\/(wechatpay|reversal)\//.test(file) &&
      /@aws-|aws-lambda|@middy/.test(readFileSync(join(root, file), 'utf8')),
  )
  assert.deepEqual(knowing, [])
})
