// `npm run readme`: draws what the READMEs hold of the code anew. A test holds the two together.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderDecisionTable } from './documents/decision-table.ts'
import { inChinese } from './documents/decision-table.zh-CN.ts'
import { createCommand, run } from './operator/command.ts'

const root = join(import.meta.dirname, '..')

const read = (name: string) => readFileSync(join(root, name), 'utf8')

/** The READMEs with a part drawn from code, and the part's name in its markers. */
export const READMES = ['README.md', 'README.zh-CN.md'] as const

/** Parts that are measured, and written to the English README alone. */
const MEASURED = ['bench', 'cost'] as const

/** Puts `content` between `<!-- name:start -->` and `<!-- name:end -->`. Throws when the markers are not there. */
export function replacePart(text: string, name: string, content: string): string {
  const { from, to } = partOf(text, name)
  return `${text.slice(0, from)}${content === '' ? '' : `\n${content}`}\n${text.slice(to)}`
}

/** What stands between the markers. Throws when they are not there. */
export function readPart(text: string, name: string): string {
  const { from, to } = partOf(text, name)
  return text.slice(from, to).trim()
}

function partOf(text: string, name: string) {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the text lacks ${start} … ${end}`)
  return { from: from + start.length, to }
}

/** The English README as it should be: its text with the decision table of the code. */
export const drawn = (text: string) => replacePart(text, 'decision-table', renderDecisionTable())

/** The Chinese one: its text with the same table in Chinese, and what was measured as the English one has it. */
export const drawnInChinese = (text: string, english: string) =>
  MEASURED.reduce(
    (drawn, name) => replacePart(drawn, name, readPart(english, name)),
    replacePart(text, 'decision-table', inChinese(renderDecisionTable())),
  )

async function main() {
  const english = drawn(read('README.md'))
  writeFileSync(join(root, 'README.md'), english)
  writeFileSync(join(root, 'README.zh-CN.md'), drawnInChinese(read('README.zh-CN.md'), english))
  console.log(READMES.join('\n'))
}

if (import.meta.main) {
  const command = createCommand(
    'readme',
    'Draws what the READMEs hold of the code: the decision table, and the figures for the Chinese one.',
    [['', 'Both READMEs, from the code as it is now']],
  )
  await run(command.action(main))
}
