// `npm run readme`: draws what the documents hold of the code anew. A test holds the two together.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderDecisionTable } from './documents/decision-table.ts'
import { inChinese } from './documents/decision-table.zh-CN.ts'
import { readPart, replacePart } from './documents/parts.ts'
import { drawSandbox, ENGLISH, type SandboxWords } from './documents/sandbox.ts'
import { CHINESE } from './documents/sandbox.zh-CN.ts'
import { createCommand, run } from './operator/command.ts'

const root = join(import.meta.dirname, '..')

const read = (name: string) => readFileSync(join(root, name), 'utf8')

/** The READMEs with a part drawn from code, and the part's name in its markers. */
export const READMES = ['README.md', 'README.zh-CN.md'] as const

/** The pages about the sandbox, each with the words it is drawn in. */
export const SANDBOX_PAGES: Readonly<Record<string, SandboxWords>> = {
  'docs/sandbox.md': ENGLISH,
  'docs/sandbox.zh-CN.md': CHINESE,
}

/** Parts that are measured, and written to the English README alone. */
const MEASURED = ['bench', 'cost'] as const

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
  for (const [name, words] of Object.entries(SANDBOX_PAGES)) {
    writeFileSync(join(root, name), drawSandbox(read(name), words))
  }
  console.log([...READMES, ...Object.keys(SANDBOX_PAGES)].join('\n'))
}

if (import.meta.main) {
  const command = createCommand(
    'readme',
    'Draws what the documents hold of the code: the decision table, the sandbox, and the figures for the Chinese README.',
    [['', 'Both READMEs and both pages about the sandbox, from the code as it is now']],
  )
  await run(command.action(main))
}
