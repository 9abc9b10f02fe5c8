// `npm run readme`: draws what the READMEs hold of the code anew. A test holds the two together.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderDecisionTable } from './decision-table.ts'

const root = join(import.meta.dirname, '..')

/** The READMEs with a part drawn from code, and the part's name in its markers. */
export const READMES = ['README.md', 'README.zh-CN.md'] as const

/** Puts `content` between `<!-- name:start -->` and `<!-- name:end -->`. Throws when the markers are not there. */
export function replacePart(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the text lacks ${start} … ${end}`)
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`
}

/** A README as it should be: its text with the decision table of the code. */
export const drawn = (text: string) => replacePart(text, 'decision-table', renderDecisionTable())

if (import.meta.main) {
  for (const name of READMES) {
    const path = join(root, name)
    writeFileSync(path, drawn(readFileSync(path, 'utf8')))
    console.log(name)
  }
}
