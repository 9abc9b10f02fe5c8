// `npm run interfaces`: writes openapi.yml and the JSON Schemas into infra/interfaces/generated. A test holds
// the two together.
import { writeFileSync } from 'node:fs'
import { interfaceFiles } from '../infra/interfaces/files.ts'
import { createCommand, run } from './operator/command.ts'

const command = createCommand(
  'interfaces',
  'Writes openapi.yml and the JSON Schemas from their one definition in code.',
  [['', 'All of them, as the code is now']],
)

function main() {
  for (const [name, text] of Object.entries(interfaceFiles())) {
    writeFileSync(new URL(`../infra/interfaces/generated/${name}`, import.meta.url), text)
    console.log(`infra/interfaces/generated/${name}`)
  }
}

await run(command.action(main))
