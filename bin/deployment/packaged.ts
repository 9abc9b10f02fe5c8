import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Template } from '../../infra/local/cloudformation.ts'
import { build } from '../build.ts'
import { packageTemplate } from '../package.ts'

const root = join(import.meta.dirname, '..', '..')

/** A place of its own, so that a stage packaged for a deploy is never mistaken for it. */
const PLACE = 'dist/local'
const TEMPLATE = `${PLACE}/.serverless/cloudformation-template-update-stack.json`

/** What the bundles and the template are made from. */
const SOURCES = [
  '{lib,functions}/**/*.ts',
  'infra/aws/*',
  'bin/{build,package}.ts',
  'bin/deployment/osls.ts',
  'serverless.yml',
  'package-lock.json',
]

/** The compiled template with its bundles in dist/functions, made anew only when something it is made from has changed. */
export async function packagedTemplate(tell: (what: string) => void = () => {}): Promise<Template> {
  if (!isFresh()) {
    tell('bundling the functions and packaging the template')
    await build()
    await packageTemplate({ directory: join(root, PLACE) })
  }
  return JSON.parse(readFileSync(join(root, TEMPLATE), 'utf8'))
}

function isFresh(): boolean {
  const madeAt = (path: string) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const oldest = Math.min(...[TEMPLATE, 'dist/functions/http.mjs'].map(madeAt))
  return SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).every((source) => madeAt(source) < oldest)
}
