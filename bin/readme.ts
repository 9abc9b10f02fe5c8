// `npm run readme`: draws what the documents hold of the code anew. A test holds the two together.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Template } from '../infra/local/cloudformation.ts'
import { packagedTemplate } from './deployment/packaged.ts'
import { renderDecisionTable } from './documents/decision-table.ts'
import { inChinese } from './documents/decision-table.zh-CN.ts'
import { deployPolicy } from './documents/deploy-policy.ts'
import { drawDeployed } from './documents/deployed.ts'
import { CHINESE as DEPLOYED_IN_CHINESE } from './documents/deployed.zh-CN.ts'
import { drawFigures } from './documents/figures.zh-CN.ts'
import { replacePart } from './documents/parts.ts'
import { renderQueries } from './documents/queries.ts'
import { SHOWN } from './documents/queries.zh-CN.ts'
import { drawSandbox, ENGLISH } from './documents/sandbox.ts'
import { CHINESE as SANDBOX_IN_CHINESE } from './documents/sandbox.zh-CN.ts'
import { createCommand, run } from './operator/command.ts'

const root = join(import.meta.dirname, '..')

const read = (name: string) => readFileSync(join(root, name), 'utf8')

/** Every file that holds something of the code, and how it is drawn into the text as it stands. */
export const DRAWN: Readonly<Record<string, (text: string, template: Template) => string>> = {
  'docs/decision-table.md': (text) => replacePart(text, 'decision-table', renderDecisionTable()),
  'docs/decision-table.zh-CN.md': (text) => replacePart(text, 'decision-table', inChinese(renderDecisionTable())),
  'docs/figures.zh-CN.md': (text) => drawFigures(text, read('docs/figures.md')),
  'docs/runbook.md': (text, template) => replacePart(text, 'queries', renderQueries(template)),
  'docs/runbook.zh-CN.md': (text, template) =>
    replacePart(text, 'queries', renderQueries(template, ['查询', '显示什么'], SHOWN)),
  'docs/sandbox.md': (text) => drawSandbox(text, ENGLISH),
  'docs/sandbox.zh-CN.md': (text) => drawSandbox(text, SANDBOX_IN_CHINESE),
  'docs/what-you-deploy.md': (text, template) => drawDeployed(text, template),
  'docs/what-you-deploy.zh-CN.md': (text, template) => drawDeployed(text, template, DEPLOYED_IN_CHINESE),
  'docs/examples/deploy-policy.json': (_, template) => `${JSON.stringify(deployPolicy(template), undefined, 2)}\n`,
}

async function main() {
  const template = await packagedTemplate(console.log)
  for (const [name, draw] of Object.entries(DRAWN)) writeFileSync(join(root, name), draw(read(name), template))
  console.log(Object.keys(DRAWN).join('\n'))
}

if (import.meta.main) {
  const command = createCommand(
    'readme',
    'Draws what the documents hold of the code: the decision table, what a deploy makes, the sandbox.',
    [['', 'Every such page, from the code as it is now']],
  )
  await run(command.action(main))
}
