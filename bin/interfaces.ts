// Writes openapi.yml and the JSON Schemas beside their definitions in infra/interfaces. A test holds the two together.
import { writeFileSync } from 'node:fs'
import { interfaceFiles } from '../infra/interfaces/files.ts'

for (const [name, text] of Object.entries(interfaceFiles())) {
  const url = new URL(`../infra/interfaces/${name}`, import.meta.url)
  writeFileSync(url, text)
  console.log(`infra/interfaces/${name}`)
}
